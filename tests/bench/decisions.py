"""What deciding costs: of sleep for ten thousand environments, and a pass over five thousand of which none is due.

The pass runs in a process of its own, so that its memory is its own, and its cluster is one that nobody answers at: a
request would fail, and show.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from structlog.testing import capture_logs

from bot.clock import SystemClock
from bot.config import load_catalogue
from bot.reconcile.hearing import Hearing
from bot.reconcile.lifetimes import Lifetimes
from bot.rules.agenda import judge, shift_of
from bot.seams.cluster import Clusters
from bot.usecases.policies import policy_for, use_of
from store.database import Store
from store.schema import migrate
from store.tables import Environment
from tests.bench.programs import peak_memory
from tests.bench.report import Figure, at_most
from tests.bench.sweeps import environment

DECIDED: Final = 10_000
DECIDED_WITHIN: Final = 0.5  # seconds
QUIET: Final = 5_000
QUIET_WITHIN: Final = 1.0  # seconds
QUIET_MEMORY: Final = 250  # MB
_HOURS: Final = (
    "weekdays {begin}-19:00 Europe/Berlin holidays=DE-BY",
    "mon-thu {begin}-12:00,13:00-18:00; fri {begin}-14:00 Europe/Paris holidays=FR stay-asleep",
    "weekdays {begin}-17:00 America/New_York holidays=US-NY; off 2026-12-24..2027-01-02",
    "weekdays {begin}-18:30 Australia/Sydney holidays=AU-NSW; on 2026-11-28 10:00-18:00",
)


@dataclass(frozen=True)
class Quiet:
    """One pass with nothing due: how many were judged, how long it took, and the peak memory of its process."""

    judged: int
    tried: int  # requests to a cluster
    seconds: float
    mb: float


def decisions(directory: Path) -> Iterator[Figure]:
    """The figures."""
    first = deciding(DECIDED)
    yield at_most(f"sleep decided of {DECIDED:,} environments", deciding(DECIDED, minutes=1), DECIDED_WITHIN, " s")
    yield Figure("the same for the first time, with calendars to load and texts to read", f"{first:.2f} s")
    found = quiet_pass(directory, QUIET)
    yield at_most(f"pass with none due, {QUIET:,} environments", found.seconds, QUIET_WITHIN, " s")
    yield at_most("the same, peak memory of the process", found.mb, QUIET_MEMORY, " MB")
    yield at_most("the same, requests", found.tried, 0)


def deciding(count: int, minutes: int = 0) -> float:
    """Seconds for which policy applies, where it stands in its hours, and what is to be done, of so many."""
    catalogue, now = load_catalogue(None), SystemClock().now() + timedelta(minutes=minutes)
    rows = _rows(count)
    began = time.perf_counter()
    for row in rows:
        policy = policy_for(row, catalogue)
        judge(use_of(row, shift_of(policy, now)), policy, now)
    return time.perf_counter() - began


@cache
def _rows(count: int) -> list[Environment]:
    """So many environments with working hours; to make them takes far longer than to decide of them."""
    return [_scheduled(number) for number in range(count)]


def quiet_pass(directory: Path, count: int) -> Quiet:
    """One pass over so many environments, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.decisions", str(directory), str(count)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Quiet(**json.loads(said))


def _scheduled(number: int) -> Environment:
    row = environment(number, "main")
    begin = f"{6 + number % 5:02}:{number % 59:02}"
    row.working_hours = _HOURS[number % len(_HOURS)].format(begin=begin)
    row.last_activity_at -= timedelta(minutes=number % 700)
    return row


def _pass(directory: Path, count: int) -> dict[str, Any]:
    store = Store(f"sqlite:///{directory / 'quiet.sqlite'}")
    migrate(store)
    with store.begin() as records:
        for number in range(count):
            records.environments.add(_scheduled(number))
    catalogue = load_catalogue(None)
    clusters, clock = Clusters(catalogue.clusters, "/nowhere", 1), SystemClock()
    hearing = Hearing(store, clusters, catalogue, clock, began=clock.now())
    lifetimes = Lifetimes(store, clusters, catalogue, clock, hearing)
    began = time.perf_counter()
    with capture_logs() as said:
        judged = lifetimes.judge_due()
    seconds = time.perf_counter() - began
    store.close()
    return {"judged": judged, "tried": len(said), "seconds": seconds, "mb": peak_memory() / 1e6}


if __name__ == "__main__":
    print(json.dumps(_pass(Path(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201 - for the process that asked
