"""Environments whose owner has left."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.rules.words import Phase
from store.columns import EVER
from store.tables import Environment, Orphan
from store.unique import insert_once


class OrphanRecords:
    """Orphans of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, orphan: Orphan) -> bool:
        """Whether it was not known yet that this one has lost its owner."""
        return insert_once(self._session, orphan)

    def of(self, environment_id: str) -> Orphan | None:
        """What is known of one environment; None while it has an owner."""
        return self._session.get(Orphan, environment_id)

    def end(self, environment_id: str) -> Orphan | None:
        """It has an owner again. What was known of it, if it had none."""
        known = self.of(environment_id)
        if known is not None:
            self._session.delete(known)
        return known

    def due(self, now: datetime) -> Sequence[Orphan]:
        """Those for which something is to be done, the longest-due first."""
        return self._session.exec(select(Orphan).where(col(Orphan.due_at) <= now).order_by(col(Orphan.due_at))).all()

    def next_due(self) -> datetime | None:
        """When something is to be done next."""
        return self._session.exec(
            select(Orphan.due_at).where(col(Orphan.due_at) >= EVER).order_by(col(Orphan.due_at)).limit(1)
        ).first()

    def living(self, workspace_id: str) -> Sequence[tuple[Environment, Orphan]]:
        """The environments of a workspace that have lost their owner, the longest ago first."""
        found = self._session.exec(
            select(Environment, Orphan)
            .join(Orphan, col(Orphan.environment_id) == col(Environment.id))
            .where(col(Orphan.workspace_id) == workspace_id, col(Environment.phase) != Phase.DELETED)
            .order_by(col(Orphan.since), col(Environment.name))
        )
        return [(environment, orphan) for environment, orphan in found]
