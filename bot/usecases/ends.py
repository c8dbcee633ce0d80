"""When an environment ends, why, and what its owner has been told of it, as the store and berth.yaml have it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules.catalogue import Catalogue
from bot.rules.durations import format_duration
from bot.rules.expiry import Term
from bot.rules.words import Phase
from store.records import Records
from store.tables import Environment


@dataclass(frozen=True)
class End:
    """When an environment ends, since when that was known, and why."""

    at: datetime
    set_at: datetime
    why: str


def end_of(environment: Environment, catalogue: Catalogue) -> End | None:
    """The first of its ends: of its ttl, and of sleeping for long."""
    ends = []
    set_at = environment.expiry_set_at or environment.created_at
    if environment.expires_at is not None:
        ends.append(End(environment.expires_at, set_at, "its time is over then"))
    if environment.phase is Phase.SLEEPING and environment.slept_at is not None:
        ends.append(_end_of_sleep(environment, max(environment.slept_at, set_at), catalogue.sleep.delete_after))
    return min(ends, key=lambda end: end.at, default=None)


def _end_of_sleep(environment: Environment, set_at: datetime, longest: timedelta) -> End:
    """When it has slept for too long; somebody may have kept it for longer."""
    over = (environment.slept_at or set_at) + longest
    if environment.kept_until is not None and environment.kept_until > over:
        rule = f"it was kept until then, asleep for over {format_duration(longest)}"
        return End(environment.kept_until, set_at, rule)
    return End(over, set_at, f"it will have been asleep for {format_duration(longest)} then")


def term_of(records: Records, environment: Environment, end: End) -> Term:
    """The end, with what has been told of it; a warning of another end tells nothing."""
    warning = records.notices.keyed(environment.expiry_key) if environment.expiry_key else None
    if warning is None or warning.facts.get("end") != end.at.isoformat():
        return Term(end.at, end.set_at)
    told_at = records.notices.told_at(warning.key)
    return Term(end.at, end.set_at, timedelta(seconds=warning.facts["lead_s"]), told_at)
