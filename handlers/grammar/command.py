"""What was typed, understood, and the words that a company chose."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.rules.catalogue import Catalogue
from bot.rules.durations import parse_duration
from handlers.grammar.rows import Argument, CommandRow, Kind
from handlers.grammar.table import ROWS
from handlers.typed import quoted

UNIT: Final = re.compile(r"weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?", re.IGNORECASE)
DURATION: Final = re.compile(rf"[-+]?(?:[0-9]+(?:[wdhms]|{UNIT.pattern}))+", re.IGNORECASE)
"""What looks like a duration, whether or not it is one."""

_MISTAKEN: Final = re.compile(r"[=:']|^[-?]")
WHOSE: Final = ("mine", "team", "all", "shared")
ACCESS: Final = ("view", "edit")


@dataclass(frozen=True)
class Vocabulary:
    """The words a company chose: its templates, sizes, teams and clusters."""

    templates: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()

    @staticmethod
    def of(catalogue: Catalogue) -> "Vocabulary":
        """The words of a catalogue."""
        named = (catalogue.templates, catalogue.sizes, catalogue.teams, catalogue.clusters)
        return Vocabulary(*(tuple(one.name for one in entries) for entries in named))


@dataclass(frozen=True)
class Command:
    """What was typed, understood: every value is valid for its kind; environments' names are as typed."""

    word: str
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def row(self) -> CommandRow:
        """Its row of the table."""
        return ROWS[self.word]

    def value(self, word: str) -> str:
        """A required argument's value. Raises KeyError for one that is not the command's."""
        return self.given[word]

    def duration(self, word: str) -> timedelta | None:
        """A duration, or None where none was typed."""
        return parse_duration(self.given[word]) if word in self.given else None

    def replaced(self, word: str, value: str) -> "Command":
        """The same command with another value."""
        return Command(self.word, {**self.given, word: value})

    def line(self) -> str:
        """The command as it would be typed after /k8s, in the table's order."""
        return " ".join([*filter(None, [self.word]), *self._values()])

    def _values(self) -> list[str]:
        present = [argument for argument in self.row.arguments if argument.word in self.given]
        return [_written(one, self.given[one.word]) for one in present]


def _written(argument: Argument, value: str) -> str:
    """The argument as typed; by its name where the bare value would be read as something else."""
    if argument.kind is Kind.REST:
        return value
    if argument.kind is Kind.FLAG:
        return f"--{argument.word}"
    mistaken = _MISTAKEN.search(value) or (DURATION.fullmatch(value) and argument.kind is not Kind.DURATION)
    return f"{argument.word}={quoted(value)}" if argument.option or mistaken else quoted(value)
