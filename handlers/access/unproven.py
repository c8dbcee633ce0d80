"""How somebody is told that nothing proves any more who they are on the clusters. A pure function of facts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.seams.slack import Message
from handlers.blocks import Block, bullets, code, context, escape, header, message, person, section, sentence, shorten
from handlers.ids import COMMAND
from handlers.wording import when

Facts = Mapping[str, Any]

_MOST: Final = 25  # named in one list; the rest is counted


def unproven(facts: Facts, tz: str) -> Message:
    """The message of kind `unproven`: what has changed, what counts no longer, what stays, and how to mend it."""
    found = facts.get("found")
    if isinstance(found, Mapping):
        return _found(found, tz)
    because = sentence(_text(facts, "because")) or "Nothing proves any more who you are on the clusters."
    how, seen = sentence(_text(facts, "how")), code(f"{COMMAND} whoami")
    return message(
        f"{because} {how}",
        [
            header("I do not know who you are any more"),
            section(
                f"{because} Until something proves it again, I take no commands and no clicks of yours, and your teams "
                "and roles do not count."
            ),
            *_listed("Shared with you, and out of your reach until then, for kubectl too", _shared(facts)),
            *_listed("Yours as before, for kubectl too; a lead of their team or an admin can act for you", _own(facts)),
            section(f"*How to mend it*\n{how}"),
            context(f"{seen} shows what I have looked at. Once it is mended, all of it counts again by itself."),
        ],
    )


def _found(found: Facts, tz: str) -> Message:
    email, since = escape(shorten(_text(found, "email"), 254)), when(_text(found, "at"), tz)
    text = f"I know again who you are: {email}, since {since}."
    return message(text, [section(f"{text} What is shared with you counts again.")])


def _listed(title: str, lines: Sequence[str]) -> list[Block]:
    return [section(f"*{title}*\n{bullets(lines, _MOST)}")] if lines else []


def _shared(facts: Facts) -> list[str]:
    return [f"{code(_text(one, 'name'))} of {person(_text(one, 'owner_id'))}" for one in _rows(facts, "shared")]


def _own(facts: Facts) -> list[str]:
    return [code(_text(one, "name")) for one in _rows(facts, "environments")]


def _rows(facts: Facts, key: str) -> list[Facts]:
    return [one for one in facts.get(key) or [] if isinstance(one, Mapping)]


def _text(facts: Facts, key: str) -> str:
    return str(facts.get(key) or "")
