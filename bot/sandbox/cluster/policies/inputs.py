"""What CEL sees of a write: the object before and after, the request, and the namespace."""

from __future__ import annotations

from typing import Any, Final

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.conversions import from_storage
from bot.sandbox.cluster.kinds import SUBRESOURCES, Kind
from bot.sandbox.cluster.scale import scale_of
from bot.sandbox.cluster.shapes import Obj

_OF_A_NAMESPACE: Final = frozenset(
    (
        *("name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"),
        *("deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "finalizers"),
    )
)


def inputs_of(world: World, review: Review, kind: Kind) -> dict[str, Any]:
    """The inputs of a policy that matched a write as one of this kind."""
    return {
        "object": _seen(review, kind, review.new),
        "oldObject": _seen(review, kind, review.old),
        "request": _request(review, kind),
        "namespaceObject": None if review.is_namespace else _namespace(world.namespace(review.namespace)),
    }


def _seen(review: Review, kind: Kind, obj: Obj | None) -> Obj | None:
    if obj is None:
        return None
    if review.subresource == "scale":
        return scale_of(kind, obj)
    api_version, name = _sort(kind, review.subresource)
    body = from_storage(kind, obj) if kind.stored_as is not None else obj
    return {"apiVersion": api_version, "kind": name, **body}


def _sort(kind: Kind, subresource: str) -> tuple[str, str]:
    """The API version and kind of what is sent: of a subresource they may be its own."""
    _, api_version, name = SUBRESOURCES.get(subresource, ((), "", ""))
    return api_version or kind.api_version, name.format(kind=kind.kind) or kind.kind


def _request(review: Review, kind: Kind) -> Obj:
    user: Obj = {"username": review.user.name, "uid": review.user.uid, "groups": list(review.user.groups)}
    user["extra"] = dict(review.user.extra)
    request: Obj = {
        "kind": _kind(kind, review.subresource),
        "resource": _resource(kind),
        "requestKind": _kind(review.kind, review.subresource),
        "requestResource": _resource(review.kind),
        "operation": review.operation,
        "userInfo": {key: value for key, value in user.items() if value},
        "dryRun": review.dry_run,
    }
    request |= {"name": review.asked_name} if review.asked_name else {}
    namespace = review.name if review.is_namespace else review.namespace
    request |= {"namespace": namespace} if namespace else {}
    if review.subresource:
        request |= {"subResource": review.subresource, "requestSubResource": review.subresource}
    return request


def _kind(kind: Kind, subresource: str) -> Obj:
    api_version, name = _sort(kind, subresource)
    group, _, version = api_version.rpartition("/")
    return {"group": group, "version": version, "kind": name}


def _resource(kind: Kind) -> Obj:
    return {"group": kind.group, "version": kind.version, "resource": kind.plural}


def _namespace(found: Obj | None) -> Obj | None:
    if found is None:
        return None
    metadata = {key: value for key, value in found["metadata"].items() if key in _OF_A_NAMESPACE}
    return {"metadata": metadata, "spec": found.get("spec", {}), "status": found.get("status", {})}
