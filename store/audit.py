"""The audit log: added to, never changed; what is older than it is kept goes as a whole."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from store.batches import batched
from store.tables import AuditEvent, Environment, LimitRequest

_TOGETHER = 1_000
_COUNTED = ("create", "phase RUNNING")  # by store.adoption


@dataclass(frozen=True)
class AuditQuery:
    """Which events are meant. None is no condition; `environments` are ids; `steps`: also what reconcile did.

    `person`: who did it, or whom it was done to.
    """

    workspace_id: str
    until: datetime
    since: datetime | None = None
    person: str | None = None
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

    def forget(self, before: datetime, now: datetime, most: int) -> Counter[str]:
        """Drop at most so many events from before an instant; how many those were, by workspace.

        Everything stays of the environments that an open request is about, and everything since it was asked for; a
        request is open until it is carried out or refused, and as long as a limit is raised because of it. The first
        making of each person stays too: adoption counts from it.
        """
        of_open, since = self._open_requests(now)
        old = select(AuditEvent.id, AuditEvent.workspace_id).where(
            col(AuditEvent.at) < min(before, since or before),
            or_(col(AuditEvent.environment_id).is_(None), col(AuditEvent.environment_id).not_in(of_open)),
            not_(_is_first()),
        )
        found = self._session.exec(old.order_by(col(AuditEvent.at)).limit(most)).all()
        for some in batched([event_id for event_id, _ in found]):
            self._session.exec(delete(AuditEvent).where(col(AuditEvent.id).in_(some)))
        return Counter(workspace_id for _, workspace_id in found)

    def _open_requests(self, now: datetime) -> tuple[list[str], datetime | None]:
        """The environments that they are about, and when the oldest was asked for."""
        still = or_(col(LimitRequest.due_at).is_not(None), col(LimitRequest.raised_until) > now)
        found = self._session.exec(select(LimitRequest.environment_id, LimitRequest.asked_at).where(still)).all()
        return [one for one, _ in found if one is not None], min((asked_at for _, asked_at in found), default=None)

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


def _is_first() -> ColumnElement[bool]:
    """Whether it is the first event of its kind by its actor, of those from which adoption counts."""
    earlier = aliased(AuditEvent)
    first = (
        select(func.min(earlier.at))
        .where(
            col(earlier.workspace_id) == col(AuditEvent.workspace_id),
            col(earlier.actor) == col(AuditEvent.actor),
            col(earlier.action) == col(AuditEvent.action),
        )
        .scalar_subquery()
    )
    return and_(col(AuditEvent.action).in_(_COUNTED), col(AuditEvent.at) == first)


def _conditions(query: AuditQuery) -> list[ColumnElement[bool]]:
    found = [col(AuditEvent.workspace_id) == query.workspace_id, col(AuditEvent.at) <= query.until]
    if query.since is not None:
        found.append(col(AuditEvent.at) >= query.since)
    if query.person is not None:
        person = query.person
        given = and_(col(AuditEvent.action) == "transfer", col(AuditEvent.after)["owner_id"].as_string() == person)
        found.append(or_(col(AuditEvent.actor) == person, col(AuditEvent.person_id) == person, given))
    if query.environments is not None:
        found.append(col(AuditEvent.environment_id).in_(query.environments))
    if not query.steps:
        found.append(col(AuditEvent.action).not_like("phase %"))
    return found
