"""Working hours as people write them: `mon-fri 08:00-12:00,13:00-18:00; sat 10-14 Europe/Berlin holidays=DE-BY`.

One grammar for Slack, for berth.yaml and for the database: what `written` writes is what a person may type, and it is
read back as the same value. Overlapping and touching ranges of a day become one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, zip_longest
from typing import Final, TypeVar

from bot.rules.clock_words import clock_range, dates, written_range
from bot.rules.wall_clock import MINUTES_A_DAY
from bot.rules.working_hours import (
    WHOLE_DAY,
    ClockRange,
    DatedException,
    Morning,
    Ranges,
    WorkingHours,
    WorkingHoursError,
    joined,
    with_exception,
)
from bot.rules.working_hours_words import (
    EXAMPLE,
    MORNINGS,
    days,
    region,
    spelled_days,
    unknown,
    zone,
)

LONGEST_WRITTEN: Final = 3_000  # characters; `written` never needs more, nor may a person
MOST_RANGES: Final = 6  # a day

_SPELLINGS: Final = (
    (re.compile(r"[‐-―−]"), "-"),  # a phone's keyboard makes dashes of hyphens
    (re.compile(r" to | ?- ?", re.IGNORECASE), "-"),
    (re.compile(r" ?(?:\.{2,}|…) ?"), ".."),
    (re.compile(r" ?= ?"), "="),
    (re.compile(r"(?<=[0-9]) (?=[ap]m\b)", re.IGNORECASE), ""),
    (re.compile(r"\bwake in the morning\b", re.IGNORECASE), "wake"),
    (re.compile(r"\bstay[ -]asleep(?: until asked)?\b", re.IGNORECASE), "stay-asleep"),
    (re.compile(r"\ball[ -]day\b", re.IGNORECASE), "00:00-24:00"),
    (re.compile(r"\bon (?=[a-z])", re.IGNORECASE), ""),
    (re.compile(r" (?=off\b|on [0-9])", re.IGNORECASE), ";"),
)
_EXCEPTIONS: Final = "try off 2026-12-24, or on 2026-11-28 10:00-18:00."
_Value = TypeVar("_Value")


@dataclass
class _Read:
    """What has been read so far of one text."""

    week: list[list[ClockRange]] = field(default_factory=lambda: [[] for _ in range(7)])
    zones: list[str] = field(default_factory=list)
    regions: list[str | None] = field(default_factory=list)
    mornings: list[Morning] = field(default_factory=list)
    exceptions: list[DatedException] = field(default_factory=list)


def parse_working_hours(text: str, default_zone: str) -> WorkingHours:
    """The working hours that `text` says; `default_zone`, an IANA name, where it names no time zone.

    Raises WorkingHoursError, whose message is for the person who typed it.
    """
    return _parsed(text, default_zone)


@lru_cache(maxsize=16_384)
def _parsed(text: str, default_zone: str) -> WorkingHours:
    """Remembered, for a pass reads thousands of texts from the database that seldom change."""
    read = _Read()
    for clause in _clauses(text):
        if clause[0].casefold() in ("on", "off"):
            read.exceptions.append(_exception(clause))
        else:
            _read_clause(clause, read)
    if not any(read.week):
        raise WorkingHoursError.about("Working hours", text, f"name no days and hours: try {EXAMPLE}.")
    hours = WorkingHours(
        week=tuple(_ranges(ranges) for ranges in read.week),
        zone=_only(read.zones, "time zones") or _default(default_zone),
        region=_only(read.regions, "regions of holidays"),
        morning=_only(read.mornings, "modes") or Morning.WAKE,
    )
    for exception in read.exceptions:
        hours = with_exception(hours, exception)
    return hours


def parse_exception(text: str) -> DatedException:
    """The exception of `off 2026-12-24..2027-01-02`, `on 2026-11-28` (all day) or `on 2026-11-28 10:00-18:00`.

    Raises WorkingHoursError, whose message is for the person who typed it.
    """
    clauses = _clauses(text)
    if len(clauses) != 1:
        raise WorkingHoursError.about("Exception", text, f"is not one: {_EXCEPTIONS}")
    return _exception(clauses[0])


def written(hours: WorkingHours) -> str:
    """The text that `parse_working_hours` reads back as these hours, at most `LONGEST_WRITTEN` characters."""
    same: dict[Ranges, list[int]] = {}
    for day, ranges in enumerate(hours.week):
        if ranges:
            same.setdefault(ranges, []).append(day)
    groups = "; ".join(f"{spelled_days(group)} {_written_ranges(ranges)}" for ranges, group in same.items())
    options = [hours.zone, *([f"holidays={hours.region}"] if hours.region else [])]
    options += [hours.morning.value] if hours.morning is not Morning.WAKE else []
    return "; ".join([" ".join([groups, *options]), *map(written_exception, hours.exceptions)])


def written_exception(exception: DatedException) -> str:
    """The text that `parse_exception` reads back as this exception."""
    when = f"{exception.first}" if exception.first == exception.last else f"{exception.first}..{exception.last}"
    if not exception.ranges:
        return f"off {when}"
    return f"on {when}" if exception.ranges == WHOLE_DAY else f"on {when} {_written_ranges(exception.ranges)}"


def _written_ranges(ranges: Iterable[ClockRange]) -> str:
    return ",".join(map(written_range, ranges))


def _clauses(text: str) -> list[list[str]]:
    """The words of each clause. Commas only part words: what a word is about, it says itself."""
    if len(text) > LONGEST_WRITTEN:
        why = f"are longer than {LONGEST_WRITTEN:,} characters: try {EXAMPLE}."
        raise WorkingHoursError.about("Working hours", text, why)
    text = " ".join(";".join(text.splitlines()).split())
    for spelling, plain in _SPELLINGS:
        text = spelling.sub(plain, text)
    clauses = (clause.replace(",", " ").split() for clause in text.split(";"))
    return [clause for clause in clauses if clause]


def _read_clause(clause: list[str], read: _Read) -> None:
    """Adds a clause: days and then their hours, once or more often, with options anywhere between."""
    rest = [word for word in clause if not _read_option(word, read)]
    runs = [list(run) for _, run in groupby(rest, key=_is_clock)]
    if rest and _is_clock(rest[0]):
        example = _written_ranges(_ranges(map(clock_range, runs[0])))
        raise WorkingHoursError.about("Hours", rest[0], f"have no days: try weekdays {example}.")
    for named, times in zip_longest(runs[::2], runs[1::2]):
        chosen = _days(named)
        if times is None:
            tip = f"try {spelled_days(chosen)} 08:00-19:00."
            raise WorkingHoursError.about("Days", " ".join(named), f"have no hours: {tip}")
        ranges = [clock_range(word) for word in times]
        for day in chosen:
            read.week[day].extend(ranges)


def _read_option(word: str, read: _Read) -> bool:
    """Takes the word if it is a region, a mode or a time zone."""
    if _is_clock(word):
        return False
    if "=" in word:
        read.regions.append(region(word))
    elif mode := MORNINGS.get(word.casefold()):
        read.mornings.append(mode)
    elif place := zone(word):
        read.zones.append(place)
    else:
        return False
    return True


def _is_clock(word: str) -> bool:
    return word[0] in "0123456789"


def _days(words: list[str]) -> set[int]:
    chosen: set[int] = set()
    for word in words:
        named = days(word)
        if named is None:
            raise unknown(word)
        chosen.update(named)
    return chosen


def _exception(clause: list[str]) -> DatedException:
    kind, when, times = clause[0].casefold(), clause[1:2], clause[2:]
    if kind not in ("on", "off") or not when:
        raise WorkingHoursError.about("Exception", " ".join(clause), f"is not on or off with a date: {_EXCEPTIONS}")
    first, last = dates(when[0])
    if kind == "on":
        return DatedException(first, last, _ranges(map(clock_range, times)) or WHOLE_DAY)
    if times:
        tip = f"try off {first}, or on {first} 08:00-12:00 for the hours that are left."
        raise WorkingHoursError.about("Exception", " ".join(clause), f"takes whole days off: {tip}")
    return DatedException(first, last)


def _ranges(typed: Iterable[ClockRange]) -> Ranges:
    """A day's ranges in order and apart; a day that would run into itself is refused, for no text could say it."""
    ranges = tuple(ClockRange(*span) for span in joined(sorted(typed)))
    too_long = [r for r in ranges if r.end - r.begin >= MINUTES_A_DAY and r != WHOLE_DAY[0]]
    if too_long:
        tip = "write 00:00-24:00, and hours after midnight with the next day."
        raise WorkingHoursError.about("Hours", _written_ranges(too_long), f"are together a day or longer: {tip}")
    if len(ranges) > MOST_RANGES:
        raise WorkingHoursError.about("Hours", _written_ranges(ranges), f"are more than {MOST_RANGES} ranges a day.")
    return ranges


def _only(found: Sequence[_Value], what: str) -> _Value | None:
    """The one value; none, or the same again, is well."""
    if len(set(found)) > 1:
        both = " and ".join(str(value or "none") for value in found[:2])
        raise WorkingHoursError.about("Working hours", both, f"are two {what}: name one.")
    return found[0] if found else None


def _default(zone_name: str) -> str:
    known = zone(zone_name)
    if known is None:
        raise WorkingHoursError.about("Time zone", zone_name, "is unknown: try Europe/Berlin or America/New_York.")
    return known
