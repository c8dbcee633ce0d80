"""What is told when something stirs in an environment that sleeps; what was asked for since, in place of its buttons.

A pure function of facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.rules.words import Phase
from bot.seams.slack import Message
from handlers.blocks import actions, bullets, code, escape, header, message, section
from handlers.environments.buttons import Subject, full
from handlers.environments.overtaken import came_of

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class _Telling:
    title: str
    state: str  # after the environment's name
    then: str
    phase: Phase = Phase.SLEEPING


_TELLINGS: Final[Mapping[str, _Telling]] = {
    "started": _Telling(
        "Something was started again",
        "sleeps, but of it this was started again",
        "That stays as it is now, and the rest sleeps on. *Wake* wakes the rest too. What you scale to 0 now "
        "stays at 0 at the next wake, until you scale it up; nothing else puts it to rest before the next sleep.",
    ),
    "new": _Telling(
        "Something is new in what sleeps",
        "sleeps, and in it this is new",
        "What sleeps too wakes with the rest, as it was made. *Wake* wakes everything.",
    ),
    "undone": _Telling(
        "It does not stay asleep",
        "wakes again, because its sleep is undone again and again",
        "I gave up and wake the rest. Time does not put it to sleep any more.",
        Phase.RUNNING,
    ),
    "awake": _Telling(
        "It is awake again",
        "is awake again, because all that slept in it was started by hand",
        "From now on it sleeps like any other when nobody uses it.",
        Phase.RUNNING,
    ),
}
_UNKNOWN: Final = _Telling("Something stirs", "sleeps, and this happened in it", "")


def stirred(facts: Facts, tz: str) -> Message:
    """Something was started again, is new, or the whole sleep was undone."""
    telling = _TELLINGS.get(str(facts.get("happened")), _UNKNOWN)
    what = bullets([escape(str(one)) for one in facts.get("what") or []])
    text = f"{code(str(facts.get('name') or ''))} {telling.state}:"
    advice = f"\nTo let it sleep, change {escape(str(facts['advice']))}." if facts.get("advice") else ""
    if facts.get("over"):
        since = f"Since then: {came_of(facts, tz)}"
        return message(f"{text}\n{what}\n{since}", [header(telling.title), section(f"{text}\n{what}"), section(since)])
    subject = Subject(str(facts.get("environment_id") or ""), str(facts.get("name") or ""), telling.phase)
    return message(
        f"{text}\n{what}",
        [
            header(telling.title),
            section(f"{text}\n{what}"),
            *([section(f"{telling.then}{advice}")] if telling.then or advice else []),
            *actions(full(subject)),
        ],
    )
