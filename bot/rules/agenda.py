"""When time puts an environment to sleep, warns of it, or wakes it: decisions over instants, with the rule behind.

In order: a mark never to sleep and an admin's pause hold everything; what goes on now, and what is not known, keeps it
awake; a person's *keep awake* outlasts every rule; then comes whichever is first of being unused and the end of working
hours. Outside working hours being unused for an hour is enough. A deadline without a delivered warning does not fire,
and whoever was warned late has the whole notice from then on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from bot.rules.durations import format_duration
from bot.rules.policy import Policy
from bot.rules.working_hours import WorkingHours, is_working, last_change, next_change

GRACE = timedelta(minutes=15)
"""How long a fresh deployment is left alone."""

_FRESH = "something was deployed to it a moment ago"
_AFTER_HOURS = timedelta(hours=1)  # without use: enough to sleep outside working hours
_RECHECK = timedelta(minutes=2)  # of what goes on now, and of what could not be known
_HELD_RECHECK = timedelta(hours=1)
_LATE = timedelta(hours=1)  # after a deadline: what was warned of then is warned of anew
_UNTOLD_RECHECK = timedelta(seconds=30)
_NOTICE_SLACK = timedelta(minutes=1)  # delivery takes some seconds; the deadline told need not move for them


@dataclass(frozen=True)
class Shift:
    """Where `now` lies in the working hours: within them or not, since when and until when (None: for ever)."""

    working: bool
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Use:
    """What is known of an environment's use. `told_at` is when the warning of `deadline_at` was delivered.

    `busy` says what goes on now, or what could not be known; `held` why time does not put it to sleep at all;
    `deployed_at` when it was last changed, by people or by what follows a git; `ends_at` when the environment itself
    ends, of which it is warned by other rules.
    """

    last_activity_at: datetime
    awake_since: datetime
    awake_until: datetime | None
    deadline_at: datetime | None
    told_at: datetime | None
    busy: tuple[str, ...] = ()
    held: str = ""
    deployed_at: datetime | None = None
    shift: Shift | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Bedtime:
    """When an environment would fall asleep, and by which rule, in words."""

    at: datetime
    rule: str


@dataclass(frozen=True)
class StayAwake:
    """Nothing to do before `until`. `rearmed`: a warning that is out is answered by it; `because` says by what."""

    until: datetime
    rearmed: bool = False
    because: str = ""


@dataclass(frozen=True)
class Warn:
    """Tell the owner now that it falls asleep at `deadline`, by that rule."""

    deadline: datetime
    rule: str


@dataclass(frozen=True)
class Postpone:
    """The warning came late: the deadline moves to `deadline`."""

    deadline: datetime


@dataclass(frozen=True)
class FallAsleep:
    """The deadline has come, the warning was delivered, and nobody used it since."""


Verdict = StayAwake | Warn | Postpone | FallAsleep


def bedtime(use: Use, policy: Policy) -> Bedtime:
    """When it would fall asleep if nobody used it from now on, whatever goes on now."""
    quiet_since = max(use.last_activity_at, use.awake_since)
    idle = policy.idle_after
    first = Bedtime(quiet_since + idle.value, f"unused for {format_duration(idle.value)} ({idle.rule})")
    hours = _end_of_hours(use, policy, quiet_since)
    if hours is not None and hours.at < first.at:
        first = hours
    if use.awake_until is not None and use.awake_until > first.at:
        first = Bedtime(use.awake_until, f"kept awake until then, and by then {first.rule}")
    if use.deployed_at is not None and use.deployed_at + GRACE > first.at:
        first = Bedtime(use.deployed_at + GRACE, f"{format_duration(GRACE)} after it was changed; {first.rule}")
    return first


def _end_of_hours(use: Use, policy: Policy, quiet_since: datetime) -> Bedtime | None:
    shift = use.shift
    boundary = None if shift is None else shift.until if shift.working else shift.since
    if boundary is None:
        return None
    enough = min(_AFTER_HOURS, policy.idle_after.value)
    rule = f"outside its working hours ({policy.working_hours.rule})"
    if quiet_since + enough > boundary:
        begin = _begin(shift)
        if begin is not None and quiet_since + enough >= begin:
            return None  # they have begun again by then
        return Bedtime(quiet_since + enough, f"unused for {format_duration(enough)} {rule}")
    return Bedtime(boundary, rule)


def judge(use: Use, policy: Policy, now: datetime) -> Verdict:
    """What to do at `now` about an environment that is awake."""
    warned = use.deadline_at is not None
    if use.held:
        return StayAwake(now + _HELD_RECHECK, rearmed=warned, because=use.held)
    first = bedtime(use, policy)
    warn_before = policy.warn_before.value
    warn_at = first.at - warn_before
    if use.deadline_at is None or first.at > use.deadline_at:
        if now < warn_at:
            because = _FRESH if warned and _is_fresh(use, first) else ""
            return StayAwake(_not_beyond(_begin(use.shift), warn_at, now), rearmed=warned, because=because)
        if use.busy:
            return StayAwake(now + _RECHECK, rearmed=warned, because="; ".join(use.busy))
        return _warn(use, Warn(max(first.at, now + warn_before), first.rule), now)
    if use.busy:
        return StayAwake(now + _RECHECK, rearmed=True, because="; ".join(use.busy))
    verdict = _at_the_deadline(use.deadline_at, use.told_at, warn_before, now)
    late = now > use.deadline_at + max(_LATE, warn_before)  # nobody looked when it came, nor could anybody answer
    anew = late and isinstance(verdict, FallAsleep)
    return _warn(use, Warn(now + warn_before, first.rule), now) if anew else verdict


def _warn(use: Use, warning: Warn, now: datetime) -> Verdict:
    """The warning, unless the environment ends before: nobody is warned of a sleep that will not be."""
    if use.ends_at is not None and now < use.ends_at <= warning.deadline:
        return StayAwake(use.ends_at, rearmed=use.deadline_at is not None)
    return warning


def _is_fresh(use: Use, first: Bedtime) -> bool:
    """Whether it is a fresh change that its bedtime waits for."""
    return use.deployed_at is not None and first.at == use.deployed_at + GRACE


def _begin(shift: Shift | None) -> datetime | None:
    """When working hours begin again; None within them, and where they never do."""
    return None if shift is None or shift.working else shift.until


def _not_beyond(begin: datetime | None, planned: datetime, now: datetime) -> datetime:
    """What was foreseen outside working hours is judged anew when they begin."""
    return planned if begin is None or begin <= now else min(planned, begin)


def _at_the_deadline(deadline: datetime, told_at: datetime | None, warn_before: timedelta, now: datetime) -> Verdict:
    if told_at is None:
        return StayAwake(now + _UNTOLD_RECHECK)
    fair = told_at + warn_before
    if fair > deadline + _NOTICE_SLACK:
        return Postpone(fair)
    return FallAsleep() if now >= deadline else StayAwake(deadline)


def shift_of(policy: Policy, now: datetime) -> Shift | None:
    """Where `now` lies in the working hours of a policy; None where it has none.

    Exceptions that are over count too: since when it is working must not change by their being forgotten.
    """
    hours = policy.working_hours.value
    if hours is None:
        return None
    found = _found(hours)
    if not (found and _covers(found[0], now)):
        found[:] = [Shift(is_working(hours, now), last_change(hours, now), next_change(hours, now))]
    return found[0]


@lru_cache(maxsize=16_384)
def _found(hours: WorkingHours) -> list[Shift]:
    """The shift of these hours that was found last: it holds until it is over, and thousands ask in one pass."""
    return []


def _covers(shift: Shift, now: datetime) -> bool:
    return shift.since is not None and shift.until is not None and shift.since <= now < shift.until


def is_busy(use: Use, verdict: Verdict) -> bool:
    """Whether it is what goes on, or what could not be known, that keeps it awake."""
    return isinstance(verdict, StayAwake) and bool(verdict.because) and not use.held


def wakes(shift: Shift | None, slept_at: datetime | None) -> bool:
    """Whether its working hours have begun since it fell asleep."""
    began = shift.since if shift is not None and shift.working else None
    return began is not None and slept_at is not None and slept_at < began
