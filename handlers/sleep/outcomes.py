"""What came of a warning, in place of its buttons: what, when and by whom. Pure functions of facts.

Facts come out of the database, perhaps written by an older Berth, so nothing here fails for one that is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.rules.permissions import Action
from bot.rules.words import Phase
from bot.seams.slack import Message
from handlers.blocks import Block, actions, bullets, code, escape, message, person, section, sentence, whoever
from handlers.environments.buttons import SLEEP_AGAIN, WAKE, Look, Subject, buttons
from handlers.wording import when

Facts = Mapping[str, Any]
Tell = Callable[[Facts, str], str]


def _by(outcome: Facts) -> str:
    return person(text(outcome, "by"))


def _at(outcome: Facts, tz: str, key: str = "at") -> str:
    return when(text(outcome, key), tz)


def _because(outcome: Facts) -> str:
    reason = escape(text(outcome, "reason"))
    return f": {reason}." if reason else "."


def _used(outcome: Facts, tz: str) -> str:
    who, what = whoever(text(outcome, "by")), escape(text(outcome, "what"))
    return f"Used {_at(outcome, tz)} by {who} ({what}), so it stays awake."


def _restored(outcome: Facts, tz: str) -> str:
    end = f" It ends {_at(outcome, tz, 'until')} now." if text(outcome, "until") else ""
    return f"Restored by {_by(outcome)}.{end}"


def _given_away(outcome: Facts, tz: str) -> str:
    return f"Given to {person(text(outcome, 'to'))} {_at(outcome, tz)} by {_by(outcome)}."


IDLE: Final[Mapping[str, Tell]] = {
    "kept": lambda outcome, tz: f"Kept awake until {_at(outcome, tz, 'until')} by {_by(outcome)}.",
    "slept": lambda outcome, tz: f"Put to sleep {_at(outcome, tz)} by {_by(outcome)}{_because(outcome)}",
    "asleep": lambda outcome, tz: f"Asleep since {_at(outcome, tz)}. Put to sleep by {_by(outcome)}{_because(outcome)}",
    "woken": lambda outcome, tz: f"Awake again: woken {_at(outcome, tz)} by {_by(outcome)}{_because(outcome)}",
    "exempt": lambda outcome, tz: f"It never sleeps by itself, by wish of {_by(outcome)}{_because(outcome)}",
    "lifted": lambda outcome, tz: f"{_by(outcome)} lets it sleep again when nobody uses it, since {_at(outcome, tz)}.",
    "used": _used,
    "rescheduled": lambda outcome, tz: (
        f"{person(text(outcome, 'by'))} changed when it is to be awake; that counts now."
    ),
    "busy": lambda outcome, tz: f"It stays awake: {sentence(text(outcome, 'because'))}",
    "gone": lambda outcome, tz: "It is gone meanwhile.",
    "transferred": _given_away,
}
"""What can come of a warning before sleep."""

END: Final[Mapping[str, Tell]] = {
    "extended": lambda outcome, tz: f"Extended until {_at(outcome, tz, 'until')} by {_by(outcome)}.",
    "restored": _restored,
    "deleted": lambda outcome, tz: f"Deleted {_at(outcome, tz)}." if outcome.get("at") else "Deleted.",
    "superseded": lambda outcome, tz: "A newer warning has taken the place of this one.",
    "transferred": _given_away,
    "protected": lambda outcome, tz: f"It does not end: {sentence(text(outcome, 'because'))}",
}
"""What can come of a warning before the end, and of the end itself."""

_NEXT: Final[Mapping[str, Sequence[Look]]] = {"slept": [WAKE], "asleep": [WAKE], "exempt": [SLEEP_AGAIN]}


def answered(facts: Facts, title: str, outcomes: Mapping[str, Tell], tz: str) -> Message:
    """The message of a warning that something came of, with what can be done next."""
    outcome: Facts = facts["outcome"]
    kind = text(outcome, "kind")
    tell = outcomes.get(kind)
    came = tell(outcome, tz) if tell else "This is settled."
    said = f"{code(text(facts, 'name'))}: {came}"
    after = [
        *listed(outcome, "ended", "Ended for good, as agreed"),
        *listed(outcome, "left", "Exceptions"),
        *actions(buttons(subject(facts), _NEXT.get(kind, []))),
    ]
    return message(said, [section(f"*{title}*\n{said}"), *after])


def listed(facts: Facts, key: str, title: str) -> list[Block]:
    """A fact that is a list, with a heading; nothing for an empty one."""
    found = [escape(str(one)) for one in facts.get(key) or []]
    return [section(f"*{title}*\n{bullets(found)}")] if found else []


def subject(facts: Facts, phase: str = Phase.SLEEPING) -> Subject:
    """What the buttons are for. Who may press them is asked at the click."""
    return Subject(text(facts, "environment_id"), text(facts, "name"), phase, frozenset(Action))


def text(facts: Facts, key: str) -> str:
    """A fact as text; nothing for one that is missing."""
    value = facts.get(key)
    return "" if value is None else str(value)
