"""The Scale of an object: what it is asked to have, what it has, and of which pods, wherever its kind keeps these."""

from __future__ import annotations

from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig


def _paths(kind: Kind) -> tuple[str, str, str]:
    return kind.scale_paths or ("spec.replicas", "status.replicas", "spec.selector")


def scale_of(kind: Kind, obj: Obj) -> Obj:
    """An object's Scale, which leaves out what is 0."""
    wanted, actual, selector = _paths(kind)
    metadata = {
        key: obj["metadata"][key]
        for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        if key in obj["metadata"]
    }
    replicas = dig(obj, *wanted.strip(".").split("."), default=0)
    status: Obj = {"replicas": dig(obj, *actual.strip(".").split("."), default=0)}
    labels = dig(obj, *selector.strip(".").split("."), default={}) if selector else {}
    if labels:
        status["selector"] = labels if isinstance(labels, str) else _selector_text(labels)
    spec = {"replicas": replicas} if replicas else {}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status}


def _selector_text(selector: Obj) -> str:
    pairs = selector.get("matchLabels", {} if "matchExpressions" in selector else selector)
    return ",".join(f"{key}={value}" for key, value in sorted(pairs.items()))


def with_replicas(kind: Kind, obj: Obj, replicas: int) -> Obj:
    """The object itself, told to have so many."""
    *way, last = _paths(kind)[0].strip(".").split(".")
    place = obj
    for key in way:
        place = place.setdefault(key, {})
    place[last] = replicas
    return obj
