"""How a company takes to Berth: who came, made something and came back, how soon it ran, and what stood in their way.

Pure. A week begins on Monday at midnight UTC.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Refused:
    """Somebody asked for something and was refused."""

    person: str
    at: datetime
    command: str
    reason: str


@dataclass(frozen=True)
class History:
    """What is known of people, by their ids: when they were first there, in which weeks they were, when they made
    environments, when the first of them ran, what they were refused, and the team that they made them in, or would."""

    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    weeks: Mapping[str, frozenset[datetime]] = field(default_factory=dict)
    created: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    first_running: Mapping[str, datetime] = field(default_factory=dict)
    refused: Sequence[Refused] = ()
    teams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Weekly:
    """How many people made something in a week, were there, and had been there before."""

    week: datetime
    created: int
    active: int
    returned: int


@dataclass(frozen=True)
class Spell:
    """How long newcomers took from their first word to a running environment; None where none of them has one yet."""

    newcomers: int
    running: int
    median: timedelta | None
    p90: timedelta | None


def week_of(at: datetime) -> datetime:
    """When the week of an instant began."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


def last_weeks(now: datetime, count: int) -> list[datetime]:
    """The beginnings of the present week and those before it, oldest first."""
    return [week_of(now) - back * WEEK for back in reversed(range(count))]


def weekly(history: History, weeks: Iterable[datetime]) -> list[Weekly]:
    """Each week's people. Who made something was there, though perhaps by kubectl or before visits were counted."""
    return [_week(history, week) for week in weeks]


def _week(history: History, week: datetime) -> Weekly:
    made = {person for person, times in history.created.items() if any(week_of(at) == week for at in times)}
    active = made | {person for person, there in history.weeks.items() if week in there}
    returned = {person for person in active if _was_there(history, person, week)}
    return Weekly(week, len(made), len(active), len(returned))


def _was_there(history: History, person: str, before: datetime) -> bool:
    visited = any(week < before for week in history.weeks.get(person, frozenset()))
    return visited or any(at < before for at in history.created.get(person, ()))


def spell(history: History, since: datetime, people: Iterable[str] | None = None) -> Spell:
    """The time to the first running environment of those who were first there since then, of all or of some people."""
    chosen = history.first_seen.keys() if people is None else people
    new = [one for one in chosen if history.first_seen.get(one, since - WEEK) >= since]
    lasted = sorted(
        max(history.first_running[one] - history.first_seen[one], timedelta())
        for one in new
        if one in history.first_running
    )
    return Spell(len(new), len(lasted), percentile(lasted, 50), percentile(lasted, 90))


def percentile(lasted: Sequence[timedelta], percent: int) -> timedelta | None:
    """The nearest-rank percentile of durations in their order; None for none."""
    if not lasted:
        return None
    rank = -(-len(lasted) * percent // 100)
    return lasted[max(rank, 1) - 1]


def by_team(history: History, since: datetime) -> dict[str, Spell]:
    """The same for each team that has newcomers, by name; "" is no team."""
    teams: dict[str, list[str]] = {}
    for person, first in history.first_seen.items():
        if first >= since:
            teams.setdefault(history.teams.get(person, ""), []).append(person)
    return {team: spell(history, since, people) for team, people in sorted(teams.items())}


def failed_first_attempts(history: History, since: datetime) -> list[tuple[str, str, int]]:
    """What people were refused before they had made anything: the command, why, and how many people, most first."""
    early = {
        (one.command, one.reason, one.person)
        for one in history.refused
        if one.at >= since and not any(at <= one.at for at in history.created.get(one.person, ()))
    }
    counted = Counter((command, reason) for command, reason, _ in early)
    return [(*what, people) for what, people in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]
