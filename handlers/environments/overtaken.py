"""What is said of a message whose time is over: what was done since, when, by whom and why. Pure functions of facts."""

from collections.abc import Mapping
from typing import Any, Final

from handlers.blocks import escape, person
from handlers.wording import when

_CAME: Final = {"create": "tried again", "wake": "woken", "sleep": "put to sleep", "delete": "deleted"}


def came_of(facts: Mapping[str, Any], tz: str) -> str:
    """One sentence of what the fact `over` says; facts may have been written by another version of Berth."""
    over = facts.get("over")
    known: Mapping[str, Any] = over if isinstance(over, Mapping) else {}
    came = _CAME.get(str(known.get("operation")), "something else was asked for")
    reason = escape(str(known["reason"])) if known.get("reason") else ""
    at = f" {when(str(known['at']), tz)}" if known.get("at") else ""
    return f"{came}{at} by {person(str(known.get('by') or ''))}{f': {reason}' if reason else ''}."
