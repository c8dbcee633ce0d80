"""What admins do to many at once."""

from typing import Final

from handlers.grammar.rows import SELECTION, TO, Argument, CommandRow, Kind

SLEEP: Final = CommandRow(
    "admin sleep",
    "who would be put to sleep now, and who not and why; a button does it",
    "Admin",
    (*SELECTION, Argument("dry-run", Kind.FLAG, option=True)),
    ("admin sleep", "admin sleep team=payments --dry-run"),
)
WAKE: Final = CommandRow(
    "admin wake",
    "who would be woken now, and who not and why; a button does it",
    "Admin",
    SELECTION,
    ("admin wake team=payments",),
)
EXTEND: Final = CommandRow(
    "admin extend",
    "who would be extended so long; a button does it",
    "Admin",
    (Argument("duration", Kind.DURATION, required=True, shown="4h|2d"), *SELECTION),
    ("admin extend 1d cluster=main",),
)
TRANSFER: Final = CommandRow(
    "admin transfer",
    "what would be given to a colleague; a button does it",
    "Admin",
    (TO, *SELECTION),
    ("admin transfer @lin owner=@ada",),
)
DELETE: Final = CommandRow(
    "admin delete",
    "what would be deleted, and what not and why; a button does it once you have typed how many",
    "Admin",
    SELECTION,
    ("admin delete owner=@ada unused=30d", "admin delete name=ci-*"),
)
