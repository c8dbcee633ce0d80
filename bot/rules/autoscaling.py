"""What a HorizontalPodAutoscaler says of its workload: whose a 0 is, and whether it scales at all.

A workload at 0 may be asleep by Berth, stopped by a person, or scaled to zero by its autoscaler, which then says so by
its condition ScaledToZero and may start it again by itself. In the first two cases the autoscaler stands still as long
as the 0 stands, and must begin again when it ends. Pure functions of raw API objects.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.rules.workloads import Object

KIND = "HorizontalPodAutoscaler"


def owner_of_zero(kind: str, name: str, autoscalers: Iterable[Object]) -> str | None:
    """The autoscaler that has scaled this workload to zero, by name."""
    return next((_name(one) for one in _of(kind, name, autoscalers) if _is(one, "ScaledToZero", "True")), None)


def stuck(kind: str, name: str, autoscalers: Iterable[Object]) -> str | None:
    """The autoscaler of this workload that still believes its scaling to be disabled, by name."""
    return next((_name(one) for one in _of(kind, name, autoscalers) if _is_disabled(one)), None)


def _of(kind: str, name: str, autoscalers: Iterable[Object]) -> Iterable[Object]:
    for one in autoscalers:
        target = one["spec"].get("scaleTargetRef", {})
        if (target.get("kind"), target.get("name")) == (kind, name):
            yield one


def _is_disabled(autoscaler: Object) -> bool:
    return _is(autoscaler, "ScalingActive", "False") and _condition(autoscaler, "ScalingActive").get("reason") == (
        "ScalingDisabled"
    )


def _is(autoscaler: Object, condition: str, status: str) -> bool:
    return _condition(autoscaler, condition).get("status") == status


def _condition(autoscaler: Object, condition: str) -> Mapping[str, Any]:
    conditions = autoscaler.get("status", {}).get("conditions") or ()
    return next((one for one in conditions if one.get("type") == condition), {})


def _name(autoscaler: Object) -> str:
    return str(autoscaler["metadata"]["name"])
