"""What people are refused is counted, so that it is seen what stops them; of what they typed only the command."""

import re
from collections.abc import Mapping
from typing import Any, Final

import structlog

from bot.usecases import UseCases
from bot.usecases.refusal import Refusal
from handlers.grammar import FIRST_WORDS, ROWS
from handlers.ids import original
from handlers.middleware import source_of
from handlers.mistakes import GrammarError
from handlers.trouble import words_of
from handlers.typed import words
from store.database import StoreError

_PARTS: Final = re.compile(r"[^\s=:]+")
_GRAMMAR: Final = frozenset(
    part for row in ROWS.values() for one in (row.word, *(each.word for each in row.arguments)) for part in one.split()
)


def note_refusal(error: Exception, body: Mapping[str, Any], who: tuple[str, str], uses: UseCases) -> None:
    """Note a refusal of a command, click or form. A database that fails must not cost anybody their answer."""
    if not isinstance(error, Refusal | GrammarError) or "event" in body:
        return
    try:
        uses.adoption.refused(who, _asked(body), words_of(error), source_of(body))
    except StoreError:
        structlog.get_logger(__name__).exception("a refusal could not be noted")


def _asked(body: Mapping[str, Any]) -> tuple[str, str]:
    """The command's word, or the id of a button or form, and what was typed besides."""
    if "command" not in body:
        action = (body.get("actions") or [{}])[0]
        return original(action.get("action_id") or (body.get("view") or {}).get("callback_id") or ""), _values(action)
    typed = words(body.get("text") or "")
    first = [word.casefold() for word in typed[:2]]
    known = next((" ".join(first[:count]) for count in (2, 1) if " ".join(first[:count]) in ROWS and typed), None)
    word = known or (first[0] if first and first[0] in FIRST_WORDS else "" if not first else "unknown")
    left = typed[len(word.split()) :] if word != "unknown" else typed
    return word, " ".join(_PARTS.sub(_foreign, one) for one in left)


def _foreign(part: re.Match[str]) -> str:
    """A part of what was typed; nothing for a word of the grammar, which a refusal may name to say what there is."""
    return "" if part[0].casefold() in _GRAMMAR else part[0]


def _values(action: Mapping[str, Any]) -> str:
    return str(action.get("value") or "")
