"""What admins are answered about limits."""

from bot.seams.slack import Message
from handlers.call import Call
from handlers.grammar import Command
from handlers.limits import standing
from handlers.typed import words


def limits(call: Call, command: Command) -> Message:
    """/k8s admin limits: shows what holds and is used; with `cpu=40` or `reset` changes it first."""
    typed = words(command.given.get("change", ""))
    return standing.book(call.uses.limits.administered(call.actor, typed, call.source), call.tz)
