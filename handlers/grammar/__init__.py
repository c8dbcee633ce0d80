"""The grammar of /k8s: one table of commands, from which parsing, help, the manifest's hint and the README follow.

The table says what may be typed; `handlers.parsing` reads what was typed by it. A command, an argument or an option
that is not a row here does not exist, and nothing else may describe one. The rows stand in files by noun, and `table`
joins them.
"""

from handlers.grammar.command import ACCESS, DURATION, UNIT, WHOSE, Command, Vocabulary
from handlers.grammar.rows import Argument, CommandRow, Kind
from handlers.grammar.table import COMMANDS, FIRST_WORDS, GROUPS, ROWS, SYNONYMS, readme_table, usage_hint

__all__ = [
    "ACCESS",
    "COMMANDS",
    "DURATION",
    "FIRST_WORDS",
    "GROUPS",
    "ROWS",
    "SYNONYMS",
    "UNIT",
    "WHOSE",
    "Argument",
    "Command",
    "CommandRow",
    "Kind",
    "Vocabulary",
    "readme_table",
    "usage_hint",
]
