"""What the timed passes cost when a thousand environments exist and nothing is due, beside a hundred.

The rows are written straight into the store and the namespaces straight onto the cluster: making them by commands would
take longer than everything else. The cluster is in a process of its own; the passes run here, one at a time.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.clock import SystemClock
from bot.config import load_catalogue
from bot.reconcile.hearing import Hearing
from bot.reconcile.lifetimes import Lifetimes
from bot.reconcile.metering import Metering
from bot.rules.words import BERTH, LABEL_ENVIRONMENT, LABEL_MANAGED_BY, Phase, Step
from bot.seams.cluster import Cluster, Clusters
from store.database import Store
from store.schema import migrate
from store.tables import Environment
from tests.bench.programs import administrator
from tests.bench.report import Figure, at_most

FEW: Final = 100
MANY: Final = 1_000
GOAL: Final = 1.0  # seconds
IDLE: Final = "sweep, none due"
JUDGED: Final = "sweep, all judged, none warned"
_LISTS: Final = 6  # kinds that a pass lists at most
_HANDS: Final = 8


@dataclass(frozen=True)
class Run:
    """One run of a pass."""

    requests: int
    seconds: float


def sweeps(directory: Path, admin_kubeconfig: Path, bot_kubeconfig: Path) -> Iterator[Figure]:
    """The passes over few and over many environments."""
    fleet = Fleet(directory, administrator(admin_kubeconfig), bot_kubeconfig)
    found = {}
    for count in (FEW, MANY):
        fleet.grow(count)
        found[count] = {name: fleet.run(each) for name, each in fleet.passes().items()}
    fleet.store.close()
    few, many = found[FEW], found[MANY]
    for name, run in many.items():
        timed = f"{name}, {MANY:,} environments"
        # What is judged is written, one short transaction each, so that commands never wait for a sweep.
        yield Figure(timed, f"{run.seconds:.2f} s") if name == JUDGED else at_most(timed, run.seconds, GOAL, " s")
        yield _requests(name, few[name].requests, run.requests)


def _requests(name: str, few: int, many: int) -> Figure:
    # Lists come in pages of 500, so that a pass that lists asks for a page more now and then.
    more = (MANY - FEW) // 500 * _LISTS
    goal = "the same" if name == IDLE else "the same, but for pages of 500"
    met = many == few if name == IDLE else many <= few + more
    return Figure(f"{name}, requests", f"{few} of {FEW}, {many} of {MANY:,}", goal, met)


class Fleet:
    """Environments that run and are in use, each with its namespace and a pod."""

    def __init__(self, directory: Path, admin: Cluster, kubeconfig: Path) -> None:
        self.store = Store(f"sqlite:///{directory / 'fleet.sqlite'}")
        migrate(self.store)
        self._admin = admin
        self._catalogue = load_catalogue(None)
        self._clusters = Clusters(self._catalogue.clusters, str(kubeconfig), _HANDS)
        self._size = 0

    def grow(self, count: int) -> None:
        """Have that many."""
        rows = [environment(number, self._catalogue.cluster().name) for number in range(self._size, count)]
        with ThreadPoolExecutor(_HANDS) as hands:
            list(hands.map(self._furnish, [(row.id, row.namespace) for row in rows]))
        with self.store.begin() as records:
            for row in rows:
                records.environments.add(row)
        self._size = count
        Metering(self.store, self._clusters, SystemClock()).meter_all()  # the first run writes; the next is measured

    def passes(self) -> dict[str, Callable[[], object]]:
        """The passes that are measured."""
        clock = SystemClock()
        hearing = Hearing(self.store, self._clusters, self._catalogue, clock, began=clock.now())
        lifetimes = Lifetimes(self.store, self._clusters, self._catalogue, clock, hearing)
        return {
            IDLE: lifetimes.judge_due,
            JUDGED: lambda: self._judge_all(lifetimes),
            "metering": Metering(self.store, self._clusters, clock).meter_all,
        }

    def run(self, each: Callable[[], object]) -> Run:
        """Run a pass once, counting what reaches the cluster."""
        self._admin.call("DELETE", "/_control/requests")
        began = time.perf_counter()
        each()
        seconds = time.perf_counter() - began
        log = self._admin.call("GET", "/_control/requests")["requests"]
        return Run(sum(entry["user"].startswith("system:serviceaccount:") for entry in log), seconds)

    def _judge_all(self, lifetimes: Lifetimes) -> None:
        with self.store.begin() as records:
            for row in records.environments.everything():
                row.check_at = lifetimes.clock.now()
        lifetimes.judge_due()

    def _furnish(self, place: tuple[str, str]) -> None:
        environment_id, namespace = place
        labels = {LABEL_MANAGED_BY: BERTH, LABEL_ENVIRONMENT: environment_id}
        self._admin.call("POST", "/api/v1/namespaces", body={"metadata": {"name": namespace, "labels": labels}})
        self._admin.call("POST", f"/api/v1/namespaces/{namespace}/pods", body=_POD)


def environment(number: int, cluster: str) -> Environment:
    """One that runs, is used, and need not be judged for an hour."""
    now = datetime.now(UTC)
    return Environment(
        workspace_id="T1",
        owner_id=f"U{number % 300}",
        owner_email=f"person{number % 300}@harbour.example",
        name=f"fleet-{number}",
        title=f"fleet-{number}",
        cluster=cluster,
        namespace=f"env-fleet-{number}",
        template="blank",
        size="s",
        phase=Phase.RUNNING,
        steps=[step.value for step in Step],
        operation_by="U1",
        operation_at=now,
        created_at=now,
        awake_since=now,
        expires_at=now + timedelta(days=7),
        expiry_set_at=now,
        last_activity_at=now,
        last_activity_by="U1",
        last_activity_what="created it",
        check_at=now + timedelta(hours=1),
    )


_POD: Final[dict[str, Any]] = {
    "metadata": {"name": "main"},
    "spec": {
        "containers": [
            {"name": "main", "image": "busybox", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}
        ]
    },
}
