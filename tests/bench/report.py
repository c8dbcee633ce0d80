"""What was measured, beside its goal, as one table for a person to read."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One line of the report. `met` is None where there is no goal."""

    what: str
    found: str
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Section:
    """Figures that were measured together, and how."""

    title: str
    figures: tuple[Figure, ...]


def at_most(what: str, found: float, goal: float, unit: str = "") -> Figure:
    """A figure that must not be larger than its goal."""
    return Figure(what, f"{found:.2f}{unit}", f"≤ {goal:g}{unit}", found <= goal)


def at_least(what: str, found: float, goal: float, unit: str = "") -> Figure:
    """A figure that must not be smaller than its goal."""
    return Figure(what, f"{found:,.0f}{unit}", f"≥ {goal:,g}{unit}", found >= goal)


def show(sections: Iterable[Section]) -> None:
    """Print the report."""
    where = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table("", "measured", "goal", "", title=f"Berth on this machine: {where}")
    missed: list[str] = []
    for section in sections:
        table.add_section()
        table.add_row(f"[bold]{section.title}[/]", "", "", "")
        for figure in section.figures:
            table.add_row(f"  {figure.what}", figure.found, figure.goal, _verdict(figure))
        missed += [f"{section.title}: {figure.what}" for figure in section.figures if figure.met is False]
    console = Console(width=None if Console().is_terminal else 120)
    console.print(table)
    console.print("Every goal is met." if not missed else "\n  ".join(["Missed:", *missed]))


def _verdict(figure: Figure) -> str:
    return {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[figure.met]
