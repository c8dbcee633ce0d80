"""Bots to kill: each a process of its own, forked from one that has imported the bot already, to start at once.

Run as a program this is that one: it reads a bot's environment a line, and answers with the process's number. Nothing
of the bot runs before the fork; from there on it is what `berth run` runs.
"""

import gc
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bot.cli.running import run_bot
from tests.sandbox.slack.person import until
from tests.world import Harbour

_OURS: Final = ("BERTH_", "SLACK_", "KUBECONFIG")
_ROOT: Final = Path(__file__).parent.parent.parent


class Nursery:
    """Starts bots in one harbour on one database."""

    def __init__(self, harbour: Harbour, directory: Path, database_url: str) -> None:
        self._harbour = harbour
        self._log = directory / "bots.log"
        self._settings = {
            "SLACK_API_URL": harbour.slack.api_url,
            "SLACK_BOT_TOKEN": harbour.slack.bot_token,
            "SLACK_APP_TOKEN": harbour.slack.app_token,
            "BERTH_CONFIG": str(directory / "berth.yaml"),
            "BERTH_DATABASE_URL": database_url,
            "BERTH_HTTP_ADDRESS": "127.0.0.1:0",
            "KUBECONFIG": str(harbour.bot_kubeconfig),
            "BERTH_TEST_LOG": str(self._log),
        }
        self._mother: subprocess.Popen[str] | None = None
        self._living: list[int] = []

    def __enter__(self) -> Self:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.nursery"],
            env=kept | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"},
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while self._living:
            self.kill()
        if self._mother is not None:
            self._mother.communicate()

    def start(self) -> None:
        """One more bot; returns when Slack can reach it."""
        assert self._mother is not None
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        print(json.dumps(self._settings), file=self._mother.stdin, flush=True)
        self._living.append(int(self._mother.stdout.readline()))
        self._harbour.control.connected(len(self._living))

    def kill(self, number: int | None = None) -> None:
        """A bot, by default the oldest, is gone without a word and without a chance to tidy up."""
        number = number or self._living[0]
        self._living.remove(number)
        os.kill(number, signal.SIGKILL)
        until(lambda: not _lives(number), "the end of a killed process")
        self._harbour.control.connected(len(self._living))

    @property
    def said(self) -> str:
        """What the bots have logged."""
        return self._log.read_text() if self._log.exists() else ""


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def _be_mother() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    gc.freeze()  # what is imported by now is shared, and no bot need walk through it
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _be_bot(json.loads(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _be_bot(environment: dict[str, str]) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(environment.pop("BERTH_TEST_LOG"), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(environment)
    run_bot()
    os._exit(0)


if __name__ == "__main__":
    _be_mother()
