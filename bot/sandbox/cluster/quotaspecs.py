"""What may be wrong with the specs of quotas and limit ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.cluster.errors import Cause, bad_value
from bot.sandbox.cluster.quantities import parse
from bot.sandbox.cluster.shapes import Obj, dig

_UNQUALIFIED = "must be a standard resource type or fully qualified"


def quota(obj: Obj) -> Iterator[Cause]:
    """Every fault of what a quota bounds, and by how much."""
    for name, amount in dig(obj, "spec", "hard", default={}).items():
        at = f"spec.hard[{name}]"
        if not _is_quota_name(name):
            yield bad_value(at, name, _UNQUALIFIED)
            yield bad_value(at, name, "must be a standard resource for quota")
        yield from _amount(amount, at)


_QUOTA_NAMES = frozenset(
    {
        *("cpu", "memory", "ephemeral-storage", "storage", "pods", "services", "replicationcontrollers"),
        *("resourcequotas", "secrets", "configmaps", "persistentvolumeclaims"),
    }
)


def _is_quota_name(name: str) -> bool:
    head = name.partition(".")[0]
    return (
        "/" in name
        or name in _QUOTA_NAMES
        or head in ("requests", "limits", "services")
        or name.startswith("hugepages-")
    )


def _amount(amount: Any, at: str) -> Iterator[Cause]:
    if parse(amount) < 0:
        yield bad_value(at, amount, "must be greater than or equal to 0")


def limit_range(obj: Obj) -> Iterator[Cause]:
    """Where a limit range contradicts itself."""
    for index, limit in enumerate(dig(obj, "spec", "limits", default=[])):
        at, least, most = f"spec.limits[{index}]", limit.get("min") or {}, limit.get("max") or {}
        for name in sorted({*least, *most}):
            if name in least and name in most and parse(least[name]) > parse(most[name]):
                why = f"min value {least[name]} is greater than max value {most[name]}"
                yield bad_value(f"{at}.min[{name}]", least[name], why)
        default, request = limit.get("default") or {}, limit.get("defaultRequest") or {}
        for name in sorted({*default} & {*request}):
            if parse(request[name]) > parse(default[name]):
                why = f"default request value {request[name]} is greater than default limit value {default[name]}"
                yield bad_value(f"{at}.defaultRequest[{name}]", request[name], why)
