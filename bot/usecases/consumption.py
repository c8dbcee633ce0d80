"""What an environment's pods use now beside what they request: shown to people, and nothing is ever decided by it.

It comes from the cluster's metrics server, which may be missing, forbidden, slow or a minute behind. Nobody waits long
for it, and nobody misses anything but the number where it does not answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

import structlog

from bot.rules.actors import Actor
from bot.rules.business import is_leaving
from bot.rules.permissions import Action
from bot.rules.words import Phase, Wanted
from bot.seams.cluster import ClusterError, Clusters, Object, requested, used
from bot.usecases.intents import authorise
from store.tables import Environment

log = structlog.get_logger()

PATIENCE: Final = timedelta(seconds=1)  # a person is waiting for an answer that can do without


class Unmeasured(Enum):
    """Why there is nothing to show, where people can be told."""

    NO_SERVER = "the cluster has no metrics server"


@dataclass(frozen=True)
class Consumption:
    """Cores and bytes that pods use and request, and how many of the pods have been measured by now."""

    cpu: float
    memory: float
    cpu_requested: float
    memory_requested: float
    pods: int
    measured: int


@dataclass(frozen=True)
class Consumptions:
    """The use case."""

    clusters: Clusters

    def of(self, actor: Actor, environment: Environment) -> Consumption | Unmeasured | None:
        """What is used now; None where nothing runs or nothing is known. Asks the cluster. Raises Refusal only."""
        authorise(actor, Action.VIEW, environment)
        if (environment.phase, environment.wanted) != (Phase.RUNNING, Wanted.RUNNING):
            return None
        try:
            return self._measured(environment)
        except (ClusterError, ValueError, KeyError) as error:
            log.info("what is used is not known", environment=environment.name, reason=str(error))
            return None

    def _measured(self, environment: Environment) -> Consumption | Unmeasured | None:
        cluster = self.clusters[environment.cluster].impatient(PATIENCE)
        measured = cluster.list("PodMetrics", environment.namespace)
        if not cluster.knows("PodMetrics"):
            return Unmeasured.NO_SERVER
        uses = {each["metadata"]["name"]: used(each) for each in measured}
        return _beside(cluster.list("Pod", environment.namespace), uses) if uses else None


def _beside(pods: Sequence[Object], uses: Mapping[str, Mapping[str, float]]) -> Consumption | None:
    """The sums over the pods that are there; a metrics server still knows some that are gone, and not yet new ones."""
    present = [pod for pod in pods if not is_leaving(pod)]
    known = [uses[name] for pod in present if (name := pod["metadata"]["name"]) in uses]
    requests = [requested(pod) for pod in present]
    if not known:
        return None
    return Consumption(
        cpu=_total(known, "cpu"),
        memory=_total(known, "memory"),
        cpu_requested=_total(requests, "cpu"),
        memory_requested=_total(requests, "memory"),
        pods=len(present),
        measured=len(known),
    )


def _total(amounts: Sequence[Mapping[str, float]], resource: str) -> float:
    return sum(amount.get(resource, 0.0) for amount in amounts)
