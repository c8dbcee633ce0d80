"""When an environment's end is announced and comes: a decision over plain instants.

Nothing is deleted for its age without a delivered warning; one that came late gives the whole notice from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST_NOTICE = timedelta(minutes=30)
"""How long before its end somebody who is told late hears of it, or as long as the shortest warning's lead."""

_UNTOLD_RECHECK = timedelta(seconds=30)


@dataclass(frozen=True)
class Term:
    """An environment's end, and the newest warning of it: how long before it was due, and when it was delivered."""

    expires_at: datetime
    set_at: datetime
    warned_lead: timedelta | None = None
    told_at: datetime | None = None


@dataclass(frozen=True)
class Wait:
    """Nothing to do before `until`."""

    until: datetime


@dataclass(frozen=True)
class Announce:
    """Tell the owner now; `lead` names the warning."""

    lead: timedelta


@dataclass(frozen=True)
class Reap:
    """The end has come and was announced."""


Verdict = Wait | Announce | Reap


def leads(term: Term, warn_before: Sequence[timedelta]) -> list[timedelta]:
    """The warnings this term has room for, longest lead first; a very short term is announced at its half."""
    span = term.expires_at - term.set_at
    return sorted((lead for lead in warn_before if lead < span), reverse=True) or [span / 2]


def patience(lead: timedelta, warn_before: Sequence[timedelta]) -> timedelta:
    """How long the warning of `lead` can wait for a better moment: half-way to the next one, or to the last notice."""
    later = max((other for other in warn_before if other < lead), default=LEAST_NOTICE)
    return max((lead - later) / 2, timedelta())


def judge(term: Term, warn_before: Sequence[timedelta], now: datetime) -> Verdict:
    """What to do about an environment's end at `now`."""
    planned = leads(term, warn_before)
    due = [lead for lead in planned if term.expires_at - lead <= now]
    if due and (term.warned_lead is None or due[-1] < term.warned_lead):
        return Announce(due[-1])
    if len(due) < len(planned):
        return Wait(term.expires_at - planned[len(due)])
    if term.told_at is None:
        return Wait(now + _UNTOLD_RECHECK)
    end = max(term.expires_at, term.told_at + min(planned[-1], LEAST_NOTICE))
    return Reap() if now >= end else Wait(end)
