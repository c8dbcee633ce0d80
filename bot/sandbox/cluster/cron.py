"""Cron schedules: five fields, as CronJobs write them, and when they next strike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 6, _DAYS))


def _number(text: str, names: tuple[str, ...], least: int) -> int:
    lowered = text.lower()
    if lowered in names:
        return names.index(lowered) + least
    if not text.isdigit():
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def _values(field: str, least: int, most: int, names: tuple[str, ...]) -> frozenset[int]:
    """The values of one field; raises ValueError in the words of the server's parser."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, dash, high = span.partition("-")
        first = least if low in ("*", "?") else _number(low, names, least)
        last = most if low in ("*", "?") or (step and not dash) else _number(high if dash else low, names, least)
        stride = _number(step, (), 0) if step else 1
        faults = (
            (first < least, f"beginning of range ({first}) below minimum ({least}): {part}"),
            (last > most, f"end of range ({last}) above maximum ({most}): {part}"),
            (first > last, f"beginning of range ({first}) beyond end of range ({last}): {part}"),
            (not stride, f"step of range should be a positive number: {part}"),
        )
        for is_wrong, told in faults:
            if is_wrong:
                raise ValueError(told)
        found.update(range(first, last + 1, stride))
    return frozenset(found)


@lru_cache(maxsize=1024)
def parse(schedule: str) -> tuple[frozenset[int], ...]:
    """The minutes, hours, days, months and weekdays of a schedule; raises ValueError for what is none."""
    if schedule.startswith("@") and schedule not in _MACROS:
        raise ValueError(f"unrecognized descriptor: {schedule}")
    fields = _MACROS.get(schedule, schedule).split()
    if len(fields) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    return tuple(_values(field, *limits) for field, limits in zip(fields, _FIELDS, strict=True))


def _day_fits(schedule: str, moment: datetime) -> bool:
    _, _, days, months, weekdays = parse(schedule)
    fields = _MACROS.get(schedule, schedule).split()
    weekday = moment.isoweekday() % 7 in weekdays
    day = moment.day in days
    either = fields[2][0] not in "*?" and fields[4][0] not in "*?"
    return moment.month in months and ((day or weekday) if either else (day and weekday))


def next_after(schedule: str, moment: datetime, zone: str = "UTC") -> datetime | None:
    """The first strike after a moment, in UTC; None when there is none within five years."""
    minutes, hours, *_ = parse(schedule)
    local = moment.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0) + timedelta(minutes=1)
    for _ in range(366 * 5 + 1):
        if _day_fits(schedule, local):
            for hour in sorted(hour for hour in hours if hour >= local.hour):
                start = local.minute if hour == local.hour else 0
                minute = next((m for m in sorted(minutes) if m >= start), None)
                if minute is not None:
                    return local.replace(hour=hour, minute=minute).astimezone(UTC)
        local = (local + timedelta(days=1)).replace(hour=0, minute=0)
    return None


def last_between(schedule: str, after: datetime, until: datetime, zone: str = "UTC") -> datetime | None:
    """The newest strike in a span, or None: however many were missed, one is made up for."""
    found = None
    if until - after > timedelta(days=2):
        recent = last_between(schedule, until - timedelta(days=2), until, zone)
        if recent is not None:
            return recent
    moment = next_after(schedule, after, zone)
    while moment is not None and moment <= until:
        found = moment
        moment = next_after(schedule, moment, zone)
    return found
