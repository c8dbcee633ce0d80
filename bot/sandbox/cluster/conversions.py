"""Kinds that are served in two forms but stored in one: Events, and HorizontalPodAutoscalers v1."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, clone, dig
from bot.sandbox.cluster.storage import Entry, to_json

Convert = Callable[[Obj], Obj]

_EVENT_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_CORE_NAMES = {core: new for new, core in _EVENT_NAMES.items()}


def _event_in(obj: Obj) -> Obj:
    return {_EVENT_NAMES.get(key, key): value for key, value in obj.items()}


def _event_out(obj: Obj) -> Obj:
    return {_CORE_NAMES.get(key, key): value for key, value in obj.items()}


def _autoscaler_in(obj: Obj) -> Obj:
    obj = clone(obj)
    percent = obj.get("spec", {}).pop("targetCPUUtilizationPercentage", None)
    if percent is not None:
        target = {"type": "Utilization", "averageUtilization": percent}
        obj["spec"]["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    return obj


def _autoscaler_out(obj: Obj) -> Obj:
    obj = clone(obj)
    for metric in obj.get("spec", {}).pop("metrics", None) or ():
        percent = dig(metric, "resource", "target", "averageUtilization")
        if percent is not None and dig(metric, "resource", "name") == "cpu":
            obj["spec"]["targetCPUUtilizationPercentage"] = percent
    status = obj.get("status", {})
    obj["status"] = {
        key: status[key] for key in ("currentReplicas", "desiredReplicas", "lastScaleTime") if key in status
    }
    obj["status"].setdefault("currentReplicas", 0)
    return obj


_CONVERT: dict[str, tuple[Convert, Convert]] = {
    "events": (_event_in, _event_out),
    "horizontalpodautoscalers": (_autoscaler_in, _autoscaler_out),
}


def to_storage(kind: Kind, obj: Obj) -> Obj:
    return _CONVERT[kind.plural][0](obj) if kind.stored_as and not kind.custom else obj


def from_storage(kind: Kind, obj: Obj) -> Obj:
    """The object in this form; the versions of a definition differ in nothing but their name."""
    return _CONVERT[kind.plural][1](obj) if kind.stored_as and not kind.custom else obj


def inner_of(kind: Kind, entry: Entry) -> bytes:
    """The object's JSON as it stands in a list of this kind."""
    return to_json(from_storage(kind, entry.obj)) if kind.stored_as else entry.inner


def body_of(kind: Kind, entry: Entry) -> bytes:
    """The object's JSON by itself."""
    return kind.prefix + inner_of(kind, entry)[1:]
