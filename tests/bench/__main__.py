"""Measure everything, then print it. Exits 0 even where a goal is missed: the machine may be busy.

`python -m tests.bench passes starting` measures only what has one of these words in its title.
"""

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog
from rich.console import Console

from bot.cli.app_manifest import app_manifest
from tests.bench import acks, counts, programs
from tests.bench.cluster_speed import cluster_speed
from tests.bench.decisions import decisions
from tests.bench.nightfall import nightfall
from tests.bench.report import Figure, Section, at_most, show
from tests.bench.sweeps import sweeps
from tests.world import harbour, world

_STARTS: Final = 3
_READY: Final = 3.0  # seconds from `berth run` to /readyz


def main() -> None:
    """The benchmark."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with TemporaryDirectory(prefix="berth-bench-") as directory:
        show(_sections(Path(directory), sys.argv[1:]))


def _sections(directory: Path, words: list[str]) -> list[Section]:
    says = Console(stderr=True)
    found: list[Section] = []
    for title, measure in _MEASURES.items():
        if words and not any(word.lower() in title.lower() for word in words):
            continue
        says.print(f"measuring {title[0].lower()}{title[1:]} …", style="dim")
        place = directory / str(len(found))
        place.mkdir()
        found.append(Section(title, tuple(measure(place))))
    return found


def _acks(directory: Path, mode: str) -> Iterator[Figure]:
    http = mode == "http"
    with (
        programs.cluster(directory) as admin,
        programs.workspace(directory, _manifest(), http=http) as slack,
        acks.bare_bolt(directory, http=http) as bare,
        programs.berth(directory, _settings(directory, slack, admin), slack.deliver_to) as (running, _),
    ):
        yield from acks.compare(slack, bare)
        yield Figure("peak memory of the bot afterwards", f"{running.peak_memory() / 2**20:.0f} MiB")


def _start_up(directory: Path) -> Iterator[Figure]:
    with programs.cluster(directory) as admin, programs.workspace(directory, _manifest(), http=False) as slack:
        taken = []
        for _ in range(_STARTS):
            with programs.berth(directory, _settings(directory, slack, admin)) as (running, seconds):
                taken.append(seconds)
                memory = running.peak_memory()
    yield at_most(f"`berth run` until ready, median of {_STARTS}", statistics.median(taken), _READY, " s")
    yield Figure("memory once ready", f"{memory / 2**20:.0f} MiB")


def _counts(directory: Path) -> Iterator[Figure]:
    with (
        harbour(directory, None) as port,
        world(port, f"sqlite:///{directory / 'berth.sqlite'}", directory) as company,
    ):
        for cost in (*counts.life(company), counts.idle_sweep(company)):
            yield Figure(cost.act, f"{cost.requests.total()}, and {cost.calls.total()} calls of Slack")


def _sweeps(directory: Path) -> Iterator[Figure]:
    with programs.cluster(directory) as admin:
        yield from sweeps(directory, admin, programs.bot_kubeconfig(admin))


def _nightfall(directory: Path) -> Iterator[Figure]:
    with programs.cluster(directory) as admin:
        yield from nightfall(directory, admin, programs.bot_kubeconfig(admin))


def _cluster(directory: Path) -> Iterator[Figure]:
    with programs.cluster(directory) as admin:
        yield from cluster_speed(admin)


def _manifest() -> dict[str, object]:
    return app_manifest() or {}


def _settings(directory: Path, slack: programs.Workspace, admin: Path) -> dict[str, str]:
    return {
        **slack.settings,
        "BERTH_SLACK_MODE": "http" if slack.deliver_to else "socket",
        "BERTH_DATABASE_URL": f"sqlite:///{directory / 'berth.sqlite'}",
        "KUBECONFIG": str(programs.bot_kubeconfig(admin)),
    }


_MEASURES: Final = {
    "Delivery to ack (p50, p99) by Socket Mode": lambda place: _acks(place, "socket"),
    "Delivery to ack (p50, p99) by HTTP": lambda place: _acks(place, "http"),
    "Requests to the API server": _counts,
    "Timed passes": _sweeps,
    "Falling asleep all at once": _nightfall,
    "Decisions of sleep": decisions,
    "Starting": _start_up,
    "The sandbox cluster itself": _cluster,
}


if __name__ == "__main__":
    main()
