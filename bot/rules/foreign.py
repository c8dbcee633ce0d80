"""What people and programs write, as far as Berth keeps it: without what is no text, and without a mention in it.

Cleaned once, where it comes in. Our own texts name people as `<@U1>`, and what a person types must never be taken for
one of those. What is invisible stays out of databases too: PostgreSQL refuses a NUL.
"""

import re
from typing import Any, Final

from bot.rules.words import JOINED, NAMED

APART: Final = "\u200b"
"""A space of no width. Slack takes it for a space: beside it no mark opens or closes, and a mention is none."""
_NO_TEXT: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff{NAMED}]")
_MENTION: Final = re.compile("<(?=@)")


def cleaned(text: str) -> str:
    """The text as it is kept: what looks like a mention in it is none, nor is anything a command or a name of ours."""
    return _MENTION.sub(f"<{APART}", visible(text).replace(JOINED, " "))


def visible(text: str) -> str:
    """The text without control characters, turns of direction and halves of characters."""
    return _NO_TEXT.sub("", text)


def cleaned_through(part: Any) -> Any:
    """The same for every text within what was sent, but not for the names of its parts."""
    if isinstance(part, str):
        return cleaned(part)
    if isinstance(part, list):
        return [cleaned_through(one) for one in part]
    if isinstance(part, dict):
        return {name: cleaned_through(one) for name, one in part.items()}
    return part
