"""A mistake in the configuration, told so that it can be mended without reading any documentation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_SHOWN = 60  # characters of a wrong value that a message repeats


@dataclass(frozen=True)
class Problem:
    """One mistake: in which file (or the environment), at which path and line, and what is allowed instead."""

    source: str
    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        line = f" line {self.line}" if self.line else ""
        where = f"{self.source}{line}" + (f", {self.path}" if self.path else "")
        return f"{where}: {self.message}"


class ConfigError(Exception):
    """The configuration has mistakes; `problems` holds every one of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Refused(ValueError):
    """A value is not allowed; the message names the value and shows allowed ones."""


def shown(value: object) -> str:
    """The value on one short line, in quotes, for a message."""
    line = " ".join(str(value).split())
    return f'"{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"}"'


def suggestion(word: str, known: Iterable[str]) -> str:
    """` (did you mean "x"?)` for the nearest known word, or nothing when none is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""
