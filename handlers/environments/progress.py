"""The one message that follows an operation from its beginning to its end, and then says what took its place.

A pure function of facts.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.rules.words import Phase
from bot.seams.slack import Message
from handlers.blocks import Block, Button, actions, bullets, code, context, escape, message, person, section
from handlers.environments.buttons import CONNECT, SLEEP, STATUS, WAKE_AGAIN, Subject, buttons, full
from handlers.environments.overtaken import came_of
from handlers.wording import lasting, phase_words, when

Facts = Mapping[str, Any]

_UNDERWAY: Final[Mapping[str, Phase]] = {
    "create": Phase.PROVISIONING,
    "sleep": Phase.FALLING_ASLEEP,
    "wake": Phase.WAKING,
    "delete": Phase.DELETING,
}
_DONE: Final[Mapping[tuple[str, str], str]] = {
    ("create", Phase.RUNNING): "is running",
    ("wake", Phase.RUNNING): "is awake and as it was",
    ("sleep", Phase.SLEEPING): "is asleep; nothing was lost",
    ("delete", Phase.DELETED): "is deleted",
    ("create", Phase.FAILED): "could not be made",
}
"""How each operation ends, by the phase then; in any other phase it still goes on."""

_WAS: Final[Mapping[tuple[str, str], str]] = {
    ("create", Phase.RUNNING): "was made",
    ("wake", Phase.RUNNING): "was woken",
    ("sleep", Phase.SLEEPING): "fell asleep",
    ("delete", Phase.DELETED): "was deleted",
    ("create", Phase.FAILED): "could not be made",
}
"""What is told of the same ends once something else was asked for."""

_CUT_OFF: Final = {"create": "was being made", "wake": "was waking up", "sleep": "was falling asleep"}

_WOKEN: Final = ("wake", Phase.RUNNING)

_MARKS: Final[Mapping[str, str]] = {"done": "✓ {}", "doing": "*{}* …", "waiting": "{}", "failed": "✗ {} failed"}


def progress(facts: Facts, tz: str) -> Message:
    """The message of kind `progress`."""
    if facts.get("over"):
        return _overtaken(facts, tz)
    text = f"{code(_text(facts, 'name'))} {_state(facts)}."
    blocks = [
        section(f"*{text}*{_steps(facts)}"),
        *_problem(facts, tz),
        *_listed(facts, "missing", "Not ready yet"),
        *_listed(facts, "ended", "Ended for good, as agreed"),
        *_listed(facts, "left", "Exceptions"),
        *_listed(facts, "remarks", "Worth knowing"),
        context(_small_print(facts, tz)),
        *actions(_buttons(facts)),
    ]
    return message(_sentence(text, facts), blocks)


def _overtaken(facts: Facts, tz: str) -> Message:
    """What became of it, and what was done instead or since; the newer message has the buttons."""
    done = _WAS.get((_text(facts, "operation"), _text(facts, "phase")))
    state = done or ("did not stay asleep" if facts.get("given_up") else _cut_off(facts))
    text = f"{code(_text(facts, 'name'))} {state}."
    since = f"{'Since then' if done else 'Overtaken'}: {came_of(facts, tz)}"
    blocks = [
        section(f"*{text}*\n{since}"),
        *_listed(facts, "ended", "Ended for good, as agreed"),
        context(_origin(facts)),
    ]
    return message(f"{text} {since}", blocks)


def _cut_off(facts: Facts) -> str:
    doing = _CUT_OFF.get(_text(facts, "operation"), "was changed")
    return f"{doing}, but not to the end"


def _woken(facts: Facts) -> str:
    if facts.get("problem"):
        return "is awake, but not all of it"
    return "is awake" if facts.get("left") else _DONE[_WOKEN]


def _state(facts: Facts) -> str:
    operation, phase = _text(facts, "operation"), _text(facts, "phase")
    done = _DONE.get((operation, phase))
    if done and facts.get("ended"):
        return f"is {phase_words(phase)}"  # something was lost, and is named
    if done:
        return done if (operation, phase) != _WOKEN else _woken(facts)
    if facts.get("given_up"):
        return "does not stay asleep, and wakes again"
    ready = f", {escape(str(facts['ready']))} ready" if facts.get("ready") else ""
    usual = _seconds(facts.get("usual_s"))
    takes = f", usually {lasting(usual)}" if usual else ""
    return f"is {phase_words(_phase(facts))}{ready}{takes}"


def _seconds(value: Any) -> timedelta | None:
    """A duration of at least a second; None for what is none."""
    try:
        return timedelta(seconds=max(1, round(float(value))))
    except (TypeError, ValueError, OverflowError):
        return None


def _phase(facts: Facts) -> str:
    """The phase to tell: reconcile may not have taken its first step yet, and the operation says where it leads."""
    operation, phase = _text(facts, "operation"), _text(facts, "phase")
    return phase if (operation, phase) in _DONE else _UNDERWAY.get(operation, phase)


def _steps(facts: Facts) -> str:
    steps = facts.get("steps") or []
    if not steps or _text(facts, "phase") == Phase.RUNNING:
        return ""
    told = [_MARKS.get(str(one.get("state")), "{}").format(escape(str(one.get("name", "")))) for one in steps]
    return f"\nprovisioning → {' → '.join(told)} → running"


def _problem(facts: Facts, tz: str) -> list[Block]:
    problem = facts.get("problem")
    if not problem:
        return []
    again = f"\nNext try {when(str(facts['retry_at']), tz)}." if facts.get("retry_at") else ""
    return [section(f"*What is wrong:* {escape(str(problem))}{again}")]


def _listed(facts: Facts, key: str, title: str) -> list[Block]:
    found = [escape(str(one)) for one in facts.get(key) or []]
    return [section(f"*{title}*\n{bullets(found)}")] if found else []


def _small_print(facts: Facts, tz: str) -> str:
    lasts = facts.get("expires_at") and _text(facts, "operation") != "delete"
    ends = f"ends {when(str(facts['expires_at']), tz)}" if lasts else ""
    kept = f"kept awake until {when(str(facts['awake_until']), tz)}" if _keeps(facts) else ""
    done = (_text(facts, "operation"), _text(facts, "phase")) in _DONE
    as_of = "" if done else f"as of {when(_text(facts, 'at'), tz)}"
    return " · ".join(filter(None, [_origin(facts), kept, ends, as_of]))


def _origin(facts: Facts) -> str:
    """Who asked for it and why, and what it is made of where."""
    reason = escape(str(facts["reason"])) if facts.get("reason") else ""
    by = _text(facts, "by")
    asked = f"Asked for by {person(by)}" if by and by != "berth" else "By Berth itself"
    made = f"{escape(_text(facts, 'template'))}, size {escape(_text(facts, 'size'))}"
    place = f"on {escape(_text(facts, 'cluster'))} in {code(_text(facts, 'namespace'))}"
    return " · ".join(filter(None, [asked, reason, made, place]))


def _keeps(facts: Facts) -> bool:
    return _text(facts, "operation") == "wake" and bool(facts.get("awake_until"))


def _buttons(facts: Facts) -> list[Button]:
    subject = Subject(_text(facts, "environment_id"), _text(facts, "name"), _phase(facts))
    if (_text(facts, "operation"), _text(facts, "phase")) == _WOKEN and facts.get("problem"):
        return buttons(subject, (STATUS, WAKE_AGAIN, CONNECT, SLEEP))
    return full(subject)


def _sentence(text: str, facts: Facts) -> str:
    problem = facts.get("problem")
    return f"{text} {escape(str(problem))}" if problem else text


def _text(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return "" if value is None else str(value)
