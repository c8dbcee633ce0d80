"""What is wrong with a typed line: every mistake of it, and the line as it was probably meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from handlers.grammar import Argument, Command, Kind

_COMPLETIONS: Final = {Kind.DURATION: ("4h", "1d", "7d"), Kind.WHOM: ("team",)}
_SHOWN: Final = 40  # characters of a word that are repeated


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong, and what to know about it. `likely`: only one thing can have been meant."""

    message: str
    hint: str = ""
    likely: bool = False


class GrammarError(Exception):
    """What was typed is no command: `mistakes` says all that is wrong with it.

    `mended` is the line, after /k8s, that was probably meant, and `runnable` says that a click may run it. Where that
    cannot be known, `example` is the same line with values of which any would do. Where nothing but a value is
    `missing`, `completions` are some that would do.
    """

    def __init__(
        self, mistakes: Sequence[Mistake], corrected: Command | None = None, missing: Argument | None = None
    ) -> None:
        self.mistakes = tuple(mistakes)
        self.message = " ".join(stopped(one.message) for one in mistakes) if len(mistakes) > 1 else mistakes[0].message
        self.hint = " ".join(stopped(one.hint) for one in mistakes if one.hint)
        super().__init__(self.message)
        line = corrected.line() if corrected is not None else None
        likely = all(one.likely for one in mistakes)
        self.mended = line if likely else None
        self.example = "" if likely else line or ""
        self.runnable = likely and corrected is not None and corrected.row.harmless
        self.missing = missing.kind if missing is not None and len(mistakes) == 1 else None
        self.completions = _COMPLETIONS.get(self.missing, ()) if self.missing is not None else ()


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    by_fold = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold()[:80], list(by_fold), 1, 0.6)
    return by_fold[found[0]] if found else None


def shown(word: str) -> str:
    """A word short enough to be repeated in a sentence."""
    return word if len(word) <= _SHOWN else f"{word[: _SHOWN - 1]}…"


def stopped(text: str) -> str:
    """A sentence with its end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
