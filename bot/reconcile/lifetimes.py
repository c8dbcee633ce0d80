"""The pass over time: who is warned of sleep, who falls asleep or wakes, who is told of the end, who is deleted.

It asks the store for what is due; where nothing is, it asks no cluster. What cannot be read stays awake.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.reconcile.bedtimes import Bedtimes
from bot.reconcile.endings import Endings
from bot.reconcile.hearing import Hearing
from bot.reconcile.seen import Look, Seen, look
from bot.reconcile.traffic import Meters
from bot.reconcile.voice import Voice
from bot.rules.catalogue import Catalogue
from bot.rules.words import Phase, Wanted
from bot.seams.cluster import ClusterError, Clusters
from bot.usecases.apart import apart
from store.database import Store
from store.records import Records
from store.tables import Environment

log = structlog.get_logger()

_UNJUDGED = "an environment could not be judged; the others' turn still comes"

_UNSEEN_RECHECK = timedelta(minutes=1)


@dataclass(frozen=True)
class Lifetimes:
    """The pass."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock
    hearing: Hearing
    meters: Meters = field(default_factory=Meters)

    @property
    def bedtimes(self) -> Bedtimes:
        """What judges sleep."""
        return Bedtimes(self.catalogue, self.clock, Voice(self.catalogue, self.clock))

    @property
    def endings(self) -> Endings:
        """What judges ends."""
        return Endings(self.catalogue, self.clock, Voice(self.catalogue, self.clock))

    def judge_due(self) -> int:
        """Judge every environment that is due; how many were."""
        self.hearing.tell()
        with self.store.read() as records:
            due = records.environments.to_check(self.clock.now())
        by_cluster: dict[str, list[Environment]] = defaultdict(list)
        for environment in due:
            by_cluster[environment.cluster].append(environment)
        for cluster, environments in by_cluster.items():
            self._judge_cluster(cluster, environments)
        return len(due)

    def _judge_cluster(self, cluster: str, environments: Sequence[Environment]) -> None:
        seen: Mapping[str, Seen] | None = None
        with apart("a cluster cannot be understood, so nothing on it is judged", cluster=cluster):
            try:
                seen = self._look(cluster, environments)
            except ClusterError as error:
                log.warning("cluster cannot be read, so nothing on it is judged", cluster=cluster, error=str(error))
        for environment in environments:
            with apart(_UNJUDGED, id=environment.id):
                self._judge(environment.id, seen[environment.namespace] if seen is not None else None)

    def _look(self, cluster: str, environments: Sequence[Environment]) -> Mapping[str, Seen]:
        """What the cluster shows of them; of those that still seem unused what their traffic says, and whether anybody
        would know of other use."""
        now = self.clock.now()
        seen = look(self.clusters[cluster], environments, Look(self.bedtimes.suspects, now))
        suspects = {e.namespace: seen[e.namespace] for e in environments if self._suspects(e, seen[e.namespace])}
        before = self.meters.troubles.get(cluster)
        read = self.meters.read(cluster, suspects, now)
        self._note_traffic(cluster, before)
        return {**seen, **self.hearing.add_doubt(cluster, read)}

    def _suspects(self, environment: Environment, seen: Seen) -> bool:
        with apart(_UNJUDGED, id=environment.id):
            return self.bedtimes.suspects(environment, seen)
        return False

    def _note_traffic(self, cluster: str, before: str | None) -> None:
        """Let admins see that a source has fallen silent, or speaks again."""
        trouble = self.meters.troubles.get(cluster)
        if trouble is not None and trouble != before:
            with self.store.begin() as records:
                records.readings.of(cluster).traffic_trouble = trouble

    def _judge(self, environment_id: str, seen: Seen | None) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            environment = records.environments.lock(environment_id)
            if environment is None or environment.check_at is None or environment.check_at > now:
                return
            if environment.wanted is Wanted.DELETED or environment.phase is Phase.DELETED:
                environment.check_at = None
            elif seen is None:
                environment.check_at = now + self.clock.lasting(_UNSEEN_RECHECK)
            else:
                self._judge_seen(records, environment, seen)

    def _judge_seen(self, records: Records, environment: Environment, seen: Seen) -> None:
        held = records.pauses.reason(environment.workspace_id)
        checks = [self.endings.judge(records, environment, seen.volumes, held)]
        if environment.wanted is not Wanted.DELETED:
            checks.append(self.bedtimes.judge(records, environment, seen, held))
        environment.check_at = min((check for check in checks if check is not None), default=None)
