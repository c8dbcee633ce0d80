"""The sections of berth.yaml that settle policies: sleep, ttl, leaving, digest, activity, audit log.

Rules between two keys are judged as soon as both are known, given or by default, whatever is wrong with a third.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.config import values
from bot.config.problems import Refused
from bot.config.yaml_places import Parser, Place, scalar
from bot.rules.catalogue import (
    ActivityPolicy,
    AuditLogPolicy,
    DigestPolicy,
    LeavingPolicy,
    SleepPolicy,
    SleepSettings,
    TtlPolicy,
)
from bot.rules.durations import format_duration

_LEAST_KEPT: Final = timedelta(days=30)  # whoever did something should not see it forgotten before it is found


def sleep(place: Place) -> SleepPolicy:
    """Where only idle_after is given, and short, the warning comes halfway through it."""
    fields = place.accepted(_SLEEP)
    idle_after = _given(place, fields, "idle_after", SleepPolicy.idle_after)
    if idle_after is not None:
        warning = _given(place, fields, "warn_before", min(SleepPolicy.warn_before, idle_after / 2))
        _check_warning(warning, idle_after, given="idle_after" in fields)
        fields |= {} if warning is None else {"warn_before": warning}
    return SleepPolicy(**fields)


def settings(place: Place) -> SleepSettings:
    """What a template or a team settles of its own."""
    fields = place.accepted(_SETTINGS)
    if "idle_after" in fields:
        _check_warning(fields.get("warn_before"), fields["idle_after"], given=True)
    return SleepSettings(**fields)


def ttl(place: Place) -> TtlPolicy:
    """Where only longest is given, and short, it is also what an environment gets at first.

    A default never makes a limit longer: who wants more than the longest says so.
    """
    fields = place.accepted(_TTL)
    longest = _given(place, fields, "longest", TtlPolicy.longest)
    if longest is None:
        return TtlPolicy()
    default = fields.setdefault("default", min(TtlPolicy.default, longest))
    if default > longest:
        holds = "" if "longest" in fields else ", which holds where it is not given"
        raise Refused(
            f"default ({format_duration(default)}) must not be longer than longest ({format_duration(longest)}{holds})."
        )
    return TtlPolicy(**fields)


def leaving(place: Place) -> LeavingPolicy:
    """What becomes of the environments of those who leave."""
    return LeavingPolicy(**place.accepted(_LEAVING))


def digest(place: Place) -> DigestPolicy:
    """When the weekly digest goes out."""
    return DigestPolicy(**place.accepted(_DIGEST))


def activity(place: Place) -> ActivityPolicy:
    """Whose requests do not count as use."""
    return ActivityPolicy(**place.accepted(_ACTIVITY))


def audit_log(place: Place) -> AuditLogPolicy:
    """How long audit events are kept."""
    return AuditLogPolicy(**place.accepted(_AUDIT_LOG))


def _kept(value: Any) -> timedelta:
    kept = values.duration_or_none(value)
    if timedelta() < kept < _LEAST_KEPT:
        raise Refused(f"must be {format_duration(_LEAST_KEPT)} at the least, or none to keep them for ever.")
    return kept


def _given(place: Place, fields: Mapping[str, Any], key: str, default: timedelta) -> timedelta | None:
    """What holds for a key; None where what is written is refused, so that nothing can be judged by it."""
    refused = isinstance(place.value, dict) and key in place.value and key not in fields
    return None if refused else fields.get(key, default)


def _check_warning(warning: timedelta | None, idle_after: timedelta, *, given: bool) -> None:
    if warning is not None and warning >= idle_after:
        holds = "" if given else ", which holds where it is not given"
        raise Refused(
            f"warn_before ({format_duration(warning)}) must be shorter than "
            f"idle_after ({format_duration(idle_after)}{holds}), or there is no time to answer the warning."
        )


def _warnings(place: Place) -> tuple[Any, ...]:
    found = {item.parse(scalar(values.duration)) for item in place.items()} - {None}
    if not place.value:
        raise Refused("needs at least one duration, as [2d, 2h]: nothing is deleted without a warning.")
    return tuple(sorted(filter(None, found), reverse=True))


def _patterns(place: Place) -> tuple[str, ...]:
    return tuple(filter(None, (item.parse(scalar(values.pattern)) for item in place.items())))


_SETTINGS: Final[dict[str, Parser[Any]]] = {
    "idle_after": scalar(values.duration),
    "warn_before": scalar(values.duration),
    "working_hours": scalar(values.working_hours),
}
_SLEEP: Final[dict[str, Parser[Any]]] = {
    **_SETTINGS,
    "longest_keep_awake": scalar(values.duration),
    "never_sleep": scalar(values.never_sleep),
    "delete_after": scalar(values.duration),
}
_TTL: Final[dict[str, Parser[Any]]] = {
    "default": scalar(values.duration),
    "longest": scalar(values.duration),
    "warn_before": _warnings,
    "grace": scalar(values.duration_or_none),
}
_LEAVING: Final[dict[str, Parser[Any]]] = {
    "sleep_after": scalar(values.duration_or_none),
    "delete_after": scalar(values.duration_or_none),
}
_DIGEST: Final[dict[str, Parser[Any]]] = {"weekday": scalar(values.weekday), "hour": scalar(values.hour)}
_AUDIT_LOG: Final[dict[str, Parser[Any]]] = {"keep": scalar(_kept)}
_ACTIVITY: Final[dict[str, Parser[Any]]] = {"ignore_users": _patterns, "ignore_agents": _patterns}
