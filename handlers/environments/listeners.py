"""What is answered to those who look at, make and delete environments: each reads, asks one use case and renders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from bot.rules.permissions import Action
from bot.seams.slack import Message
from bot.usecases.environments import CreateRequest
from handlers.blocks import View, code, message, person
from handlers.call import Answer, Call, Later, Modal
from handlers.environments import forms, views
from handlers.environments.forms import Prefilled
from handlers.environments.views import Page, Shown
from handlers.grammar import Command
from handlers.grants import shared_with
from store.tables import Environment

Whose = Literal["mine", "team", "all", "shared"]


def overview(call: Call, command: Command) -> Message:
    """/k8s"""
    return views.overview(page(call, "mine"))


def listing(call: Call, command: Command) -> Message:
    """/k8s list"""
    return views.listing(page(call, cast(Whose, command.given.get("whose", "mine"))))


def listed(call: Call, value: str) -> Message:
    """The button More: `whose first`; a value from elsewhere shows the beginning."""
    whose, _, first = value.partition(" ")
    known = cast(Whose, whose if whose in {"team", "all", "shared"} else "mine")
    return views.listing(page(call, known, int(first) if first.isdecimal() else 0))


def status(call: Call, command: Command) -> Later:
    """/k8s status"""
    return _status(call, call.uses.environments.named(call.actor, command.value("name")))


def status_clicked(call: Call, environment_id: str) -> Later:
    """The button Status."""
    return _status(call, call.uses.environments.by_id(call.actor, environment_id))


def create(call: Call, command: Command) -> Answer:
    """/k8s create: with a name it begins, without one it asks."""
    if "name" not in command.given:
        call.uses.environments.check_admitted(call.actor)
        prefilled = Prefilled(command.given, command.duration("ttl"))
        return Modal(forms.create_form(call.uses.catalogue, list(call.actor.teams), prefilled))
    given, ttl = command.given, command.duration("ttl")
    request = CreateRequest(
        given["name"], given.get("template"), given.get("size"), ttl, given.get("team"), given.get("cluster")
    )
    return _made(call, call.uses.environments.create(call.actor, request, call.source))


def form_asked(call: Call, value: str) -> Modal:
    """The button New environment."""
    call.uses.environments.check_admitted(call.actor)
    return Modal(forms.create_form(call.uses.catalogue, list(call.actor.teams), Prefilled()))


def form_submitted(call: Call, view: dict[str, Any]) -> View:
    """The form was sent."""
    made = call.uses.environments.create(call.actor, forms.entered(view), call.source)
    return forms.notice_view("New environment", _made(call, made).text)


def delete(call: Call, command: Command) -> Modal:
    """/k8s delete: asks first."""
    return _delete(call, call.uses.environments.named(call.actor, command.value("name")))


def delete_clicked(call: Call, environment_id: str) -> Modal:
    """The button Delete…: asks first."""
    return _delete(call, call.uses.environments.by_id(call.actor, environment_id))


def delete_sure(call: Call, view: dict[str, Any]) -> View:
    """The question was answered with yes."""
    gone = call.uses.environments.delete(call.actor, view["private_metadata"], call.source)
    return forms.notice_view("Delete", begun(call, gone, "Deleting").text)


def page(call: Call, whose: Whose, first: int = 0) -> Page:
    """A stretch of what the person may see."""
    rows = _rows(call, whose)
    shown, paused = [_shown(call, row) for row in rows], call.uses.outlooks.paused(call.actor)
    others = call.uses.sharing.shared_with(call.actor) if whose == "mine" else ()
    return Page(shown, call.tz, whose, first if first < len(rows) else 0, paused, others)


def _rows(call: Call, whose: Whose) -> Sequence[Environment]:
    if whose == "shared":
        return call.uses.sharing.shared_with(call.actor)
    return call.uses.environments.visible(call.actor, whose)


def begun(call: Call, row: Environment, doing: str) -> Message:
    """What is answered where something began: what, and where its progress is told."""
    whose = "your" if row.owner_id == call.actor.id else f"{person(row.owner_id)}'s"
    return message(f"{doing} {code(row.name)}. How it goes is told in {whose} direct messages with {call.berth}.")


def as_it_is(call: Call, row: Environment) -> Message:
    """What is answered to a wish that is fulfilled already, as a button of an old message may be."""
    return views.nothing_to_do(_foreseen(call, row), call.tz)


def _made(call: Call, row: Environment) -> Message:
    """What is answered to who made one; where it could not be called as they typed, also why."""
    said = begun(call, row, "Making")
    if row.name == row.title.casefold():
        return said
    return message(f"{said.text} I call it {code(row.name)}: names have letters, digits and dashes, at most 30.")


def _status(call: Call, row: Environment) -> Later:
    shown = _foreseen(call, row)
    remarks, shares = call.uses.environments.remarks(call.actor, row), call.uses.sharing.shares(call.actor, row)
    sharing = shared_with(row, shares, call.tz, removable=Action.SHARE in shown.allowed)
    return Later(lambda: views.status(measured(call, shown), call.tz, remarks, sharing))


def measured(call: Call, shown: Shown) -> Shown:
    """The same with what it uses now, which its cluster has to be asked for."""
    return replace(shown, consumption=call.uses.consumptions.of(call.actor, shown.environment))


def _foreseen(call: Call, row: Environment) -> Shown:
    return replace(_shown(call, row), outlook=call.uses.outlooks.of(call.actor, row))


def _shown(call: Call, row: Environment) -> Shown:
    return Shown(row, call.uses.environments.allowed(call.actor, row))


def _delete(call: Call, row: Environment) -> Modal:
    call.uses.environments.check_deletable(call.actor, row)
    return Modal(
        forms.loading("Delete?", f"Looking at what {row.name} holds"),
        lambda: forms.delete_form(row, call.uses.environments.inventory(call.actor, row)),
    )
