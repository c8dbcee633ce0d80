"""Amounts as Kubernetes writes them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from kubernetes.utils.quantity import parse_quantity as _parse_quantity


def parse_quantity(text: str) -> float:
    """A Kubernetes quantity as a number: `500m` is 0.5, `1Gi` is 2**30. Raises ValueError."""
    return float(_parse_quantity(text))


def requested(pod: Mapping[str, Any]) -> dict[str, float]:
    """What a pod's containers request together, by resource, its sidecars among them. Raises ValueError."""
    spec = pod["spec"]
    sidecars = [one for one in spec.get("initContainers", ()) if one.get("restartPolicy") == "Always"]
    return _sum(one.get("resources", {}).get("requests", {}) for one in (*spec.get("containers", ()), *sidecars))


def used(measured: Mapping[str, Any]) -> dict[str, float]:
    """What a pod's containers use together, by resource, as a metrics server measured it. Raises ValueError."""
    return _sum(container.get("usage", {}) for container in measured.get("containers", ()))


def _sum(amounts: Iterable[Mapping[str, str]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for each in amounts:
        for name, quantity in each.items():
            total[name] += parse_quantity(quantity)
    return total
