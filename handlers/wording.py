"""How instants, durations and money are told, always in the reader's own terms.

Slack shows an instant in the zone of whoever looks; where it cannot (a phone's notification, a screen reader), the
fallback is in the zone of the person it was written for. Nothing here reads a clock.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.rules.words import Phase
from handlers.blocks import escape, shorten

_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))

PHASES: Final[dict[str, str]] = {
    Phase.PROVISIONING: "being set up",
    Phase.RUNNING: "running",
    Phase.FALLING_ASLEEP: "falling asleep",
    Phase.SLEEPING: "asleep",
    Phase.WAKING: "waking up",
    Phase.DELETING: "being deleted",
    Phase.DELETED: "deleted",
    Phase.FAILED: "in need of attention",
}
"""What each phase is called when it is told."""


def zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(instant: datetime, tz: str) -> str:
    """An instant as text in one zone, which is named: `Mon 3 Nov 2026, 14:05 CET`.

    With its year, as Slack shows it too: a message is read long after it was written, and an end may be years away.
    """
    there = instant.astimezone(zone(tz))
    return f"{there:%a} {there.day} {there:%b} {there.year}, {there:%H:%M %Z}"


def when(instant: datetime | str, tz: str) -> str:
    """An instant that Slack shows in the reader's zone, else in the zone `tz`; ISO 8601 text is read."""
    moment = parsed(instant)
    if moment is None:
        return "an unknown time"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} at {{time}}|{local(moment, tz)}>"


def parsed(instant: datetime | str | None) -> datetime | None:
    """The aware instant, or None for what is none. Text without a zone is taken as UTC, as the store writes it."""
    try:
        moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None


def lasting(duration: timedelta) -> str:
    """A duration in words, its two largest units: `1 day 12 hours`. Below a second: `no time`."""
    left = max(0, round(duration.total_seconds()))
    told: list[str] = []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        told += [f"{count} {unit}{'' if count == 1 else 's'}"] if count else []
    return " ".join(told[:2]) or "no time"


def brief(duration: timedelta) -> str:
    """A duration for a narrow column, in whole hours, or minutes below one: `31h`, `12m`."""
    if duration >= timedelta(hours=1):
        return f"{round(duration.total_seconds() / 3600)}h"
    return f"{round(duration.total_seconds() / 60)}m"


def money(amount: Decimal | str | None, currency: str) -> str:
    """An amount with two decimals and its currency; what would read as nothing but is not, and a dash for none."""
    try:
        exact = Decimal(amount) if amount is not None else None
    except InvalidOperation:
        exact = None
    if exact is None or not exact.is_finite():
        return "–"
    shown = "under 0.01" if Decimal(0) < exact < Decimal("0.005") else f"{exact:,.2f}"
    return f"{shown} {escape(shorten(currency, 12))}"


def phase_words(phase: str) -> str:
    """What a phase is called in messages; one this version does not know is told as it is."""
    return PHASES.get(phase, escape(phase).lower())
