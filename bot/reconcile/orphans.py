"""What becomes of an environment whose owner has left: once its people were told it sleeps, and later it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.words import BERTH, Phase, Wanted
from bot.usecases import intents
from bot.usecases.apart import apart
from bot.usecases.intents import Deed
from bot.usecases.orphans import news_of
from bot.usecases.policies import exemption
from bot.usecases.responsible import Responsible
from bot.usecases.sleep import answer_warning
from bot.usecases.source import TIME
from store.database import Store
from store.records import Records
from store.tables import Environment, Orphan

_TOLD_RECHECK: Final = timedelta(seconds=30)
_HELD_RECHECK: Final = timedelta(hours=1)
_UNMADE_RECHECK: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class OrphanCare:
    """The pass."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def settle_due(self) -> int:
        """Do what is due for each; how many were."""
        with self.store.read() as records:
            due = records.orphans.due(self.clock.now())
        for orphan in due:
            with apart("what has no owner could not be looked after", environment=orphan.environment_id):
                self._settle(orphan.environment_id)
        return len(due)

    def _settle(self, environment_id: str) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            environment = records.environments.lock(environment_id)
            orphan = records.orphans.of(environment_id)
            if environment is None or orphan is None or orphan.due_at is None or orphan.due_at > now:
                return
            orphan.due_at = self._due(records, environment, orphan)
            if orphan.due_at is None and environment.wanted is not Wanted.DELETED:
                self._let_go(records, environment, orphan)

    def _due(self, records: Records, environment: Environment, orphan: Orphan) -> datetime | None:
        """When to look again; None where its time has come, or it goes anyway."""
        now = self.clock.now()
        if environment.wanted is Wanted.DELETED:
            return None
        if records.pauses.reason(environment.workspace_id):
            return now + _HELD_RECHECK
        if environment.phase is Phase.PROVISIONING:
            return now + _UNMADE_RECHECK
        told_at = records.notices.told_at(orphan.notice_key)
        if told_at is None:
            answering = Responsible(self.catalogue, self.clock, records, environment.workspace_id)
            recipients = answering.in_turn(environment.team, [environment.owner_id, environment.owner_email])
            unheard = records.notices.say_again(orphan.notice_key, recipients, now)
            return now + (_HELD_RECHECK if unheard else self.clock.lasting(_TOLD_RECHECK))
        its_time = max(orphan.since, told_at) + self.catalogue.leaving.sleep_after
        return its_time if now < its_time else None

    def _let_go(self, records: Records, environment: Environment, orphan: Orphan) -> None:
        now, policy = self.clock.now(), self.catalogue.leaving
        before = intents.picture(environment)
        reason = f"its owner {orphan.because}"
        kept = exemption(environment) or ("" if policy.sleep_after else "time does not put it to sleep for that")
        if not kept:
            self._put_to_sleep(records, environment, reason)
        if policy.delete_after:
            end = now + policy.delete_after
            environment.expires_at = min(environment.expires_at or end, end)
            environment.expiry_set_at = environment.check_at = now
        intents.audit(records, environment, before, Deed("let go", BERTH, TIME, now, reason=reason))
        end_at = environment.expires_at.isoformat() if environment.expires_at is not None else None
        news_of(records, orphan, now, {"kind": "kept" if kept else "slept", "because": kept, "ends_at": end_at})

    def _put_to_sleep(self, records: Records, environment: Environment, reason: str) -> None:
        if environment.wanted is not Wanted.RUNNING or environment.phase is Phase.FAILED:
            return
        now = self.clock.now()
        slept = {"kind": "slept", "by": BERTH, "at": now.isoformat(), "reason": reason}
        answer_warning(records, environment, now, slept)
        intents.order(environment, intents.by_time(Wanted.SLEEPING, reason), now)
        environment.awake_until = None
