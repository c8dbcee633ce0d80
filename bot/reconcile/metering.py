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
from bot.rules.costs import Footprint, footprint_of, runs
from bot.rules.words import BERTH, LABEL_ENVIRONMENT, LABEL_MANAGED_BY, Phase, Step
from bot.seams.cluster import ClusterError, Clusters
from bot.usecases.apart import apart
from store.database import Store
from store.tables import Environment, UsageSpan

log = structlog.get_logger()

_AWAKE = frozenset({Phase.RUNNING, Phase.FALLING_ASLEEP, Phase.WAKING})
_AT_REST = frozenset({Phase.SLEEPING, Phase.FAILED})  # of which something may run all the same, and is paid for


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
            with apart("what a cluster runs cannot be metered", cluster=name):
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
        living = [e for e in environments if e.id in present]
        for environment in living:
            if environment.phase in _AWAKE and environment.condition is not None:
                self._look_again(environment)
        for environment in self._changed(living, requested):
            with self.store.begin() as records:
                current = records.environments.lock(environment.id)
                span = records.usage.open_span(environment.id)
                state = _state(current, span, requested) if current is not None else None
                if current is not None and state is not None:
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
        return [e for e in environments if _differs(spans.get(e.id), _state(e, spans.get(e.id), requested))]


State = tuple[bool, Footprint | None]  # whether it is awake, and what it requests (None: as before)


def _state(environment: Environment, span: UsageSpan | None, requested: Mapping[str, Footprint]) -> State | None:
    """How an environment is to be metered from now on; None where nothing is to be said."""
    found = requested.get(environment.namespace, Footprint())
    if environment.phase in _AWAKE or (environment.phase in _AT_REST and runs(found)):
        return True, found
    ended = environment.phase in _AT_REST and span is not None and span.awake
    return (False, None) if ended else None


def _differs(span: UsageSpan | None, state: State | None) -> bool:
    if state is None or span is None:
        return state is not None
    awake, found = state
    return span.awake != awake or (found is not None and footprint_of(span) != found)
