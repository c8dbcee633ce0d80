"""What is answered to those who give an environment to a colleague: a question first, for it cannot be taken back."""

from typing import Any

from bot.rules.actors import Actor
from bot.rules.permissions import Action
from bot.usecases.intents import authorise
from handlers.blocks import View, bullets, code, context, person, section
from handlers.call import Call, Modal
from handlers.environments.forms import loading, notice_view, size_words
from handlers.environments.views import phase_of
from handlers.grammar import Command
from handlers.ids import COMMAND, CallbackId
from handlers.wording import phase_words, when
from store.tables import Environment

_TITLE = "Give away?"
_GIVEN = "Give away"


def transfer(call: Call, command: Command) -> Modal:
    """/k8s transfer: Slack may have to be asked who the colleague is, so it takes its time; then asks whether to."""
    row = call.uses.environments.named(call.actor, command.value("name"))
    authorise(call.actor, Action.TRANSFER, row)
    to = command.value("to")
    return Modal(loading(_TITLE, f"Looking whether {row.name} can be given away"), lambda: _asked(call, row, to))


def transfer_sure(call: Call, view: dict[str, Any]) -> View:
    """The question was answered with yes. Whoever it goes to is judged anew."""
    environment_id, _, to_id = view["private_metadata"].partition(" ")
    to = call.uses.colleagues.find(call.actor, to_id)
    given, changed = call.uses.transfer.transfer(call.actor, environment_id, to, call.source)
    return notice_view(_GIVEN, _done(given, to) if changed else _theirs(given, to))


def _asked(call: Call, row: Environment, typed: str) -> View:
    to = call.uses.colleagues.find(call.actor, typed)
    row = call.uses.transfer.look(call.actor, row.id, to)
    if row.owner_id == to.id:
        return notice_view(_GIVEN, _theirs(row, to))
    return _question(call, row, to)


def _question(call: Call, row: Environment, to: Actor) -> View:
    size = next((one for one in call.uses.catalogue.sizes if one.name == row.size), None)
    held = f" ({size_words(size)})" if size is not None else ""
    end = f"it ends {when(row.expires_at, call.tz)}" if row.expires_at is not None else "it has no end"
    share = code(f"{COMMAND} share {row.name} @colleague edit")
    lines = [
        f"all that is in it: template {code(row.template)}, {phase_words(phase_of(row))}; {end}",
        f"what it counts towards their limits and their team's: one environment of size {code(row.size)}{held}",
        "what it costs from now on",
    ]
    return View(
        _TITLE,
        [
            section(f"*{code(row.name)} becomes {person(to.id)}'s{_for_good(call, row)}.* They get:"),
            section(bullets(lines)),
            context(
                f"Whoever had it before has no access to it any more, unless they share it. {share} lets somebody work "
                "in it and leaves it whose it is."
            ),
        ],
        CallbackId.ENVIRONMENT_TRANSFER,
        "Give it away",
        "Keep it",
        f"{row.id} {to.id}",
    )


def _for_good(call: Call, row: Environment) -> str:
    """Who gives away their own may do nothing to it any more; a lead and an admin still may."""
    return ", and you cannot take it back" if row.owner_id == call.actor.id else ""


def _done(row: Environment, to: Actor) -> str:
    return f"{code(row.name)} is {person(to.id)}'s now. Whoever had it before has no access to it any more."


def _theirs(row: Environment, to: Actor) -> str:
    return f"{code(row.name)} is {person(to.id)}'s already."
