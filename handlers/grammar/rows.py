"""What a row of the grammar is made of: a command, its arguments, and what an argument's value is."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from handlers.ids import COMMAND


class Kind(Enum):
    """What an argument's value is."""

    ENVIRONMENT = "environment"
    NEW_NAME = "new name"
    DURATION = "duration"
    WHOSE = "list"
    COMMAND = "command"
    TEMPLATE = "template"
    SIZE = "size"
    TEAM = "team"
    CLUSTER = "cluster"
    OWNER = "owner"
    COLLEAGUE = "colleague"
    EMAIL = "e-mail"
    CLUSTERS = "cluster, or all"
    PHASE = "phase"
    PATTERN = "pattern of names"
    WHOM = "colleague or team"
    ACCESS = "access"
    FLAG = "flag"  # there or not, as `--word`
    REST = "rest of the line"


@dataclass(frozen=True)
class Argument:
    """One value of a command; `option` ones are written `word=value`, the others stand at their place."""

    word: str
    kind: Kind
    required: bool = False
    option: bool = False
    shown: str = ""  # what a usage line has between the brackets, if not the word
    verbatim: bool = False  # a rest of the line that is kept as typed, with quotes, lines and Slack's own markup

    @property
    def usage(self) -> str:
        """How a usage line shows it."""
        if self.kind is Kind.FLAG:
            return f"[--{self.word}]"
        if self.option:
            return f"[{self.word}=]"
        shown = self.shown or self.word
        return f"<{shown}>" if self.required else f"[{shown}]"


@dataclass(frozen=True)
class CommandRow:
    """One command; `word` may be two words, `admin pause`.

    `also` are words that people type for it; they are suggested, not accepted.
    """

    word: str
    summary: str
    group: str
    arguments: tuple[Argument, ...] = ()
    examples: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    harmless: bool = True  # a mended line of it may be run with one click

    @property
    def usage(self) -> str:
        """The whole line, as help and the README show it."""
        return " ".join([COMMAND, *filter(None, [self.word]), *(argument.usage for argument in self.arguments)])

    @property
    def places(self) -> tuple[Argument, ...]:
        """The arguments that stand at their place."""
        return tuple(argument for argument in self.arguments if not argument.option)

    @property
    def options(self) -> tuple[Argument, ...]:
        """The arguments written `word=value`."""
        return tuple(argument for argument in self.arguments if argument.option)


COLLEAGUE: Final = Argument("colleague", Kind.COLLEAGUE, required=True, shown="@colleague")
TO: Final = Argument("to", Kind.COLLEAGUE, required=True, shown="@colleague")
NAME: Final = Argument("name", Kind.ENVIRONMENT, required=True)
SELECTION: Final = (
    Argument("team", Kind.TEAM, option=True),
    Argument("cluster", Kind.CLUSTER, option=True),
    Argument("owner", Kind.OWNER, option=True),
    Argument("phase", Kind.PHASE, option=True),
    Argument("name", Kind.PATTERN, option=True),
    Argument("unused", Kind.DURATION, option=True),
)
"""Which environments an admin means: as bot.rules.selection reads it."""
