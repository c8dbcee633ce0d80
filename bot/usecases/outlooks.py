"""What will become of an environment by itself, when and why, answered from what is remembered: no cluster is asked."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.order import label
from bot.rules.outlook import Coming, Event, Outlook, Situation, Stand, Terms, outlook
from bot.rules.permissions import Action
from bot.rules.words import JournalState, Phase, Wanted
from bot.usecases.activity import open_sessions
from bot.usecases.ends import end_of, term_of
from bot.usecases.intents import authorise
from bot.usecases.policies import exemption, policy_for, sent_to_sleep_at, use_of
from bot.usecases.progress import operation
from store.database import Store
from store.records import Records
from store.tables import Environment

_STANDS: Final = {
    (Phase.RUNNING, Wanted.RUNNING): Stand.AWAKE,
    (Phase.SLEEPING, Wanted.SLEEPING): Stand.ASLEEP,
}


@dataclass(frozen=True)
class Underway:
    """An operation that is not done yet: how far it is, what is not ready and why, and what time does after it.

    `expected` is when it is over if it takes as long as usual; `retry_at` when a failed step is tried again.
    """

    operation: str  # create, sleep, wake or delete
    ready: str
    missing: tuple[str, ...]
    expected: datetime | None
    retry_at: datetime | None
    then: Outlook | None


@dataclass(frozen=True)
class Explanation:
    """All that can be said of why an environment is as it is.

    `underway` is None where it is as wanted. `resumed` is what would come if an admin's pause ended now.
    """

    outlook: Outlook
    underway: Underway | None = None
    resumed: Outlook | None = None


@dataclass(frozen=True)
class Outlooks:
    """The use case."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def of(self, actor: Actor, environment: Environment) -> Outlook:
        """What time will do to an environment next. Raises Refusal."""
        authorise(actor, Action.VIEW, environment)
        with self.store.read() as records:
            return self.read(records, environment)

    def why(self, actor: Actor, environment: Environment) -> Explanation:
        """Why it is as it is, what comes next, and what would after that. Raises Refusal."""
        authorise(actor, Action.VIEW, environment)
        with self.store.read() as records:
            found = self.read(records, environment)
            situation = self._situation(records, environment)
            paused = bool(situation.paused) and situation.stand is not Stand.NEITHER
            resumed = self._foreseen(environment, replace(situation, paused="")) if paused else None
            return Explanation(found, self._underway(records, environment, situation), resumed)

    def paused(self, actor: Actor) -> str:
        """Why time does nothing in the actor's workspace now, in words; empty where it does."""
        with self.store.read() as records:
            return records.pauses.reason(actor.workspace_id)

    def read(self, records: Records, environment: Environment) -> Outlook:
        """The outlook, within a transaction."""
        return self._foreseen(environment, self._situation(records, environment))

    def _foreseen(self, environment: Environment, situation: Situation) -> Outlook:
        terms = Terms(policy_for(environment, self.catalogue), tuple(self.catalogue.ttl.warn_before))
        return outlook(situation, terms, self.clock.now())

    def _underway(self, records: Records, environment: Environment, situation: Situation) -> Underway | None:
        if situation.stand is not Stand.NEITHER or environment.phase in (Phase.FAILED, Phase.DELETED):
            return None
        doing = operation(environment)
        ready, missing = environment.ready or "", tuple(environment.missing)
        if doing == "sleep":
            ready, missing = _at_rest(records, environment)
        usual = environment.last_wakes if doing == "wake" else []
        return Underway(
            operation=doing,
            ready=ready,
            missing=missing,
            expected=environment.operation_at + timedelta(seconds=median(usual)) if usual else None,
            retry_at=environment.due_at if environment.condition else None,
            then=self._then(environment, situation),
        )

    def _then(self, environment: Environment, situation: Situation) -> Outlook | None:
        """What time will do once it is as wanted, were that so now; None for what goes."""
        now = self.clock.now()
        if environment.wanted is Wanted.DELETED:
            return None
        if environment.wanted is Wanted.SLEEPING:
            return self._foreseen(environment, replace(situation, stand=Stand.ASLEEP, slept_at=now))
        use = replace(situation.use, awake_since=now, deadline_at=None, told_at=None)
        return self._foreseen(environment, replace(situation, stand=Stand.AWAKE, use=use))

    def _situation(self, records: Records, environment: Environment) -> Situation:
        now = self.clock.now()
        use = replace(
            use_of(environment, None),
            told_at=records.notices.told_at(environment.warning_key),
            busy=(*environment.kept_by, *open_sessions(records, environment.id, now)),
            held=exemption(environment),
        )
        endless = environment.phase is Phase.PROVISIONING or environment.protected_by is not None
        end = None if endless else end_of(environment, self.catalogue)
        return Situation(
            stand=_STANDS.get((environment.phase, environment.wanted), Stand.NEITHER),
            use=use,
            deadline_rule=environment.deadline_rule or "",
            slept_at=sent_to_sleep_at(environment),
            term=term_of(records, environment, end) if end is not None else None,
            term_rule=end.why if end is not None else "",
            delete_at=environment.delete_at,
            paused=records.pauses.reason(environment.workspace_id),
            ownerless=self._ownerless(records, environment),
        )

    def _ownerless(self, records: Records, environment: Environment) -> Coming | None:
        """The sleep that follows from having no owner: counted from when those who answer for it were told."""
        orphan, after, now = records.orphans.of(environment.id), self.catalogue.leaving.sleep_after, self.clock.now()
        if orphan is None or orphan.due_at is None or not after:
            return None
        told_at = records.notices.told_at(orphan.notice_key)
        at = max(orphan.since, told_at) + after if told_at is not None else now + after
        rule = f"its owner, <@{environment.owner_id}>, {orphan.because}"
        return Coming(Event.SLEEP, at, rule, "it has an owner again, or somebody takes it over")


def _at_rest(records: Records, environment: Environment) -> tuple[str, tuple[str, ...]]:
    """How many of its workloads are at rest already, and which are not, as the journal of this sleep has it."""
    if environment.phase is not Phase.FALLING_ASLEEP or environment.sleep_cycle is None:
        return "", ()
    entries = records.journal.of_cycle(environment.id, environment.sleep_cycle)
    planned = [entry for entry in entries if entry.state is JournalState.PLANNED]
    asleep = [entry for entry in entries if entry.state is JournalState.ASLEEP]
    count = f"{len(asleep)}/{len(asleep) + len(planned)}" if asleep or planned else ""
    return count, tuple(f"{label((entry.kind, entry.name))} is not at rest yet" for entry in planned)
