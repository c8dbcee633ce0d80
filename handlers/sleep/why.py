"""What is answered to those who ask why: what happens next, when, by which rule, and what last kept it awake."""

from collections.abc import Sequence

from bot.rules.outlook import Outlook, Stand
from bot.rules.words import BERTH
from bot.seams.slack import Message
from bot.usecases.outlooks import Explanation
from handlers.blocks import Block, actions, bullets, code, context, escape, header, message, person, section
from handlers.call import Call, Later
from handlers.environments import buttons
from handlers.environments.consumption import used
from handlers.environments.listeners import measured
from handlers.environments.views import STAYS_AWAKE, Shown, activity_words, phase_of
from handlers.grammar import Command
from handlers.outlook import keeps, rules
from handlers.sleep import phases
from handlers.wording import phase_words, when
from store.tables import Environment

_PRECEDENCE = (
    "What a person does now (keep awake, sleep now, exempt) goes before every rule; of the rules the "
    "environment's own goes before its template's, that before its team's, and that before the company's default."
)


def why(call: Call, command: Command) -> Later:
    """/k8s why"""
    return _why(call, call.uses.environments.named(call.actor, command.value("name")))


def why_clicked(call: Call, environment_id: str) -> Later:
    """The button Why?"""
    return _why(call, call.uses.environments.by_id(call.actor, environment_id))


def _why(call: Call, row: Environment) -> Later:
    found = call.uses.outlooks.why(call.actor, row)
    environments = call.uses.environments
    shown = Shown(row, environments.allowed(call.actor, row), found.outlook)
    remarks = environments.remarks(call.actor, row)
    return Later(lambda: explained(measured(call, shown), found, remarks, call.tz))


def explained(shown: Shown, found: Explanation, remarks: Sequence[str], tz: str) -> Message:
    """The answer: how it is and since when, what comes, what is not ready, what keeps it awake, what one can do."""
    row, outlook = shown.environment, found.outlook
    asleep = outlook.stand is Stand.ASLEEP
    now = f"{code(row.name)} is {phase_words(phase_of(row))}{_since(row, outlook, tz)}."
    coming = phases.coming(row, found, tz)
    return message(
        " ".join([now, *coming]),
        [
            header(f"Why {row.name} is as it is"),
            section(now),
            section(f"*What happens next*\n{bullets(coming)}"),
            *_listed("What is not ready, and why", phases.not_ready(row, found, () if asleep else remarks)),
            *_listed(STAYS_AWAKE, [escape(one) for one in remarks] if asleep else []),
            *_listed("What keeps it awake now", keeps(outlook) if outlook.stand is Stand.AWAKE else []),
            *_listed("What last kept it awake", [activity_words(row, tz)] if outlook.stand is not Stand.AWAKE else []),
            *_listed("What you can do", phases.to_do(shown, found)),
            section(f"*The rules that apply*\n{bullets(rules(outlook.policy))}"),
            context(*_in_use(shown, outlook, tz), _PRECEDENCE),
            *actions(buttons.buttons(shown.subject, [*phases.looks(row), buttons.STATUS, buttons.SCHEDULE])),
        ],
    )


def _in_use(shown: Shown, outlook: Outlook, tz: str) -> list[str]:
    """By whom an awake one was last used, and what it uses, which decides nothing."""
    return [activity_words(shown.environment, tz), *used(shown.consumption)] if outlook.stand is Stand.AWAKE else []


def _since(row: Environment, outlook: Outlook, tz: str) -> str:
    """Since when it is so, by whose wish and why."""
    since = {Stand.ASLEEP: row.slept_at, Stand.AWAKE: row.awake_since}.get(outlook.stand, row.operation_at)
    return f" since {when(since, tz)}, {_by(row)}" if since is not None else ""


def _by(row: Environment) -> str:
    reason = escape(row.operation_reason or "")
    if row.operation_by == BERTH:
        return f"because of time: {reason}" if reason else "because of time"
    return f"by {person(row.operation_by)}{f': {reason}' if reason else ''}"


def _listed(title: str, lines: list[str]) -> list[Block]:
    return [section(f"*{title}*\n{bullets(lines)}")] if lines else []
