"""How it is told that somebody changed by hand what Berth made, or opened it further. A pure function of facts."""

from collections.abc import Mapping
from typing import Any, Final

from bot.seams.slack import Message
from handlers.blocks import Block, bullets, code, context, escape, header, message, person, section, shorten
from handlers.ids import COMMAND
from handlers.wording import when

Facts = Mapping[str, Any]

_LONGEST: Final = 300  # characters of one line


def drift(facts: Facts, tz: str) -> Message:
    """The message of kind `drift`: what was put back, and what was added and left."""
    found = [one for one in facts.get("environments") or [] if isinstance(one, Mapping)]
    where = escape(_text(facts, "cluster")) or "a cluster"
    names = ", ".join(code(_text(one, "name")) for one in found[:5]) or "an environment"
    text = f"Somebody changed by hand, on {where}, what I had made for {names}."
    blocks = [block for one in found for block in _one(one, tz)]
    left = facts.get("left")
    more = [context(f"And {left} environments more.")] if isinstance(left, int) and left > 0 else []
    return message(text, [header("Changed by hand"), section(text), *blocks, *more, context(_ADVICE)])


_ADVICE: Final = (
    f"To give somebody access, share it: {code(f'{COMMAND} share blue @colleague view')}. "
    "What was added stays until somebody with rights on the cluster removes it."
)


def _one(one: Facts, tz: str) -> list[Block]:
    restored = [_restored(change, tz) for change in one.get("restored") or [] if isinstance(change, Mapping)]
    added = [escape(shorten(str(what), _LONGEST)) for what in one.get("added") or []]
    whose = f"*{code(_text(one, 'name'))}* of {person(_text(one, 'owner_id'))}"
    put_back = [section(f"{whose}: I put this back\n{bullets(restored)}")] if restored else []
    return [*put_back, *([section(f"{whose}: this was added, and I leave it\n{bullets(added)}")] if added else [])]


def _restored(change: Facts, tz: str) -> str:
    what = f"{_text(change, 'what')}: {_text(change, 'change')}"
    by, at = _text(change, "by"), _text(change, "at")
    who = f", by {escape(shorten(by, 80))}" if by else ""
    return f"{escape(shorten(what, _LONGEST))}{who}{f' {when(at, tz)}' if by and at else ''}"


def _text(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return "" if value is None else str(value)
