"""How the command line tells people things: results on stdout, troubles on stderr, never a traceback for a mistake."""

from collections.abc import Iterable
from typing import NoReturn

import typer
from rich.console import Console
from rich.text import Text

from bot.config import Catalogue, ConfigError, Problem, Settings, load

out = Console()
err = Console(stderr=True)

MISCONFIGURED = 2  # exit code


def configured() -> tuple[Settings, Catalogue]:
    """The whole configuration; where it has mistakes, they are listed and the command ends with exit code 2."""
    try:
        return load()
    except ConfigError as error:
        refuse(error.problems)


def refuse(problems: Iterable[Problem]) -> NoReturn:
    """List what is wrong with the configuration and end."""
    listed = list(problems)
    err.print(Text(f"The configuration has {_count(len(listed))}:", style="bold red"))
    for problem in listed:
        err.print(Text(f"  • {problem}"), soft_wrap=True)
    raise typer.Exit(MISCONFIGURED)


def fail(message: str) -> NoReturn:
    """Say why the command cannot do what was asked, and end with exit code 1."""
    err.print(Text(message, style="red"), soft_wrap=True)
    raise typer.Exit(1)


def _count(number: int) -> str:
    return "1 mistake" if number == 1 else f"{number} mistakes"
