"""What may be wrong with the spec of a HorizontalPodAutoscaler."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.cluster.errors import Cause, bad_value, forbidden_field, required, unsupported
from bot.sandbox.cluster.shapes import Obj, dig

_METRICS = {sort.lower(): sort for sort in ("ContainerResource", "External", "Object", "Pods", "Resource")}


def autoscaler(obj: Obj) -> Iterator[Cause]:
    """Every fault of its bounds, its target and its metrics."""
    spec = obj["spec"]
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    if least < 1:
        yield bad_value("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield bad_value("spec.maxReplicas", most, "must be greater than 0")
    if most < least:
        yield bad_value("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    for field in ("kind", "name"):
        if not dig(spec, "scaleTargetRef", field):
            yield required(f"spec.scaleTargetRef.{field}")
    for index, metric in enumerate(spec.get("metrics") or ()):
        yield from _metric(metric, f"spec.metrics[{index}]")
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in spec.get("metrics", ())):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden_field("spec.metrics", why)


def _metric(metric: Obj, at: str) -> Iterator[Cause]:
    sort = metric.get("type", "")
    if not sort:
        yield required(f"{at}.type", "must specify a metric source type")
    if sort not in _METRICS.values():
        yield unsupported(f"{at}.type", sort, list(_METRICS.values()))
    field = sort[:1].lower() + sort[1:]
    if field not in metric:
        yield required(f"{at}.{field}", "must populate information for the given metric source")
    target = dig(metric, "resource", "target", default={})
    if "resource" in metric and not {"averageUtilization", "averageValue"} & set(target):
        why = "must set either a target raw value or a target utilization"
        yield required(f"{at}.resource.target.averageUtilization", why)
