"""What people hear of what an admin, or a colleague, did to an environment of theirs. Pure functions of facts."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.rules.permissions import Action
from bot.rules.words import Phase
from bot.seams.slack import Message
from handlers.blocks import actions, code, context, escape, message, person, section, sentence, shorten
from handlers.environments.buttons import CONNECT, STATUS, Subject, buttons
from handlers.ids import COMMAND
from handlers.wording import when

Facts = Mapping[str, Any]

DEEDS: Final[Mapping[str, Callable[[Facts, str], str]]] = {
    "extend": lambda facts, tz: (
        f"neither sleeps nor ends before {when(_text(facts, 'until'), tz)}, by wish of {_by(facts)}"
    ),
    "protect": lambda facts, tz: (
        f"is protected by {_by(facts)}, and neither sleeps nor is deleted until an admin ends that"
    ),
    "unprotect": lambda facts, tz: (
        f"is protected no more, by wish of {_by(facts)}. You are warned before it sleeps or ends"
    ),
}
"""What was done, as its owner reads it after the environment's name."""


def deed(facts: Facts, tz: str) -> Message:
    """The message of kind `deed`."""
    if facts.get("over"):
        return _overtaken(facts, tz)
    tell = DEEDS.get(_text(facts, "deed"))
    done = tell(facts, tz) if tell else f"was changed by {_by(facts)}"
    reason = f": {escape(shorten(_text(facts, 'reason'), 300))}" if facts.get("reason") else ""
    text = f"{code(_text(facts, 'name'))} {done}{reason}."
    return message(text, [section(text), *actions(buttons(_subject(facts), (STATUS,)))])


def _overtaken(facts: Facts, tz: str) -> Message:
    """What was so until somebody changed it, which is told in a message of its own."""
    over = facts["over"] if isinstance(facts["over"], Mapping) else {}
    until, by = when(_text(over, "at"), tz), person(_text(over, "by"))
    return message(f"{code(_text(facts, 'name'))} was protected by {_by(facts)} until {until}, when {by} changed that.")


def transferred(facts: Facts, tz: str) -> Message:
    """The message of kind `transferred`, to its former owner and to its new one."""
    name, to, by = code(_text(facts, "name")), person(_text(facts, "to")), _by(facts)
    if _text(facts, "reader") == _text(facts, "to"):
        former = f"It was {person(_text(facts, 'from'))}'s before, who has no access to it any more."
        connect = code(f"{COMMAND} connect {_text(facts, 'name')}")
        given = f"You took over {name}." if _took(facts) else f"{by} gave {name} to you."
        text = f"{given} {former} {connect} gives you a kubeconfig for it."
        return message(text, [section(text), *actions(buttons(_subject(facts), (CONNECT, STATUS)))])
    how = "they took it over" if _took(facts) else f"{by} gave it to them"
    given = f"{name} belongs to {to} since {when(_text(facts, 'at'), tz)}: {how}."
    return message(f"{given} Ask {to} to share it with you if you still need it.")


def _took(facts: Facts) -> bool:
    """Whether its new owner made themselves that."""
    return _text(facts, "by") == _text(facts, "to")


def pause(facts: Facts, tz: str) -> Message:
    """The message of kind `pause`, to admins and teams; once it is over, that."""
    since, reason = when(_text(facts, "at"), tz), sentence(shorten(_text(facts, "reason"), 500))
    why = f" {reason}" if reason else ""
    if facts.get("ended_at"):
        ended, by = when(_text(facts, "ended_at"), tz), person(_text(facts, "ended_by"))
        goes_on = f"Time goes on since {ended}, by wish of {by}."
        before = f"All sleeping and deleting because of time was paused from {since}, by {_by(facts)}.{why}"
        return message(f"{goes_on} {before}", [section(f"*{goes_on}* You are warned anew."), context(before)])
    text = f"{_by(facts)} has paused all sleeping and deleting because of time, since {since}."
    then = "Nothing falls asleep or is deleted by itself until it goes on; what people ask for is done as ever."
    return message(f"{text}{why}", [section(f"*{text}*{why}"), context(then)])


def _by(facts: Facts) -> str:
    return person(_text(facts, "by"))


def _subject(facts: Facts) -> Subject:
    """What the buttons are for. Who may press them is asked at the click."""
    phase = _text(facts, "phase") or Phase.RUNNING
    return Subject(_text(facts, "environment_id"), _text(facts, "name"), phase, frozenset(Action))


def _text(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return "" if value is None else str(value)
