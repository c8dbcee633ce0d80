"""What is answered to those who give an environment to a colleague."""

from bot.rules.permissions import Action
from bot.usecases.intents import authorise
from handlers.blocks import View, code, person
from handlers.call import Call, Modal
from handlers.environments.forms import loading, notice_view
from handlers.grammar import Command
from store.tables import Environment

_TITLE = "Give away"


def transfer(call: Call, command: Command) -> Modal:
    """/k8s transfer: Slack may have to be asked who the colleague is, so it takes its time."""
    row = call.uses.environments.named(call.actor, command.value("name"))
    authorise(call.actor, Action.TRANSFER, row)
    to = command.value("to")
    return Modal(loading(_TITLE, f"Giving {row.name} away"), lambda: _given(call, row, to))


def _given(call: Call, row: Environment, typed: str) -> View:
    to = call.uses.colleagues.find(call.actor, typed)
    given, changed = call.uses.transfer.transfer(call.actor, row.id, to, call.source)
    if not changed:
        return notice_view(_TITLE, f"{code(given.name)} is {person(to.id)}'s already.")
    text = f"{code(given.name)} is {person(to.id)}'s now. Whoever had it before has no access to it any more."
    return notice_view(_TITLE, text)
