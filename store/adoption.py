"""Who was there in which week, and what the audit log says of people's beginnings."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.rules.adoption import Refused, week_of
from store.tables import AuditEvent, Environment, Visit
from store.unique import insert_once

REFUSED = "refused"


class AdoptionRecords:
    """Visits of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def visited(self, workspace_id: str, person_id: str, now: datetime) -> None:
        """Note that a person is there this week; the first time counts."""
        visit = Visit(workspace_id=workspace_id, person_id=person_id, week=week_of(now), first_at=now)
        insert_once(self._session, visit)

    def visits(self, workspace_id: str) -> Sequence[tuple[str, datetime, datetime]]:
        """Every visit: who, the week, and the first time in it."""
        columns = (col(Visit.person_id), col(Visit.week), col(Visit.first_at))
        return self._session.exec(select(*columns).where(col(Visit.workspace_id) == workspace_id)).all()

    def created(self, workspace_id: str) -> Sequence[tuple[str, datetime]]:
        """Who made environments, and when."""
        made = (col(AuditEvent.workspace_id) == workspace_id, col(AuditEvent.action) == "create")
        return self._session.exec(select(col(AuditEvent.actor), col(AuditEvent.at)).where(*made)).all()

    def first_running(self, workspace_id: str) -> Sequence[tuple[str, datetime]]:
        """When the first environment that each person asked for ran."""
        ran = (col(AuditEvent.workspace_id) == workspace_id, col(AuditEvent.action) == "phase RUNNING")
        query = select(col(AuditEvent.actor), func.min(AuditEvent.at)).where(*ran).group_by(col(AuditEvent.actor))
        return self._session.exec(query).all()

    def refused(self, workspace_id: str, since: datetime) -> Sequence[Refused]:
        """What people were refused since then."""
        found = self._session.exec(
            select(AuditEvent).where(
                col(AuditEvent.workspace_id) == workspace_id,
                col(AuditEvent.action) == REFUSED,
                col(AuditEvent.at) >= since,
            )
        )
        return [Refused(one.actor, one.at, str(one.after.get("command", "")), one.reason) for one in found]

    def teams(self, workspace_id: str) -> Sequence[tuple[str, str]]:
        """The teams of the environments that people have or had, the newest last."""
        query = select(col(Environment.owner_id), func.coalesce(Environment.team, "")).where(
            col(Environment.workspace_id) == workspace_id
        )
        return self._session.exec(query.order_by(col(Environment.created_at))).all()
