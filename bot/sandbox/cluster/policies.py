"""The ValidatingAdmissionPolicies that confine Berth's bot and its tenants' Services, enforced by what they mean.

Their CEL is not interpreted: a policy is known by its name, is in force once a binding denies by it, and only the
names quoted and listed in its conditions are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.errors import forbidden
from bot.sandbox.cluster.identity import ACCOUNT
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Entry

_GROUP = "admissionregistration.k8s.io"
_MANAGED, _MANAGER = "app.kubernetes.io/managed-by", "berth"
_QUOTED = re.compile(r"(username|namespace)\s*(==|!=)\s*['\"]([^'\"]+)['\"]")


_LISTED = re.compile(r" in \[([^\]]*)\]")
_NAMESPACES_AND_KINDS = 2  # lists in a condition that spares


def _is_ours(obj: Obj | None) -> bool:
    return bool(dig(obj or {}, "metadata", "labels", _MANAGED) == _MANAGER)


def _is_spared(policy: Obj, review: Review) -> bool:
    """Whether a condition spares this very change: a namespace and a kind that it lists."""
    for condition in dig(policy, "spec", "matchConditions", default=[]):
        lists = [re.findall(r"'([^']+)'", found) for found in _LISTED.findall(condition.get("expression", ""))]
        if len(lists) == _NAMESPACES_AND_KINDS and review.operation == "UPDATE" and not review.subresource:
            namespaces, kinds = lists
            return review.namespace in namespaces and f"{review.kind.group}/{review.kind.plural}" in kinds
    return False


def _confines(world: World, review: Review, home: str) -> bool:
    """Whether this write in a namespace is outside what the bot may touch."""
    return bool(review.namespace) and review.namespace != home and not _is_ours(world.namespace(review.namespace))


def _namespaces(_: World, review: Review, __: str) -> bool:
    return review.kind.resource == "namespaces" and not _is_ours(review.old if review.old is not None else review.new)


def _leads_out(world: World, review: Review, home: str) -> bool:
    """Whether this is a Service of an environment that takes or follows what is not the environment's."""
    if review.kind.resource != "services" or review.subresource or not _is_ours(world.namespace(review.namespace)):
        return False
    person = not review.user.name.startswith("system:") or review.user.name.startswith(f"{ACCOUNT}{home}:user-")
    spec = (review.new or {}).get("spec", {})
    return bool(spec.get("externalIPs")) or (person and spec.get("type") == "ExternalName")


_POLICIES: dict[str, Callable[[World, Review, str], bool]] = {
    "berth-confine": _confines,
    "berth-namespaces": _namespaces,
    "berth-services": _leads_out,
}
_OF_EVERYBODY = frozenset({"berth-services"})


def _quoted(policy: Obj, word: str, fallback: str) -> str:
    """The user or namespace a policy's conditions name."""
    for condition in dig(policy, "spec", "matchConditions", default=[]):
        for name, _, value in _QUOTED.findall(condition.get("expression", "")):
            if name == word:
                return str(value)
    return fallback


def _binding(world: World, bindings: Kind, policy: str) -> Entry | None:
    return next(
        (
            entry
            for entry in world.store.scan(bindings)
            if dig(entry.obj, "spec", "policyName") == policy
            and "Deny" in dig(entry.obj, "spec", "validationActions", default=["Deny"])
        ),
        None,
    )


def confine(world: World, review: Review) -> None:
    """Refuses with 422 what a policy in force forbids."""
    if review.user.is_admin:
        return
    policies = world.kind(_GROUP, "validatingadmissionpolicies")
    for name, forbids in _POLICIES.items():
        entry = world.store.get(policies, "", name)
        if entry is None:
            continue
        binding = _binding(world, world.kind(_GROUP, "validatingadmissionpolicybindings"), name)
        who = _quoted(entry.obj, "username", f"{ACCOUNT}berth:berth")
        if binding is None or (review.user.name != who and name not in _OF_EVERYBODY):
            continue
        if _is_spared(entry.obj, review):
            continue
        if forbids(world, review, _quoted(entry.obj, "namespace", "berth")):
            _deny(review, entry, binding)


def _deny(review: Review, policy: Entry, binding: Entry) -> None:
    validation = dig(policy.obj, "spec", "validations", default=[{}])[0]
    message = validation.get("message") or f"failed expression: {validation.get('expression', '')}"
    told = f"ValidatingAdmissionPolicy '{policy.name}' with binding '{binding.name}' denied request: {message}"
    refused = forbidden(review.kind, review.name, told)
    refused.code, refused.reason = 422, "Invalid"
    refused.details = {**(refused.details or {}), "causes": [{"message": told}]}
    raise refused
