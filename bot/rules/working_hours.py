"""Working hours: when people want an environment awake, by the clocks on their wall.

A range of hours belongs to the day on which it begins, so a night shift goes on after midnight whatever the next day
is. Where a zone's clocks are changed, doubt means awake: a range begins at the first instant that shows its beginning
and ends at the last that shows its end. A public holiday has no working hours; a dated exception outranks it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from bot.rules.public_holidays import holidays_of
from bot.rules.wall_clock import MINUTES_A_DAY, begin_of, day_in, end_of, instant_of, moment_of

HORIZON_DAYS: Final = 400  # how far a change is looked for: beyond a year, so that a yearly one is found
MOST_EXCEPTIONS: Final = 20

_SHOWN: Final = 40  # characters of what was typed that an error repeats


class WorkingHoursError(ValueError):
    """What was written is no working hours that Berth accepts; the message says why and shows good ones."""

    @classmethod
    def about(cls, what: str, typed: str, why: str) -> "WorkingHoursError":
        """The error that names the value, in one short line whatever was typed, and says why it cannot be."""
        line = " ".join(typed.split())
        return cls(f'{what} "{line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"}" {why}')


class Morning(StrEnum):
    """What the beginning of working hours does to an environment that sleeps."""

    WAKE = "wake"
    STAY_ASLEEP = "stay-asleep"


class ClockRange(NamedTuple):
    """Minutes after the day's midnight: from `begin` until before `end`, which past 24 hours lies on the next day."""

    begin: int
    end: int


Ranges = tuple[ClockRange, ...]
WHOLE_DAY: Final[Ranges] = (ClockRange(0, MINUTES_A_DAY),)


@dataclass(frozen=True, slots=True)
class DatedException:
    """Local days, `first` to `last`, that have these ranges and no others; no range at all is a day off."""

    first: date
    last: date
    ranges: Ranges = ()


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When an environment is wanted awake. Made by `parse_working_hours`; `written` is its text.

    `week` has each weekday's ranges, Monday first, sorted and apart from each other. `region` is of `known_region`. Of
    exceptions for the same day the later one holds.
    """

    week: tuple[Ranges, ...]
    zone: str
    region: str | None = None
    morning: Morning = Morning.WAKE
    exceptions: tuple[DatedException, ...] = ()


def is_working(hours: WorkingHours, at: datetime) -> bool:
    """Whether `at`, an aware datetime, lies within working hours."""
    instant, today = instant_of(at), day_in(hours.zone, at)
    spans = _spans(hours, today - 1, today + 2)
    return any(begin <= instant < end for begin, end in spans)


def next_change(hours: WorkingHours, after: datetime) -> datetime | None:
    """The first instant after `after` (aware) at which working hours begin or end, in UTC; None within 400 days."""
    if _never_end(hours):
        return None
    instant, today = instant_of(after), day_in(hours.zone, after)
    horizon = instant + HORIZON_DAYS * MINUTES_A_DAY * 60
    spans = joined(_spans(hours, today - 1, today + HORIZON_DAYS + 3))
    change = next((edge for span in spans for edge in span if edge > instant), None)
    return None if change is None or change > horizon else moment_of(change)


def last_change(hours: WorkingHours, before: datetime) -> datetime | None:
    """The last instant until `before` (aware) at which working hours began or ended, in UTC; None within 400 days."""
    if _never_end(hours):
        return None
    instant, today = instant_of(before), day_in(hours.zone, before)
    for days in (2, 8, 40, HORIZON_DAYS):
        known_from = begin_of(hours.zone, (today - days) * MINUTES_A_DAY)  # what began earlier may be cut off
        edges = (edge for span in joined(_spans(hours, today - days - 2, today + 2)) for edge in span)
        found = [edge for edge in edges if known_from <= edge <= instant]
        if found:
            return moment_of(found[-1])
    return None


def with_exception(hours: WorkingHours, exception: DatedException) -> WorkingHours:
    """The hours with one exception more; earlier ones of which it leaves no day are dropped.

    Raises WorkingHoursError when there would be more than `MOST_EXCEPTIONS`.
    """
    left = tuple(e for e in hours.exceptions if e.first < exception.first or e.last > exception.last)
    if len(left) >= MOST_EXCEPTIONS:
        raise WorkingHoursError(f"Working hours can have {MOST_EXCEPTIONS} dated exceptions: remove one first.")
    return replace(hours, exceptions=(*left, exception))


def without_past(hours: WorkingHours, now: datetime) -> WorkingHours:
    """The hours without the exceptions that can no longer matter: the day after their last one, too, is over."""
    today = day_in(hours.zone, now)
    left = tuple(e for e in hours.exceptions if e.last.toordinal() - 1 >= today - 1)
    return hours if left == hours.exceptions else replace(hours, exceptions=left)


def joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in the order of their beginnings, with those that touch or overlap made one and empty ones left out."""
    begin = end = None
    for next_begin, next_end in spans:
        if begin is None or end is None or next_begin > end:
            if begin is not None and end is not None:
                yield begin, end
            begin, end = (next_begin, next_end) if next_begin < next_end else (None, None)
        elif next_end > end:
            end = next_end
    if begin is not None and end is not None:
        yield begin, end


def ranges_on(hours: WorkingHours, day: date) -> Ranges:
    """The ranges that begin on a local day, as exceptions, holidays and the weekday say, in this order."""
    for exception in reversed(hours.exceptions):
        if exception.first <= day <= exception.last:
            return exception.ranges
    if hours.region and day.toordinal() in holidays_of(hours.region, day.year):
        return ()
    return hours.week[day.weekday()]


def _spans(hours: WorkingHours, first: int, beyond: int) -> Iterator[tuple[int, int]]:
    """The instants at which the ranges of these days begin and end; one day after the other, when asked."""
    zone = hours.zone
    for day in range(first, beyond):
        midnight = day * MINUTES_A_DAY
        for begin, end in ranges_on(hours, date.fromordinal(day + 1)):
            yield begin_of(zone, midnight + begin), end_of(zone, midnight + end)


def _never_end(hours: WorkingHours) -> bool:
    """Whether no day can be without working hours: nothing would be found, and at the price of the whole horizon."""
    return not (hours.exceptions or hours.region) and all(ranges == WHOLE_DAY for ranges in hours.week)
