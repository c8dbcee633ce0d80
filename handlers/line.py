"""Reading the words behind a command by its row of the table: all that is wrong is noted, and mended where it can be.

Pure. What was read is always a command that could be run; whether it is what was meant, the mistakes say.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.rules.durations import DurationError, format_duration, parse_duration
from bot.rules.selection import PHASES, SAID
from handlers.grammar import (
    ACCESS,
    DURATION,
    FIRST_WORDS,
    ROWS,
    SYNONYMS,
    UNIT,
    WHOSE,
    Argument,
    Command,
    CommandRow,
    Kind,
    Vocabulary,
)
from handlers.mistakes import Mistake, nearest, shown
from handlers.typed import words

_WRITTEN: Final = re.compile(r"-{0,2}([A-Za-z][A-Za-z_-]*)\s*[=:](.*)", re.DOTALL)
_DASHED: Final = re.compile(r"--?([A-Za-z][A-Za-z_-]*)")
_OPTION: Final = re.compile(r"-{0,2}([A-Za-z][A-Za-z_-]*)")
_LETTER: Final = re.compile(r"[wdhms]", re.IGNORECASE)
_MEANT: Final = re.compile(r"\w")
_NAMES: Final = frozenset({Kind.ENVIRONMENT, Kind.NEW_NAME})
_PERSONS: Final = frozenset({Kind.OWNER, Kind.COLLEAGUE, Kind.WHOM, Kind.EMAIL})
_FREE: Final = _NAMES | _PERSONS | {Kind.PATTERN, Kind.REST}  # any word may be one
_UNGUESSED: Final = _PERSONS | {Kind.DURATION, Kind.PATTERN, Kind.FLAG}
"""A word too many is never taken for one."""
_ASKED: Final = {
    Kind.DURATION: "For how long?",
    Kind.COLLEAGUE: "Which colleague?",
    Kind.WHOM: "With whom?",
    Kind.EMAIL: "Which e-mail?",
    Kind.CLUSTERS: "On which cluster, or on all?",
    Kind.REST: "Which words?",
}
_STANDINS: Final = {
    Kind.ENVIRONMENT: "blue",
    Kind.DURATION: "4h",
    Kind.COLLEAGUE: "@ada",
    Kind.WHOM: "@ada",
    Kind.ACCESS: "view",
    Kind.EMAIL: "ada@example.com",
    Kind.CLUSTERS: "all",
    Kind.REST: "…",
}
"""What is shown in the place of a value that is missing or none; each kind that a command needs has one."""
_TOWARDS: Final = frozenset({"with", "from", "to"})
_LISTED: Final = frozenset({Kind.TEMPLATE, Kind.SIZE, Kind.TEAM, Kind.CLUSTER})
_YES: Final = "yes"  # what a flag that is there is kept as


@dataclass(frozen=True)
class Reading:
    """What a line was read as, what is wrong with it, and the last argument that was missing."""

    command: Command | None
    mistakes: Sequence[Mistake] = ()
    missing: Argument | None = None


@dataclass
class Line:
    """One line being read: the words after the command, and what has been understood of them."""

    row: CommandRow
    rest: list[str]
    vocabulary: Vocabulary
    given: dict[str, str] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def reading(self) -> Reading:
        """The whole line, read."""
        self._take_rest()
        self._close_up()
        while self.rest:
            self._read(self._next())
        self._place_duration()
        for argument in self._open(self.row.places):
            if self.loose:
                self._take(argument, self.loose.pop(0))
        if self.loose:
            self._too_many()
        missing = [argument for argument in self._open(self.row.places) if argument.required]
        for argument in missing:
            self._missing(argument)
        return Reading(Command(self.row.word, self.given), self.mistakes, missing[-1] if missing else None)

    def _take_rest(self) -> None:
        """What stands behind the other places of a row with a rest is that, whatever it looks like."""
        *before, last = self.row.places or (None,)
        if last is None or last.kind is not Kind.REST:
            return
        value = _settled(self.rest[len(before) :])
        del self.rest[len(before) :]
        if value:
            self.given[last.word] = value

    def _close_up(self) -> None:
        """`template = web` is one word, where `template` is an option or nearly one."""
        closed: list[str] = []
        for word in self.rest:
            if closed and word.startswith("=") and self._opens(closed[-1]):
                closed[-1] += word
            else:
                closed.append(word)
        self.rest = closed

    def _opens(self, word: str) -> bool:
        option = _OPTION.fullmatch(word)
        return option is not None and (self._argument(option[1]) or self._nearest(option[1])) is not None

    @property
    def _has_times(self) -> bool:
        return any(one.kind is Kind.DURATION for one in self.row.arguments)

    def _is_amount(self) -> bool:
        """Whether a number comes next, and then a unit as a word of its own."""
        if len(self.rest) < 2 or not self.rest[0].lstrip("+-").isdecimal():
            return False
        unit = self.rest[1]
        return bool(UNIT.fullmatch(unit) or (self._has_times and _LETTER.fullmatch(unit)))

    def _peek(self) -> str:
        """The next word; a number and the unit behind it are one word."""
        return "".join(self.rest[: 1 + self._is_amount()])

    def _next(self) -> str:
        word = self._peek()
        del self.rest[: 1 + self._is_amount()]
        return word

    def _read(self, word: str) -> None:
        written = _WRITTEN.fullmatch(word)
        dashed = _DASHED.fullmatch(word)
        bare = self._argument(word)
        if self._is_filler(word):
            return
        if written and (self.row.options or "=" in word or word.startswith("-")):
            self._take_option(written[1], written[2])
        elif dashed:
            self._take_option(dashed[1], "")
        elif bare and bare.kind is Kind.FLAG:
            self._take(bare, _YES)
        elif bare and bare.option and self.rest and self._meant(bare, self._peek()) is not None:
            self._take(bare, self._value(bare, ""))
        else:
            self.loose.append(word)

    def _is_filler(self, word: str) -> bool:
        """Whether it is the "for" between a name and a duration, or the "with" between a name and a colleague."""
        kinds = {one.kind for one in self.row.places}
        if not self.rest or not (self.loose or self.given):
            return False
        if word.casefold() == "for":
            return Kind.DURATION in kinds and bool(DURATION.fullmatch(self._peek()))
        return Kind.WHOM in kinds and len(self.loose) + len(self.given) == 1 and word.casefold() in _TOWARDS

    def _take_option(self, word: str, value: str) -> None:
        argument = self._argument(word) or self._no_such_option(word)
        if argument is None:
            return
        if argument.kind is Kind.FLAG and not value:
            self._take(argument, _YES)
        elif not value and (not self.rest or self._is_option(self.rest[0])):
            self._wrong(f"“{argument.word}” has no value.")
            self._stand_in(argument)
        else:
            self._take(argument, self._value(argument, value))

    def _is_option(self, word: str) -> bool:
        written = _WRITTEN.fullmatch(word)
        return written is not None and self._argument(written[1]) is not None

    def _value(self, argument: Argument, value: str) -> str:
        """What is written for it, or the next word; the parts of a duration may stand apart, `1h 30m`."""
        value = value or self._next()
        while argument.kind is Kind.DURATION and self.rest and _joined(value, self._peek()):
            value += self._next()
        return value

    def _take(self, argument: Argument, value: str) -> None:
        if argument.word in self.given:
            self._wrong(f"“{argument.word}” is there twice.")
            return
        meant = self._meant(argument, value)
        if meant is None:
            self._bad_value(argument, value)
        else:
            self.given[argument.word] = meant

    def _place_duration(self) -> None:
        """A duration is known by its looks, wherever it stands; parts of one that are too many words are one."""
        wanted = [one for one in self._open(self.row.arguments) if one.kind is Kind.DURATION]
        if not wanted:
            return
        room = len([one for one in self._open(self.row.places) if one not in wanted]) + 1
        for place in range(len(self.loose) - 1, 0, -1):
            if len(self.loose) > room and _joined(self.loose[place - 1], self.loose[place]):
                self.loose[place - 1 : place + 1] = ["".join(self.loose[place - 1 : place + 1])]
        places = [place for place, word in enumerate(self.loose) if DURATION.fullmatch(word)]
        if places:
            self._take(wanted[0], self.loose.pop(places[-1]))

    def _open(self, arguments: Iterable[Argument]) -> list[Argument]:
        return [one for one in arguments if one.word not in self.given]

    def _argument(self, word: str) -> Argument | None:
        return next((one for one in self.row.arguments if one.word == word.casefold()), None)

    def _nearest(self, word: str) -> Argument | None:
        meant = nearest(word, [one.word for one in self._open(self.row.arguments)])
        return self._argument(meant) if meant else None

    def _meant(self, argument: Argument, value: str) -> str | None:
        """The value as it is kept, or None if it is not one of its kind."""
        if argument.kind in _FREE:
            return value
        if argument.kind is Kind.DURATION:
            try:
                return format_duration(parse_duration(value))
            except DurationError:
                return None
        typed = value.casefold()
        meant = SAID.get(typed, typed) if argument.kind is Kind.PHASE else typed
        return next((one for one in self._choices(argument.kind) if one.casefold() == meant), None)

    def _choices(self, kind: Kind) -> Sequence[str]:
        return {
            Kind.WHOSE: WHOSE,
            Kind.ACCESS: ACCESS,
            Kind.COMMAND: (*filter(None, ROWS), *(word for word in FIRST_WORDS if word not in ROWS)),
            Kind.TEMPLATE: self.vocabulary.templates,
            Kind.SIZE: self.vocabulary.sizes,
            Kind.TEAM: self.vocabulary.teams,
            Kind.CLUSTER: self.vocabulary.clusters,
            Kind.CLUSTERS: (*self.vocabulary.clusters, "all"),
            Kind.PHASE: PHASES,
            Kind.FLAG: (_YES,),
        }[kind]

    def _wrong(self, message: str, hint: str = "", *, likely: bool = False) -> None:
        self.mistakes.append(Mistake(message, hint, likely))

    def _bad_value(self, argument: Argument, value: str) -> None:
        if argument.kind is Kind.DURATION:
            self._wrong(_why_no_duration(argument.word, value))
            self._stand_in(argument)
            return
        choices = self._choices(argument.kind)
        meant = SYNONYMS.get(value.casefold()) if argument.kind is Kind.COMMAND else None
        meant = meant or nearest(value, choices)
        hint = f"{'There is only' if len(choices) == 1 else 'Choose one of'} {', '.join(choices)}." if choices else ""
        kind = Kind.CLUSTER if argument.kind is Kind.CLUSTERS else argument.kind
        self._wrong(f"There is no {kind.value} “{shown(value)}”.", hint, likely=bool(meant))
        if meant:
            self.given[argument.word] = meant
        else:
            self._stand_in(argument)

    def _stand_in(self, argument: Argument) -> None:
        """A value that would do, in the place of one that is none."""
        listed = self._choices(argument.kind) if argument.kind in _LISTED else ()
        value = _STANDINS.get(argument.kind) or next(iter(listed), None)
        if value:
            self.given[argument.word] = value

    def _no_such_option(self, word: str) -> Argument | None:
        """Notes it; gives the option that was probably meant."""
        known, meant = [one.word for one in self.row.arguments], self._nearest(word)
        hint = f"It takes {', '.join(known)}." if known else "It takes none."
        self._wrong(f"“{self.row.word}” has no option “{shown(word)}”.", hint, likely=meant is not None)
        return meant

    def _too_many(self) -> None:
        """Words too many: values without their options' names, a name with spaces, or just too much."""
        left = [word for word in self.loose if not self._guessed(word)]
        if not left:
            return
        name = next((one.word for one in self.row.places if one.kind in _NAMES and one.word in self.given), None)
        parts = [word for word in left if _MEANT.search(word)]
        if name:
            self.given[name] = "-".join([self.given[name], *parts])
        hint = "A name has no spaces." if name and parts else f"It is written {self.row.usage}"
        self._wrong(f"“{shown(left[0])}” is one word too many.", hint, likely=True)

    def _guessed(self, word: str) -> bool:
        """Whether it is the value of an option whose name was left out; then it is taken for that."""
        for option in self._open(self.row.options):
            if option.kind not in _UNGUESSED and (meant := self._meant(option, word)):
                self.given[option.word] = meant
                self._wrong(
                    f"“{shown(word)}” is one word too many.", f"It is written {option.word}={meant}", likely=True
                )
                return True
        return False

    def _missing(self, argument: Argument) -> None:
        self._wrong(_ASKED.get(argument.kind, "Which environment?"))
        self._stand_in(argument)


def _settled(typed: Sequence[str]) -> str:
    """The words as one text that is read back as itself."""
    value = " ".join(typed)
    while (again := " ".join(words(value))) != value:
        value = again
    return value


def _joined(first: str, second: str) -> bool:
    """Whether two words are the parts of one duration."""
    if not (DURATION.fullmatch(first) and DURATION.fullmatch(second)):
        return False
    try:
        parse_duration(first + second)
    except DurationError:
        return False
    return True


def _why_no_duration(word: str, value: str) -> str:
    try:
        parse_duration(value, "TTL" if word == "ttl" else word)
    except DurationError as error:
        return str(error)
    return f"“{shown(value)}” is no duration."
