"""What is there, and how it is used."""

from typing import Final

from handlers.grammar.rows import Argument, CommandRow, Kind

HOME: Final = CommandRow("", "your environments and what you can do, with buttons", "Look", examples=("",))
HELP: Final = CommandRow(
    "help",
    "every command, or one of them with examples",
    "Look",
    (Argument("command", Kind.COMMAND),),
    ("help", "help create"),
    ("man", "usage", "commands", "?", "h"),
)
