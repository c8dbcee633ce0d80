"""How long a command takes from its delivery to its acknowledgement, beside the same for a Bolt app that only acks.

Both apps live through the whole measurement and are asked in turns, a burst at a time, so that whatever else the
machine does falls on both. The sandbox workspace measures: from giving a payload to the app until its acknowledgement.
"""

import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.programs import Workspace, answers, program, until, workspace
from tests.bench.report import Figure

COMMANDS: Final = 200
AT_ONCE: Final = 20
GOAL: Final = 1.5  # times as long as the bare app, at the 99th percentile
MIX: Final = ("/k8s list", "/k8s status blue", "/k8s create bench-{}")
_WARM_UP: Final = 40
_MANIFEST: Final[dict[str, Any]] = {
    "display_information": {"name": "Bare"},
    "features": {"slash_commands": [{"command": "/bare", "description": "acknowledges"}]},
    "oauth_config": {"scopes": {"bot": ["commands"]}},
}


@dataclass(frozen=True)
class Times:
    """Milliseconds from delivery to acknowledgement."""

    milliseconds: Sequence[float]

    def percentile(self, percent: int) -> float:
        """The time within which that share of the commands was acknowledged."""
        return statistics.quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]

    def __str__(self) -> str:
        return f"{self.percentile(50):.0f}, {self.percentile(99):.0f} ms"


class Crowd:
    """People who type commands at once into one workspace."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack
        channels = slack.control.get("/as/ada/channels").json()
        self._channel = next(each["id"] for each in channels if each["name"] == "general")
        self._typed = 0

    def type(self, command: str, times: int) -> list[float]:
        """Type a command so many times at once; `{}` in it stands for a running number. Gives milliseconds each.

        Raises RuntimeError where one was not acknowledged.
        """
        self._slack.control.delete("/payloads")
        lines = [command.format(self._typed + number) for number in range(times)]
        self._typed += times
        with ThreadPoolExecutor(times) as people:
            answers = list(people.map(self._say, lines))
        if not all(answer["ok"] for answer in answers):
            raise RuntimeError(f"{command} was not acknowledged: {answers}")
        return [row["took_ms"] for row in self._slack.control.get("/payloads").json()]

    def _say(self, line: str) -> Any:
        return self._slack.control.post("/as/ada/command", json={"channel": self._channel, "text": line}).json()


@contextmanager
def bare_bolt(directory: Path, *, http: bool) -> Iterator[Workspace]:
    """A workspace whose app only acknowledges `/bare`."""
    with workspace(directory, _MANIFEST, http=http) as slack:
        environment = {**slack.settings, "ADDRESS": slack.deliver_to}
        with program(["tests.bench.bare_bolt"], directory / "bare.log", environment) as running:
            until(lambda: answers(f"http://{slack.deliver_to}/healthz") if http else slack.connected(), running)
            yield slack


def compare(berth: Workspace, bare: Workspace) -> Iterator[Figure]:
    """For each kind of command, Berth's times beside the bare app's."""
    ours, bares = Crowd(berth), Crowd(bare)
    ours.type("/k8s create blue", 1)
    for crowd, command in ((ours, "/k8s list"), (bares, "/bare")):
        for _ in range(_WARM_UP // AT_ONCE):
            crowd.type(command, AT_ONCE)
    for command in MIX:
        our_times, bare_times = [], []
        for _ in range(COMMANDS // AT_ONCE):
            our_times += ours.type(command, AT_ONCE)
            bare_times += bares.type("/bare", AT_ONCE)
        yield _figure(command, Times(our_times), Times(bare_times))


def _figure(command: str, ours: Times, bares: Times) -> Figure:
    ratio = ours.percentile(99) / bares.percentile(99)
    found = f"{ours}; bare Bolt {bares}; {ratio:.2f}×"
    return Figure(command.format("…"), found, f"≤ {GOAL}× at p99", ratio <= GOAL)
