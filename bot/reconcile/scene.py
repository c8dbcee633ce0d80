"""What a pass over one environment works with, and how it writes down what it did.

A worker holds the environment by a claim that runs out. Every commit renews the claim, and fails if it was lost or if
somebody has meanwhile asked for something else: then the pass ends, and the next one follows the newer wish.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.reconcile.snapshots import Lists
from bot.rules.catalogue import Catalogue
from bot.rules.costs import Footprint, footprint_of
from bot.rules.words import Phase, Step, Wanted
from bot.seams.cluster import Cluster
from bot.usecases.intents import Deed, audit, picture
from bot.usecases.progress import overtake, tell_progress
from bot.usecases.source import TIME
from store.database import Store
from store.records import Records
from store.tables import Environment, JournalEntry, UsageSpan

LEASE = timedelta(seconds=90)  # more than a request takes at the most; whatever changes a cluster renews it first
_SETTLE, _SETTLE_TOGETHER = timedelta(milliseconds=250), timedelta(seconds=1)
_FRESH = timedelta(seconds=1)  # how long a claim counts as just renewed


class Overtaken(Exception):
    """Somebody asked for something else meanwhile."""


@dataclass(frozen=True)
class Again:
    """The pass has done what it can now; look again after this long."""

    after: timedelta


@dataclass(frozen=True)
class Settled:
    """All is as wanted."""


@dataclass(frozen=True)
class Concluded:
    """All is as wanted, and the environment was given back by the commit that said so."""


Outcome = Again | Settled | Concluded


@dataclass
class Scene:
    """One environment in the hands of one worker."""

    environment: Environment
    cluster: Cluster
    store: Store
    catalogue: Catalogue
    clock: Clock
    worker: str
    lists: Lists
    journal: Mapping[tuple[str, str], JournalEntry] | None = None  # as read since the last commit

    @contextmanager
    def commit(self) -> Iterator[tuple[Records, Environment]]:
        """A transaction on the environment, which renews the claim. Raises ClaimLost, Overtaken."""
        with self._held() as (records, environment):
            yield records, environment
            environment.claimed_until = self.now + self.clock.lasting(LEASE)

    @contextmanager
    def conclude(self) -> Iterator[tuple[Records, Environment]]:
        """The last transaction of a pass that settles all, which gives the environment back: one commit, not two.

        Nothing may be changed on the cluster after it. Raises ClaimLost, Overtaken.
        """
        with self._held() as (records, environment):
            yield records, environment
            let_go(environment, self.worker, self.now)
            environment.due_at = self.now if owes(environment) else None

    @contextmanager
    def _held(self) -> Iterator[tuple[Records, Environment]]:
        with self.store.begin() as records:
            environment = records.environments.held(self.environment.id, self.worker)
            if environment.operation != self.environment.operation:
                raise Overtaken
            yield records, environment
        self.environment, self.journal = environment, None

    def hold(self) -> None:
        """Renew the claim before a change on the cluster that no commit goes right before. Raises ClaimLost, Overtaken.

        Without it, a worker that a slow cluster has outlasted could still change what another has since finished. One
        renewal covers what is sent within a second of it: the lease is longer than that and a request together. And
        a wish that came within this second is followed by the next pass, which begins after this one has ended.
        """
        until = self.environment.claimed_until
        if until is None or until - self.now < self.clock.lasting(LEASE - _FRESH):
            with self.commit():
                pass

    @property
    def settling(self) -> timedelta:
        """How long to wait before looking at what was just changed: longer where one look then serves many."""
        return _SETTLE if self.lists.shared is None else _SETTLE_TOGETHER

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    def tell(self, records: Records, environment: Environment, **facts: Any) -> None:
        """Let the operation's message say how things stand."""
        tell_progress(records, environment, self.now, **facts)

    def enter(self, records: Records, environment: Environment, phase: Phase) -> None:
        """Move the phase, with its audit event."""
        enter(records, environment, phase, self.now)

    def meter(self, records: Records, environment: Environment, awake: bool, footprint: Footprint | None) -> None:
        """End the span of usage that goes on, and begin one that is awake or asleep; None keeps what was requested."""
        meter(records, environment, (awake, footprint), self.now)


def is_outgrown(environment: Environment) -> bool:
    """Whether its quota on the cluster is still of another size than is wanted."""
    applied = environment.size_applied
    made = Step.LIMITS in environment.steps and environment.wanted is not Wanted.DELETED
    return made and applied is not None and applied != environment.size


def owes_access(environment: Environment) -> bool:
    """Whether the bindings of people have to follow. They come with its making, and go with its end."""
    made = Step.ACCESS in environment.steps and environment.wanted is not Wanted.DELETED
    return made and environment.access_wanted != environment.access_done


def owes_walls(environment: Environment) -> bool:
    """Whether something that was changed by hand has to be put back. What is to be deleted needs no walls."""
    return bool(environment.mend) and environment.wanted is not Wanted.DELETED


def owes(environment: Environment) -> bool:
    """Whether something has to follow on the cluster that is none of sleeping, waking and ending."""
    return is_outgrown(environment) or owes_access(environment) or owes_walls(environment)


def let_go(held: Environment, worker: str, ended: datetime) -> None:
    """Give an environment back that `worker` holds and last changed at `ended`."""
    held.claimed_by = held.claimed_until = None
    held.released_at, held.released_by = ended, worker.rpartition(":")[0]


def enter(records: Records, environment: Environment, phase: Phase, now: datetime) -> None:
    """Move an environment's phase, with its audit event; messages of what was asked for before say so from now on."""
    before = picture(environment)
    environment.phase = phase
    if before["phase"] != phase.value:
        overtake(records, environment, now)
        audit(records, environment, before, Deed(f"phase {phase.value}", environment.operation_by, TIME, now))


def meter(records: Records, environment: Environment, state: tuple[bool, Footprint | None], now: datetime) -> None:
    """Begin a new span of usage where being awake, or what is requested, has changed."""
    awake, footprint = state
    running = records.usage.open_span(environment.id)
    known = footprint_of(running) if running else Footprint()
    wanted = known if footprint is None else footprint
    if running is not None and running.awake == awake and wanted == known:
        return
    if running is not None:
        running.ended_at = now
    records.usage.add(
        UsageSpan(
            environment_id=environment.id,
            awake=awake,
            started_at=now,
            cpu=wanted.cpu,
            memory_gib=wanted.memory_gib,
            storage_gib=wanted.storage_gib,
            gpu=wanted.gpu,
        )
    )
