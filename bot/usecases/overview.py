"""What admins see of everything: what there is, what it requests of what clusters have, what it costs, what fails.

It is answered from what is remembered: no cluster is asked, so the answer comes at once, and when a cluster is down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.costs import Footprint, footprint_of, per_day, summed
from bot.rules.membership import named_user_groups
from bot.rules.selection import Selection
from bot.usecases.administering import authorise, resolved
from bot.usecases.identities import GROUPS_LAST
from bot.usecases.limit_settings import Allowance
from store.database import Store
from store.fleet import Counts, Requested
from store.records import Records
from store.tables import ClusterReading, Environment, Notice

PER_PAGE: Final = 10
_NAMED: Final = 5  # failing things that are named; the rest is counted
_STALE: Final = timedelta(minutes=20)  # of a reading; one is taken every five minutes


@dataclass(frozen=True)
class ClusterPart:
    """One cluster: what is requested of what its nodes have (None: not known), and what a day of it costs."""

    name: str
    environments: int
    requested: Footprint
    cpu: float | None
    memory_gib: float | None
    daily: Decimal
    currency: str
    read_at: datetime | None = None


@dataclass(frozen=True)
class Trouble:
    """What fails: how many and some of them, and sources of facts that do not answer, in words."""

    failing: int = 0
    environments: Sequence[Environment] = ()
    unheard: int = 0
    notices: Sequence[Notice] = ()
    sources: Sequence[str] = ()


@dataclass(frozen=True)
class Summary:
    """All environments of a workspace."""

    counts: Counts
    owners: int
    clusters: Sequence[ClusterPart]
    trouble: Trouble
    over: Sequence[Allowance] = ()  # who has more than they may, where that was asked
    paused: str = ""

    @property
    def daily(self) -> Mapping[str, Decimal]:
        """What a day costs as things are now, by currency."""
        return summed((part.currency, part.daily) for part in self.clusters)


@dataclass(frozen=True)
class Stretch:
    """The environments of a selection from the `first` on, of `total` that it means."""

    selection: Selection
    environments: Sequence[Environment]
    first: int
    total: int


@dataclass(frozen=True)
class Overview:
    """The use case."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def summary(self, actor: Actor) -> Summary:
        """Everything in figures. Raises Refusal for whoever is no admin."""
        authorise(actor, self)
        with self.store.read() as records:
            counts = records.fleet.counts(actor.workspace_id)
            readings = records.readings.all()
            return Summary(
                counts=counts,
                owners=records.fleet.owners(actor.workspace_id),
                clusters=self._clusters(counts, records.fleet.requested(actor.workspace_id), readings),
                trouble=self._trouble(records, actor.workspace_id, readings),
                paused=records.pauses.reason(actor.workspace_id),
            )

    def stretch(self, actor: Actor, selection: Selection, first: int = 0) -> Stretch:
        """Some environments of a selection, by name; from the beginning where `first` is beyond its end.

        Raises Refusal, also for an owner whom nobody knows.
        """
        authorise(actor, self)
        now, place = self.clock.now(), actor.workspace_id
        with self.store.read() as records:
            chosen = resolved(records, place, selection)
            total = records.fleet.count(place, chosen, now)
            begin = first if 0 <= first < total else 0
            return Stretch(chosen, records.fleet.chosen(place, chosen, now, (begin, PER_PAGE)), begin, total)

    def _clusters(
        self, counts: Counts, requested: Sequence[Requested], readings: Mapping[str, ClusterReading]
    ) -> Sequence[ClusterPart]:
        """The configured clusters, and those that still have environments."""
        by_name = {one.cluster: one for one in requested}
        names = dict.fromkeys([*(spec.name for spec in self.catalogue.clusters), *sorted(counts.clusters)])
        return [self._cluster(name, counts.clusters[name], by_name.get(name), readings.get(name)) for name in names]

    def _cluster(
        self, name: str, environments: int, requested: Requested | None, reading: ClusterReading | None
    ) -> ClusterPart:
        prices = self.catalogue.prices_of(name)
        found = footprint_of(requested) if requested is not None else Footprint()
        read = reading or ClusterReading(cluster=name)
        return ClusterPart(
            name=name,
            environments=environments,
            requested=found,
            cpu=read.cpu,
            memory_gib=read.memory_gib,
            daily=per_day(found, prices),
            currency=prices.currency,
            read_at=read.read_at,
        )

    def _trouble(self, records: Records, workspace_id: str, readings: Mapping[str, ClusterReading]) -> Trouble:
        failing, environments = records.fleet.failing(workspace_id, _NAMED)
        unheard, notices = records.notices.undeliverable(workspace_id, _NAMED)
        now = self.clock.now()
        sources = [told for one in readings.values() for told in _silent(one, now)]
        silent = [source.cluster for source in records.sources.all().values() if source.silent_since is not None]
        sources += [f"{cluster}: its API server tells nothing of what people do there" for cluster in sorted(silent)]
        sources += self._missing_user_groups(records, workspace_id)
        return Trouble(failing, environments, unheard, notices, sources)

    def _missing_user_groups(self, records: Records, workspace_id: str) -> list[str]:
        """What berth.yaml makes a team of and Slack did not show lately, in words."""
        named = named_user_groups(self.catalogue)
        seen = records.user_groups.names(workspace_id, self.clock.now() - GROUPS_LAST) if named else frozenset()
        return [f"Slack shows no user group {one}, of which berth.yaml makes a team" for one in sorted(named - seen)]


def _silent(reading: ClusterReading, now: datetime) -> list[str]:
    """What of a cluster is not as fresh as it should be, in words."""
    found = []
    if reading.trouble:
        found.append(f"{reading.cluster}: {reading.trouble}")
    elif reading.read_at is not None and now - reading.read_at > _STALE:
        found.append(f"{reading.cluster} was last looked at too long ago: does the leader's timed pass run?")
    if reading.traffic_trouble:
        found.append(f"{reading.cluster}: its traffic could not be read: {reading.traffic_trouble}")
    return found
