"""The bot as a process of its own, started as an operator would start it: by `berth run` and the environment."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

_OURS: Final = ("BERTH_", "SLACK_", "KUBECONFIG")
_POLL: Final = 0.05  # seconds
_STOP: Final = 15.0  # seconds to stop before the process is killed


class BotProcess:
    """A context manager: starts the bot, and stops it at the end."""

    def __init__(self, log: Path, settings: Mapping[str, str]) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        self._environment = _clean_environment() | {"BERTH_HTTP_ADDRESS": f"127.0.0.1:{port}"}
        self._environment.update(settings)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = self._run(log.fileno())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is None or not self.is_running():
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def is_ready_within(self, seconds: float) -> bool:
        """Whether the bot says that it is ready before this time is over; False as soon as it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.is_running():
            if self._is_ready():
                return True
            time.sleep(_POLL)
        return False

    def is_running(self) -> bool:
        """Whether the bot has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait(self) -> None:
        """Return when the bot has ended."""
        while self.is_running():  # in a wait without an end, a signal that comes just before it is not seen
            time.sleep(_POLL)

    def last_lines(self, count: int) -> str:
        """The end of what the bot logged."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-count:])

    def _is_ready(self) -> bool:
        try:
            with build_opener(ProxyHandler({})).open(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def _run(self, log: int) -> subprocess.Popen[bytes]:
        """In a session of its own: a Ctrl-C is for the demo, which then stops the bot in order."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _clean_environment() -> dict[str, str]:
    """What was set for a real workspace or cluster must not reach a demo, nor a proxy what is on this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
