"""How long it takes until a whole company's environments sleep, and what that asks of the API server.

Rows and namespaces are made directly, as in `sweeps`; the cluster is in a process of its own, and answers as late as
one that writes to a disk. What is measured begins with the orders and ends when the last environment sleeps, held down
and told of. Beside it, the same Deployments are scaled one after the other and nothing is kept of them, as
py-kube-downscaler does it. That took 1.1 to 1.2 times as long on the same cluster (version 26.4), so that half of its
time is a little more than half of what is measured here.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.app.threads import HANDS, prefer_prompt_answers
from bot.clock import SystemClock
from bot.config import load_catalogue
from bot.reconcile.engine import Engine
from bot.rules.words import (
    AGENT_BINDING,
    AGENT_ROLE,
    BERTH,
    BOT_SERVICE_ACCOUNT,
    HOME_NAMESPACE,
    LABEL_ENVIRONMENT,
    LABEL_MANAGED_BY,
    Phase,
    Wanted,
)
from bot.scheduler import Crew
from bot.seams.cluster import Cluster, Clusters
from bot.usecases import intents
from store.database import Store
from store.schema import migrate
from store.tables import Environment
from tests.bench.programs import administrator
from tests.bench.report import Figure, at_most
from tests.bench.sweeps import environment

ENVIRONMENTS: Final = 200
DEPLOYMENTS: Final = 3  # in each
# With it a change takes as long as it took py-kube-downscaler on a real API server.
LATENCY: Final = timedelta(milliseconds=12)
SHARE: Final = 0.55  # of the time that scaling one after the other takes
LISTS: Final = 3  # of a kind: before anything is changed, after it, and for who comes late
OTHERS: Final = 4  # requests an environment, beside lists and a patch a workload
_PATIENCE: Final = 120.0
_RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Night:
    """One sleep of everything."""

    seconds: float
    requests: Counter[str]  # by verb and resource; a list of several pages is one

    @property
    def lists(self) -> Counter[str]:
        """How often each kind was listed."""
        return Counter({what[5:]: count for what, count in self.requests.items() if what.startswith("list ")})

    @property
    def patches(self) -> int:
        """Patches of workloads."""
        return self.requests["patch deployments"]

    @property
    def others(self) -> int:
        """Requests that are neither."""
        return self.requests.total() - self.lists.total() - self.patches


def nightfall(directory: Path, admin_kubeconfig: Path, bot_kubeconfig: Path) -> Iterator[Figure]:
    """A whole company falls asleep."""
    company = Company(directory, administrator(admin_kubeconfig), bot_kubeconfig)
    company.make(ENVIRONMENTS)
    prefer_prompt_answers()  # as `berth run` does
    company.answer_late()
    one_by_one = company.scale_one_by_one()
    company.start_again()
    night = company.sleep()
    company.close()
    workloads = ENVIRONMENTS * DEPLOYMENTS
    yield Figure(f"{workloads} Deployments scaled one after the other, and nothing kept of them", f"{one_by_one:.2f} s")
    slept = f"{ENVIRONMENTS} environments of {DEPLOYMENTS} Deployments asleep, as their journals tell"
    yield at_most(slept, night.seconds, round(one_by_one * SHARE, 2), " s")
    yield at_most("patches a workload", night.patches / workloads, 1)
    yield at_most("other requests an environment", night.others / ENVIRONMENTS, OTHERS)
    yield at_most(f"lists a kind ({night.lists.total()} in all)", max(night.lists.values()), LISTS)


class Company:
    """Environments that run, each with its namespace and Deployments, and the workers of one bot."""

    def __init__(self, directory: Path, admin: Cluster, kubeconfig: Path) -> None:
        self.store = Store(f"sqlite:///{directory / 'company.sqlite'}")
        migrate(self.store)
        self._admin = admin
        catalogue = load_catalogue(None)
        self._cluster = catalogue.cluster().name
        self._clusters = Clusters(catalogue.clusters, str(kubeconfig), HANDS)
        self._engine = Engine(self.store, self._clusters, catalogue, SystemClock(), self.store.process)

    def make(self, count: int) -> None:
        """Make that many, and wait until all run."""
        rows = [_environment(number, self._cluster) for number in range(count)]
        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(self._furnish, [(row.id, row.namespace) for row in rows]))
        with self.store.begin() as records:
            for row in rows:
                records.environments.add(row)
        _until(self._all_ready)

    def answer_late(self) -> None:
        """Let the cluster answer everything later from now on."""
        self._admin.call("POST", "/_control/faults", body={"latency": LATENCY.total_seconds(), "times": None})

    def scale_one_by_one(self) -> float:
        """Seconds to scale every Deployment to 0, each after the one before was answered."""
        places = self._deployments()
        began = time.perf_counter()
        for name, namespace in places:
            self._admin.patch("Deployment", name, namespace, {"spec": {"replicas": 0}})
        return time.perf_counter() - began

    def start_again(self) -> None:
        """Let every Deployment run."""

        def start(place: tuple[str, str]) -> None:
            self._admin.patch("Deployment", *place, {"spec": {"replicas": 1}})

        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(start, self._deployments()))
        _until(self._all_ready)

    def _deployments(self) -> list[tuple[str, str]]:
        found = self._admin.list("Deployment")
        return [(one["metadata"]["name"], one["metadata"]["namespace"]) for one in found]

    def sleep(self) -> Night:
        """Let everything fall asleep."""
        self._admin.call("DELETE", "/_control/requests")
        crew = Crew("engine", self._engine.work_one, HANDS)
        crew.start()
        began = time.perf_counter()
        for row in self._everything():
            self._order(row.id)
        crew.nudge()
        _until(self._all_asleep)
        seconds = time.perf_counter() - began
        crew.stop()
        log = self._admin.call("GET", "/_control/requests")["requests"]
        asked = [entry for entry in log if entry["user"].startswith("system:serviceaccount:berth")]
        whole = [entry for entry in asked if not entry["continued"]]
        return Night(seconds, Counter(f"{entry['verb']} {entry['resource']}" for entry in whole))

    def close(self) -> None:
        """Close what was opened."""
        self._clusters.close()
        self.store.close()

    def _order(self, environment_id: str) -> None:
        with self.store.begin() as records:
            environment = records.environments.lock(environment_id)
            if environment is None:
                raise RuntimeError("an environment is gone")
            intents.order(environment, intents.by_time(Wanted.SLEEPING, "nobody used it"), datetime.now(UTC))

    def _everything(self) -> Sequence[Environment]:
        with self.store.read() as records:
            return records.environments.everything()

    def _all_asleep(self) -> bool:
        with self.store.read() as records:
            return records.environments.by_phase() == {Phase.SLEEPING: ENVIRONMENTS}

    def _all_ready(self) -> bool:
        found = self._admin.list("Deployment")
        return all(one.get("status", {}).get("readyReplicas") for one in found)

    def _furnish(self, place: tuple[str, str]) -> None:
        environment_id, namespace = place
        labels = {LABEL_MANAGED_BY: BERTH, LABEL_ENVIRONMENT: environment_id}
        space = f"/namespaces/{namespace}"
        self._admin.call("POST", "/api/v1/namespaces", body={"metadata": {"name": namespace, "labels": labels}})
        self._admin.call("POST", f"/apis/{_RBAC}/v1{space}/rolebindings", body=_BINDING)
        for number in range(DEPLOYMENTS):
            self._admin.call("POST", f"/apis/apps/v1{space}/deployments", body=_deployment(f"part-{number}"))


def _until(claim: Any) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not claim():
        if time.monotonic() > deadline:
            raise RuntimeError("it did not get there")
        time.sleep(0.05)


def _environment(number: int, cluster: str) -> Environment:
    row = environment(number, cluster)
    row.released_at = row.created_at - timedelta(hours=1)  # so that lists of its cluster may be shared
    return row


def _deployment(name: str) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}
    pod = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {
        "metadata": {"name": name},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": pod},
    }


_BINDING: Final[dict[str, Any]] = {
    "metadata": {"name": AGENT_BINDING},
    "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": AGENT_ROLE},
    "subjects": [{"kind": "ServiceAccount", "namespace": HOME_NAMESPACE, "name": BOT_SERVICE_ACCOUNT}],
}
