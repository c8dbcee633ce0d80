"""What is answered to those who ask for help."""

from bot.seams.slack import Message
from handlers.call import Call
from handlers.grammar import Command
from handlers.help import views


def help_(call: Call, command: Command) -> Message:
    """/k8s help"""
    return help_clicked(call, command.given.get("command", ""))


def help_clicked(call: Call, value: str) -> Message:
    """The button Help; its value is a command or nothing."""
    return views.one(value) if value else views.everything()
