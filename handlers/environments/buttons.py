"""Which buttons an environment has in each phase, as a table.

A button carries the environment's id and nothing that would let it through: who clicks is authorised at the click.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.rules.permissions import Action
from bot.rules.words import Phase
from handlers.blocks import Button
from handlers.ids import ActionId

EVERYTHING: Final = frozenset(Action)


@dataclass(frozen=True)
class Subject:
    """The environment that buttons are for."""

    id: str
    name: str
    phase: str
    allowed: frozenset[Action] = EVERYTHING


@dataclass(frozen=True)
class Look:
    """A button before it is known which environment it is for."""

    action: ActionId
    right: Action
    label: str
    spoken: str  # before the environment's name
    style: Literal["", "primary", "danger"] = ""
    more: str = ""  # what stands in the value after the id


CONNECT: Final = Look(ActionId.ENVIRONMENT_CONNECT, Action.CONNECT, "Connect", "Connect to", "primary")
SLEEP: Final = Look(ActionId.ENVIRONMENT_SLEEP, Action.SLEEP, "Sleep now", "Put to sleep")
WAKE: Final = Look(ActionId.ENVIRONMENT_WAKE, Action.WAKE, "Wake", "Wake", "primary")
WAKE_AGAIN: Final = Look(ActionId.ENVIRONMENT_WAKE, Action.WAKE, "Try again", "Try again to start", "primary")
RESTORE: Final = Look(ActionId.ENVIRONMENT_WAKE, Action.WAKE, "Restore", "Restore", "primary")
EXTEND: Final = Look(ActionId.ENVIRONMENT_EXTEND, Action.EXTEND, "Extend 4h", "Extend by 4 hours", more="4h")
NEVER_SLEEP: Final = Look(ActionId.ENVIRONMENT_EXEMPT, Action.EXEMPT, "Never sleep it…", "Never put to sleep")
SLEEP_AGAIN: Final = Look(ActionId.ENVIRONMENT_EXEMPT_END, Action.EXEMPT, "Let it sleep again", "Let sleep again")
DELETE: Final = Look(ActionId.ENVIRONMENT_DELETE, Action.DELETE, "Delete…", "Delete", "danger")
RESIZE: Final = Look(ActionId.ENVIRONMENT_RESIZE, Action.RESIZE, "Resize…", "Resize")
STATUS: Final = Look(ActionId.ENVIRONMENT_STATUS, Action.VIEW, "Status", "Status of")
WHY: Final = Look(ActionId.ENVIRONMENT_WHY, Action.VIEW, "Why?", "What happens next, and why, to")
SCHEDULE: Final = Look(ActionId.ENVIRONMENT_SCHEDULE, Action.VIEW, "Schedule", "Schedule of")

_FULL: Final[dict[str, tuple[Look, ...]]] = {
    Phase.PROVISIONING: (STATUS, DELETE),
    Phase.RUNNING: (CONNECT, SLEEP, EXTEND, WHY, DELETE),
    Phase.FALLING_ASLEEP: (WAKE, WHY, DELETE),
    Phase.SLEEPING: (WAKE, WHY, DELETE),
    Phase.WAKING: (CONNECT, STATUS, DELETE),
    Phase.FAILED: (WAKE_AGAIN, DELETE),
}

_SHORT: Final[dict[str, tuple[Look, ...]]] = {
    Phase.PROVISIONING: (STATUS,),
    Phase.RUNNING: (SLEEP, STATUS),
    Phase.FALLING_ASLEEP: (WAKE, STATUS),
    Phase.SLEEPING: (WAKE, STATUS),
    Phase.WAKING: (STATUS,),
    Phase.DELETING: (STATUS,),
    Phase.FAILED: (WAKE_AGAIN, STATUS),
}


def full(subject: Subject) -> list[Button]:
    """Everything that can be done to it now by whom it is shown to."""
    return buttons(subject, _FULL.get(subject.phase, ()))


def short(subject: Subject) -> list[Button]:
    """The likeliest thing to do, and its status, where many environments stand in a list."""
    return [replace(button, style="") for button in buttons(subject, _SHORT.get(subject.phase, ()))]


def buttons(subject: Subject, looks: Iterable[Look]) -> list[Button]:
    """The buttons that are allowed, in their order."""
    return [_button(subject, look) for look in looks if look.right in subject.allowed]


def extend(subject: Subject, step: str, label: str) -> Button:
    """A button that keeps an environment awake for `4h` or until `morning`, or puts its end off.

    The latter counts from an instant: `1d@1700000000` is a day more than that.
    """
    value = f"{subject.id} {step}"
    return Button(ActionId.ENVIRONMENT_EXTEND, label, value, "primary", spoken=f"{label}: {subject.name}")


def _button(subject: Subject, look: Look) -> Button:
    value = " ".join(filter(None, [subject.id, look.more]))
    return Button(look.action, look.label, value, look.style, spoken=f"{look.spoken} {subject.name}")
