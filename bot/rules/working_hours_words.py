"""The words of working hours but for hours and dates: days, a time zone, a region, a mode.

Each is read without guessing; what is nearly right is refused with what is right.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from bot.rules.public_holidays import country_words, known_region, parts_of
from bot.rules.working_hours import Morning, WorkingHoursError

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEVERAL: Final = {"weekdays": (0, 1, 2, 3, 4), "weekends": (5, 6), "daily": (0, 1, 2, 3, 4, 5, 6)}
MORNINGS: Final = {"wake": Morning.WAKE, "stay-asleep": Morning.STAY_ASLEEP, "asleep": Morning.STAY_ASLEEP}
EXAMPLE: Final = "weekdays 08:00-19:00 Europe/Berlin"

_SHORT: Final = tuple(name[:3] for name in WEEKDAYS)
_NOT_PLACES: Final = {"localtime", "Factory"}  # in the list of zones, but not the same everywhere
_REGIONS: Final = "try holidays=DE, holidays=DE-BY or holidays=none."
_ZONES: Final = "try Europe/Berlin or America/New_York."
_ABBREVIATION: Final = re.compile(r"[A-Z]{2,4}T")  # CEST, PST, IST: of several places, or of half a year only
_PARTS_SHOWN: Final = 20
_LOOKED_AT: Final = 40  # characters that are compared with known words


def days(word: str) -> tuple[int, ...] | None:
    """The weekdays, Monday 0, of a word like `mon`, `fri-mon` or `weekends`; None for a word that is not about days.

    Raises WorkingHoursError for a range of which one end is no day, and for one from a day to itself.
    """
    lowered = word.casefold()
    several = SEVERAL.get(lowered) or SEVERAL.get(f"{lowered}s")
    if several or "-" not in lowered:
        return several or _single(lowered)
    ends = lowered.split("-")
    known = [_day(end) for end in ends]
    if all(day is None for day in known):
        return None
    if len(known) != 2 or None in known:
        raise WorkingHoursError.about("Days", word, f"are not one day to another: {_nearest_days(ends)}")
    first, last = (day for day in known if day is not None)
    if first == last:
        tip = f"write {_SHORT[first]}, or daily for all seven."
        raise WorkingHoursError.about("Days", word, f"are one day: {tip}")
    return tuple((first + more) % 7 for more in range((last - first) % 7 + 1))


def _single(lowered: str) -> tuple[int] | None:
    day = _day(lowered)
    return None if day is None else (day,)


def _day(lowered: str) -> int | None:
    """A weekday from its English name, its plural or any beginning of at least two letters: each is of one day only."""
    singular = lowered.removesuffix("s") if lowered.endswith("days") else lowered
    found = [number for number, name in enumerate(WEEKDAYS) if len(singular) > 1 and name.startswith(singular)]
    return found[0] if found else None


def _nearest_days(ends: list[str]) -> str:
    near = [end if _day(end) is not None else nearest(end, _SHORT) or nearest(end, WEEKDAYS) for end in ends]
    return f"did you mean {'-'.join(near)}?" if len(near) == 2 and all(near) else "try mon-fri."


def region(word: str) -> str | None:
    """The region of `holidays=DE-BY`, None of `holidays=none`. Raises WorkingHoursError for one without a calendar."""
    name, _, typed = word.partition("=")
    if name.casefold() != "holidays":
        raise WorkingHoursError.about("Option", word, f"is unknown: {_REGIONS}")
    if typed.casefold() == "none":
        return None
    known = known_region(typed)
    if known is None:
        why = f"are of no country or part of one that Berth knows: {_nearest_region(typed)}"
        raise WorkingHoursError.about("Holidays", typed, why)
    return known


def _nearest_region(typed: str) -> str:
    country = typed.partition("-")[0].upper()
    if parts := parts_of(country):
        return f"try {', '.join([country, *parts[:_PARTS_SHOWN]])}{'…' if len(parts) > _PARTS_SHOWN else '.'}"
    near = country_words().get(nearest(typed, country_words()))
    return f"did you mean {near}?" if near else _REGIONS


def zone(word: str) -> str | None:
    """The IANA name of a time zone from any writing of its case; None for other words.

    Raises WorkingHoursError for a word that can only be meant as a zone, but is none.
    """
    known = zones().get(word.casefold())
    if known is None and "/" in word:
        near = zones().get(nearest(word, zones())) or _by_city().get(word.casefold().rpartition("/")[2])
        raise WorkingHoursError.about("Time zone", word, f"is unknown: {f'did you mean {near}?' if near else _ZONES}")
    return known


def unknown(word: str) -> WorkingHoursError:
    """The error for a word that is nothing of all this, with the nearest one that is."""
    if _ABBREVIATION.fullmatch(word):
        return WorkingHoursError.about("Time zone", word, f"is no place's name: {_ZONES}")
    near = nearest(word, (*_SHORT, *WEEKDAYS, *SEVERAL, *MORNINGS)) or nearest(word, (*_by_city(), *zones()))
    tip = f"did you mean {_by_city().get(near) or zones().get(near, near)}?" if near else f"try {EXAMPLE}."
    return WorkingHoursError.about("Word", word, f"is no day, time or time zone: {tip}")


def nearest(typed: str, words: Iterable[str]) -> str:
    """The word, of some in lower case, that is nearest to what was typed; nothing when none is near."""
    near = get_close_matches(typed.casefold()[:_LOOKED_AT], list(words), n=1)
    return near[0] if near else ""


@cache
def zones() -> Mapping[str, str]:
    """The IANA names of all time zones by their lower case."""
    return {name.casefold(): name for name in sorted(available_timezones() - _NOT_PLACES)}


@cache
def _by_city() -> dict[str, str]:
    """Zones by the last part of their names: people write Berlin."""
    return {key.rpartition("/")[2]: name for key, name in zones().items() if name.count("/")}


def spelled_days(numbers: Iterable[int]) -> str:
    """Weekdays as `days` reads them, runs of three or more as a range: `mon-wed,fri`."""
    chosen = tuple(sorted(numbers))
    for word, several in SEVERAL.items():
        if chosen == several:
            return word
    runs: list[list[int]] = []
    for day in chosen:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(_spelled_run([_SHORT[day] for day in run]) for run in runs)


def _spelled_run(names: list[str]) -> str:
    return f"{names[0]}-{names[-1]}" if len(names) > 2 else ",".join(names)
