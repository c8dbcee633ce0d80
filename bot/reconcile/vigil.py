"""The watch over environments that sleep: what was started again in them, and what is new, is noticed.

A constant number of lists per cluster on which something sleeps, none elsewhere. What is awry is given back to
`fall_asleep`, which decides; this pass changes nothing on a cluster.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.reconcile.stirring import NEW, Stir, tell
from bot.reconcile.voice import Voice
from bot.rules.catalogue import Catalogue
from bot.rules.journal import Decision, Entry, arrive, was_started
from bot.rules.words import BERTH, Phase, Wanted
from bot.rules.workloads import Kind, controlled
from bot.seams.cluster import Busy, Cluster, ClusterError, Clusters, Object
from bot.usecases import intents
from bot.usecases.apart import apart
from bot.usecases.intents import Deed
from bot.usecases.source import TIME
from store.database import Store
from store.environments import Asleep
from store.records import Records
from store.tables import Environment, JournalEntry

log = structlog.get_logger()

_FEW = 3  # sleeping environments up to which their namespaces are read instead of the whole cluster
_AT_ONCE = 200  # environments whose journals are read at once

Key = tuple[str, str]  # the key of a kind, and a name


@dataclass(frozen=True)
class Awake:
    """An object that runs in a namespace that sleeps."""

    kind: Kind
    found: Object

    @property
    def key(self) -> Key:
        """By which the journal knows it."""
        return self.kind.key, self.found["metadata"]["name"]


@dataclass(frozen=True)
class Vigil:
    """The pass."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock

    def watch_all(self) -> int:
        """Look at everything that sleeps; in how many environments something stirred."""
        with self.store.read() as records:
            sleeping = records.environments.asleep()
        by_cluster: dict[str, list[Asleep]] = defaultdict(list)
        for one in sleeping:
            by_cluster[one.cluster].append(one)
        stirred = 0
        for cluster, asleep in by_cluster.items():
            with apart("what stirs on a cluster cannot be understood", cluster=cluster):
                stirred += self._watch(cluster, asleep)
        return stirred

    def _watch(self, cluster: str, asleep: Sequence[Asleep]) -> int:
        try:
            awake = _awake(self.clusters[cluster], [one.namespace for one in asleep])
        except ClusterError as error:
            log.warning("cluster cannot be read, so nobody sees what stirs on it", cluster=cluster, error=str(error))
            return 0
        suspects = [one for one in asleep if one.namespace in awake]
        return sum(self._disturbed(one, awake[one.namespace]) for one in self._stirred(suspects, awake))

    def _stirred(self, suspects: Sequence[Asleep], awake: Mapping[str, Sequence[Awake]]) -> Iterator[Asleep]:
        """Those of which something runs that the journal does not leave awake; asked for many at once."""
        for first in range(0, len(suspects), _AT_ONCE):
            some = suspects[first : first + _AT_ONCE]
            known = self._journals(some)
            yield from (one for one in some if _stirs(awake[one.namespace], known[one.id]))

    def _journals(self, asleep: Sequence[Asleep]) -> Mapping[str, dict[Key, JournalEntry]]:
        cycles = {one.id: one.cycle for one in asleep}
        known: dict[str, dict[Key, JournalEntry]] = defaultdict(dict)
        with self.store.read() as records:
            for entry in records.journal.of_environments(list(cycles)):
                if entry.cycle == cycles[entry.environment_id]:
                    known[entry.environment_id][entry.kind, entry.name] = entry
        return known

    def _disturbed(self, asleep: Asleep, awake: Sequence[Awake]) -> bool:
        """Give one environment back to those who put it to sleep, if something of it still is not as they left it."""
        with self.store.begin() as records:
            environment = records.environments.lock(asleep.id)
            if environment is None or not _sleeps_on(environment, asleep):
                return False
            if records.pauses.reason(environment.workspace_id):
                return False  # what is paused is all that time does, this among it
            entries = {(e.kind, e.name): e for e in records.journal.of_cycle(asleep.id, asleep.cycle)}
            if not _stirs(awake, entries):
                return False
            self._take_in(records, environment, awake, entries)
            self._give_back(records, environment)
        return True

    def _give_back(self, records: Records, environment: Environment) -> None:
        now, before = self.clock.now(), intents.picture(environment)
        environment.phase = Phase.FALLING_ASLEEP
        environment.due_at = environment.operation_at = now
        deed = Deed(f"phase {Phase.FALLING_ASLEEP}", BERTH, TIME, now, reason="something in it runs again")
        intents.audit(records, environment, before, deed)

    def _take_in(
        self, records: Records, environment: Environment, awake: Sequence[Awake], entries: Mapping[Key, JournalEntry]
    ) -> None:
        """Journal what is new, and tell of it."""
        said: list[str] = []
        for one in awake:
            if _is_new(one, entries.get(one.key)):
                decision = arrive(one.kind, one.found)
                entry = entries.get(one.key) or _entry(environment, one)
                self._write(entry, one, decision)
                records.journal.add(entry)
                said.append(decision.note)
        if said:
            tell(Voice(self.catalogue, self.clock), records, environment, Stir(NEW, said))

    def _write(self, entry: JournalEntry, one: Awake, decision: Decision) -> None:
        entry.uid, entry.original = one.found["metadata"]["uid"], decision.original
        entry.state, entry.note, entry.at = decision.after, decision.note, self.clock.now()
        entry.reverts = 0


def _awake(cluster: Cluster, namespaces: Sequence[str]) -> Mapping[str, list[Awake]]:
    """What runs in these namespaces and has no controller whose business it would be, by namespace."""
    awake: dict[str, list[Awake]] = defaultdict(list)
    wanted = frozenset(namespaces)
    for kind, found in _listed(cluster, namespaces):
        namespace = found["metadata"]["namespace"]
        if namespace in wanted and _runs(kind, found) and not controlled(kind.key, found):
            awake[namespace].append(Awake(kind, found))
    return awake


def _runs(kind: Kind, found: Object) -> bool:
    return not (kind.at_rest(found) or kind.is_going(found))


def _listed(cluster: Cluster, namespaces: Sequence[str]) -> Iterator[tuple[Kind, Object]]:
    places: Sequence[str | None] = namespaces if len(namespaces) <= _FEW else [None]
    for kind in cluster.kinds.values():
        for place in places:
            try:
                yield from ((kind, found) for found in cluster.each(kind.key, place))
            except Busy as error:
                if error.retry_after is not None or not kind.optional:
                    raise
                log.warning("a kind cannot be read, so nobody sees what of it stirs", kind=kind.key, error=str(error))


def _sleeps_on(environment: Environment, asleep: Asleep) -> bool:
    settled = environment.phase is Phase.SLEEPING and environment.wanted is Wanted.SLEEPING
    return settled and environment.due_at is None and environment.sleep_cycle == asleep.cycle


def _stirs(awake: Sequence[Awake], entries: Mapping[Key, JournalEntry]) -> bool:
    """Whether any of what runs is new, or was started again."""
    return any(_is_new(one, entries.get(one.key)) or _was_started(one.kind, entries[one.key]) for one in awake)


def _is_new(one: Awake, entry: JournalEntry | None) -> bool:
    return entry is None or entry.uid != one.found["metadata"]["uid"]


def _was_started(kind: Kind, entry: JournalEntry) -> bool:
    return was_started(kind, Entry(entry.uid, entry.original, entry.state))


def _entry(environment: Environment, one: Awake) -> JournalEntry:
    kind, name = one.key
    cycle = environment.sleep_cycle or ""
    return JournalEntry(environment_id=environment.id, cycle=cycle, kind=kind, name=name, uid="")
