"""Whose turn it is to start workloads on a cluster: some at once, those who asked first before the others.

A workload counts from when it is about to be started until it is ready, or until patience with it has ended, so that
what never becomes ready holds nobody up. All of this is in the rows, because several processes wake.
"""

from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from sqlalchemy import func, or_, text, update
from sqlmodel import Session, col, select

from bot.rules.words import Phase
from store.tables import Environment, JournalEntry


@dataclass(frozen=True)
class Turn:
    """How many workloads may be started now, and how many others come first."""

    may_start: int
    before: int


class TurnRecords:
    """Turns of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, environment: Environment, wanted: int, limit: int, now: datetime) -> Turn:
        """How many of `wanted` workloads an environment may start, if `limit` may be on their way on its cluster.

        Whoever asks after it in this transaction's order sees what it was given.
        """
        self._one_at_a_time(environment.cluster)
        free = limit - self._under_way(environment.cluster, now)
        before = self._waiting_before(environment, now)
        may_start = max(0, min(wanted, free - before))
        return Turn(may_start, before)

    def next_are_due(self, cluster: str, now: datetime) -> None:
        """Let those who wait look at once: a workload is on its way no longer."""
        waiting = (col(Environment.cluster) == cluster, col(Environment.waiting_starts) > 0)
        first = self._session.exec(
            select(Environment.id)
            .where(*waiting, col(Environment.phase) == Phase.WAKING, col(Environment.due_at) > now)
            .order_by(col(Environment.operation_at), col(Environment.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if first is not None:
            self._session.exec(update(Environment).where(col(Environment.id) == first).values(due_at=now))

    def _under_way(self, cluster: str, now: datetime) -> int:
        query = (
            select(func.count())
            .select_from(JournalEntry)
            .join(Environment, col(Environment.id) == col(JournalEntry.environment_id))
            .where(
                col(JournalEntry.starting_until) > now,
                col(Environment.cluster) == cluster,
                col(Environment.phase) == Phase.WAKING,
            )
        )
        return self._session.exec(query).one()

    def _waiting_before(self, environment: Environment, now: datetime) -> int:
        """Workloads of those who asked earlier and have asked again lately: one that cannot start holds nobody up."""
        asked, mine = col(Environment.operation_at), environment.operation_at
        earlier = or_(asked < mine, (asked == mine) & (col(Environment.id) < environment.id))
        query = select(func.coalesce(func.sum(col(Environment.waiting_starts)), 0)).where(
            col(Environment.cluster) == environment.cluster,
            col(Environment.phase) == Phase.WAKING,
            col(Environment.waits_until) > now,
            earlier,
        )
        return int(self._session.exec(query).one())

    def _one_at_a_time(self, cluster: str) -> None:
        """Until the transaction ends, nobody else asks for this cluster. SQLite lets one write at a time anyway."""
        connection = self._session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:space, :key)"), _lock_key(cluster))


def _lock_key(cluster: str) -> dict[str, int]:
    return {"space": 0x77616B65, "key": crc32(cluster.encode()) - 2**31}  # "wake"
