"""How an audit event's values are called and told: a row for each that Berth itself writes; others as they are kept.

Only a field that holds a person's id is told as a mention: a currency or a reason in capitals looks like one.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bot.rules.durations import format_duration
from bot.rules.limits import SETTABLE, Limit, written
from handlers.blocks import code, escape, person, sentence, shorten
from handlers.grants import whom
from handlers.wording import parsed, phase_words, when

Value = Callable[[Any, str], str]
"""A value that there is, for a reader in a time zone."""

_SHOWN: Final = 60  # characters of a value
_CONTEXT: Final = 12  # characters before the first difference of two long ones


def _person(value: Any, tz: str) -> str:
    return person(str(value))


def _phase(value: Any, tz: str) -> str:
    return phase_words(str(value))


def _lasting(value: Any, tz: str) -> str:
    return format_duration(timedelta(seconds=value)) if isinstance(value, int) else _plain(value, tz)


def _named(value: Any, tz: str) -> str:
    """Names, one after the other."""
    return ", ".join(code(str(one)) for one in value[:25]) if isinstance(value, list) else _plain(value, tz)


def _list(value: Any, tz: str) -> str:
    """Texts of Berth's own, one after the other."""
    return sentence("; ".join(str(one) for one in value[:25])) if isinstance(value, list) else _plain(value, tz)


def _subject(value: Any, tz: str) -> str:
    return whom(str(value))


def _plain(value: Any, tz: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    instant = parsed(text) if text[:2] == "20" else None
    return when(instant, tz) if instant is not None else code(text, _SHOWN)


FIELDS: Final[Mapping[str, tuple[str, Value]]] = {
    "wanted": ("wanted", _phase),
    "phase": ("phase", _phase),
    "expires_at": ("its end", _plain),
    "awake_until": ("kept awake until", _plain),
    "owner_id": ("owner", _person),
    "stops_pods": ("pods that end with it", _named),
    "never_sleep_reason": ("never sleeps because", _plain),
    "never_sleep_by": ("never sleeps by wish of", _person),
    "working_hours": ("working hours", _plain),
    "idle_after_s": ("falls asleep when unused for", _lasting),
    "delete_at": ("is deleted", _plain),
    "protected_by": ("protected by", _person),
    "protected_reason": ("protected because", _plain),
    "paused_by": ("paused by", _person),
    "paused_reason": ("paused because", _plain),
    "granted_by": ("shared by", _person),
    "access": ("access", _plain),
    "until": ("until", _plain),
    "to": ("to", _person),
    "names": ("which", _named),
    "left": ("left", _list),
    "line": ("asked for", _plain),
    "limits": ("beyond", _list),
    "subject": ("whom", _subject),
}
"""What each is called, and how its value is told."""


def label(key: str) -> str:
    """What a value is called."""
    known = FIELDS.get(key)
    return known[0] if known else escape(shorten(key.replace("_", " "), 40))


def told(key: str, value: Any, tz: str, action: str) -> str:
    """A value."""
    if value is None or value in ("", [], {}):
        return "nothing"
    if action == "set limits" and key in SETTABLE:
        return _limit(Limit(key), value)
    known = FIELDS.get(key)
    return known[1](value, tz) if known else _plain(value, tz)


def differing(before: Any, after: Any) -> tuple[Any, Any]:
    """Two long texts from just before where they differ to just behind, so that both are not cut to the same."""
    if not (isinstance(before, str) and isinstance(after, str)) or max(len(before), len(after)) <= _SHOWN:
        return before, after
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    begin, end = max(0, head - _CONTEXT), max(0, tail - _CONTEXT)
    return tuple(_cut(text, begin, len(text) - end) for text in (before, after))  # type: ignore[return-value]


def _alike(first: str, second: str) -> int:
    pairs = zip(first, second, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


def _cut(text: str, begin: int, end: int) -> str:
    return f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}"


def _limit(limit: Limit, value: Any) -> str:
    try:
        return escape(written(limit, Decimal(str(value))))
    except InvalidOperation:
        return "no limit"
