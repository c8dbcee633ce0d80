"""The command line as an operator has it: a process, its exit code, and what it printed."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parent / "home"  # has a kubeconfig whose cluster never answers
_OURS = ("BERTH_", "SLACK_", "KUBECONFIG")


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed where; `out` on one line, however wide the terminal is."""

    code: int
    out: str
    err: str


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The machine's environment with none of our variables but these, a wide and plain terminal, and a home of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "COLUMNS": "240", "NO_COLOR": "1", "HOME": str(HOME), **variables}


def berth(*arguments: str, directory: Path, **variables: str) -> Said:
    """Run `berth` with these arguments and variables in this directory, to its end."""
    ended = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=directory,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Said(ended.returncode, ended.stdout, ended.stderr)
