"""What may be wrong with the specs of workloads: replicas, selectors, templates, strategies, schedules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.cluster import cron, names, podspecs
from bot.sandbox.cluster.errors import Cause, bad_value, forbidden_field, required, unsupported
from bot.sandbox.cluster.selectors import labels_match
from bot.sandbox.cluster.shapes import Obj, dig

Check = Callable[[Obj], Iterator[Cause]]
_PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def not_negative(*paths: str) -> Check:
    """A check of numbers at dotted paths."""

    def check(obj: Obj) -> Iterator[Cause]:
        for path in paths:
            yield from negative(dig(obj, *path.split(".")), path)

    return check


def negative(value: Any, path: str) -> Iterator[Cause]:
    if isinstance(value, int) and value < 0:
        yield bad_value(path, value, "must be greater than or equal to 0")


def one_of(path: str, *known: str) -> Check:
    """A check that a field, where it is set, has one of the values it takes."""

    def check(obj: Obj) -> Iterator[Cause]:
        value = dig(obj, *path.split("."))
        if value is not None and value not in known:
            yield unsupported(path, value, list(known))

    return check


def template(*path: str, restart: tuple[str, ...] = ("Always",)) -> Check:
    field = ".".join((*path, "spec"))

    def check(obj: Obj) -> Iterator[Cause]:
        spec = dig(obj, *path, "spec", default={})
        yield from _labels(dig(obj, *path, "metadata", "labels", default={}), f"{'.'.join(path)}.labels")
        yield from podspecs.check(spec, field)
        given = spec.get("restartPolicy", restart[0])
        if given == "Always" and "Never" in restart:
            why = 'Required value: valid values: "OnFailure", "Never"'
            yield Cause(f"{field}.restartPolicy", why, "FieldValueRequired")
        elif given not in restart:
            yield unsupported(f"{field}.restartPolicy", given, list(restart))

    return check


def _labels(labels: Obj, field: str) -> Iterator[Cause]:
    for key, value in labels.items():
        yield from (bad_value(field, key, why) for why in names.label_key(key))
        yield from (bad_value(field, value, why) for why in names.label_value(str(value)))


def selector(whose: str, *, is_required: bool = True) -> Check:
    """A check that a selector is there, selects something and fits the template."""

    def check(obj: Obj) -> Iterator[Cause]:
        given = dig(obj, "spec", "selector")
        labels = dig(obj, "spec", "template", "metadata", "labels")
        if given is None and is_required:
            yield required("spec.selector")
        if given is not None:
            yield from label_selector(given, "spec.selector")
            if not given.get("matchLabels") and not given.get("matchExpressions"):
                yield bad_value("spec.selector", given, f"empty selector is invalid for {whose}")
        if _readable(given) and not labels_match(given, labels or {}):
            yield bad_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")

    return check


def _readable(given: Obj | None) -> bool:
    return all(
        term.get("operator") in _OPERATORS and "key" in term for term in (given or {}).get("matchExpressions", ())
    )


def label_selector(given: Obj, field: str) -> Iterator[Cause]:
    yield from _labels(given.get("matchLabels") or {}, f"{field}.matchLabels")
    for index, term in enumerate(given.get("matchExpressions") or ()):
        at, operator, values = f"{field}.matchExpressions[{index}]", term.get("operator", ""), term.get("values") or []
        if operator in ("In", "NotIn") and not values:
            yield required(f"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        if operator in ("Exists", "DoesNotExist") and values:
            yield forbidden_field(f"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        if operator not in _OPERATORS:
            yield bad_value(f"{at}.operator", operator, "not a valid selector operator")
        yield from (bad_value(f"{at}.key", term.get("key", ""), why) for why in names.label_key(term.get("key", "")))


# Strategies.


def _share(value: Any, path: str) -> Iterator[Cause]:
    """A number that is not negative, or a percentage."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]+%", value):
        yield bad_value(path, value, _PERCENT)
    yield from negative(value, path)


def _size(value: Any) -> int:
    return (
        int(value.rstrip("%"))
        if isinstance(value, str) and re.fullmatch(r"[0-9]+%", value)
        else int(value or 0)
        if not isinstance(value, str)
        else 0
    )


def _whole(strategy: Obj) -> Obj:
    """A strategy as the server's own type shows it."""
    return {"Type": strategy.get("type", ""), "RollingUpdate": strategy.get("rollingUpdate")}


def deployment_strategy(obj: Obj) -> Iterator[Cause]:
    strategy, path = dig(obj, "spec", "strategy", default={}), "spec.strategy"
    rolling, sort = strategy.get("rollingUpdate"), strategy.get("type")
    if sort == "Recreate" and rolling is not None:
        yield forbidden_field(f"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif sort == "RollingUpdate":
        below, surge = (rolling or {}).get("maxUnavailable"), (rolling or {}).get("maxSurge")
        yield from _share(below, f"{path}.rollingUpdate.maxUnavailable")
        yield from _share(surge, f"{path}.rollingUpdate.maxSurge")
        if not _size(below) and not _size(surge):
            yield bad_value(f"{path}.rollingUpdate.maxUnavailable", below, "may not be 0 when `maxSurge` is 0")
        if isinstance(below, str) and _size(below) > 100:
            yield bad_value(f"{path}.rollingUpdate.maxUnavailable", below, "must not be greater than 100%")
    elif sort != "Recreate":
        yield unsupported(path, _whole(strategy), ["Recreate", "RollingUpdate"])


def progress_deadline(obj: Obj) -> Iterator[Cause]:
    deadline, path = dig(obj, "spec", "progressDeadlineSeconds"), "spec.progressDeadlineSeconds"
    if deadline is not None:
        yield from negative(deadline, path)
        if deadline <= dig(obj, "spec", "minReadySeconds", default=0):
            yield bad_value(path, deadline, "must be greater than minReadySeconds")


def stateful_strategy(obj: Obj) -> Iterator[Cause]:
    spec = obj["spec"]
    policy, strategy = spec.get("podManagementPolicy"), spec.get("updateStrategy", {})
    if policy not in ("OrderedReady", "Parallel"):
        yield bad_value("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    if strategy.get("type") not in ("RollingUpdate", "OnDelete"):
        yield bad_value("spec.updateStrategy", _whole(strategy), "must be 'RollingUpdate' or 'OnDelete'")
    yield from negative(dig(strategy, "rollingUpdate", "partition"), "spec.updateStrategy.rollingUpdate.partition")
    for moment in ("whenDeleted", "whenScaled"):
        path = f"persistentVolumeClaimRetentionPolicy.{moment}"
        if dig(spec, *path.split("."), default="Retain") not in ("Retain", "Delete"):
            yield unsupported(f"spec.{path}", dig(spec, *path.split(".")), ["Retain", "Delete"])


def daemon_strategy(obj: Obj) -> Iterator[Cause]:
    strategy = dig(obj, "spec", "updateStrategy", default={})
    if strategy.get("type") not in ("RollingUpdate", "OnDelete"):
        yield unsupported("spec.updateStrategy", _whole(strategy), ["RollingUpdate", "OnDelete"])


# Jobs.


def job(obj: Obj) -> Iterator[Cause]:
    spec = obj["spec"]
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        yield required("spec.completions", "when completion mode is Indexed")
    labels = dig(spec, "selector", "matchLabels", default={})
    if not spec.get("manualSelector") and "batch.kubernetes.io/controller-uid" not in labels:
        yield bad_value("spec.selector", spec.get("selector"), "`selector` not auto-generated")


def schedule(obj: Obj) -> Iterator[Cause]:
    given, zone = dig(obj, "spec", "schedule", default=""), dig(obj, "spec", "timeZone")
    if not given:
        yield required("spec.schedule")
    elif "TZ" in given:
        why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield bad_value("spec.schedule", given, why)
    else:
        try:
            cron.parse(given)
        except ValueError as error:
            yield bad_value("spec.schedule", given, str(error))
    if zone is not None and (why := _zone(zone)):
        yield bad_value("spec.timeZone", zone, why)


def _zone(zone: str) -> str:
    if zone.lower() == "local":
        return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):
        return f"unknown time zone {zone}"
    return ""
