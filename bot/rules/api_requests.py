"""Signs of use in an API server's audit events: who did what in which namespace, and which sessions stand open.

An event is read as it was sent (audit.k8s.io/v1, level Metadata is enough), and what does not look like one says
nothing. Only people count: their own names, or the ServiceAccounts that Berth gave them. Machines, and what only
looks on, would keep everything awake for ever.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import translate
from typing import Any, Final

from bot.rules.activity import Activity
from bot.rules.catalogue import ActivityPolicy
from bot.rules.names import account_holder
from bot.rules.words import BERTH, HOME_NAMESPACE

_ACCOUNTS: Final = f"system:serviceaccount:{HOME_NAMESPACE}:"
_ADMINISTRATOR: Final = "system:admin"  # the one name of that kind which people bear: k3s and OpenShift give it to them
_NOISE: Final = frozenset({"events", "leases"})
_LONGEST_ID: Final = 128  # characters; a client may choose its request's audit id, within 64
_LONGEST_NAME: Final = 200

_KINDS: Final = {
    "configmaps": "ConfigMap",
    "cronjobs": "CronJob",
    "daemonsets": "DaemonSet",
    "deployments": "Deployment",
    "endpoints": "Endpoints",
    "horizontalpodautoscalers": "HorizontalPodAutoscaler",
    "ingresses": "Ingress",
    "jobs": "Job",
    "namespaces": "Namespace",
    "networkpolicies": "NetworkPolicy",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "pods": "Pod",
    "replicasets": "ReplicaSet",
    "replicationcontrollers": "ReplicationController",
    "rolebindings": "RoleBinding",
    "secrets": "Secret",
    "serviceaccounts": "ServiceAccount",
    "services": "Service",
    "statefulsets": "StatefulSet",
}
_DONE: Final = {
    "create": "created",
    "delete": "deleted",
    "deletecollection": "deleted",
    "get": "read",
    "list": "read",
    "patch": "changed",
    "update": "changed",
}
_DONE_TO_A_PART: Final = {
    # subresource: what is said of an object's name, and for which verbs; any verb where none is named
    "attach": ("attached to {name}", ()),
    "eviction": ("evicted {kind} {name}", ("create",)),
    "exec": ("opened a shell in {name}", ()),
    "log": ("read the log of {name}", ()),
    "portforward": ("forwarded a port of {name}", ()),
    "proxy": ("called {name} through the API server", ()),
    "scale": ("scaled {kind} {name}", ("patch", "update")),
}
_SESSIONS: Final = frozenset({"attach", "exec", "portforward"})
_LASTING: Final = _SESSIONS | {"log"}  # worth telling when they begin; a log that is followed ends much later


class Turn(StrEnum):
    """What an event says of a session."""

    OPENED = "OPENED"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class SessionTurn:
    """A shell, an attachment or a forwarded port that was opened or closed; `audit_id` is the same for both."""

    audit_id: str
    turn: Turn


@dataclass(frozen=True)
class ApiRequest:
    """What one event says. `activity` is None where a request that failed only ends a session."""

    namespace: str
    activity: Activity | None
    session: SessionTurn | None = None


@dataclass(frozen=True)
class Ignoring:
    """Whose requests, and by which programs, do not count."""

    users: re.Pattern[str]
    agents: re.Pattern[str]

    @classmethod
    def by(cls, policy: ActivityPolicy) -> "Ignoring":
        """Users by whole name, agents by how they begin (their versions follow); `*` and `?` stand for anything."""
        return cls(_any_of(policy.ignore_users), _any_of(f"{agent}*" for agent in policy.ignore_agents))


def sign_of_use(event: Any, ignoring: Ignoring) -> ApiRequest | None:
    """What an audit event says of a person's use of a namespace, or None where it says nothing of it.

    `activity.by` is `<@U…>` for whoever Berth gave the access, else the name that the API server knows them by.
    """
    if not isinstance(event, dict) or event.get("verb") == "watch":
        return None
    reference, stage = _mapping(event, "objectRef"), event.get("stage")
    namespace, subresource = _text(reference, "namespace"), _text(reference, "subresource")
    if not namespace or _text(reference, "resource") in _NOISE:
        return None
    ended = stage == "ResponseComplete" or (stage == "Panic" and subresource in _SESSIONS)
    if not ended and not (stage == "ResponseStarted" and subresource in _LASTING):
        return None
    who, at = _who(event, ignoring), _instant(event)
    if who is None or at is None:
        return None
    failed = stage == "Panic" or _code(event) >= 400
    activity = None if failed else Activity(at, who, _what(event, reference))
    session = _session(event, subresource, ended=ended, failed=failed)
    return ApiRequest(namespace, activity, session) if activity or session else None


def _session(event: Mapping[str, Any], subresource: str, *, ended: bool, failed: bool) -> SessionTurn | None:
    audit_id = _text(event, "auditID")
    if subresource not in _SESSIONS or not 0 < len(audit_id) <= _LONGEST_ID or (failed and not ended):
        return None
    return SessionTurn(audit_id, Turn.CLOSED if ended else Turn.OPENED)


def _who(event: Mapping[str, Any], ignoring: Ignoring) -> str | None:
    """The person: who is impersonated, or who impersonates a machine; None for machines and whom we ignore."""
    agent = _text(event, "userAgent")
    if agent == BERTH or agent.startswith(f"{BERTH}/") or ignoring.agents.fullmatch(agent):
        return None
    names = [_text(_mapping(event, key), "username") for key in ("impersonatedUser", "user")]
    if any(ignoring.users.fullmatch(name) for name in names if name):
        return None
    return next(filter(None, map(_person, names)), None)


def _person(name: str) -> str | None:
    if name.startswith(_ACCOUNTS):
        holder = account_holder(name.removeprefix(_ACCOUNTS))
        return f"<@{holder[1]}>" if holder else None
    if not name or (name.startswith("system:") and name != _ADMINISTRATOR):
        return None
    return name[:_LONGEST_NAME]


def _what(event: Mapping[str, Any], reference: Mapping[str, Any]) -> str:
    verb, resource, name = _text(event, "verb"), _text(reference, "resource"), _text(reference, "name")
    kind, subresource = _KINDS.get(resource, resource), _text(reference, "subresource")
    said, verbs = _DONE_TO_A_PART.get(subresource, ("", ()))
    if said and (not verbs or verb in verbs):
        return said.format(kind=kind, name=name)[:_LONGEST_NAME]
    applied = verb in ("patch", "update") and _code(event) == 201
    done = "created" if applied else _DONE.get(verb, verb)
    return (f"{done} {kind} {name}" if name else f"{done} {resource}")[:_LONGEST_NAME]


def _code(event: Mapping[str, Any]) -> int:
    code = _mapping(event, "responseStatus").get("code")
    return code if isinstance(code, int) else 0


def _instant(event: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(event, "stageTimestamp"))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _mapping(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    # A bracket means itself: names have some, as `renovate[bot]`.
    return re.compile("|".join(translate(pattern.replace("[", "[[]")) for pattern in patterns) or r"(?!)")
