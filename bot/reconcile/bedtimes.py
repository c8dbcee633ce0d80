"""When environments are warned of sleep, fall asleep and wake because of time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.reconcile.seen import Seen
from bot.reconcile.voice import Saying, Voice, told_at
from bot.rules import agenda
from bot.rules.activity import Activity, newest
from bot.rules.agenda import Use, shift_of
from bot.rules.catalogue import Catalogue
from bot.rules.costs import awake_hour, footprint_of
from bot.rules.limits import sentence
from bot.rules.mornings import next_morning
from bot.rules.policy import Policy
from bot.rules.words import BERTH, Phase, Wanted
from bot.rules.working_hours import Morning
from bot.usecases import intents
from bot.usecases.activity import open_sessions
from bot.usecases.intents import Deed
from bot.usecases.limits import Limits, wake_by_time
from bot.usecases.policies import exemption, policy_for, sent_to_sleep_at, use_of
from bot.usecases.sleep import answer_warning, woken_by_time
from bot.usecases.source import TIME
from store.records import Records
from store.tables import Environment

_TOLD_RECHECK = timedelta(seconds=30)
_ROOM_RECHECK = timedelta(minutes=5)  # of what a limit keeps from waking


@dataclass(frozen=True)
class Bedtimes:
    """Judges one environment at a time, in the transaction of the pass."""

    catalogue: Catalogue
    clock: Clock
    voice: Voice

    def suspects(self, environment: Environment, seen: Seen) -> bool:
        """Whether it would be warned of sleep, or sleep, were there no other sign of use than those seen."""
        if environment.phase is not Phase.RUNNING or environment.wanted is not Wanted.RUNNING:
            return False
        use, policy = self._use(environment, seen)
        heard_at = use.deadline_at - policy.warn_before.value if use.deadline_at is not None else None
        told = replace(use, told_at=heard_at, held=exemption(environment))
        return not isinstance(agenda.judge(told, policy, self.clock.now()), agenda.StayAwake)

    def judge(self, records: Records, environment: Environment, seen: Seen, held: str) -> datetime | None:
        """Do what is due, and say when to judge it again; None where time has nothing to do with its sleep."""
        if environment.phase is Phase.RUNNING and environment.wanted is Wanted.RUNNING:
            return self._judge_awake(records, environment, seen, held)
        if environment.wanted is Wanted.SLEEPING:  # asleep or not yet: what does not stop must not cost a morning
            return self._judge_asleep(records, environment)
        return None

    def _use(self, environment: Environment, seen: Seen) -> tuple[Use, Policy]:
        now = self.clock.now()
        policy = policy_for(environment, self.catalogue)
        use = use_of(environment, shift_of(policy, now))
        sign = newest([seen.activity, _ahead(environment, seen.ahead, now)])
        last = max(use.last_activity_at, sign.at) if sign is not None else use.last_activity_at
        return replace(use, last_activity_at=last, busy=tuple(seen.busy), deployed_at=seen.deployed_at), policy

    def _judge_awake(self, records: Records, environment: Environment, seen: Seen, held: str) -> datetime | None:
        now = self.clock.now()
        _mend_times(environment, now)
        _note_activity(environment, newest([seen.activity, _ahead(environment, seen.ahead, now)]))
        use, policy = self._use(environment, seen)
        use = replace(
            use,
            told_at=told_at(records, environment.warning_key),
            held=held or exemption(environment),
            busy=(*use.busy, *open_sessions(records, environment.id, now)),
        )
        verdict = agenda.judge(use, policy, now)
        environment.kept_by = list(seen.busy) if agenda.is_busy(use, verdict) else []
        match verdict:
            case agenda.StayAwake(until, rearmed, because):
                if rearmed:
                    self._rearm(records, environment, because)
                if self.voice.unheard(records, environment, environment.warning_key):
                    return self._postpone(records, environment, now + policy.warn_before.value)
                return until
            case agenda.Warn(deadline, rule):
                self._warn(records, environment, agenda.Bedtime(deadline, rule), seen)
                return now + self.clock.lasting(_TOLD_RECHECK)
            case agenda.Postpone(deadline):
                return self._postpone(records, environment, deadline)
            case agenda.FallAsleep():
                self._put_to_sleep(records, environment)
                return self._judge_asleep(records, environment)

    def _judge_asleep(self, records: Records, environment: Environment) -> datetime | None:
        policy = policy_for(environment, self.catalogue)
        hours = policy.working_hours.value
        if hours is None or hours.morning is not Morning.WAKE or environment.delete_at is not None:
            return None
        shift = shift_of(policy, self.clock.now())
        if shift is not None and agenda.wakes(shift, sent_to_sleep_at(environment)):
            key = f"held-back:{environment.id}:{shift.since.isoformat() if shift.since else ''}"
            if self._held_back(records, environment, key):
                return self.clock.now() + _ROOM_RECHECK
            self._wake(records, environment, f"its working hours have begun ({policy.working_hours.rule})")
            return None
        return shift.until if shift is not None else None

    def _held_back(self, records: Records, environment: Environment, key: str) -> bool:
        """Whether a limit keeps it from waking now; its owner is told once, and it wakes when there is room."""
        limits, asking, now = Limits(self.catalogue, self.clock), wake_by_time(environment), self.clock.now()
        excesses = limits.excesses(records, asking)
        if not excesses:
            records.notices.change(key, now, {"outcome": {"kind": "woken", "at": now.isoformat()}})
            return False
        facts = {
            "environment_id": environment.id,
            "name": environment.name,
            "why": [sentence(one, environment.owner_id) for one in excesses],
            "wish": asking.wish.kept(),
            "outcome": None,
        }
        self.voice.say(records, environment, Saying(key, "held_back", facts))
        return True

    def _postpone(self, records: Records, environment: Environment, deadline: datetime) -> datetime:
        environment.deadline_at = deadline
        for key in _warning_keys(environment):
            records.notices.change(key, self.clock.now(), {"deadline": deadline.isoformat()})
        return deadline

    def _rearm(self, records: Records, environment: Environment, because: str = "") -> None:
        used = {
            "kind": "used",
            "at": environment.last_activity_at.isoformat(),
            "by": environment.last_activity_by,
            "what": environment.last_activity_what,
        }
        outcome = {"kind": "busy", "because": because} if because else used
        answer_warning(records, environment, self.clock.now(), outcome)
        environment.deadline_at = environment.deadline_rule = environment.warning_key = None

    def _warn(self, records: Records, environment: Environment, bedtime: agenda.Bedtime, seen: Seen) -> None:
        if environment.warning_key is not None:
            self._rearm(records, environment)
        environment.deadline_at, environment.deadline_rule = bedtime.at, bedtime.rule
        environment.warning_key = f"idle:{environment.id}:{bedtime.at.isoformat()}"
        facts = self._facts(records, environment, bedtime, seen)
        own, shared = _warning_keys(environment)
        self.voice.say(records, environment, Saying(own, "idle_warning", facts))
        self.voice.copy(records, environment, Saying(shared, "idle_warning", facts))

    def _facts(self, records: Records, environment: Environment, bedtime: agenda.Bedtime, seen: Seen) -> dict[str, Any]:
        return {
            "environment_id": environment.id,
            "name": environment.name,
            "owner_id": environment.owner_id,
            "deadline": bedtime.at.isoformat(),
            "rule": bedtime.rule,
            "last_activity_at": environment.last_activity_at.isoformat(),
            "last_activity_by": environment.last_activity_by,
            "last_activity_what": environment.last_activity_what,
            "stops": list(seen.stops),
            "keeps": list(seen.keeps),
            "pods": list(seen.pods),
            "morning": self._morning(records, environment),
            **self._price(records, environment),
            "outcome": None,
        }

    def _morning(self, records: Records, environment: Environment) -> str | None:
        """Until when *Until tomorrow morning* would keep it awake; None where that is longer than is allowed."""
        now, owner = self.clock.now(), records.people.get(environment.workspace_id, environment.owner_id)
        hours = policy_for(environment, self.catalogue).working_hours.value
        morning = next_morning(now, owner.time_zone if owner else "UTC", hours)
        longest = min(self.catalogue.sleep.longest_keep_awake, self.catalogue.ttl.longest)
        return morning.isoformat() if morning - now <= longest else None

    def _price(self, records: Records, environment: Environment) -> dict[str, str]:
        """What an hour awake costs, where it is known what is requested."""
        span, prices = records.usage.open_span(environment.id), self.catalogue.cluster(environment.cluster).prices
        if span is None:
            return {}
        rate = awake_hour(footprint_of(span), prices)
        return {"hourly": str(rate), "currency": prices.currency} if rate else {}

    def _put_to_sleep(self, records: Records, environment: Environment) -> None:
        now = self.clock.now()
        before = intents.picture(environment)
        reason = environment.deadline_rule or "nobody used it"
        slept = {"kind": "slept", "by": BERTH, "at": now.isoformat(), "reason": reason}
        answer_warning(records, environment, now, slept)
        intents.order(environment, intents.by_time(Wanted.SLEEPING, reason), now)
        intents.audit(records, environment, before, Deed("sleep", BERTH, TIME, now, reason=reason))

    def _wake(self, records: Records, environment: Environment, reason: str) -> None:
        now = self.clock.now()
        before = intents.picture(environment)
        answer_warning(records, environment, now, woken_by_time(now, reason))
        intents.order(environment, intents.by_time(Wanted.RUNNING, reason), now)
        intents.audit(records, environment, before, Deed("wake", BERTH, TIME, now, reason=reason))


def _warning_keys(environment: Environment) -> tuple[str, str]:
    """The owner's warning of the present deadline, and its copy in the team's channel."""
    key = environment.warning_key or ""
    return key, f"{key}:team"


def _ahead(environment: Environment, sign: Activity | None, now: datetime) -> Activity | None:
    """A sign that a wrong clock dates after now counts as of now, once: it must not keep awake until its date."""
    noted = sign is None or (sign.by, sign.what) == (environment.last_activity_by, environment.last_activity_what)
    return None if sign is None or noted else replace(sign, at=now)


def _mend_times(environment: Environment, now: datetime) -> None:
    """What was noted while Berth's own clock was ahead is of now, or it would keep awake until that comes."""
    environment.last_activity_at = min(environment.last_activity_at, now)
    if environment.awake_since is not None:
        environment.awake_since = min(environment.awake_since, now)


def _note_activity(environment: Environment, activity: Activity | None) -> None:
    if activity is not None and activity.at > environment.last_activity_at:
        environment.last_activity_at = activity.at
        environment.last_activity_by = activity.by
        environment.last_activity_what = activity.what
