"""The audit log: added to, never changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from store.tables import AuditEvent, Environment

_TOGETHER = 1_000


@dataclass(frozen=True)
class AuditQuery:
    """Which events are meant. None is no condition; `environments` are ids; `steps`: also what reconcile did."""

    workspace_id: str
    until: datetime
    since: datetime | None = None
    actor: str | None = None
    environments: tuple[str, ...] | None = None
    steps: bool = False


@dataclass(frozen=True)
class Audited:
    """An event, and the name of its environment, which may be gone by now."""

    event: AuditEvent
    name: str


class AuditLog:
    """Audit events of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, event: AuditEvent) -> None:
        """Record what somebody did, in the transaction that does it."""
        self._session.add(event)

    def of_environment(self, environment_id: str) -> Sequence[AuditEvent]:
        """What happened to one environment, oldest first."""
        return self._session.exec(
            select(AuditEvent).where(col(AuditEvent.environment_id) == environment_id).order_by(col(AuditEvent.at))
        ).all()

    def count(self, query: AuditQuery) -> int:
        """How many events a query means."""
        return self._session.exec(select(func.count()).select_from(AuditEvent).where(*_conditions(query))).one()

    def page(self, query: AuditQuery, first: int, most: int) -> Sequence[Audited]:
        """Some events of a query, the newest first."""
        named = col(Environment.id) == col(AuditEvent.environment_id)
        found = self._session.exec(
            select(AuditEvent, func.coalesce(Environment.name, ""))
            .join(Environment, named, isouter=True)
            .where(*_conditions(query))
            .order_by(col(AuditEvent.at).desc(), col(AuditEvent.id))
            .offset(first)
            .limit(most)
        )
        return [Audited(event, name) for event, name in found]

    def each(self, query: AuditQuery, most: int) -> Iterator[Audited]:
        """The same, all of them up to so many, a thousand at a time."""
        for first in range(0, most, _TOGETHER):
            found = self.page(query, first, min(_TOGETHER, most - first))
            yield from found
            if len(found) < _TOGETHER:
                return


def _conditions(query: AuditQuery) -> list[ColumnElement[bool]]:
    found = [col(AuditEvent.workspace_id) == query.workspace_id, col(AuditEvent.at) <= query.until]
    if query.since is not None:
        found.append(col(AuditEvent.at) >= query.since)
    if query.actor is not None:
        found.append(col(AuditEvent.actor) == query.actor)
    if query.environments is not None:
        found.append(col(AuditEvent.environment_id).in_(query.environments))
    if not query.steps:
        found.append(col(AuditEvent.action).not_like("phase %"))
    return found
