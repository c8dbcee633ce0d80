"""Who may do what: roles and bindings of the store, evaluated as the real RBAC authorizer does.

The index of bindings by subject follows every write, so one decision costs what its subjects are bound to, not what the
cluster holds. Also here: a person may not grant what they do not hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.sandbox.cluster.errors import Refusal, forbidden, not_found
from bot.sandbox.cluster.identity import ACCOUNT, User
from bot.sandbox.cluster.kinds import Kind, Kinds
from bot.sandbox.cluster.selectors import labels_match
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Change, Entry, Store

GROUP = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Attributes:
    """One question: may somebody do this? Either a resource or a path, never both."""

    verb: str
    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    path: str = ""

    @property
    def full_resource(self) -> str:
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def _covers(rule: Obj, ask: Attributes) -> bool:
    verbs = rule.get("verbs", ())
    if ask.verb not in verbs and "*" not in verbs:
        return False
    if ask.path:
        return any(_path_matches(path, ask.path) for path in rule.get("nonResourceURLs", ()))
    groups = rule.get("apiGroups", ())
    if ask.group not in groups and "*" not in groups:
        return False
    names = rule.get("resourceNames")
    return _resource_matches(rule.get("resources", ()), ask) and (not names or ask.name in names)


def _resource_matches(resources: Iterable[str], ask: Attributes) -> bool:
    wanted = {"*", ask.full_resource}
    if ask.subresource:
        wanted.add(f"*/{ask.subresource}")
    return not wanted.isdisjoint(resources)


def _path_matches(pattern: str, path: str) -> bool:
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def _subjects(user: User) -> Iterator[tuple[str, str]]:
    yield "User", user.name
    for group in user.groups:
        yield "Group", group
    if user.name.startswith(ACCOUNT):
        namespace, _, name = user.name.removeprefix(ACCOUNT).partition(":")
        yield "ServiceAccount", f"{name}/{namespace}"


def _subject_key(subject: Obj) -> tuple[str, str]:
    if subject["kind"] == "ServiceAccount":
        return "ServiceAccount", f"{subject['name']}/{subject.get('namespace', '')}"
    return subject["kind"], subject["name"]


class Rbac:
    """The authorizer of one server."""

    def __init__(self, store: Store, kinds: Kinds) -> None:
        self._store = store
        self.roles = {name: kinds.named(GROUP, plural) for name, plural in _ROLE_KINDS.items()}
        self._bindings = {kinds.named(GROUP, plural) for plural in ("rolebindings", "clusterrolebindings")}
        self._bound: dict[tuple[str, str, str], dict[str, Entry]] = {}
        self._aggregated: dict[str, list[Obj]] = {}
        store.listeners.append(self._follow)

    def _follow(self, change: Change) -> None:
        if change.kind is self.roles["ClusterRole"]:
            self._aggregated.clear()
        if change.kind not in self._bindings:
            return
        for entry in filter(None, (change.before, change.now)):
            for subject in entry.obj.get("subjects", ()):
                bindings = self._bound.setdefault((entry.namespace, *_subject_key(subject)), {})
                bindings.pop(entry.name, None)
                if entry is change.now:
                    bindings[entry.name] = entry

    def _applying(self, user: User, namespace: str) -> Iterator[tuple[Entry, tuple[str, str]]]:
        """The bindings that reach the user in a namespace, cluster-wide ones first."""
        for space in ("", namespace) if namespace else ("",):
            for subject in _subjects(user):
                for entry in list(self._bound.get((space, *subject), {}).values()):
                    yield entry, subject

    def rules_of(self, reference: Obj, namespace: str) -> list[Obj]:
        """The rules of the role a binding refers to; none when there is no such role."""
        kind = self.roles[reference["kind"]]
        entry = self._store.get(kind, namespace if kind.namespaced else "", reference["name"])
        return self._effective(entry) if entry else []

    def _effective(self, entry: Entry) -> list[Obj]:
        rules: list[Obj] = entry.obj.get("rules") or []
        selectors = dig(entry.obj, "aggregationRule", "clusterRoleSelectors", default=[])
        if not selectors:
            return rules
        if entry.name not in self._aggregated:
            others = (role for role in self._store.scan(self.roles["ClusterRole"]) if role.name != entry.name)
            self._aggregated[entry.name] = rules + [
                rule
                for role in others
                if any(labels_match(selector, role.metadata.get("labels", {})) for selector in selectors)
                for rule in role.obj.get("rules") or []
            ]
        return self._aggregated[entry.name]

    def rules(self, user: User, namespace: str) -> list[Obj]:
        """Everything that is granted to the user in a namespace."""
        if user.is_admin:
            return [
                {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
                {"verbs": ["*"], "nonResourceURLs": ["*"]},
            ]
        return [
            rule
            for entry, _ in self._applying(user, namespace)
            for rule in self.rules_of(entry.obj["roleRef"], entry.namespace)
        ]

    def decide(self, user: User, ask: Attributes) -> tuple[bool, str]:
        """Whether it is allowed, and by which binding."""
        if user.is_admin:
            return True, ""
        for entry, subject in self._applying(user, ask.namespace):
            reference = entry.obj["roleRef"]
            if any(_covers(rule, ask) for rule in self.rules_of(reference, entry.namespace)):
                return True, _told(entry, reference, subject)
        return False, ""

    def require(self, user: User, ask: Attributes, kind: Kind | None = None) -> None:
        """Raises the 403 Refusal of the real server when the user may not."""
        allowed, _ = self.decide(user, ask)
        if allowed:
            return
        if kind is None:
            raise Refusal(403, f'forbidden: User "{user.name}" cannot {ask.verb} path "{ask.path}"', {})
        place = f'in the namespace "{ask.namespace}"' if ask.namespace else "at the cluster scope"
        what = f'resource "{ask.full_resource}" in API group "{ask.group}"'
        raise forbidden(kind, ask.name, f'User "{user.name}" cannot {ask.verb} {what} {place}')

    # Nobody grants what they do not hold.

    def check_role(self, user: User, kind: Kind, obj: Obj) -> None:
        """Refuses a role with rules its writer does not hold, unless they may ``escalate``."""
        name, namespace = obj["metadata"]["name"], obj["metadata"].get("namespace", "")
        if not self.decide(user, Attributes("escalate", GROUP, kind.plural, namespace, name))[0]:
            self._check_held(user, kind, name, namespace, obj.get("rules") or [])

    def check_binding(self, user: User, kind: Kind, obj: Obj) -> None:
        """Refuses a binding to a role its writer neither holds nor may ``bind``."""
        name, namespace, reference = obj["metadata"]["name"], obj["metadata"].get("namespace", ""), obj["roleRef"]
        role = self.roles[reference["kind"]]
        ask = Attributes("bind", GROUP, role.plural, namespace, reference["name"])
        if self.decide(user, ask)[0]:
            return
        if self._store.get(role, namespace if role.namespaced else "", reference["name"]) is None:
            raise not_found(role, reference["name"])
        self._check_held(user, kind, name, namespace, self.rules_of(reference, namespace))

    def _check_held(self, user: User, kind: Kind, name: str, namespace: str, rules: list[Obj]) -> None:
        held = self.rules(user, namespace)
        missing = [rule for rule in rules if not all(any(_holds(h, part) for h in held) for part in _parts(rule))]
        if missing:
            groups = " ".join(json.dumps(group) for group in user.groups)
            listed = "\n".join(sorted(_spell(rule) for rule in missing))
            why = f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:'
            raise forbidden(kind, name, f"{why}\n{listed}")


_ROLE_KINDS = {"Role": "roles", "ClusterRole": "clusterroles"}


def _told(entry: Entry, reference: Obj, subject: tuple[str, str]) -> str:
    binding = (
        f'RoleBinding "{entry.name}/{entry.namespace}"' if entry.namespace else f'ClusterRoleBinding "{entry.name}"'
    )
    return f'RBAC: allowed by {binding} of {reference["kind"]} "{reference["name"]}" to {subject[0]} "{subject[1]}"'


def _parts(rule: Obj) -> Iterator[Attributes]:
    """A rule taken apart into single permissions."""
    for verb in rule.get("verbs", ()):
        for path in rule.get("nonResourceURLs", ()):
            yield Attributes(verb, path=path)
        for group in rule.get("apiGroups", ()):
            for resource in rule.get("resources", ()):
                for name in rule.get("resourceNames") or ("",):
                    base, _, sub = resource.partition("/")
                    yield Attributes(verb, group, base, "", name, sub)


def _holds(rule: Obj, part: Attributes) -> bool:
    """Whether a rule covers a permission; a rule limited to names never covers one for all names."""
    return _covers(rule, part) and (bool(part.name) or bool(part.path) or not rule.get("resourceNames"))


def _spell(rule: Obj) -> str:
    names = {
        "apiGroups": "APIGroups",
        "resources": "Resources",
        "resourceNames": "ResourceNames",
        "nonResourceURLs": "NonResourceURLs",
        "verbs": "Verbs",
    }
    parts = (
        f"{word}:[{' '.join(json.dumps(value) for value in rule[key])}]" for key, word in names.items() if rule.get(key)
    )
    return "{" + ", ".join(parts) + "}"
