"""Sleep, wake and extend, as people ask for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.limits import Limit
from bot.rules.mornings import next_morning
from bot.rules.permissions import Action
from bot.rules.words import BERTH, Phase, Wanted, command, named
from bot.usecases import intents
from bot.usecases.intents import Deed, Order
from bot.usecases.limits import Asking, Limits
from bot.usecases.policies import policy_for, refuse_protected
from bot.usecases.progress import begin_progress
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.source import Source
from bot.usecases.wishes import Wish, WishKind, wish_of
from store.database import Store
from store.records import Records
from store.tables import Environment

Until = Callable[[Environment, datetime], datetime]
Objection = Callable[[Environment], str] | None


@dataclass(frozen=True)
class Kept:
    """An environment that does not sleep, or not end, before `until`; `changed`: that was not so already."""

    environment: Environment
    changed: bool
    until: datetime


@dataclass(frozen=True)
class Sleep:
    """The use cases. Those that order return the environment and whether this call changed anything."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def sleep(
        self, actor: Actor, environment_id: str, source: Source, *, stops_pods: bool = False, unless: Objection = None
    ) -> tuple[Environment, bool]:
        """Promise that an environment falls asleep now. Raises Refusal.

        `stops_pods`: whoever asks agrees that the pods end with it which the warning named, and nothing can bring back.
        `unless`: gives a reason, if there is one, not to do it after all, judged in the transaction that would.
        """
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.SLEEP, environment_id)
            _refuse_unmade(environment, "put to sleep")
            if environment.wanted is Wanted.SLEEPING:
                return environment, False
            responsible = Responsible(self.catalogue, self.clock, records, actor.workspace_id)
            refuse_protected(environment, "put to sleep", responsible)
            if unless is not None and (objection := unless(environment)):
                raise Refusal(objection)
            now = self.clock.now()
            answer_warning(records, environment, now, {"kind": "slept", "by": actor.id, "at": now.isoformat()})
            ending = _named_pods(records, environment) if stops_pods else ()
            before, environment.awake_until = intents.picture(environment), None
            self._order(records, environment, before, Order(Wanted.SLEEPING, actor.id, stops_pods=ending), source)
        self.nudge()
        return environment, True

    def wake(
        self, actor: Actor, environment_id: str, source: Source, duration: timedelta | None = None
    ) -> tuple[Environment, bool]:
        """Promise that an environment wakes, or that its making is tried again; awake for `duration` at least.

        Raises Refusal.
        """
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.WAKE, environment_id)
            _refuse_going(environment)
            if environment.wanted is Wanted.RUNNING and environment.phase is not Phase.FAILED:
                return environment, self._looked_at_again(environment)
            self._fit(records, environment, wish_of(WishKind.WAKE, environment, duration), actor, source)
            before = intents.picture(environment)
            if environment.phase is Phase.FAILED:
                environment.phase = Phase.PROVISIONING
            self._restore(records, environment, actor)
            now = self.clock.now()
            answer_warning(records, environment, now, {"kind": "woken", "by": actor.id, "at": now.isoformat()})
            intents.used(environment, actor, "/k8s wake", now)
            if duration is not None:
                self._stay_awake(records, environment, now + duration, actor)
                self._put_off_end(records, environment, now + duration, actor)
            self._order(records, environment, before, Order(Wanted.RUNNING, actor.id), source)
        self.nudge()
        return environment, True

    def extend(self, actor: Actor, environment_id: str, duration: timedelta, source: Source) -> Kept:
        """Let an environment neither sleep nor expire for at least `duration` from now. Raises Refusal."""
        return self._keep(actor, environment_id, lambda _, now: now + duration, source)

    def keep_until_morning(self, actor: Actor, environment_id: str, source: Source) -> Kept:
        """The same until the next working day's morning, by its working hours or else in the actor's zone."""
        return self._keep(
            actor, environment_id, lambda environment, now: self._morning(environment, actor, now), source
        )

    def extend_end(self, actor: Actor, environment_id: str, until: datetime, source: Source) -> Kept:
        """Let an environment not expire before `until`; it sleeps as before. Raises Refusal."""
        now = self.clock.now()
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.EXTEND, environment_id)
            _refuse_going(environment)
            self._fit(records, environment, wish_of(WishKind.EXTEND_END, environment, until - now), actor, source)
            before = intents.picture(environment)
            environment.check_at = now
            changed = self._put_off_end(records, environment, until, actor)
            intents.audit(records, environment, before, Deed("extend", actor.id, source, now, reason="its end"))
        self.nudge()
        return Kept(environment, changed, until)

    def _keep(self, actor: Actor, environment_id: str, until_of: Until, source: Source) -> Kept:
        now = self.clock.now()
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.EXTEND, environment_id)
            _refuse_going(environment)
            before, until = intents.picture(environment), until_of(environment, now)
            self._fit(records, environment, wish_of(WishKind.EXTEND, environment, until - now), actor, source)
            environment.check_at = now  # not counted as use: who asks for two hours means two hours
            changed = self._stay_awake(records, environment, until, actor)
            changed = self._put_off_end(records, environment, until, actor) or changed
            intents.audit(records, environment, before, Deed("extend", actor.id, source, now))
        self.nudge()
        return Kept(environment, changed, until)

    def _morning(self, environment: Environment, actor: Actor, now: datetime) -> datetime:
        hours = policy_for(environment, self.catalogue).working_hours.value
        return next_morning(now, actor.tz, hours)

    def _fit(self, records: Records, environment: Environment, wish: Wish, actor: Actor, source: Source) -> None:
        """Raises OverLimit unless the wish fits within the limits."""
        asking = Asking(actor, wish, environment, source.approval)
        Limits(self.catalogue, self.clock).check(records, asking)

    def _stay_awake(self, records: Records, environment: Environment, until: datetime, actor: Actor) -> bool:
        if environment.wanted is not Wanted.SLEEPING:  # what its warning says of a sleep is still so
            outcome = {"kind": "kept", "by": actor.id, "until": until.isoformat()}
            answer_warning(records, environment, self.clock.now(), outcome)
            environment.warning_key = None
        environment.deadline_at = environment.deadline_rule = None
        if environment.awake_until is not None and environment.awake_until >= until:
            return False
        environment.awake_until = until
        return True

    def _looked_at_again(self, environment: Environment) -> bool:
        """Whether something of what is awake was missing: then it is looked at once more."""
        missing = environment.phase is Phase.RUNNING and environment.condition is not None
        if missing:
            environment.due_at = self.clock.now()
        return missing

    def _restore(self, records: Records, environment: Environment, actor: Actor) -> None:
        """Whoever wakes what has come to its end gives it a new one."""
        if environment.delete_at is None:
            return
        now = self.clock.now()
        environment.delete_at = None
        if environment.expires_at is not None:
            limits = Limits(self.catalogue, self.clock)
            longest = limits.longest(records, environment, Limit.LONGEST_TTL) or self.catalogue.ttl.default
            environment.expires_at = max(environment.expires_at, now + min(self.catalogue.ttl.default, longest))
        until = environment.expires_at.isoformat() if environment.expires_at else ""
        outcome = {"kind": "restored", "by": actor.id, "until": until}
        records.notices.change(environment.expiry_key or "", now, {"outcome": outcome})
        environment.expiry_set_at, environment.expiry_key = now, None

    def _put_off_end(self, records: Records, environment: Environment, until: datetime, actor: Actor) -> bool:
        now, restored = self.clock.now(), environment.delete_at is not None
        self._restore(records, environment, actor)
        expires = environment.expires_at is not None and environment.expires_at < until
        if not expires and not self._sleeps_away(environment, until):
            return restored
        outcome = {"kind": "extended", "by": actor.id, "until": until.isoformat()}
        records.notices.change(environment.expiry_key or "", now, {"outcome": outcome})
        environment.kept_until, environment.expiry_set_at, environment.expiry_key = until, now, None
        if expires:
            environment.expires_at = until
            environment.due_at = environment.due_at or now  # the cluster's own account of the end follows
        return True

    def _sleeps_away(self, environment: Environment, until: datetime) -> bool:
        """Whether it would end before `until` because it sleeps for so long."""
        if environment.phase is not Phase.SLEEPING or environment.slept_at is None:
            return False
        kept = environment.kept_until or environment.slept_at
        return max(environment.slept_at + self.catalogue.sleep.delete_after, kept) < until

    def _order(
        self, records: Records, environment: Environment, before: dict[str, Any], wish: Order, source: Source
    ) -> None:
        now = self.clock.now()
        intents.order(environment, wish, now)
        begin_progress(records, environment, now, wish.by)
        action = "sleep" if wish.wanted is Wanted.SLEEPING else "wake"
        intents.audit(records, environment, before, Deed(action, wish.by, source, now))


def answer_warning(records: Records, environment: Environment, now: datetime, outcome: dict[str, Any]) -> None:
    """Let the newest idle warning, and its copy for the team, say what came of it."""
    if environment.warning_key is not None:
        for key in _with_copy(environment.warning_key):
            records.notices.change(key, now, {"outcome": outcome})


def answer_warnings(records: Records, keys: Sequence[str], now: datetime, outcome: dict[str, Any]) -> None:
    """The same for many idle warnings at once, given by their keys."""
    records.notices.change_all([one for key in keys for one in _with_copy(key)], now, {"outcome": outcome})


def _with_copy(key: str) -> tuple[str, str]:
    return key, f"{key}:team"


def woken_by_time(now: datetime, reason: str) -> dict[str, Any]:
    """What comes of a warning whose sleep Berth itself ends."""
    return {"kind": "woken", "by": BERTH, "at": now.isoformat(), "reason": reason}


def end_warnings(records: Records, environment: Environment, now: datetime) -> None:
    """Let every warning that still has buttons say that there is nothing left to keep."""
    answer_warning(records, environment, now, {"kind": "gone"})
    outcome = {"kind": "deleted", "at": now.isoformat()}
    records.notices.change(environment.expiry_key or "", now, {"outcome": outcome})


def _named_pods(records: Records, environment: Environment) -> tuple[str, ...]:
    """The pods that the warning of the present deadline named: what was not named was not agreed to."""
    warning = records.notices.keyed(environment.warning_key) if environment.warning_key else None
    return tuple(str(pod) for pod in warning.facts.get("pods") or ()) if warning is not None else ()


def _refuse_going(environment: Environment) -> None:
    if environment.wanted is Wanted.DELETED:
        raise Refusal(
            f"{named(environment.name)} is being deleted",
            f"Make a new one with {command(f'create {environment.name}')} once it is gone.",
        )


def _refuse_unmade(environment: Environment, what: str) -> None:
    _refuse_going(environment)
    if environment.phase in (Phase.PROVISIONING, Phase.FAILED):
        raise Refusal(
            f"{named(environment.name)} is not made yet, so it cannot be {what}",
            f"See how far it is with {command(f'status {environment.name}')}.",
        )
