"""From what the clocks on a wall say to instants, whatever a time zone does that day.

A wall time is a count of minutes since midnight of 1 January of the year 1 as local clocks count them, an instant a
count of seconds since that midnight in UTC: whole numbers, because thousands of schedules are judged in one pass.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTES_A_DAY: Final = 1_440

_ORIGIN: Final = datetime(1, 1, 1)  # noqa: DTZ001 - wall clocks have no zone
_ORIGIN_UTC: Final = _ORIGIN.replace(tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


def instant_of(moment: datetime) -> int:
    """The last whole second, in UTC, that is not after an aware datetime."""
    return (moment - _ORIGIN_UTC) // _SECOND


def moment_of(instant: int) -> datetime:
    """The instant as a datetime in UTC."""
    return _ORIGIN_UTC + timedelta(seconds=instant)


def known_zone(name: str) -> str:
    """The name of a time zone as it is; `UTC` for one that this machine does not know."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def day_in(zone: str, moment: datetime) -> int:
    """The day on the calendar in `zone` at an aware datetime, counted from 0 on 1 January of the year 1, a Monday."""
    return moment.astimezone(ZoneInfo(zone)).toordinal() - 1


def begin_of(zone: str, wall: int) -> int:
    """The first instant at which clocks in `zone` show the wall time; if they skip it, the one at which they do."""
    steady = _steady(zone, wall // MINUTES_A_DAY)
    if steady is not None:
        return wall * 60 - steady
    before, after = _offsets(zone, wall)
    return _skipping(zone, wall) if before < after else wall * 60 - before


def end_of(zone: str, wall: int) -> int:
    """The last instant at which clocks in `zone` show the wall time; if they skip it, the one at which they do."""
    steady = _steady(zone, wall // MINUTES_A_DAY)
    if steady is not None:
        return wall * 60 - steady
    before, after = _offsets(zone, wall)
    return _skipping(zone, wall) if before < after else wall * 60 - after


@lru_cache(maxsize=65_536)
def _steady(zone: str, day: int) -> int | None:
    """Seconds ahead of UTC all through the day; None if the clocks are changed on it (no zone does so twice a day)."""
    midnight = day * MINUTES_A_DAY
    offsets = {*_offsets(zone, midnight), *_offsets(zone, midnight + MINUTES_A_DAY)}
    return offsets.pop() if len(offsets) == 1 else None


def _offsets(zone: str, wall: int) -> tuple[int, int]:
    """Seconds ahead of UTC by the rule before and by the rule after a change of the clocks; equal away from one."""
    here = ZoneInfo(zone)
    naive = _ORIGIN + timedelta(minutes=wall)
    return _seconds(here.utcoffset(naive)), _seconds(here.utcoffset(naive.replace(fold=1)))


def _skipping(zone: str, wall: int) -> int:
    """The instant at which the clocks jump over a wall time that they never show (PEP 495's gap), by bisection."""
    before, after = _offsets(zone, wall)
    early, late = wall * 60 - after, wall * 60 - before
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (early, middle) if _ahead(zone, middle) == after else (middle, late)
    return late


def _ahead(zone: str, instant: int) -> int:
    return _seconds(moment_of(instant).astimezone(ZoneInfo(zone)).utcoffset())


def _seconds(offset: timedelta | None) -> int:
    return offset // _SECOND if offset is not None else 0
