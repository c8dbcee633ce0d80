"""Who works on what: claims due environments, gives each to the pass that fits, and backs off from failures.

A failing environment stays visible as its condition and never stops the others. Killed anywhere, an engine leaves
claims that run out.
"""

import secrets
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.reconcile.annotate import annotate
from bot.reconcile.bindings import bind
from bot.reconcile.fall_asleep import put_to_sleep
from bot.reconcile.handing_over import changed_hands, hand_over
from bot.reconcile.mending import mend
from bot.reconcile.provision import provision
from bot.reconcile.remove import remove
from bot.reconcile.resize import follow_size
from bot.reconcile.scene import (
    LEASE,
    Again,
    Concluded,
    Outcome,
    Overtaken,
    Scene,
    Settled,
    enter,
    let_go,
    owes,
    owes_access,
    owes_walls,
)
from bot.reconcile.snapshots import Lists, NotYet, Snapshots
from bot.reconcile.vanished import believe_gone, is_gone
from bot.reconcile.wake import wake_up
from bot.rules.catalogue import Catalogue
from bot.rules.words import BERTH, Phase, Wanted
from bot.seams.cluster import Busy, ClusterError, Clusters, Forbidden
from bot.usecases.progress import tell_progress
from store.database import Store, StoreError
from store.environments import ClaimLost
from store.records import Records
from store.tables import Environment

log = structlog.get_logger()

_FIRST_WAIT, _LONGEST_WAIT = timedelta(milliseconds=500), timedelta(minutes=5)
_CLOCKS_DIFFER = timedelta(minutes=1)  # at the most, between machines
_SEEN_BEFORE = timedelta(seconds=5)
_TRIES = 6  # of a making that the cluster refuses outright, before it counts as failed
_QUIET_TRIES = 1  # the first failure is retried before anybody is bothered with it

_PASSES: dict[tuple[Wanted, Phase], Callable[[Scene], Outcome]] = {
    (Wanted.RUNNING, Phase.PROVISIONING): provision,
    (Wanted.RUNNING, Phase.FALLING_ASLEEP): wake_up,
    (Wanted.RUNNING, Phase.SLEEPING): wake_up,
    (Wanted.RUNNING, Phase.WAKING): wake_up,
    (Wanted.RUNNING, Phase.RUNNING): annotate,
    (Wanted.SLEEPING, Phase.SLEEPING): annotate,
    (Wanted.SLEEPING, Phase.RUNNING): put_to_sleep,
    (Wanted.SLEEPING, Phase.FALLING_ASLEEP): put_to_sleep,
    (Wanted.SLEEPING, Phase.WAKING): put_to_sleep,
    **{(Wanted.DELETED, phase): remove for phase in Phase if phase is not Phase.DELETED},
}
_BEGIN = frozenset({Phase.RUNNING, Phase.SLEEPING})  # in which the first pass makes the changes that later ones look at
_SHARING = frozenset({put_to_sleep, wake_up})  # what never reads after it has changed something


@dataclass(frozen=True)
class Engine:
    """Reconciles environments of one store against its clusters."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock
    worker: str
    snapshots: Snapshots = field(default_factory=Snapshots)

    def work_one(self) -> bool:
        """Claim one due environment and take its next steps. False if none was due."""
        hand = replace(self, worker=f"{self.worker}:{secrets.token_hex(4)}")  # a claim is one thread's, not a process's
        with self.store.begin() as records:
            now = self.clock.now()
            environment = records.environments.claim(hand.worker, now, self.clock.lasting(LEASE))
            since = self._ended_before(environment, now) if environment is not None else now
            shares = environment is not None and self._shares(records, environment, now)
        if environment is None:
            self.snapshots.forget_old()
            return False
        try:
            hand._work_on(environment, since, self.snapshots if shares else None)
        except ClaimLost:
            log.warning("claim lost", environment=environment.id)
        return True

    def _ended_before(self, environment: Environment, now: datetime) -> datetime:
        """When all that was done to an environment before had ended, by this process's clock.

        What a process did that died since may have ended at any time until now.
        """
        ended, by = environment.released_at, environment.released_by
        environment.released_at = environment.released_by = None
        if ended is None:
            return now
        slack = timedelta(0) if by == self.worker else self.clock.lasting(_CLOCKS_DIFFER)
        # What time orders was judged by what was seen some moments before, and many such orders come one by one.
        early = self.clock.lasting(_SEEN_BEFORE) if environment.operation_by == BERTH else timedelta(0)
        return min(now, max(environment.operation_at - early, ended + slack))

    def _shares(self, records: Records, environment: Environment, now: datetime) -> bool:
        step = _PASSES.get((environment.wanted, environment.phase))
        return step in _SHARING and self.snapshots.worthwhile(records, environment, now)

    def _work_on(self, environment: Environment, since: datetime, shared: Snapshots | None) -> None:
        try:
            cluster = self.clusters[environment.cluster]
            first = environment.phase in _BEGIN
            lists = Lists(cluster, environment.namespace, self.clock, since, shared, awaits_changes=not first)
            scene = Scene(environment, cluster, self.store, self.catalogue, self.clock, self.worker, lists)
            _follow(scene)
            step = _PASSES.get((environment.wanted, environment.phase))
            with shared.changing(cluster.name) if shared is not None and first else nullcontext():
                outcome = step(scene) if step is not None else Settled()
                if not isinstance(outcome, Concluded):
                    self._release(environment, outcome)
        except NotYet as wait:
            self._release(environment, Again(wait.after), since)
        except Overtaken:
            self._release(environment, Again(timedelta(0)))
        except ClusterError as error:
            log.warning("cluster refused", environment=environment.id, phase=environment.phase, error=str(error))
            if not self._has_vanished(environment, error):
                self._failed(environment, error)
        except (ClaimLost, StoreError):
            raise
        except Exception:  # one odd object must neither stop the others nor be retried without a pause
            reference = secrets.token_hex(3)
            log.exception("pass broke", environment=environment.id, phase=environment.phase, reference=reference)
            self._failed(environment, Busy(f"Something broke on our side. Reference BR-{reference}"))

    def _has_vanished(self, environment: Environment, error: ClusterError) -> bool:
        """Whether the cluster refused because somebody has deleted the namespace, and our rights in it with it."""
        if not isinstance(error, Forbidden) or environment.namespace_uid is None:
            return False
        try:
            gone = is_gone(self.clusters[environment.cluster], environment)
        except ClusterError:
            return False
        if gone:
            believe_gone(self.store, self.clock, environment.id)
        return gone

    def _release(self, environment: Environment, outcome: Outcome, ended: datetime | None = None) -> None:
        """Give the environment back, to be looked at again when the outcome says so, or now if the wish has changed.

        `ended` is when it was last changed, if not now.
        """
        now = self.clock.now()
        with self.store.begin() as records:
            held = records.environments.held(environment.id, self.worker)
            let_go(held, self.worker, ended or now)
            if held.operation != environment.operation or changed_hands(held) or owes(held):
                held.due_at = now
            elif isinstance(outcome, Again):
                held.due_at = now + self.clock.lasting(outcome.after)
            else:
                held.due_at = None

    def _failed(self, environment: Environment, error: ClusterError) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            held = records.environments.held(environment.id, self.worker)
            let_go(held, self.worker, now)
            if held.operation != environment.operation:
                held.due_at = now
                return
            held.attempts += 1
            held.due_at = now + self.clock.lasting(error.retry_after or _backoff(held.attempts))
            if held.attempts > _QUIET_TRIES:
                held.condition = str(error)
            if held.phase is Phase.PROVISIONING and not error.passing and held.attempts >= _TRIES:
                held.due_at, held.check_at = None, now
                enter(records, held, Phase.FAILED, now)
            tell_progress(records, held, now)


def _backoff(attempts: int) -> timedelta:
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 12)), _LONGEST_WAIT)


def _follow(scene: Scene) -> None:
    """What has to follow on the cluster whatever the environment is about: access, owner, size and walls.

    Access comes first: what keeps the others from following must not keep whoever has lost it in.
    """
    if changed_hands(scene.environment):
        hand_over(scene)  # which binds first
    elif owes_access(scene.environment):
        bind(scene)
    follow_size(scene)
    if owes_walls(scene.environment):
        mend(scene)
