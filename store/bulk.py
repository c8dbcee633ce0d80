"""What admins do to many at once: plans, and what became of each of their items."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from bot.rules.words import ItemState
from store.tables import BulkItem, BulkPlan


class BulkRecords:
    """Plans of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, plan: BulkPlan, items: Iterable[BulkItem]) -> None:
        """Keep what was shown."""
        self._session.add(plan)
        self._session.flush()
        self._session.add_all(items)

    def lock(self, plan_id: str) -> BulkPlan | None:
        """A plan, as it is now, so that nobody else changes it before this transaction ends."""
        return self._session.exec(
            select(BulkPlan)
            .where(col(BulkPlan.id) == plan_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()

    def get(self, plan_id: str) -> BulkPlan | None:
        """A plan."""
        return self._session.get(BulkPlan, plan_id)

    def claim(self, now: datetime, until: datetime) -> BulkPlan | None:
        """A plan that nobody works on, and that nobody else is given before `until`."""
        found = self._session.exec(
            select(BulkPlan)
            .where(col(BulkPlan.due_at) <= now)
            .order_by(col(BulkPlan.due_at))
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).one_or_none()
        if found is not None:
            found.due_at = until
        return found

    def planned(self, plan_id: str) -> Sequence[BulkItem]:
        """What is still to be done, by name."""
        return self._session.exec(
            select(BulkItem)
            .where(col(BulkItem.plan_id) == plan_id, col(BulkItem.state) == ItemState.PLANNED)
            .order_by(col(BulkItem.name), col(BulkItem.subject))
        ).all()

    def item(self, plan_id: str, subject: str) -> BulkItem:
        """One item, locked."""
        return self._session.exec(
            select(BulkItem)
            .where(col(BulkItem.plan_id) == plan_id, col(BulkItem.subject) == subject)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()

    def states(self, plan_id: str) -> Counter[ItemState]:
        """How many items are in each state."""
        counted = self._session.exec(
            select(col(BulkItem.state), func.count()).where(col(BulkItem.plan_id) == plan_id).group_by(BulkItem.state)
        )
        return Counter({ItemState(state): count for state, count in counted})

    def left(self, plan_id: str, most: int) -> Sequence[BulkItem]:
        """Some of those that were left, by name."""
        return self._session.exec(
            select(BulkItem)
            .where(col(BulkItem.plan_id) == plan_id, col(BulkItem.state) == ItemState.LEFT)
            .order_by(col(BulkItem.name), col(BulkItem.subject))
            .limit(most)
        ).all()

    def going_on(self, workspace_id: str) -> Sequence[BulkPlan]:
        """Those that have begun and not ended."""
        return self._session.exec(
            select(BulkPlan).where(
                col(BulkPlan.due_at).is_not(None),
                col(BulkPlan.workspace_id) == workspace_id,
            )
        ).all()

    def forget(self, before: datetime) -> None:
        """Drop plans from before an instant that do not go on."""
        old = select(BulkPlan.id).where(col(BulkPlan.created_at) < before, col(BulkPlan.due_at).is_(None))
        self._session.exec(delete(BulkItem).where(col(BulkItem.plan_id).in_(old)))
        self._session.exec(delete(BulkPlan).where(col(BulkPlan.created_at) < before, col(BulkPlan.due_at).is_(None)))
