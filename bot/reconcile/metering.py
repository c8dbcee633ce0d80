"""The pass that meters: what every environment requests, and which of them are no longer there.

Two lists for requests and one for namespaces a cluster, however many environments it has; a write only where something
has changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.reconcile.footprints import footprints
from bot.reconcile.scene import meter
from bot.reconcile.vanished import believe_gone, is_gone
from bot.rules.costs import Footprint, footprint_of
from bot.rules.words import BERTH, LABEL_ENVIRONMENT, LABEL_MANAGED_BY, Phase, Step
from bot.seams.cluster import ClusterError, Clusters
from store.database import Store
from store.tables import Environment

log = structlog.get_logger()

_AWAKE = frozenset({Phase.RUNNING, Phase.FALLING_ASLEEP, Phase.WAKING})


@dataclass(frozen=True)
class Metering:
    """The pass."""

    store: Store
    clusters: Clusters
    clock: Clock

    def meter_all(self) -> None:
        """Meter every cluster; one that cannot be read is left for the next pass, its spans going on as they were."""
        for name in self.clusters:
            with self.store.read() as records:
                environments = [e for e in records.environments.on_cluster(name) if Step.NAMESPACE in e.steps]
            if not environments:
                continue
            try:
                self._meter(name, environments)
            except ClusterError as error:
                log.warning("cluster cannot be metered", cluster=name, error=str(error))

    def _meter(self, cluster: str, environments: Sequence[Environment]) -> None:
        requested = footprints(self.clusters[cluster])
        namespaces = self.clusters[cluster].list("Namespace", selector=f"{LABEL_MANAGED_BY}={BERTH}")
        present = {n["metadata"].get("labels", {}).get(LABEL_ENVIRONMENT) for n in namespaces}
        missing = [environment for environment in environments if environment.id not in present]
        if len(missing) == len(environments) > 1:
            # More likely another cluster answers by this name, or a rebuilt one, than that somebody deleted them all.
            log.error("none of the environments is on the cluster, which is not believed", cluster=cluster)
            return
        for environment in missing:
            if is_gone(self.clusters[cluster], environment):
                believe_gone(self.store, self.clock, environment.id)
        awake = [e for e in environments if e.phase in _AWAKE and e.id in present]
        for environment in awake:
            if environment.condition is not None:
                self._look_again(environment)
        for environment in self._changed(awake, requested):
            with self.store.begin() as records:
                current = records.environments.lock(environment.id)
                if current is not None and current.phase in _AWAKE:
                    state = (True, requested.get(current.namespace, Footprint()))
                    meter(records, current, state, self.clock.now())

    def _look_again(self, environment: Environment) -> None:
        """Let reconcile see whether what is wrong with a running environment still is."""
        with self.store.begin() as records:
            current = records.environments.lock(environment.id)
            if current is not None and current.phase is Phase.RUNNING and current.due_at is None:
                current.due_at = self.clock.now()

    def _changed(
        self, environments: Sequence[Environment], requested: Mapping[str, Footprint]
    ) -> Sequence[Environment]:
        with self.store.read() as records:
            spans = {span.environment_id: span for span in records.usage.open_spans()}
        known = {key: (span.awake, footprint_of(span)) for key, span in spans.items()}
        return [e for e in environments if known.get(e.id) != (True, requested.get(e.namespace, Footprint()))]
