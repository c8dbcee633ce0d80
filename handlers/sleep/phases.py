"""What is told of each phase to whoever asks why: what happens next, what is not ready, and what one can do. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot.rules.obstacles import PATIENCE
from bot.rules.permissions import Action
from bot.rules.words import Phase, Step
from bot.usecases.outlooks import Explanation, Underway
from handlers.blocks import code, escape
from handlers.environments.buttons import EXTEND, RESTORE, SLEEP, SLEEP_AGAIN, WAKE, WAKE_AGAIN, Look
from handlers.environments.views import Shown, phase_of, protected
from handlers.ids import COMMAND
from handlers.outlook import told
from handlers.wording import lasting, when
from store.tables import Environment

_ENDS: Final = {
    "create": f"It is running once all of its template is ready; what is not after {lasting(PATIENCE)} is told.",
    "wake": f"It is awake once all of it is ready; what is not after {lasting(PATIENCE)} is told and not waited for.",
    "sleep": "It is asleep once all of it is at rest and its pods have ended. Nothing is lost.",
    "delete": "It is gone once the cluster has removed its namespace with all it holds.",
}
_READY: Final = {"sleep": "at rest"}
_ONCE: Final = {"create": "Once it runs", "wake": "Once it is awake", "sleep": "Once it is asleep"}

Told = Callable[[str], str]
_DO: Final[Mapping[Phase, Sequence[tuple[Action, Told]]]] = {
    Phase.PROVISIONING: [
        (Action.VIEW, lambda name: "Wait: its message in the owner's direct messages says when it runs."),
        (Action.DELETE, lambda name: f"{_typed('delete', name)} gives it up."),
    ],
    Phase.FAILED: [
        (Action.WAKE, lambda name: f"Mend what is wrong, then {_typed('wake', name)} tries again."),
        (Action.DELETE, lambda name: f"{_typed('delete', name)} gives it up."),
    ],
    Phase.RUNNING: [
        (Action.EXTEND, lambda name: f"{_typed('extend', name, '4h')} keeps it awake, whatever the rules say."),
        (Action.SLEEP, lambda name: f"{_typed('sleep', name)} puts it to sleep now."),
        (Action.SCHEDULE, lambda name: f"{_typed('schedule', name)} shows and changes when it is to be awake."),
    ],
    Phase.FALLING_ASLEEP: [
        (Action.WAKE, lambda name: f"{_typed('wake', name)} turns round at once; what rests already wakes as it was."),
    ],
    Phase.SLEEPING: [
        (Action.WAKE, lambda name: f"{_typed('wake', name)} brings it back as it fell asleep."),
        (Action.SCHEDULE, lambda name: f"{_typed('schedule', name)} lets it wake by its hours."),
    ],
    Phase.WAKING: [
        (Action.CONNECT, lambda name: f"{_typed('connect', name)}: look with kubectl at what is not ready."),
        (Action.SLEEP, lambda name: f"{_typed('sleep', name)} turns round at once."),
    ],
    Phase.DELETING: [(Action.VIEW, lambda name: f"{_typed('create', name)} makes a new one once it is gone.")],
}
"""What can be done in each phase, by whoever has the right to it."""

_RESUMES: Final = f"An admin lets time go on by {code(f'{COMMAND} admin resume')}."
_LOOKS: Final[Mapping[Phase, Sequence[Look]]] = {
    Phase.FAILED: (WAKE_AGAIN,),
    Phase.RUNNING: (EXTEND, SLEEP),
    Phase.FALLING_ASLEEP: (WAKE,),
    Phase.SLEEPING: (WAKE,),
    Phase.WAKING: (SLEEP,),
}


def coming(row: Environment, found: Explanation, tz: str) -> list[str]:
    """What happens next, when and by which rule, soonest first."""
    if found.underway is not None:
        return [*_under_way(row, found.underway, tz), *_after(found.underway, tz)]
    stuck = ["Nothing before somebody asks: its making was given up."] if row.phase is Phase.FAILED else []
    lines = [*stuck, *filter(None, [protected(row)]), *told(found.outlook, tz)]
    return [*(lines or ["Time does nothing to it now."]), *_resumed(found, tz)]


def not_ready(row: Environment, found: Explanation, remarks: Sequence[str]) -> list[str]:
    """What is not as it should be, and why."""
    trouble = [escape(row.condition)] if row.condition else []
    missing = found.underway.missing if found.underway is not None else ()
    return [*trouble, *(escape(one) for one in (*missing, *remarks))]


def to_do(shown: Shown, found: Explanation) -> list[str]:
    """What the person who asks can do about it."""
    row = shown.environment
    lines = [tell(row.name) for right, tell in _DO.get(phase_of(row), ()) if right in shown.possible]
    ends = [f"An admin can end its protection: {code(f'{COMMAND} admin unprotect {row.name}')}."]
    exempt = row.never_sleep_reason is not None and Action.EXEMPT in shown.allowed
    again = ["*Let it sleep again* ends its exemption."] if exempt else []
    protection = ends if row.protected_by is not None else []
    return [*protection, *again, *lines, *([_RESUMES] if found.resumed is not None else [])]


def looks(row: Environment) -> list[Look]:
    """The buttons for that."""
    wakes = (
        [RESTORE] if row.delete_at is not None and phase_of(row) is Phase.SLEEPING else _LOOKS.get(phase_of(row), ())
    )
    return [*wakes, *([SLEEP_AGAIN] if row.never_sleep_reason is not None else [])]


def _under_way(row: Environment, underway: Underway, tz: str) -> list[str]:
    doing = underway.operation
    far = f"{escape(underway.ready)} {_READY.get(doing, 'ready')}. " if underway.ready else ""
    expected = f" As a rule that is so by {when(underway.expected, tz)}." if underway.expected else ""
    again = [f"Next try {when(underway.retry_at, tz)}."] if underway.retry_at else []
    return [*_steps(row, doing), f"{far}{_ENDS[doing]}{expected}", *again]


def _steps(row: Environment, doing: str) -> list[str]:
    left = [step.value for step in Step if step not in row.steps]
    if doing != "create" or not left:
        return []
    return [f"Step {len(Step) - len(left) + 1} of {len(Step)} is being done: {left[0]}."]


def _after(underway: Underway, tz: str) -> list[str]:
    """What time does once it is done; after a deletion there is nothing to do it to."""
    once = _ONCE.get(underway.operation)
    return [f"{once}: {line}" for line in told(underway.then, tz)] if once and underway.then is not None else []


def _resumed(found: Explanation, tz: str) -> list[str]:
    """What would come if a pause ended now."""
    if found.resumed is None:
        return []
    now = told(found.outlook, tz)
    lines = [line for line in told(found.resumed, tz) if line not in now]
    return [f"If time went on now: {line}" for line in lines]


def _typed(word: str, *rest: str) -> str:
    return code(" ".join([COMMAND, word, *rest]), 120)
