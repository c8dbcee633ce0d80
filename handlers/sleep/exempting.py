"""What is answered to those who let an environment never sleep, and to those who let it sleep again."""

from typing import Any

from bot.seams.slack import Message
from handlers.blocks import View, code, escape, message, person
from handlers.call import Call, Modal
from handlers.environments.forms import notice_view
from handlers.sleep.forms import exempt_form, given_reason


def exempt_clicked(call: Call, environment_id: str) -> Modal:
    """The button Never sleep it…: asks for the reason, of those who may."""
    return Modal(exempt_form(call.uses.exemptions.check(call.actor, environment_id)))


def exempt_given(call: Call, view: dict[str, Any]) -> View:
    """The reason was given."""
    exemptions, reason = call.uses.exemptions, given_reason(view)
    row, changed = exemptions.exempt(call.actor, view["private_metadata"], reason, call.source)
    already = "" if changed else " already"
    said = f"{escape(row.never_sleep_reason or '')} ({person(row.never_sleep_by or '')})"
    return notice_view("Never sleep it", f"{code(row.name)} never sleeps by itself{already}: {said}.")


def exempt_end_clicked(call: Call, environment_id: str) -> Message:
    """The button Let it sleep again."""
    row, changed = call.uses.exemptions.lift(call.actor, environment_id, call.source)
    if not changed:
        return message(f"Nothing to do: {code(row.name)} is not exempt from sleep.")
    return message(f"{code(row.name)} sleeps again when nobody uses it. Before it does, its owner is warned.")
