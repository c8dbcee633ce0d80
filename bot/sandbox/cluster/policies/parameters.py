"""The objects that a policy is judged by: of the kind that it names, those that its binding refers to."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.selectors import labels_match
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.storage import Entry


class NotConfigured(Exception):
    """Parameters that cannot be had; the text says why, in the server's words."""


def params_of(world: World, review: Review, policy: Obj, binding: Obj) -> Sequence[Obj | None]:
    """The parameters of one binding; None alone where there are to be none. Raises NotConfigured."""
    sort, reference = policy.get("paramKind"), binding.get("paramRef")
    if not sort or not reference:
        return (None,)
    kind = world.kinds.of_object(sort["apiVersion"], sort["kind"])
    if kind is None:
        raise NotConfigured(f"paramKind kind `{sort['apiVersion']}, Kind={sort['kind']}` not known")
    found = [
        {"apiVersion": kind.api_version, "kind": kind.kind, **one.obj} for one in _named(world, review, kind, reference)
    ]
    if not found and reference.get("parameterNotFoundAction") == "Deny":
        raise NotConfigured("no params found for policy binding with `Deny` parameterNotFoundAction")
    return found


def _named(world: World, review: Review, kind: Kind, reference: Obj) -> Sequence[Entry]:
    if reference.get("namespace") and not kind.namespaced:
        raise NotConfigured("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
    space = reference.get("namespace") or review.namespace if kind.namespaced else ""
    if reference.get("name"):
        found = world.store.get(kind.storage, space, reference["name"])
        return [found] if found else []
    return [
        entry
        for entry in world.store.scan(kind.storage, space)
        if labels_match(reference["selector"], entry.metadata.get("labels") or {})
    ]
