"""Audit events as API servers send them: those that a real Kubernetes 1.36 sent, and others made of them.

The recording is one event of each kind while a person (oidc:alice@example.com), a pod's ServiceAccount, the controllers
and a bot worked in the namespace e-blue. Its kubelet was a stand-in, which refused to open sessions: how one that opens
looks is written here (an answer 101, the two stages under one audit id).
"""

import copy
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from bot.rules.names import service_account_name
from bot.rules.words import BERTH, BOT_SERVICE_ACCOUNT, HOME_NAMESPACE

Json = dict[str, Any]

ALICE: Final = "oidc:alice@example.com"
LAST: Final = datetime(2026, 11, 23, 5, 42, 57, 56344, tzinfo=UTC)  # of the recording


@cache
def _recording() -> str:
    return (Path(__file__).parent / "events.json").read_text(encoding="utf-8")


def recorded() -> list[Json]:
    """Every event of the recording, in its order."""
    events: list[Json] = json.loads(_recording())
    return events


def event(**changed: Any) -> Json:
    """The event that a person has read a pod's list, with other fields; those of `objectRef` may be given in part."""
    made = copy.deepcopy(
        next(e for e in recorded() if (e["verb"], e["stage"]) == ("list", "ResponseComplete") and _is_person(e))
    )
    reference = made["objectRef"] | changed.pop("objectRef", {})
    if (at := changed.pop("at", None)) is not None:
        made["stageTimestamp"] = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if (code := changed.pop("code", None)) is not None:
        made["responseStatus"] = {"metadata": {}, "code": code}
    if (user := changed.pop("user", None)) is not None:
        made["user"] = {"username": user, "groups": ["system:authenticated"]}
    return made | {"objectRef": reference} | changed


def session(audit_id: str, stage: str, subresource: str = "exec", **changed: Any) -> Json:
    """One end of a shell in the pod web-1: stage ResponseStarted, or ResponseComplete."""
    reference = {"name": "web-1", "subresource": subresource} | changed.pop("objectRef", {})
    return event(auditID=audit_id, stage=stage, verb="get", code=101, objectRef=reference, **changed)


def account_of(person_id: str, workspace_id: str) -> str:
    """The name by which the API server knows somebody whom Berth gave access."""
    return f"system:serviceaccount:{HOME_NAMESPACE}:{service_account_name(person_id, workspace_id)}"


def batch(*events: Json) -> Json:
    """The body that a webhook is sent."""
    return {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": list(events)}


def _is_person(found: Json) -> bool:
    return bool(found["user"]["username"] == ALICE)


def heartbeat() -> Json:
    """The event that Berth itself has asked for the version, which tells of nobody's use."""
    return event(verb="get", user=f"system:serviceaccount:{HOME_NAMESPACE}:{BOT_SERVICE_ACCOUNT}", userAgent=BERTH) | {
        "objectRef": None,
        "requestURI": "/version",
    }
