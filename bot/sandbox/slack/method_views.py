"""The views.* methods."""

from __future__ import annotations

from bot.sandbox.slack import showing
from bot.sandbox.slack.calls import Call, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json, View


def _answer(call: Call, view: View) -> Json:
    return {"view": showing.wire(call.workspace, view)}


def open_view(call: Call) -> Json:
    """Opens a modal in exchange for a trigger id."""
    trigger = call.tickets.exchange(call.text("trigger_id"))
    return _answer(call, showing.open_modal(call.workspace, trigger.user, call.structure("view"), trigger.channel))


def push(call: Call) -> Json:
    """Puts a modal on top of the one the trigger came from."""
    trigger = call.tickets.exchange(call.text("trigger_id"))
    return _answer(call, showing.push(call.workspace, trigger.user, call.structure("view")))


def update(call: Call) -> Json:
    """Changes an open view."""
    view = showing.found(call.workspace, call.text("view_id"), call.text("external_id"))
    return _answer(call, showing.change(call.workspace, view, call.structure("view"), call.text("hash")))


def publish(call: Call) -> Json:
    """Publishes a person's Home."""
    person = call.workspace.people.get(call.text("user_id"))
    if person is None or person.is_bot:
        raise SlackError("user_not_found")
    view = showing.publish(call.workspace, person.id, call.structure("view"), call.text("hash"))
    return _answer(call, view)


METHODS = (
    Method("views.open", open_view, "", "tier4", ("trigger_id", "view")),
    Method("views.push", push, "", "tier4", ("trigger_id", "view")),
    Method("views.update", update, "", "tier4", ("view",)),
    Method("views.publish", publish, "", "tier4", ("user_id", "view")),
)
