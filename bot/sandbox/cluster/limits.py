"""LimitRange: what containers get that ask for nothing, and the refusal of what is too much or too little."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.errors import forbidden
from bot.sandbox.cluster.preparing import quality_of_service
from bot.sandbox.cluster.quantities import parse
from bot.sandbox.cluster.shapes import Obj, dig

_NOTE = "kubernetes.io/limit-ranger"


def _limits(world: World, namespace: str, sort: str) -> Iterator[Obj]:
    for entry in sorted(world.store.scan(world.kind("", "limitranges"), namespace), key=lambda e: e.name):
        yield from (limit for limit in dig(entry.obj, "spec", "limits", default=[]) if limit.get("type") == sort)


def default_limits(world: World, review: Review) -> None:
    """Gives a new pod's containers the namespace's defaults, and notes on the pod what it set."""
    if review.operation != "CREATE" or review.kind.resource != "pods" or review.new is None:
        return
    said: list[str] = []
    for limit in _limits(world, review.namespace, "Container"):
        for container in review.new["spec"].get("containers", ()):
            said += _fill(container, limit)
    if said:
        annotations = review.new["metadata"].setdefault("annotations", {})
        annotations[_NOTE] = f"LimitRanger plugin set: {'; '.join(said)}"
        review.new["status"]["qosClass"] = quality_of_service(review.new["spec"])


def _fill(container: Obj, limit: Obj) -> Iterator[str]:
    resources = container.setdefault("resources", {})
    for part, given, word in (("requests", "defaultRequest", "request"), ("limits", "default", "limit")):
        missing = sorted(name for name in limit.get(given, {}) if name not in resources.get(part, {}))
        if missing:
            resources[part] = {**resources.get(part, {}), **{name: limit[given][name] for name in missing}}
            yield f"{', '.join(missing)} {word} for container {container['name']}"


def enforce_limits(world: World, review: Review) -> None:
    """Refuses pods and claims outside the namespace's minima and maxima."""
    if review.operation != "CREATE" or review.new is None or review.subresource:
        return
    faults: list[str] = []
    if review.kind.resource == "pods":
        for limit in _limits(world, review.namespace, "Container"):
            for container in review.new["spec"].get("containers", ()):
                faults += _outside(limit, container.get("resources", {}), "Container")
    elif review.kind.resource == "persistentvolumeclaims":
        for limit in _limits(world, review.namespace, "PersistentVolumeClaim"):
            faults += _outside(limit, dig(review.new, "spec", "resources", default={}), "PersistentVolumeClaim")
    if faults:
        raise forbidden(review.kind, review.name, faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]")


def _outside(limit: Obj, resources: Obj, sort: str) -> Iterator[str]:
    requests, limits = resources.get("requests", {}), resources.get("limits", {})
    for name, least in sorted(limit.get("min", {}).items()):
        if name not in requests:
            yield f"minimum {name} usage per {sort} is {least}.  No request is specified"
        elif parse(requests[name]) < parse(least):
            yield f"minimum {name} usage per {sort} is {least}, but request is {requests[name]}"
    for name, most in sorted(limit.get("max", {}).items()):
        asked, word = (requests, "request") if sort == "PersistentVolumeClaim" else (limits, "limit")
        if name not in asked:
            yield f"maximum {name} usage per {sort} is {most}.  No {word} is specified"
        elif parse(asked[name]) > parse(most):
            yield f"maximum {name} usage per {sort} is {most}, but {word} is {asked[name]}"
    for name, ratio in sorted(limit.get("maxLimitRequestRatio", {}).items()):
        if name in requests and name in limits and parse(limits[name]) > parse(requests[name]) * parse(ratio):
            given = float(parse(limits[name]) / parse(requests[name]))
            yield f"{name} max limit to request ratio per {sort} is {ratio}, but provided ratio is {given:.6f}"
