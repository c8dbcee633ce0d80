"""The table of commands, in the order in which people are shown them."""

from collections.abc import Mapping
from typing import Final

from handlers.grammar import access, admin, bulk, costs, environments, home, sleep
from handlers.grammar.rows import CommandRow

COMMANDS: Final[tuple[CommandRow, ...]] = (
    home.HOME,
    home.HELP,
    environments.CREATE,
    environments.LIST,
    environments.STATUS,
    sleep.SLEEP,
    sleep.WAKE,
    sleep.EXTEND,
    sleep.SCHEDULE,
    sleep.WHY,
    environments.RESIZE,
    environments.DELETE,
    environments.TRANSFER,
    access.CONNECT,
    access.DISCONNECT,
    access.SHARE,
    access.UNSHARE,
    costs.COST,
    costs.LIMITS,
    admin.OVERVIEW,
    admin.PAUSE,
    admin.RESUME,
    bulk.SLEEP,
    admin.ORPHANS,
    admin.LIMITS,
    admin.MAP,
    admin.UNMAP,
    access.LINK,
    access.UNLINK,
    bulk.WAKE,
    bulk.EXTEND,
    bulk.TRANSFER,
    bulk.DELETE,
    admin.PROTECT,
    admin.UNPROTECT,
    admin.ANNOUNCE,
    admin.AUDIT,
    admin.ADOPTION,
    access.WHOAMI,
)

GROUPS: Final = ("Make", "Use", "Sleep", "Look", "Admin")
ROWS: Final[Mapping[str, CommandRow]] = {row.word: row for row in COMMANDS}
FIRST_WORDS: Final = tuple(dict.fromkeys(row.word.partition(" ")[0] for row in COMMANDS if row.word))
SYNONYMS: Final[Mapping[str, str]] = {other: row.word for row in COMMANDS for other in row.also}


def usage_hint() -> str:
    """What Slack shows behind /k8s in its menu."""
    return "[" + " | ".join(FIRST_WORDS) + "]"


def readme_table() -> str:
    """The README's table of commands, as Markdown."""
    rows = (f"| `{_cell(row.usage)}` | {_cell(row.summary)} |" for row in COMMANDS)
    return "\n".join(["| Command | What you get |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
