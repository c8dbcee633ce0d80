"""Hours and dates in working hours: `08:00-19:00`, `22-6`, `9am-5:30pm`, `2026-12-24..2027-01-02`.

What could be meant in two ways ("9-5") is refused with both: a night awake costs money, a day asleep costs trust.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.rules.wall_clock import MINUTES_A_DAY
from bot.rules.working_hours import ClockRange, WorkingHoursError

_CLOCK: Final = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?([ap]m)?", re.ASCII | re.IGNORECASE)
_DATES: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:(?:\.\.|-)([0-9]{4}-[0-9]{2}-[0-9]{2}))?")
_HALF_A_DAY: Final = 720  # minutes
_THIRTEEN: Final = 780  # o'clock, in minutes
_YEARS: Final = range(2000, 2200)
_LONGEST_EXCEPTION: Final = 366  # days


@dataclass(frozen=True)
class _Clock:
    minutes: int
    half: str  # "am", "pm" or nothing
    loose: bool  # as on a clock's face: 5 may be five in the afternoon, 05:00 may not


def clock_range(word: str) -> ClockRange:
    """The range that a word like `08:00-19:00`, `22-6` or `9am-5:30pm` says; one that ends at its beginning is none.

    Raises WorkingHoursError for anything else, and for what could mean two ranges.
    """
    ends = word.split("-")
    if len(ends) == 1:
        tip = f"try {_eight_hours(_clock(word).minutes)}."
        raise WorkingHoursError.about("Hours", word, f"have no end: {tip}")
    if len(ends) > 2:
        raise WorkingHoursError.about("Hours", word, "are not one time to another: try 08:00-19:00.")
    begin, end = _clock(ends[0]), _clock(ends[1])
    if begin.minutes == MINUTES_A_DAY:
        raise WorkingHoursError.about("Time", ends[0], "can only be an end: as a beginning write 00:00.")
    if begin.minutes == end.minutes:
        tip = f"for a whole day write 00:00-24:00, or another end as in {_eight_hours(begin.minutes)}."
        raise WorkingHoursError.about("Hours", word, f"have no length: {tip}")
    _refuse_doubt(word, begin, end)
    return ClockRange(begin.minutes, end.minutes + (MINUTES_A_DAY if end.minutes < begin.minutes else 0))


def _clock(typed: str) -> _Clock:
    match = _CLOCK.fullmatch(typed)
    if match is None:
        raise WorkingHoursError.about("Time", typed, "is not a time: try 08:00, 8am or 7:30pm.")
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").casefold()
    if minute > 59 or not _hour_fits(hour, minute, half):
        raise WorkingHoursError.about("Time", typed, "is not a time: try 08:00, 8am or 7:30pm.")
    loose = not half and 1 <= hour <= 12 and not re.match("[0-9]{2}:|0", typed)
    return _Clock((hour % 12 + (12 if half == "pm" else 0) if half else hour) * 60 + minute, half, loose)


def _hour_fits(hour: int, minute: int, half: str) -> bool:
    return 1 <= hour <= 12 if half else hour < 24 or (hour, minute) == (24, 0)


def _refuse_doubt(word: str, begin: _Clock, end: _Clock) -> None:
    """Refuses 9-5, 7-9pm and 10-6am: what a person means by them is not what the digits say on a clock of 24 hours."""
    backwards = end.minutes < begin.minutes
    meant = None
    by_halves = begin.half or begin.minutes < _THIRTEEN  # who writes 18:00 counts to 24, who writes 8 may not
    if end.loose and by_halves and backwards and end.minutes + _HALF_A_DAY > begin.minutes:
        meant = (begin.minutes, end.minutes + _HALF_A_DAY)
    elif begin.loose and end.half and (backwards or begin.minutes + _HALF_A_DAY < end.minutes):
        meant = (begin.minutes + _HALF_A_DAY, end.minutes)
    if meant:
        both = f"{_shown(meant[0] % MINUTES_A_DAY)}-{_shown(meant[1])} or {_shown(begin.minutes)}-{_shown(end.minutes)}"
        raise WorkingHoursError.about("Hours", word, f"could mean {both}: write the one you mean.")


def _eight_hours(begin: int) -> str:
    return written_range(ClockRange(begin % MINUTES_A_DAY, begin % MINUTES_A_DAY + 480))


def _shown(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def written_range(times: ClockRange) -> str:
    """The range as `clock_range` reads it: `22:00-06:00`; the midnight at its end is 24:00."""
    end = times.end if times.end <= MINUTES_A_DAY else times.end - MINUTES_A_DAY
    return f"{_shown(times.begin)}-{_shown(end)}"


def dates(word: str) -> tuple[date, date]:
    """First and last day of a word like `2026-12-24` or `2026-12-24..2027-01-02`: at most 366 days.

    Raises WorkingHoursError for anything else.
    """
    match = _DATES.fullmatch(word)
    if match is None:
        tip = "try 2026-12-24, or 2026-12-24..2027-01-02 for several days."
        raise WorkingHoursError.about("Date", word, f"is not a date: {tip}")
    first = _date(match[1])
    last = _date(match[2]) if match[2] else first
    if last < first:
        raise WorkingHoursError.about("Dates", word, f"run backwards: try {last}..{first}.")
    if (last - first).days >= _LONGEST_EXCEPTION:
        raise WorkingHoursError.about("Dates", word, "are more than a year: change the working hours instead.")
    return first, last


def _date(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise WorkingHoursError.about("Date", typed, "is not on the calendar: try 2026-12-24.") from error
    if day.year not in _YEARS:
        raise WorkingHoursError.about("Date", typed, f"is not between {_YEARS[0]} and {_YEARS[-1]}: try 2026-12-24.")
    return day
