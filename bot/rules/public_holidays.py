"""Public holidays by region: `DE` for a country, `DE-BY` for a part of it.

The calendars come from the `holidays` library, which takes a tenth of a second to import and as long for a country's
first year: nothing is loaded before somebody asks, and then once.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Final

_SAME: Final = {"UK": "GB"}  # what people write, and the code that ISO 3166 has for it
_NONE: Final[Mapping[int, str]] = {}


@lru_cache(maxsize=4_096)
def holidays_of(region: str, year: int) -> Mapping[int, str]:
    """The names of a year's public holidays, observed days included, by `date.toordinal()`; empty for unknown years.

    Raises KeyError for a region that `known_region` does not know.
    """
    import holidays  # noqa: PLC0415 - only who asks for holidays waits for the library

    country, _, part = region.partition("-")
    subdivision = _parts()[country][part.casefold()] if part else None
    found = holidays.country_holidays(country, subdivision, years=year, language="en_US")
    return {day.toordinal(): name for day, name in found.items()} or _NONE


def holiday_name(region: str | None, day: date) -> str | None:
    """What is celebrated on the day, in English; None on any other day and without a region."""
    return holidays_of(region, day.year).get(day.toordinal()) if region else None


def known_region(typed: str) -> str | None:
    """The region as it is stored, from any writing of it; None for one without a calendar."""
    country, dash, part = typed.partition("-")
    country = _SAME.get(country.upper(), country.upper())
    parts = _parts().get(country)
    if parts is None or (dash and part.casefold() not in parts):
        return None
    return f"{country}-{_hyphened(parts[part.casefold()])}" if dash else country


def country_words() -> Mapping[str, str]:
    """The code of each country by what may be typed for it, in lower case: the code itself, its English name."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - as above

    named = {name: codes[1] for name, codes in COUNTRIES.items()}
    return named | {country.casefold(): country for country in _parts()}


def parts_of(country: str) -> list[str]:
    """The regions that are parts of a country, none for one without a calendar."""
    return sorted(f"{country}-{_hyphened(part)}" for part in _parts().get(country, {}).values())


@cache
def _parts() -> Mapping[str, Mapping[str, str]]:
    """The library's code of every part of every country, by how it is written in lower case."""
    import holidays  # noqa: PLC0415 - as above

    known = holidays.list_supported_countries(include_aliases=False)
    return {country: {_hyphened(part).casefold(): part for part in parts} for country, parts in known.items()}


def _hyphened(part: str) -> str:
    return part.replace(" ", "-")
