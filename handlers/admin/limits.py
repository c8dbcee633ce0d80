"""What admins are answered about limits."""

from handlers.call import Call, Later
from handlers.grammar import Command
from handlers.limits import standing
from handlers.typed import words


def limits(call: Call, command: Command) -> Later:
    """/k8s admin limits: shows what holds and is used; with `cpu=40` or `reset` changes it first. May ask Slack."""
    typed = words(command.given.get("change", ""))
    return Later(lambda: standing.book(call.uses.limits.administered(call.actor, typed, call.source), call.tz))
