"""How an outlook is told: what time does next, when and by which rule. Pure functions."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.rules.durations import format_duration
from bot.rules.outlook import Coming, Event, Outlook, Stand
from bot.rules.policy import Policy
from bot.rules.working_hours import Morning, WorkingHours
from bot.rules.working_hours_text import written
from handlers.blocks import code, escape, sentence
from handlers.wording import when

_TELL: Final[Mapping[Event, Callable[[str, str, str], str]]] = {
    Event.SLEEP: lambda at, rule, unless: f"Falls asleep {at} unless {unless}. Rule: {rule}.",
    Event.WAKE: lambda at, rule, _: f"Wakes {at}. Rule: {rule}.",
    Event.END: lambda at, rule, _: f"Ends {at}: {rule}.",
    Event.DELETE: lambda at, rule, _: f"Is deleted {at}: {rule}.",
}
_MORNINGS: Final = {Morning.WAKE: "wakes in the morning", Morning.STAY_ASLEEP: "stays asleep until asked"}


def told(outlook: Outlook, tz: str) -> list[str]:
    """What comes, soonest first, a line each; where nothing keeps to time, that and why."""
    return [*_sleeping(outlook, tz), *(tell(one, tz) for one in outlook.coming if one.event in _ENDS)]


def tell(coming: Coming, tz: str) -> str:
    """One thing to come."""
    return _TELL[coming.event](when(coming.at, tz), sentence(coming.rule).removesuffix("."), coming.unless)


def keeps(outlook: Outlook) -> list[str]:
    """What keeps it awake now."""
    return [sentence(why) for why in ([outlook.held] if outlook.held else []) + list(outlook.busy)]


def rules(policy: Policy) -> list[str]:
    """The policy that applies, with who settled each part of it."""
    idle, warned = policy.idle_after, policy.warn_before
    return [
        f"Falls asleep when unused for {format_duration(idle.value)} ({escape(idle.rule)})",
        f"Its owner is warned {format_duration(warned.value)} before ({escape(warned.rule)})",
        f"Working hours: {_hours(policy.working_hours.value)} ({escape(policy.working_hours.rule)})",
    ]


_ENDS: Final = frozenset({Event.END, Event.DELETE})


def _sleeping(outlook: Outlook, tz: str) -> list[str]:
    if outlook.stand is Stand.ASLEEP:
        coming = outlook.when(Event.WAKE)
        return [tell(coming, tz) if coming else "Wakes when somebody asks.", *keeps(outlook)]
    if outlook.stand is Stand.NEITHER:
        return []
    if outlook.held:
        return [f"Does not fall asleep by itself: {sentence(outlook.held)}"]
    coming = outlook.when(Event.SLEEP)
    if outlook.busy and coming:
        going = sentence("; ".join(outlook.busy))
        return [f"Stays awake as long as this is so: {going}", f"If that were over now: {tell(coming, tz)}"]
    return [tell(coming, tz)] if coming else []


def _hours(hours: WorkingHours | None) -> str:
    return f"{code(written(hours), 300)}, {_MORNINGS[hours.morning]}" if hours is not None else "none"
