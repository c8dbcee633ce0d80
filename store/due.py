"""Rows that are due, each held by one worker at a time: environments to reconcile and notices to deliver alike.

A claim runs out, so that a worker that hangs does not hold its row for ever; what a dead one held is released at once
by whoever notices.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Generic, TypeVar

from sqlalchemy import BindParameter, bindparam, case, func, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.columns import EVER
from store.tables import Environment, Notice

Row = TypeVar("Row", Environment, Notice)


class DueRecords(Generic[Row]):
    """Rows of one table with `due_at`, `claimed_by` and `claimed_until`, in one transaction."""

    def __init__(self, session: Session, table: type[Row]) -> None:
        self._session = session
        self._table: type[Row] = table

    def claim(self, worker: str, now: datetime, lease: timedelta) -> Row | None:
        """The longest-due row that no living worker holds, now held by `worker` until `now + lease`."""
        found = self._session.exec(_longest_due(self._table), params={"now": now}).one_or_none()
        if found is not None:
            found.claimed_by, found.claimed_until = worker, now + lease
            self._session.add(found)
        return found

    def next_due(self) -> datetime | None:
        """When the next row can be claimed: it is due, and whoever holds it has lost it by then."""
        due, held_until = col(self._table.due_at), col(self._table.claimed_until)
        earliest: datetime | None = self._session.exec(
            select(func.min(case((held_until > due, held_until), else_=due))).where(due >= EVER)
        ).one()
        return earliest

    def holders(self) -> frozenset[str]:
        """The workers that hold anything; only what is due is ever held, and that has an index."""
        held = select(self._table.claimed_by).where(
            col(self._table.due_at) >= EVER, col(self._table.claimed_by).is_not(None)
        )
        return frozenset(worker for worker in self._session.exec(held) if worker)

    def release_claims(self, workers: Iterable[str]) -> None:
        """Give up what these workers, who are gone, held."""
        self._session.exec(
            update(self._table)
            .where(col(self._table.claimed_by).in_(list(workers)))
            .values(claimed_by=None, claimed_until=None)
        )


@cache  # asked for all the time: to build it takes longer than to run it
def _longest_due(table: type[Row]) -> SelectOfScalar[Row]:
    due, held_until = col(table.due_at), col(table.claimed_until)
    now: BindParameter[datetime] = bindparam("now")
    return (
        select(table)
        .where(due <= now, or_(held_until.is_(None), held_until < now))
        .order_by(due)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
