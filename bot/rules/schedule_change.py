"""What is typed behind `/k8s schedule blue`: hours of its own, none, a dated exception, or its own idle time.

Pure. Whatever is wrong is said by WorkingHoursError or DurationError, whose messages are for the person who typed it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.rules.durations import parse_duration
from bot.rules.working_hours import DatedException, WorkingHours
from bot.rules.working_hours_text import parse_exception, parse_working_hours

_DEFAULT: Final = frozenset({"default", "none", "off"})


@dataclass(frozen=True)
class SetHours:
    """These hours, of its own."""

    hours: WorkingHours


@dataclass(frozen=True)
class DropHours:
    """No hours of its own any more."""


@dataclass(frozen=True)
class Except:
    """Other hours on some dates."""

    exception: DatedException


@dataclass(frozen=True)
class SetIdle:
    """Its own idle time; None for none of its own."""

    after: timedelta | None


Change = SetHours | DropHours | Except | SetIdle


def read_change(text: str, default_zone: str) -> Change:
    """The change that `text` asks for; `default_zone`, an IANA name, where it names no time zone.

    Raises WorkingHoursError or DurationError.
    """
    word, _, rest = text.strip().partition(" ")
    word, rest = word.casefold(), rest.strip()
    if word == "idle":
        return SetIdle(None if rest.casefold() in _DEFAULT else parse_duration(rest, "idle time"))
    if word in _DEFAULT and not rest:
        return DropHours()
    if word == "off" or (word == "on" and rest[:1].isdigit()):
        return Except(parse_exception(text))
    return SetHours(parse_working_hours(text, default_zone))
