"""The morning until which *Until tomorrow morning* keeps an environment awake.

It is one that somebody works on: a Friday's is Monday's, and before a holiday the one after it. For whoever works late
or at night it is when that work begins, be it at four or at fourteen. Whoever is still up before five means the morning
that is coming; so does, before noon, whoever has worked through the night.
"""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.rules.wall_clock import MINUTES_A_DAY, begin_of, day_in, known_zone, moment_of
from bot.rules.working_hours import HORIZON_DAYS, Ranges, WorkingHours, ranges_on

_MORNING: Final = 9 * 60  # minutes after midnight, where working hours say nothing
_NIGHT_ENDS: Final = 5 * 60
_NOON: Final = 12 * 60


def next_morning(now: datetime, zone: str, hours: WorkingHours | None) -> datetime:
    """The next morning of a working day after `now`, an aware datetime, in UTC.

    It is when the working hours of that day begin, or 9 o'clock where that day's only go on from the day before;
    without working hours, 9 o'clock of a weekday in `zone` (UTC where that is none).
    """
    where = hours.zone if hours is not None else known_zone(zone)
    evening = _evening(now, where, hours)
    for day in range(evening + 1, evening + 1 + HORIZON_DAYS):
        minute = _begins(hours, day)
        at = None if minute is None else moment_of(begin_of(where, day * MINUTES_A_DAY + minute))
        if at is not None and at > now:
            return at
    return next_morning(now, where, None)  # hours that never begin


def _evening(now: datetime, zone: str, hours: WorkingHours | None) -> int:
    """The day that `now` belongs to for people: the night after midnight is still the day before."""
    today, local = day_in(zone, now), now.astimezone(ZoneInfo(zone))
    ends = _NOON if any(one.end > MINUTES_A_DAY for one in _ranges(hours, today - 1)) else _NIGHT_ENDS
    return today - (1 if local.hour * 60 < ends else 0)


def _begins(hours: WorkingHours | None, day: int) -> int | None:
    """The minute of a day's morning; None for a day on which nobody works."""
    if hours is None:
        return _MORNING if day % 7 < 5 else None
    ranges = _ranges(hours, day)
    if not ranges:
        return None
    before = max((one.end - MINUTES_A_DAY for one in _ranges(hours, day - 1)), default=-1)
    return next((one.begin for one in ranges if one.begin > before), _MORNING)


def _ranges(hours: WorkingHours | None, day: int) -> Ranges:
    """The working hours that begin on a day; days are counted as `wall_clock` does."""
    return ranges_on(hours, date.fromordinal(day + 1)) if hours is not None else ()
