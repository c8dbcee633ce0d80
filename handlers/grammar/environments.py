"""Environments: made, looked at, given away and removed."""

from typing import Final

from handlers.grammar.rows import NAME, TO, Argument, CommandRow, Kind

CREATE: Final = CommandRow(
    "create",
    "a new environment; without a name, a form",
    "Make",
    (
        Argument("name", Kind.NEW_NAME),
        Argument("template", Kind.TEMPLATE, option=True),
        Argument("size", Kind.SIZE, option=True),
        Argument("ttl", Kind.DURATION, option=True),
        Argument("team", Kind.TEAM, option=True),
        Argument("cluster", Kind.CLUSTER, option=True),
    ),
    ("create blue", "create blue template=web size=m ttl=3d"),
    ("new", "add", "make", "start", "up", "provision"),
)
LIST: Final = CommandRow(
    "list",
    "environments: yours, your team's, all that you may see, or those shared with you",
    "Look",
    (Argument("whose", Kind.WHOSE, shown="mine|team|all|shared"),),
    ("list", "list team"),
    ("ls", "show", "environments"),
)
STATUS: Final = CommandRow(
    "status",
    "how one environment is, and what keeps it awake",
    "Look",
    (NAME,),
    ("status blue",),
    ("info", "describe", "get", "state"),
)
RESIZE: Final = CommandRow(
    "resize",
    "another size for it; without one, a form",
    "Make",
    (NAME, Argument("size", Kind.SIZE)),
    ("resize blue", "resize blue l"),
    ("scale", "grow", "shrink", "bigger", "smaller"),
)
DELETE: Final = CommandRow(
    "delete",
    "remove it for good; says first what would be lost, and asks",
    "Make",
    (NAME,),
    ("delete blue",),
    ("rm", "remove", "destroy", "drop", "kill", "down"),
    harmless=False,
)
TRANSFER: Final = CommandRow(
    "transfer",
    "give it to a colleague; you have no access to it any more then",
    "Make",
    (NAME, TO),
    ("transfer blue @lin",),
    ("give", "handover", "chown"),
    harmless=False,
)
