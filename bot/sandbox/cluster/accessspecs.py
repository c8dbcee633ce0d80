"""What may be wrong with roles and with their bindings."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.cluster.errors import Cause, bad_value, required, unsupported
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.workloadspecs import Check


def rules(*, namespaced: bool) -> Check:
    """A check of a role's rules."""

    def check(obj: Obj) -> Iterator[Cause]:
        for index, rule in enumerate(obj.get("rules") or ()):
            at, urls = f"rules[{index}]", rule.get("nonResourceURLs") or []
            if not rule.get("verbs"):
                yield required(f"{at}.verbs", "verbs must contain at least one value")
            if urls and namespaced:
                why = "namespaced rules cannot apply to non-resource URLs"
                yield bad_value(f"{at}.nonResourceURLs", urls, why)
            if urls and (rule.get("apiGroups") or rule.get("resources")):
                why = "rules cannot apply to both regular resources and non-resource URLs"
                yield bad_value(f"{at}.nonResourceURLs", urls, why)
            if not urls:
                for field, word in (("apiGroups", "api group"), ("resources", "resource")):
                    if not rule.get(field):
                        yield required(f"{at}.{field}", f"resource rules must supply at least one {word}")

    return check


_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def binding(*roles: str) -> Check:
    """A check of a binding to roles of these kinds."""

    def check(obj: Obj) -> Iterator[Cause]:
        reference = obj.get("roleRef") or {}
        if reference.get("apiGroup", _GROUP) != _GROUP:
            yield unsupported("roleRef.apiGroup", reference["apiGroup"], [_GROUP])
        if reference.get("kind") not in roles:
            yield unsupported("roleRef.kind", reference.get("kind", ""), list(roles))
        if not reference.get("name"):
            yield required("roleRef.name")
        for index, subject in enumerate(obj.get("subjects") or ()):
            yield from _subject(subject, f"subjects[{index}]")

    return check


def _subject(subject: Obj, at: str) -> Iterator[Cause]:
    if not subject.get("name"):
        yield required(f"{at}.name")
    if subject.get("kind") not in _SUBJECTS:
        yield unsupported(f"{at}.kind", subject.get("kind", ""), list(_SUBJECTS))
    elif subject["kind"] == "ServiceAccount" and not subject.get("namespace"):
        yield required(f"{at}.namespace")
