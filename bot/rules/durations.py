"""Durations as people write them: `4h`, `3d`, `1d12h`.

One grammar for Slack and berth.yaml, so that what works in one works in the other. Never guesses a unit and never
lets through a duration that a timer or a database could not carry.
"""

import re
from datetime import timedelta
from typing import Final

from bot.rules.words import capital

LONGEST: Final = timedelta(days=3650)
EXAMPLES: Final = "8h, 3d or 2w"

_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART: Final = re.compile(
    r"\s*([0-9]+)\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\s*", re.ASCII
)
_SHOWN: Final = 40  # characters of what was typed that an error repeats
_DIGITS: Final = 12  # more digits than any allowed duration has, in seconds


class DurationError(ValueError):
    """What was written is no duration that Berth accepts; the message says why and shows good ones."""


def parse_duration(text: str, what: str = "duration") -> timedelta:
    """The timedelta that `text` says: counts with the units w, d, h, m, s, the largest first, as in `1d12h`.

    `what` names the value in errors ("TTL"). Raises DurationError for anything unreadable, for zero, for negative
    durations and for more than ten years.
    """
    shown = f'{capital(what)} "{_shortened(text)}"'
    parts = _parts(text.strip().lower())
    if parts is None:
        raise DurationError(f"{shown} {_why_unreadable(text.strip())}")
    seconds = sum(count * _SECONDS[unit] for unit, count in parts)
    if seconds == 0:
        raise DurationError(f"{shown} must be longer than zero: try {EXAMPLES}.")
    if seconds > LONGEST.total_seconds():
        raise DurationError(f"{shown} is longer than ten years: try {EXAMPLES}.")
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """The shortest text that `parse_duration` reads back as this duration, to the second: `1d12h`, `45m`, `0s`."""
    left = abs(round(duration.total_seconds()))
    sign = "-" if duration < timedelta(0) and left else ""
    text = ""
    for unit in "dhms":
        count, left = divmod(left, _SECONDS[unit])
        text += f"{count}{unit}" if count else ""
    return f"{sign}{text}" if text else "0s"


def _parts(text: str) -> list[tuple[str, int]] | None:
    """Unit and count, in order; None if the text is not wholly made of such pairs with falling units."""
    found: list[tuple[str, int]] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            return None
        found.append((match[2][0], _count(match[1])))
        position = match.end()
    units = [_SECONDS[unit] for unit, _ in found]
    return found if found and units == sorted(set(units), reverse=True) else None


def _count(digits: str) -> int:
    """The number, or one beyond every limit: converting thousands of digits would only cost time."""
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= _DIGITS else 10**_DIGITS


def _why_unreadable(text: str) -> str:
    if re.fullmatch(r"[1-9][0-9]{0,3}", text, re.ASCII):
        return f"has no unit: try {text}h or {text}d."
    if re.match(r"[-−–—]\s*[0-9]|0+$", text):
        return f"must be longer than zero: try {EXAMPLES}."
    return f"is not a duration: try {EXAMPLES}."


def _shortened(text: str) -> str:
    """One line of what was typed: the error goes into a message and must stay readable there."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
