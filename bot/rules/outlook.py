"""What time will do to an environment, when, and by which rule, if nobody touches it and nothing goes on in it.

It is found by asking the rules that decide (`agenda`, `expiry`) what they will say at each instant they name, so that
it cannot differ from what happens. Data, for whoever asks why, for the status of one and for dry runs over many.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.rules import agenda, expiry
from bot.rules.agenda import Use, shift_of
from bot.rules.expiry import Term
from bot.rules.policy import Policy, to_come
from bot.rules.working_hours import Morning

_LOOKS: Final = 200  # instants asked about at most; some five are usual
_HOURS_BEGIN: Final = "its working hours begin"


class Stand(StrEnum):
    """What an environment is to time: awake, asleep, or neither, and then no sleep of it is judged."""

    AWAKE = "awake"
    ASLEEP = "asleep"
    NEITHER = "neither"


class Event(StrEnum):
    """What time does."""

    SLEEP = "sleep"
    WAKE = "wake"
    END = "end"  # it sleeps from then on, and is deleted after the grace
    DELETE = "delete"


@dataclass(frozen=True)
class Coming:
    """One thing that time will do, and the rule behind it, in words; a sleep also what would keep it from coming."""

    event: Event
    at: datetime
    rule: str
    unless: str = "it is used"


@dataclass(frozen=True)
class Situation:
    """What is known of an environment. `use.busy` and `use.held` are of its sleep; `paused` says that time is stopped.

    `deadline_rule` is that of the warning that is out; `term_rule` why its end comes at the end of `term`.
    """

    stand: Stand
    use: Use
    deadline_rule: str = ""
    slept_at: datetime | None = None
    term: Term | None = None
    term_rule: str = ""
    delete_at: datetime | None = None
    paused: str = ""
    ownerless: Coming | None = None  # the sleep of what has lost its owner, which no use puts off


@dataclass(frozen=True)
class Outlook:
    """What comes, soonest first, and what keeps it from coming: `held` for as long as it is so, `busy` just now.

    `policy` is as it is told: without exceptions that are over.
    """

    stand: Stand
    coming: tuple[Coming, ...]
    held: str
    busy: tuple[str, ...]
    policy: Policy

    @property
    def next(self) -> Coming | None:
        """What comes first."""
        return self.coming[0] if self.coming else None

    def when(self, event: Event) -> Coming | None:
        """What comes of one kind."""
        return next((one for one in self.coming if one.event is event), None)


@dataclass(frozen=True)
class Terms:
    """The company's part of an outlook: the policy that applies, and how long before an end its owner is told."""

    policy: Policy
    warn_before: tuple[timedelta, ...]


def outlook(situation: Situation, terms: Terms, now: datetime) -> Outlook:
    """The outlook from `now` on."""
    held = situation.paused or situation.use.held
    found = [
        _sleep(situation, terms.policy, now) if situation.stand is Stand.AWAKE and not held else None,
        _wake(situation, terms.policy, now) if situation.stand is Stand.ASLEEP else None,
        _end(situation, terms, now) if not situation.paused else None,
    ]
    coming = sorted((one for one in found if one is not None), key=lambda one: one.at)
    awake = situation.stand is Stand.AWAKE
    return Outlook(
        situation.stand,
        _until_the_end(coming),
        held if awake else situation.paused,
        situation.use.busy if awake else (),
        to_come(terms.policy, now),
    )


def _until_the_end(coming: list[Coming]) -> tuple[Coming, ...]:
    """What lies before its end: nothing falls asleep or wakes after it."""
    last = next((place for place, one in enumerate(coming) if one.event in (Event.END, Event.DELETE)), len(coming))
    return tuple(coming[: last + 1])


def _sleep(situation: Situation, policy: Policy, now: datetime) -> Coming | None:
    """When it falls asleep if it is not used and what goes on is over now, or at the latest if it has no owner."""
    ownerless, unused = situation.ownerless, _sleep_of_unused(situation, policy, now)
    found = [replace(one, at=max(one.at, now)) for one in (ownerless, unused) if one is not None]
    return min(found, key=lambda one: one.at, default=None)


def _sleep_of_unused(situation: Situation, policy: Policy, now: datetime) -> Coming | None:
    use, rule, at = replace(situation.use, held="", busy=()), situation.deadline_rule, now
    if situation.use.busy:  # it answers a warning that is out
        use = replace(use, deadline_at=None, told_at=None)
    for _ in range(_LOOKS):
        match agenda.judge(replace(use, shift=shift_of(policy, at)), policy, at):
            case agenda.FallAsleep():
                return Coming(Event.SLEEP, at, rule)
            case agenda.Warn(deadline, rule):
                use = replace(use, deadline_at=deadline, told_at=at)
            case agenda.Postpone(deadline):
                use = replace(use, deadline_at=deadline)
            case agenda.StayAwake(until, rearmed):
                if rearmed:
                    use, at = replace(use, deadline_at=None, told_at=None), until
                elif use.deadline_at is not None and use.told_at is None:
                    use = replace(use, told_at=at)  # it is told now, if it can be
                else:
                    at = until
    return None


def _wake(situation: Situation, policy: Policy, now: datetime) -> Coming | None:
    hours = policy.working_hours.value
    if hours is None or hours.morning is not Morning.WAKE or situation.delete_at is not None:
        return None
    shift = shift_of(policy, now)
    if agenda.wakes(shift, situation.slept_at):
        return Coming(Event.WAKE, now, f"{_HOURS_BEGIN} ({policy.working_hours.rule})")
    if shift is not None and shift.working and shift.until is not None:  # put to sleep within them: the next ones wake
        shift = shift_of(policy, shift.until)
    if shift is None or shift.working or shift.until is None:
        return None
    return Coming(Event.WAKE, shift.until, f"{_HOURS_BEGIN} ({policy.working_hours.rule})")


def _end(situation: Situation, terms: Terms, now: datetime) -> Coming | None:
    if situation.delete_at is not None:
        return Coming(
            Event.DELETE, max(situation.delete_at, now), "its end has come, and nobody has restored it by then"
        )
    term, at = situation.term, now
    for _ in range(_LOOKS):
        if term is None:
            return None
        match expiry.judge(term, terms.warn_before, at):
            case expiry.Reap():
                return Coming(Event.END, at, situation.term_rule)
            case expiry.Announce(lead):
                term = replace(term, warned_lead=lead, told_at=at)
            case expiry.Wait(until):
                untold = term.warned_lead is not None and term.told_at is None
                term, at = (replace(term, told_at=at), at) if untold else (term, until)
    return None
