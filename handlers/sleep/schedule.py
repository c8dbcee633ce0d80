"""What is answered to those who ask or settle when an environment is to be awake."""

from typing import Final

from bot.seams.slack import Message
from bot.usecases.schedule import Scheduled
from handlers.blocks import bullets, code, context, escape, header, message, section
from handlers.call import Call
from handlers.grammar import ROWS, Command
from handlers.ids import COMMAND
from handlers.outlook import rules, told
from store.tables import Environment

_WORD: Final = "schedule"


def schedule(call: Call, command: Command) -> Message:
    """/k8s schedule: with hours it settles them, without it shows what applies."""
    row = call.uses.environments.named(call.actor, command.value("name"))
    if "hours" not in command.given:
        return _shown(call, row)
    done = call.uses.schedule.change(call.actor, row.id, command.value("hours"), call.source)
    return settled(done, _coming(call, done.environment))


def schedule_clicked(call: Call, environment_id: str) -> Message:
    """The button Schedule."""
    return _shown(call, call.uses.environments.by_id(call.actor, environment_id))


def _shown(call: Call, row: Environment) -> Message:
    return applying(call.uses.schedule.of(call.actor, row), _coming(call, row), call.tz)


def _coming(call: Call, row: Environment) -> list[str]:
    return told(call.uses.outlooks.of(call.actor, row), call.tz)


def applying(found: Scheduled, coming: list[str], tz: str) -> Message:
    """What applies, by whose rule, and how it is changed."""
    name = found.environment.name
    lines, text = rules(found.policy), f"When {code(name)} is awake."
    examples = [code(f"{COMMAND} {_WORD} {name}{line.removeprefix(f'{_WORD} blue')}", 120) for line in _examples()]
    return message(
        f"{text} {' '.join(coming)}",
        [
            header(f"When {name} is awake"),
            section(bullets([*lines, *coming])),
            section(f"*Change it*\n{bullets(examples)}"),
            context(f"Hours without a time zone are in yours, {escape(tz)}. `off` goes back to what the team settled."),
        ],
    )


def settled(done: Scheduled, coming: list[str]) -> Message:
    """What was changed, and what applies now."""
    name = code(done.environment.name)
    first = f"Settled for {name}." if done.changed else f"That is so already for {name}."
    copied = f" The hours of {escape(done.copied)} were copied to it, and the exception was made there."
    text = first + (copied if done.copied else "")
    return message(f"{text} {' '.join(coming)}", [section(text), section(bullets([*rules(done.policy), *coming]))])


def _examples() -> tuple[str, ...]:
    return tuple(one for one in ROWS[_WORD].examples if one != f"{_WORD} blue")
