"""What is answered to admins who ask what has no owner, and to whoever takes such an environment over."""

from bot.seams.slack import Message
from handlers.call import Call
from handlers.grammar import Command
from handlers.leaving import views


def orphans(call: Call, command: Command) -> Message:
    """/k8s admin orphans"""
    return views.orphans(call.uses.orphans.living(call.actor), call.tz)


def take_clicked(call: Call, environment_id: str) -> Message:
    """The button Take over: who clicks owns it from then on, if they may give it away at all."""
    taken, changed = call.uses.transfer.transfer(call.actor, environment_id, call.actor, call.source)
    return views.taken(taken, changed=changed)
