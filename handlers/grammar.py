"""The grammar of /k8s: one table of commands, from which parsing, help, the manifest's hint and the README follow.

The table says what may be typed; `handlers.parsing` reads what was typed by it. A command, an argument or an option
that is not a row here does not exist, and nothing else may describe one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final

from bot.rules.catalogue import Catalogue
from bot.rules.durations import parse_duration
from handlers.ids import COMMAND
from handlers.typed import quoted


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


_COLLEAGUE: Final = Argument("colleague", Kind.COLLEAGUE, required=True, shown="@colleague")
_NAME: Final = Argument("name", Kind.ENVIRONMENT, required=True)
_SELECTION: Final = (
    Argument("team", Kind.TEAM, option=True),
    Argument("cluster", Kind.CLUSTER, option=True),
    Argument("owner", Kind.OWNER, option=True),
    Argument("phase", Kind.PHASE, option=True),
    Argument("name", Kind.PATTERN, option=True),
    Argument("unused", Kind.DURATION, option=True),
)
"""Which environments an admin means: as bot.rules.selection reads it."""
_WHOM: Final = Argument("whom", Kind.WHOM, required=True, shown="@colleague|team")

COMMANDS: Final[tuple[CommandRow, ...]] = (
    CommandRow("", "your environments and what you can do, with buttons", "Look", examples=("",)),
    CommandRow(
        "help",
        "every command, or one of them with examples",
        "Look",
        (Argument("command", Kind.COMMAND),),
        ("help", "help create"),
        ("man", "usage", "commands", "?", "h"),
    ),
    CommandRow(
        "create",
        "a new environment; without a name, a form",
        "Make",
        (
            Argument("name", Kind.NEW_NAME),
            Argument("template", Kind.TEMPLATE, option=True),
            Argument("size", Kind.SIZE, option=True),
            Argument("ttl", Kind.DURATION, option=True),
        ),
        ("create blue", "create blue template=web size=m ttl=3d"),
        ("new", "add", "make", "start", "up", "provision"),
    ),
    CommandRow(
        "list",
        "environments: yours, your team's, all that you may see, or those shared with you",
        "Look",
        (Argument("whose", Kind.WHOSE, shown="mine|team|all|shared"),),
        ("list", "list team"),
        ("ls", "show", "environments"),
    ),
    CommandRow(
        "status",
        "how one environment is, and what keeps it awake",
        "Look",
        (_NAME,),
        ("status blue",),
        ("info", "describe", "get", "state"),
    ),
    CommandRow(
        "sleep",
        "put it to sleep now; nothing is lost",
        "Sleep",
        (_NAME,),
        ("sleep blue",),
        ("stop", "pause", "suspend", "hibernate"),
    ),
    CommandRow(
        "wake",
        "bring it back as it fell asleep, for at least so long if you say so",
        "Sleep",
        (_NAME, Argument("duration", Kind.DURATION, shown="for 4h")),
        ("wake blue", "wake blue for 4h"),
        ("resume", "unpause", "awake"),
    ),
    CommandRow(
        "extend",
        "neither sleeps nor expires for at least this long from now",
        "Sleep",
        (_NAME, Argument("duration", Kind.DURATION, required=True, shown="4h|2d")),
        ("extend blue 4h", "extend blue 2d"),
        ("renew", "prolong", "keep", "snooze"),
    ),
    CommandRow(
        "schedule",
        "when it is to be awake: shows what applies, or sets hours, exceptions and idle time of its own",
        "Sleep",
        (_NAME, Argument("hours", Kind.REST, shown="hours…")),
        (
            "schedule blue",
            "schedule blue weekdays 08:00-19:00 Europe/Berlin holidays=DE-BY stay-asleep",
            "schedule blue off 2026-12-24",
            "schedule blue on 2026-11-28 10:00-18:00",
            "schedule blue idle 8h",
            "schedule blue idle default",
            "schedule blue off",
        ),
        ("hours", "cron", "workhours", "timetable"),
    ),
    CommandRow(
        "why",
        "what happens to it next, when, by which rule, and what last kept it awake",
        "Sleep",
        (_NAME,),
        ("why blue",),
        ("explain", "reason", "when"),
    ),
    CommandRow(
        "resize",
        "another size for it; without one, a form",
        "Make",
        (_NAME, Argument("size", Kind.SIZE)),
        ("resize blue", "resize blue l"),
        ("scale", "grow", "shrink", "bigger", "smaller"),
    ),
    CommandRow(
        "delete",
        "remove it for good; says first what would be lost, and asks",
        "Make",
        (_NAME,),
        ("delete blue",),
        ("rm", "remove", "destroy", "drop", "kill", "down"),
        harmless=False,
    ),
    CommandRow(
        "transfer",
        "give it to a colleague; you have no access to it any more then",
        "Make",
        (_NAME, Argument("to", Kind.COLLEAGUE, required=True, shown="@colleague")),
        ("transfer blue @lin",),
        ("give", "handover", "chown"),
        harmless=False,
    ),
    CommandRow(
        "connect",
        "a kubeconfig for kubectl, for some hours, shown to you alone",
        "Use",
        (_NAME,),
        ("connect blue",),
        ("kubeconfig", "login", "access", "credentials", "kubectl"),
    ),
    CommandRow(
        "disconnect",
        "end every kubeconfig of yours at once, on all clusters",
        "Use",
        examples=("disconnect",),
        also=("logout", "signout", "revoke"),
    ),
    CommandRow(
        "share",
        "let a colleague or a team see it or work in it, for as long as you say",
        "Use",
        (
            _NAME,
            _WHOM,
            Argument("access", Kind.ACCESS, shown="view|edit"),
            Argument("duration", Kind.DURATION, shown="for 2d"),
        ),
        ("share blue @lin edit for 2d", "share blue lin@example.com view", "share blue team"),
        ("grant", "invite", "give", "allow"),
        harmless=False,
    ),
    CommandRow(
        "unshare",
        "take that back",
        "Use",
        (_NAME, _WHOM),
        ("unshare blue @lin", "unshare blue team"),
        ("ungrant", "uninvite", "deny"),
        harmless=False,
    ),
    CommandRow(
        "cost",
        "what your environments cost, and what sleeping saved",
        "Look",
        (Argument("name", Kind.ENVIRONMENT),),
        ("cost", "cost blue"),
        ("costs", "price", "bill", "spend"),
    ),
    CommandRow(
        "limits",
        "what you, your team and the clusters may have, and what of it is used",
        "Look",
        examples=("limits",),
        also=("quota", "quotas", "limit", "budget"),
    ),
    CommandRow(
        "admin",
        "all environments: how many, what they request and cost, what fails; with filters",
        "Admin",
        _SELECTION,
        ("admin", "admin team=payments unused=7d", "admin name=ci-*"),
    ),
    CommandRow(
        "admin pause",
        "nothing falls asleep or is deleted because of time, until resume",
        "Admin",
        (Argument("reason", Kind.REST, shown="reason…"),),
        ("admin pause", "admin pause the storage is being moved"),
        harmless=False,
    ),
    CommandRow(
        "admin resume", "time goes on; everybody is warned anew", "Admin", examples=("admin resume",), harmless=False
    ),
    CommandRow(
        "admin sleep",
        "who would be put to sleep now, and who not and why; a button does it",
        "Admin",
        (*_SELECTION, Argument("dry-run", Kind.FLAG, option=True)),
        ("admin sleep", "admin sleep team=payments --dry-run"),
    ),
    CommandRow(
        "admin orphans",
        "environments whose owner has left, why, and when they end",
        "Admin",
        examples=("admin orphans",),
    ),
    CommandRow(
        "admin limits",
        "what a team, a person or a cluster may have, what is used, who is over; sets it, or takes it back",
        "Admin",
        (Argument("change", Kind.REST, shown="payments|@person|cluster] [cpu=40…|reset"),),
        (
            "admin limits",
            "admin limits payments",
            "admin limits payments cpu=40 memory=80Gi environments=10",
            "admin limits @ada budget=none",
            "admin limits payments reset",
        ),
        harmless=False,
    ),
    CommandRow(
        "admin map",
        "settle who somebody is on the clusters, whatever Slack and their login say",
        "Admin",
        (_COLLEAGUE, Argument("email", Kind.EMAIL, required=True)),
        ("admin map @ada ada@example.com",),
        harmless=False,
    ),
    CommandRow(
        "admin unmap",
        "let somebody be again who Slack or their login says",
        "Admin",
        (_COLLEAGUE,),
        ("admin unmap @ada",),
        harmless=False,
    ),
    CommandRow(
        "link",
        "prove who you are with your company login; gives a link for you alone",
        "Use",
        examples=("link",),
        also=("sso", "oidc", "signin"),
    ),
    CommandRow("unlink", "end that link", "Use", examples=("unlink",), harmless=False),
    CommandRow(
        "admin wake",
        "who would be woken now, and who not and why; a button does it",
        "Admin",
        _SELECTION,
        ("admin wake team=payments",),
    ),
    CommandRow(
        "admin extend",
        "who would be extended so long; a button does it",
        "Admin",
        (Argument("duration", Kind.DURATION, required=True, shown="4h|2d"), *_SELECTION),
        ("admin extend 1d cluster=main",),
    ),
    CommandRow(
        "admin transfer",
        "what would be given to a colleague; a button does it",
        "Admin",
        (Argument("to", Kind.COLLEAGUE, required=True, shown="@colleague"), *_SELECTION),
        ("admin transfer @lin owner=@ada",),
    ),
    CommandRow(
        "admin delete",
        "what would be deleted, and what not and why; a button does it once you have typed how many",
        "Admin",
        _SELECTION,
        ("admin delete owner=@ada unused=30d", "admin delete name=ci-*"),
    ),
    CommandRow(
        "admin protect",
        "it neither sleeps nor is deleted, whoever asks, until an admin ends that",
        "Admin",
        (_NAME, Argument("reason", Kind.REST, shown="reason…")),
        ("admin protect blue", "admin protect blue the trade fair"),
        harmless=False,
    ),
    CommandRow(
        "admin unprotect",
        "it sleeps and ends again like any other, after a warning",
        "Admin",
        (_NAME,),
        ("admin unprotect blue",),
        harmless=False,
    ),
    CommandRow(
        "admin announce",
        "a direct message to everybody who has an environment on a cluster, or on any",
        "Admin",
        (
            Argument("cluster", Kind.CLUSTERS, required=True, shown="cluster|all"),
            Argument("text", Kind.REST, required=True, shown="text…"),
        ),
        ("admin announce all The clusters are updated on Monday from 8 to 9.",),
        harmless=False,
    ),
    CommandRow(
        "admin audit",
        "who did what, when, from where, and what changed; exported as a file",
        "Admin",
        (Argument("what", Kind.REST, shown="blue|@colleague|7d"),),
        ("admin audit", "admin audit blue", "admin audit @ada 30d"),
    ),
    CommandRow(
        "admin adoption",
        "who came, made something and came back, weekly; how soon it ran, and what stopped people",
        "Admin",
        examples=("admin adoption",),
    ),
    CommandRow("whoami", "who Berth takes you for: team, role, e-mail", "Use", examples=("whoami",), also=("me", "id")),
)

GROUPS: Final = ("Make", "Use", "Sleep", "Look", "Admin")
ROWS: Final[Mapping[str, CommandRow]] = {row.word: row for row in COMMANDS}
FIRST_WORDS: Final = tuple(dict.fromkeys(row.word.partition(" ")[0] for row in COMMANDS if row.word))
SYNONYMS: Final[Mapping[str, str]] = {other: row.word for row in COMMANDS for other in row.also}
UNIT: Final = re.compile(r"weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?", re.IGNORECASE)
DURATION: Final = re.compile(rf"[-+]?(?:[0-9]+(?:[wdhms]|{UNIT.pattern}))+", re.IGNORECASE)
"""What looks like a duration, whether or not it is one."""

_MISTAKEN: Final = re.compile(r"[=:']|^[-?]")
WHOSE: Final = ("mine", "team", "all", "shared")
ACCESS: Final = ("view", "edit")


@dataclass(frozen=True)
class Vocabulary:
    """The words a company chose: its templates, sizes, teams and clusters."""

    templates: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()

    @staticmethod
    def of(catalogue: Catalogue) -> "Vocabulary":
        """The words of a catalogue."""
        named = (catalogue.templates, catalogue.sizes, catalogue.teams, catalogue.clusters)
        return Vocabulary(*(tuple(one.name for one in entries) for entries in named))


@dataclass(frozen=True)
class Command:
    """What was typed, understood: every value is valid for its kind; environments' names are as typed."""

    word: str
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def row(self) -> CommandRow:
        """Its row of the table."""
        return ROWS[self.word]

    def value(self, word: str) -> str:
        """A required argument's value. Raises KeyError for one that is not the command's."""
        return self.given[word]

    def duration(self, word: str) -> timedelta | None:
        """A duration, or None where none was typed."""
        return parse_duration(self.given[word]) if word in self.given else None

    def replaced(self, word: str, value: str) -> "Command":
        """The same command with another value."""
        return Command(self.word, {**self.given, word: value})

    def line(self) -> str:
        """The command as it would be typed after /k8s, in the table's order."""
        return " ".join([*filter(None, [self.word]), *self._values()])

    def _values(self) -> list[str]:
        present = [argument for argument in self.row.arguments if argument.word in self.given]
        return [_written(one, self.given[one.word]) for one in present]


def _written(argument: Argument, value: str) -> str:
    """The argument as typed; by its name where the bare value would be read as something else."""
    if argument.kind is Kind.REST:
        return value
    if argument.kind is Kind.FLAG:
        return f"--{argument.word}"
    mistaken = _MISTAKEN.search(value) or (DURATION.fullmatch(value) and argument.kind is not Kind.DURATION)
    return f"{argument.word}={quoted(value)}" if argument.option or mistaken else quoted(value)


def usage_hint() -> str:
    """What Slack shows behind /k8s in its menu."""
    return "[" + " | ".join(FIRST_WORDS) + "]"


def readme_table() -> str:
    """The README's table of commands, as Markdown."""
    rows = (f"| `{_cell(row.usage)}` | {_cell(row.summary)} |" for row in COMMANDS)
    return "\n".join(["| Command | What you get |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
