"""When environments are told of their end, end, and are deleted because of time.

An end is announced some times before, then the environment sleeps for a grace in which one click restores it, and only
then is it deleted. What has slept for long ends in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.reconcile.voice import Saying, Voice, told_at
from bot.rules import expiry
from bot.rules.catalogue import Catalogue
from bot.rules.words import BERTH, Phase, Wanted
from bot.usecases import intents
from bot.usecases.ends import End, end_of, term_of
from bot.usecases.intents import Deed
from bot.usecases.policies import protection
from bot.usecases.sleep import answer_warning, end_warnings
from bot.usecases.source import TIME
from store.records import Records
from store.tables import Environment

_TOLD_RECHECK = timedelta(seconds=30)
_UNHEARD_RECHECK = timedelta(hours=1)
_GRACE_RECHECK = timedelta(minutes=15)
_UNMADE_RECHECK = timedelta(hours=1)
_HELD_RECHECK = timedelta(hours=1)


@dataclass(frozen=True)
class Endings:
    """Judges one environment at a time, in the transaction of the pass."""

    catalogue: Catalogue
    clock: Clock
    voice: Voice

    def judge(self, records: Records, environment: Environment, volumes: Sequence[str], held: str) -> datetime | None:
        """Do what is due, and say when to judge it again; None for what has no end."""
        now = self.clock.now()
        if environment.phase is Phase.PROVISIONING:
            return now + _UNMADE_RECHECK
        if held or protection(environment):
            return now + _HELD_RECHECK
        if environment.delete_at is not None:
            return self._judge_grace(records, environment, environment.delete_at)
        end = end_of(environment, self.catalogue)
        return self._judge_end(records, environment, end, volumes) if end is not None else None

    def _judge_end(
        self, records: Records, environment: Environment, end: End, volumes: Sequence[str]
    ) -> datetime | None:
        now = self.clock.now()
        term = term_of(records, environment, end)
        match expiry.judge(term, self.catalogue.ttl.warn_before, now):
            case expiry.Wait(until):
                if term.warned_lead is not None and self.voice.unheard(records, environment, environment.expiry_key):
                    again = now + _UNHEARD_RECHECK
                    told = max(end.at, again).isoformat()
                    records.notices.change(environment.expiry_key or "", now, {"expires_at": told})
                    return again
                return until
            case expiry.Announce(lead):
                self._announce(records, environment, end, {"lead_s": int(lead.total_seconds()), "volumes": [*volumes]})
                return now + self.clock.lasting(_TOLD_RECHECK)
            case expiry.Reap():
                return self._let_end(records, environment, end, volumes)

    def _announce(self, records: Records, environment: Environment, end: End, shown: dict[str, Any]) -> None:
        self._supersede(records, environment)
        key = f"expiry:{environment.id}:{end.at.isoformat()}:{shown['lead_s']}"
        if records.notices.keyed(key) is not None:  # told before a pause, which has made it void
            key = f"{key}:{self.clock.now().isoformat()}"
        environment.expiry_key = key
        # What is told late ends later: the message says the end that will be.
        least = self.clock.now() + min(timedelta(seconds=shown["lead_s"]), expiry.LEAST_NOTICE)
        facts = self._facts(environment) | {
            "end": end.at.isoformat(),
            "expires_at": max(end.at, least).isoformat(),
            "why": end.why,
            "grace_s": int(self.catalogue.ttl.grace.total_seconds()),
            "longest_s": int(self.catalogue.ttl.longest.total_seconds()),
        }
        patience = expiry.patience(timedelta(seconds=shown["lead_s"]), self.catalogue.ttl.warn_before)
        saying = Saying(environment.expiry_key, "expiry_warning", facts | shown, patience)
        self.voice.say(records, environment, saying)

    def _supersede(self, records: Records, environment: Environment) -> None:
        if environment.expiry_key is not None:
            records.notices.change(environment.expiry_key, self.clock.now(), {"outcome": {"kind": "superseded"}})

    def _let_end(self, records: Records, environment: Environment, end: End, volumes: Sequence[str]) -> datetime | None:
        """Its end has come: it sleeps from now on, and is deleted after the grace."""
        now = self.clock.now()
        if not self.catalogue.ttl.grace:
            self._delete(records, environment)
            return None
        before = intents.picture(environment)
        environment.delete_at = now + self.catalogue.ttl.grace
        self._supersede(records, environment)
        environment.expiry_key = f"ended:{environment.id}:{now.isoformat()}"
        facts = self._facts(environment) | {
            "delete_at": environment.delete_at.isoformat(),
            "why": end.why,
            "volumes": [*volumes],
        }
        self.voice.say(records, environment, Saying(environment.expiry_key, "ended", facts))
        if environment.wanted is Wanted.RUNNING and environment.phase is not Phase.FAILED:
            slept = {"kind": "slept", "by": BERTH, "at": now.isoformat(), "reason": "its end has come"}
            answer_warning(records, environment, now, slept)
            intents.order(environment, intents.by_time(Wanted.SLEEPING, "its end has come"), now)
        intents.audit(records, environment, before, Deed("end", BERTH, TIME, now, reason=end.why))
        return self._soon_seen(environment.delete_at)

    def _judge_grace(self, records: Records, environment: Environment, delete_at: datetime) -> datetime | None:
        now = self.clock.now()
        if told_at(records, environment.expiry_key) is not None:
            if now < delete_at:
                return delete_at
            self._delete(records, environment)
            return None
        self.voice.unheard(records, environment, environment.expiry_key)
        # The grace is for whoever can know of it: it begins anew until its message has been delivered.
        environment.delete_at = now + self.catalogue.ttl.grace
        told = {"delete_at": environment.delete_at.isoformat()}
        records.notices.change(environment.expiry_key or "", now, told)
        return self._soon_seen(environment.delete_at)

    def _soon_seen(self, delete_at: datetime) -> datetime:
        """When to see whether the message that tells of a grace has been delivered."""
        return min(delete_at, self.clock.now() + min(_GRACE_RECHECK, self.catalogue.ttl.grace / 4))

    def _delete(self, records: Records, environment: Environment) -> None:
        now = self.clock.now()
        before = intents.picture(environment)
        end_warnings(records, environment, now)
        intents.order(environment, intents.by_time(Wanted.DELETED, "its time was over"), now)
        intents.audit(records, environment, before, Deed("delete", BERTH, TIME, now, reason="its time was over"))

    def _facts(self, environment: Environment) -> dict[str, Any]:
        return {
            "environment_id": environment.id,
            "name": environment.name,
            "owner_id": environment.owner_id,
            "outcome": None,
        }
