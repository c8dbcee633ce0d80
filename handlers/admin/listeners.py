"""What is answered to admins who stop and restart what time does; others are told who is one."""

from bot.seams.slack import Message
from handlers.admin import views
from handlers.call import Call
from handlers.grammar import Command


def pause(call: Call, command: Command) -> Message:
    """/k8s admin pause"""
    return views.paused(call.uses.admin.pause(call.actor, command.given.get("reason", ""), call.source))


def resume(call: Call, command: Command) -> Message:
    """/k8s admin resume"""
    return views.resumed(was_paused=call.uses.admin.resume(call.actor, call.source))
