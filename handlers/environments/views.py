"""How environments look: one line in a list, the overview, the whole of one. Pure functions of rows and a time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.rules.outlook import Outlook
from bot.rules.permissions import Action
from bot.rules.words import Phase, Wanted
from bot.seams.slack import Message
from bot.usecases.consumption import Consumption, Unmeasured
from handlers.blocks import (
    Block,
    Button,
    actions,
    bullets,
    code,
    context,
    divider,
    escape,
    fields,
    header,
    message,
    person,
    section,
    sentence,
    whoever,
)
from handlers.environments import buttons
from handlers.environments.buttons import Subject
from handlers.environments.consumption import used
from handlers.ids import COMMAND, ActionId
from handlers.outlook import told
from handlers.wording import phase_words, when
from store.tables import Environment

PER_PAGE: Final = 10
STAYS_AWAKE: Final = "What does not simply sleep"
_HEADINGS: Final = {
    "mine": "Your environments",
    "team": "Your team's environments",
    "all": "All environments",
    "shared": "Shared with you",
}
_NAMED: Final = 12  # environments of others that a person's own list names
_NOT_PROTECTED: Final = frozenset({Action.SLEEP, Action.DELETE})
_ENDING: Final = frozenset({Phase.DELETING, Phase.DELETED})
_RESIZED: Final = frozenset({Phase.RUNNING, Phase.SLEEPING})
_BEGUN: Final = {
    (Wanted.SLEEPING, Phase.RUNNING): Phase.FALLING_ASLEEP,
    (Wanted.SLEEPING, Phase.WAKING): Phase.FALLING_ASLEEP,
    (Wanted.RUNNING, Phase.SLEEPING): Phase.WAKING,
    (Wanted.RUNNING, Phase.FALLING_ASLEEP): Phase.WAKING,
}
"""What is told of a phase that reconcile has not left yet although something else is wanted."""


def phase_of(row: Environment) -> Phase:
    """The phase to tell people: what they asked for counts from when they asked."""
    if row.wanted is Wanted.DELETED and row.phase is not Phase.DELETED:
        return Phase.DELETING
    return _BEGUN.get((row.wanted, row.phase), row.phase)


@dataclass(frozen=True)
class Shown:
    """An environment, and what the person who looks may do to it."""

    environment: Environment
    allowed: frozenset[Action]
    outlook: Outlook | None = None
    consumption: Consumption | Unmeasured | None = None

    @property
    def subject(self) -> Subject:
        """What its buttons are for."""
        row = self.environment
        return Subject(row.id, row.name, phase_of(row), self.possible)

    @property
    def possible(self) -> frozenset[Action]:
        """What of it can be done now: what is protected neither sleeps nor is deleted, whoever asks."""
        return self.allowed - _NOT_PROTECTED if self.environment.protected_by is not None else self.allowed


@dataclass(frozen=True)
class Page:
    """A stretch of a list of environments. `berth` is how the bot is mentioned."""

    shown: Sequence[Shown]
    tz: str
    whose: str = "mine"
    first: int = 0
    paused: str = ""  # why time does nothing now
    shared: Sequence[Environment] = ()  # those of others that the person was given access to

    @property
    def present(self) -> Sequence[Shown]:
        """Those on this page."""
        return self.shown[self.first : self.first + PER_PAGE]

    @property
    def left(self) -> int:
        """How many come after it."""
        return max(0, len(self.shown) - self.first - PER_PAGE)


def overview(page: Page) -> Message:
    """What /k8s alone answers: the person's environments, and what can be done."""
    return message(_counted(page), [*page_blocks(page), *shared_blocks(page), divider(), *actions(quick_actions())])


def listing(page: Page) -> Message:
    """What /k8s list answers."""
    return message(_counted(page), [*page_blocks(page), *shared_blocks(page)])


def page_blocks(page: Page) -> list[Block]:
    """A heading, each environment with its buttons, and the way to more of them."""
    if not page.shown:
        return [header(_HEADINGS[page.whose]), *_paused(page), section(_nothing(page))]
    rows = [block for shown in page.present for block in row_blocks(shown, page)]
    return [header(f"{_HEADINGS[page.whose]} ({len(page.shown)})"), *_paused(page), *rows, *_more(page)]


def shared_blocks(page: Page) -> list[Block]:
    """Which environments of others the person has access to, by name, and the way to their buttons."""
    if not page.shared:
        return []
    names = [f"{code(row.name)} ({person(row.owner_id)})" for row in page.shared[:_NAMED]]
    more = f" and {len(page.shared) - _NAMED} more" if len(page.shared) > _NAMED else ""
    show = Button(ActionId.ENVIRONMENT_LIST, "Show them", "shared 0", spoken="Show what is shared with you")
    return [section(f"*Shared with you:* {', '.join(names)}{more}"), *actions([show])]


def row_blocks(shown: Shown, page: Page) -> list[Block]:
    """One environment in a list."""
    row = shown.environment
    owner = "" if page.whose == "mine" else f" · {person(row.owner_id)}"
    return [
        section(f"*{code(row.name)}* is {phase_words(phase_of(row))}{owner}\n{_next_event(row, page.tz)}"),
        *actions(buttons.short(shown.subject)),
    ]


def status(shown: Shown, tz: str, remarks: Sequence[str] = (), sharing: Sequence[Block] = ()) -> Message:
    """What /k8s status answers: how it is, what comes next and why, and what can be done.

    `remarks` are of its sleep; `sharing` says who else has access.
    """
    row = shown.environment
    said = f"{code(row.name)} is {phase_words(phase_of(row))}. {_foreseen(shown, tz)}"
    trouble = [section(f"*Attention:* {escape(row.condition)}")] if row.condition else []
    kept = [section(f"*{STAYS_AWAKE}*\n{bullets([escape(one) for one in remarks])}")] if remarks else []
    blocks = [
        header(row.name),
        section(said),
        *trouble,
        *kept,
        fields(*_facts(row, tz)),
        context(activity_words(row, tz), *used(shown.consumption)),
        *sharing,
    ]
    again = buttons.buttons(shown.subject, [buttons.SLEEP_AGAIN]) if row.never_sleep_reason else []
    resize = buttons.buttons(shown.subject, [buttons.RESIZE]) if phase_of(row) in _RESIZED else []
    return message(said, [*blocks, *actions([*buttons.full(shown.subject), *again, *resize])])


def nothing_to_do(shown: Shown, tz: str) -> Message:
    """What is answered where something is as it was asked to be already: how it stands today, with today's buttons."""
    row = shown.environment
    said = f"Nothing to do: {code(row.name)} is {phase_words(phase_of(row))}. {_foreseen(shown, tz)}"
    trouble = [section(f"*Attention:* {escape(row.condition)}")] if row.condition else []
    return message(said, [section(said), *trouble, *actions(buttons.full(shown.subject))])


def quick_actions() -> list[Button]:
    """What one can always do."""
    return [
        Button(ActionId.ENVIRONMENT_FORM, "New environment", style="primary"),
        Button(ActionId.COST_SHOW, "Costs", spoken="Costs of your environments"),
        Button(ActionId.HELP_SHOW, "Help", spoken="Help: all commands"),
    ]


def _counted(page: Page) -> str:
    if not page.shown:
        return _nothing(page)
    awake = sum(phase_of(shown.environment) is Phase.RUNNING for shown in page.shown)
    return f"{_HEADINGS[page.whose]}: {len(page.shown)}, of which {awake} running."


def _nothing(page: Page) -> str:
    if page.whose == "mine":
        return f"You have no environment yet. {code(f'{COMMAND} create blue')} makes one within seconds."
    if page.whose == "shared":
        return "Nobody shares an environment with you now."
    return "There is no environment here yet."


def _more(page: Page) -> list[Block]:
    if not page.left:
        return []
    value = f"{page.whose} {page.first + PER_PAGE}"
    return actions([Button(ActionId.ENVIRONMENT_LIST, f"More ({page.left})", value, spoken="More environments")])


def _paused(page: Page) -> list[Block]:
    return [context(sentence(page.paused))] if page.paused else []


def _foreseen(shown: Shown, tz: str) -> str:
    """What time will do to it, when, and by which rule."""
    row = shown.environment
    if shown.outlook is None or phase_of(row) in _ENDING or row.protected_by is not None:
        return _next_event(row, tz)
    since = [f"Asleep since {when(row.slept_at, tz)}."] if row.phase is Phase.SLEEPING and row.slept_at else []
    lasting = [] if row.expires_at or row.delete_at else ["Has no end."]
    return " ".join([*since, *told(shown.outlook, tz), *lasting])


def protected(row: Environment) -> str:
    """By whose wish it neither sleeps nor is deleted; empty where it may."""
    if row.protected_by is None:
        return ""
    why = f": {escape(row.protected_reason)}" if row.protected_reason else ""
    return f"Protected by {person(row.protected_by)}{why}. It neither sleeps nor is deleted until an admin ends that."


def _next_event(row: Environment, tz: str) -> str:
    """What time will do to it, and when."""
    if phase_of(row) in _ENDING:
        return "It goes with all it holds."
    if row.protected_by is not None:
        asleep = f"Asleep since {when(row.slept_at, tz)}. " if row.phase is Phase.SLEEPING and row.slept_at else ""
        return f"{asleep}{protected(row)}"
    end = f"Ends {when(row.expires_at, tz)}" if row.expires_at else "Has no end"
    return f"{_sleep_words(row, tz)}{end}."


def _sleep_words(row: Environment, tz: str) -> str:
    if phase_of(row) is not Phase.RUNNING:
        return f"Asleep since {when(row.slept_at, tz)}. " if row.phase is Phase.SLEEPING and row.slept_at else ""
    if row.never_sleep_reason is not None:
        return f"Never sleeps by itself: {escape(row.never_sleep_reason)} ({person(row.never_sleep_by or '')}). "
    if row.awake_until and (row.deadline_at is None or row.awake_until >= row.deadline_at):
        return f"Kept awake until {when(row.awake_until, tz)}. "
    return f"Falls asleep {when(row.deadline_at, tz)} unless used. " if row.deadline_at else ""


def _facts(row: Environment, tz: str) -> list[str]:
    return [
        f"*Owner*\n{person(row.owner_id)}",
        f"*Team*\n{escape(row.team or 'none')}",
        f"*Template and size*\n{escape(row.template)}, {escape(row.size)}",
        f"*Made*\n{when(row.created_at, tz)}",
        f"*Cluster*\n{escape(row.cluster)}",
        f"*Namespace*\n{code(row.namespace)}",
    ]


def activity_words(row: Environment, tz: str) -> str:
    """Its newest sign of use."""
    who, what = whoever(row.last_activity_by), escape(row.last_activity_what)
    return f"Last used {when(row.last_activity_at, tz)} by {who}: {what}"
