"""Reading what was typed by the table of `handlers.grammar`, and mending what was nearly right.

Pure. Any text gives a Command or raises a GrammarError that says all that is wrong, what would be right, and, where
only one thing can have been meant, the mended line. This module finds the command; `handlers.line` reads the rest.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers.grammar import COMMANDS, FIRST_WORDS, ROWS, SYNONYMS, Command, CommandRow, Vocabulary
from handlers.ids import COMMAND
from handlers.line import Line, Reading
from handlers.mistakes import GrammarError, Mistake, nearest, shown
from handlers.typed import behind, words

_ASKS_HELP: Final = frozenset({"--help", "-h", "-?", "?"})
_PLEAS: Final = frozenset({"me", "us", "please", "pls", "now"})
"""What people say to whom they ask for help."""
_PARTED: Final = frozenset(word.partition(" ")[0] for word in ROWS if " " in word) & frozenset(ROWS)
"""Commands that are also the first of two words."""
_OPTION: Final = re.compile(r"-{0,2}([A-Za-z][A-Za-z-]*)=")


def parse(text: str, vocabulary: Vocabulary) -> Command:
    """The command that the text after /k8s says. Raises GrammarError."""
    typed = words(text)
    named = bool(typed) and typed[0].lower() in {COMMAND, COMMAND.lstrip("/")}
    reading = _reading(typed[named:], vocabulary)
    if reading.mistakes or reading.command is None:
        raise GrammarError(reading.mistakes, reading.command, reading.missing)
    return _as_typed(reading.command, text, before=int(named))


def _as_typed(command: Command, text: str, before: int) -> Command:
    """The command with a last argument that is kept as typed; `before` is how many words stand before the command."""
    *places, last = command.row.places or (None,)
    if last is None or not last.verbatim or last.word not in command.given:
        return command
    return command.replaced(last.word, behind(text, before + len(command.word.split()) + len(places)))


def _reading(typed: Sequence[str], vocabulary: Vocabulary) -> Reading:
    if not typed:
        return Reading(Command(""))
    row, rest = _row(typed)
    if row is None:
        mistake, meant = _no_such_command(typed)
        return _corrected(mistake, meant, vocabulary)
    if _ASKS_HELP & set(rest):
        return Reading(Command("help", {"command": row.word}))
    return Line(row, _of_help(rest) if row.word == "help" else rest, vocabulary).reading()


def _corrected(mistake: Mistake, meant: Sequence[str], vocabulary: Vocabulary) -> Reading:
    """The line as it was meant, with this mistake and whatever else is wrong with it."""
    if not meant:
        return Reading(None, [mistake])
    reading = _reading(meant, vocabulary)
    row, behind_it = _row(meant)
    if row is not None and reading.missing is not None and not behind_it:  # nothing else was typed that could be wrong
        return Reading(None, [replace(mistake, hint=f"The nearest is written {row.usage}", likely=False)])
    return Reading(reading.command, [mistake, *reading.mistakes])


def _of_help(rest: Sequence[str]) -> list[str]:
    """What help is asked of: a command of one word or of two, or nothing, however politely."""
    asked = [word for word in rest if word.casefold() not in _PLEAS]
    return [" ".join(asked)] if len(asked) > 1 and _row(asked)[1] == [] else asked


def _row(typed: Sequence[str]) -> tuple[CommandRow | None, list[str]]:
    """The row that the first word, or the first two, are of, and the words behind."""
    first, *rest = typed
    word = first.casefold().lstrip("-")
    if rest and (row := ROWS.get(f"{word} {rest[0].casefold()}")):
        return row, rest[1:]
    if rest and word in _PARTED and rest[0].isalpha() and rest[0].casefold() not in _options(word):
        return None, rest  # the second word is no command, and no option of the first alone
    return (ROWS.get(word) if word else None), rest


def _options(word: str) -> frozenset[str]:
    return frozenset(option.word for option in ROWS[word].options)


def _no_such_command(typed: Sequence[str]) -> tuple[Mistake, Sequence[str]]:
    """What is wrong with the first words, and the line that was probably meant, or nothing."""
    word = typed[0].casefold()
    if word in FIRST_WORDS:
        return _no_such_part(word, typed[1:])
    meant = SYNONYMS.get(word) or nearest(word, FIRST_WORDS)
    line = [meant, *typed[1:]] if meant else _rearranged(typed)
    hint = "" if line else f"The commands are {', '.join(FIRST_WORDS)}."
    return Mistake(f"There is no command “{shown(typed[0])}”.", hint, likely=bool(line)), line


def _rearranged(typed: Sequence[str]) -> list[str]:
    """The line with its command in front: one that stands second, or the only one that has the option."""
    if len(typed) > 1 and typed[1].casefold() in ROWS:
        return [typed[1].casefold(), typed[0], *typed[2:]]
    option = _OPTION.match(f"{typed[0]}{next(iter(typed[1:]), '')}")
    having = [row.word for row in COMMANDS if option and any(one.word == option[1].casefold() for one in row.options)]
    return [*having, *typed] if len(having) == 1 else []


def _no_such_part(word: str, rest: Sequence[str]) -> tuple[Mistake, Sequence[str]]:
    """The first of two words is right, the second wrong."""
    known = [row.word for row in ROWS.values() if row.word.startswith(f"{word} ")]
    part = nearest(rest[0], [one.removeprefix(f"{word} ") for one in known])
    meant = f"{word} {part}" if part else None
    message = f"There is no command “{shown(f'{word} {rest[0]}')}”."
    line = [*meant.split(), *rest[1:]] if meant else []
    return Mistake(message, f"The commands are {', '.join(known)}.", likely=bool(line)), line
