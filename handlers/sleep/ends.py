"""What is said before and at an environment's end: when, why, what is lost for good, and buttons that put it off.

Pure functions of facts.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bot.rules.durations import format_duration
from bot.rules.words import Phase
from bot.seams.slack import Message
from handlers.blocks import Block, Button, actions, code, context, escape, header, message, section
from handlers.environments.buttons import DELETE, RESTORE, Subject, buttons, extend
from handlers.sleep.outcomes import END, answered, listed, subject, text
from handlers.wording import lasting, parsed, when

Facts = Mapping[str, Any]
_STEPS: Final = (timedelta(days=1), timedelta(days=7))
_CALLED: Final = {timedelta(days=1): "1 more day", timedelta(days=7): "1 more week"}
_LONGEST: Final = 10**9  # seconds that are read of a fact: some thirty years


def expiry_warning(facts: Facts, tz: str) -> Message:
    """It is deleted at its end unless somebody extends it."""
    if facts.get("outcome"):
        return answered(facts, "End warning", END, tz)
    name = code(text(facts, "name"))
    said = f"{name} ends {when(text(facts, 'expires_at'), tz)}: {escape(text(facts, 'why'))}. {_after_the_end(facts)}"
    known = subject(facts, Phase.RUNNING)
    return message(
        said,
        [
            header("Its time is nearly over"),
            section(said),
            *_lost(facts),
            *actions([*_steps(facts, known), *buttons(known, [DELETE])]),
        ],
    )


def ended(facts: Facts, tz: str) -> Message:
    """Its end has come: it sleeps, and is deleted after the grace unless somebody restores it."""
    if facts.get("outcome"):
        return answered(facts, "End", END, tz)
    name = code(text(facts, "name"))
    said = f"{name} has come to its end and sleeps. It is deleted {when(text(facts, 'delete_at'), tz)}."
    return message(
        said,
        [
            header("Its time is over"),
            section(f"{said}\nUntil then one click brings it back as it was."),
            *_lost(facts),
            *actions(buttons(subject(facts), [RESTORE, DELETE])),
        ],
    )


def _lost(facts: Facts) -> list[Block]:
    """The volumes by name; that there is none, where that is known."""
    if facts.get("volumes") == []:
        return [context("It holds no volumes.")]
    return listed(facts, "volumes", "These volumes and their data go with it")


def _after_the_end(facts: Facts) -> str:
    """What comes after the end, which is not told where there is no grace."""
    grace = facts.get("grace_s")
    if not isinstance(grace, int) or grace <= 0:
        return "It is deleted then, with all it holds."
    later = lasting(timedelta(seconds=min(grace, _LONGEST)))
    return f"It sleeps then, and is deleted {later} later, with all it holds. Until then one click restores it."


def _steps(facts: Facts, known: Subject) -> list[Button]:
    """Buttons that put the end off, as far as the company lets it be at once; they count from the end as shown."""
    seconds = facts.get("longest_s")
    longest = timedelta(seconds=min(seconds, _LONGEST)) if isinstance(seconds, int) and seconds > 0 else _STEPS[-1]
    steps = [step for step in _STEPS if step <= longest] or [longest]
    first, *others = [_step(known, step, text(facts, "expires_at")) for step in steps]
    return [first, *(replace(other, style="") for other in others)]


def _step(known: Subject, step: timedelta, end: str) -> Button:
    shown = parsed(end)
    mark = f"@{int(shown.timestamp())}" if shown else ""
    label = f"Keep {_CALLED.get(step) or f'{lasting(step)} more'}"
    return extend(known, f"{format_duration(step)}{mark}", label)
