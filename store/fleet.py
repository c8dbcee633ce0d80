"""All environments of a workspace at once, as admins look at them: counted and turned over by the database.

Nothing here reads more rows than are shown, so that it costs the same for fifty environments and for five thousand.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from bot.rules.selection import Selection
from bot.rules.words import Phase, Wanted
from store.tables import Environment, Person, UsageSpan

EVERYTHING = Selection()
_ESCAPE = "\\"


@dataclass(frozen=True)
class Counts:
    """How many environments there are, by what; those of no team are counted under ""."""

    phases: Counter[Phase] = field(default_factory=Counter)
    teams: Counter[str] = field(default_factory=Counter)
    clusters: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All of them."""
        return self.phases.total()


@dataclass(frozen=True)
class Requested:
    """What those of a cluster request: awake cores, GiB of memory and GPUs; GiB of storage awake and asleep."""

    cluster: str
    cpu: float
    memory_gib: float
    storage_gib: float
    gpu: float


class FleetRecords:
    """The environments of one transaction, many at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def counts(self, workspace_id: str) -> Counts:
        """How many live in a workspace."""
        columns = (col(Environment.phase), col(Environment.team), col(Environment.cluster))
        living = _conditions(workspace_id, EVERYTHING, None)
        found = Counts()
        for phase, team, cluster, count in self._session.exec(
            select(*columns, func.count()).where(*living).group_by(*columns)
        ):
            found.phases[Phase(phase)] += count
            found.teams[team or ""] += count
            found.clusters[cluster] += count
        return found

    def owners(self, workspace_id: str) -> int:
        """How many people own a living environment."""
        living = _conditions(workspace_id, EVERYTHING, None)
        return self._session.exec(select(func.count(col(Environment.owner_id).distinct())).where(*living)).one()

    def people(self, workspace_id: str, selection: Selection = EVERYTHING) -> Sequence[tuple[str, str, str]]:
        """Who owns a living environment of a selection: Slack id, e-mail, and how Slack last called them."""
        here = col(Person.workspace_id) == col(Environment.workspace_id)
        found = self._session.exec(
            select(col(Environment.owner_id), col(Environment.owner_email), func.coalesce(Person.name, ""))
            .join(Person, here & (col(Person.id) == col(Environment.owner_id)), isouter=True)
            .where(*_conditions(workspace_id, selection, None))
            .distinct()
        )
        return [(owner, email, name) for owner, email, name in found]

    def count(self, workspace_id: str, selection: Selection, now: datetime) -> int:
        """How many living ones a selection means. Its owner is a Slack id."""
        chosen = _conditions(workspace_id, selection, now)
        return self._session.exec(select(func.count()).select_from(Environment).where(*chosen)).one()

    def chosen(
        self, workspace_id: str, selection: Selection, now: datetime, stretch: tuple[int, int] | None = None
    ) -> Sequence[Environment]:
        """The living ones that a selection means, by name; of those a `stretch`: from the first on, at most so many."""
        query = select(Environment).where(*_conditions(workspace_id, selection, now)).order_by(col(Environment.name))
        if stretch is not None:
            query = query.offset(stretch[0]).limit(stretch[1])
        return self._session.exec(query).all()

    def failing(self, workspace_id: str, most: int) -> tuple[int, Sequence[Environment]]:
        """How many have something wrong with them, and some of those, the longest-suffering first."""
        wrong = or_(col(Environment.condition).is_not(None), col(Environment.phase) == Phase.FAILED)
        conditions = (*_conditions(workspace_id, EVERYTHING, None), wrong)
        count = self._session.exec(select(func.count()).select_from(Environment).where(*conditions)).one()
        some = select(Environment).where(*conditions).order_by(col(Environment.operation_at)).limit(most)
        return count, self._session.exec(some).all()

    def requested(self, workspace_id: str) -> Sequence[Requested]:
        """What is requested now, by cluster."""
        awake = col(UsageSpan.awake).is_(True)
        lasting = (
            col(UsageSpan.environment_id) == col(Environment.id),
            col(UsageSpan.ended_at).is_(None),
            *_conditions(workspace_id, EVERYTHING, None),
        )
        cluster = col(Environment.cluster)
        sums = (
            func.coalesce(func.sum(UsageSpan.cpu).filter(awake), 0.0),
            func.coalesce(func.sum(UsageSpan.memory_gib).filter(awake), 0.0),
            func.coalesce(func.sum(UsageSpan.storage_gib), 0.0),
        )
        found = self._session.exec(select(cluster, *sums).where(*lasting).group_by(cluster).order_by(cluster)).all()
        gpu = func.coalesce(func.sum(UsageSpan.gpu).filter(awake), 0.0)
        gpus = dict(self._session.exec(select(cluster, gpu).where(*lasting).group_by(cluster)).all())
        return [
            Requested(name, float(cpu), float(memory), float(storage), float(gpus.get(name, 0.0)))
            for name, cpu, memory, storage in found
        ]


def _conditions(workspace_id: str, selection: Selection, now: datetime | None) -> list[ColumnElement[bool]]:
    found = [col(Environment.workspace_id) == workspace_id, col(Environment.phase) != Phase.DELETED]
    for column, value in (
        (Environment.team, selection.team),
        (Environment.cluster, selection.cluster),
        (Environment.owner_id, selection.owner),
    ):
        if value is not None:
            found.append(col(column) == value)
    if selection.in_phase is not None:
        found.append(_in_phase(selection.in_phase))
    if selection.name is not None:
        found.append(col(Environment.name).like(_like(selection.name), escape=_ESCAPE))
    if selection.unused_for is not None and now is not None:
        found.append(col(Environment.last_activity_at) <= now - selection.unused_for)
    return found


def _in_phase(phase: Phase) -> ColumnElement[bool]:
    """What is to be deleted counts as being deleted, though no worker has begun with it."""
    going = col(Environment.wanted) == Wanted.DELETED
    return going if phase is Phase.DELETING else (col(Environment.phase) == phase) & ~going


def _like(pattern: str) -> str:
    """The pattern as LIKE reads it."""
    literal = pattern.lower().replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
    return literal.replace("*", "%").replace("?", "_")
