"""The sleep journal: what every object was before the first change of a cycle."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, update
from sqlmodel import Session, col, select

from bot.rules.words import JournalState
from store.tables import JournalEntry

SETTLED = frozenset({JournalState.RESTORED, JournalState.KEPT, JournalState.GONE})
"""States with nothing left to restore."""

# Asked for in each step of a sleep or a wake: to build them takes longer than to run them.
_OF_CYCLE = (
    select(JournalEntry)
    .where(
        col(JournalEntry.environment_id) == bindparam("environment_id"), col(JournalEntry.cycle) == bindparam("cycle")
    )
    .order_by(col(JournalEntry.kind), col(JournalEntry.name))
)
_SETTLED_BEFORE = delete(JournalEntry).where(
    col(JournalEntry.environment_id) == bindparam("environment_id"),
    col(JournalEntry.cycle) != bindparam("cycle"),
    col(JournalEntry.state).in_(SETTLED),
)


class JournalRecords:
    """Journal entries of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_cycle(self, environment_id: str, cycle: str) -> Sequence[JournalEntry]:
        """Every entry of one cycle, by kind and name."""
        return self._session.exec(_OF_CYCLE, params={"environment_id": environment_id, "cycle": cycle}).all()

    def of_environments(self, environment_ids: Sequence[str]) -> Sequence[JournalEntry]:
        """Every entry of several environments, of whichever cycle."""
        return self._session.exec(
            select(JournalEntry).where(col(JournalEntry.environment_id).in_(environment_ids))
        ).all()

    def get(self, entry_id: str) -> JournalEntry | None:
        """One entry."""
        return self._session.get(JournalEntry, entry_id)

    def add(self, entry: JournalEntry) -> None:
        """Remember one object, before it is changed."""
        self._session.add(entry)

    def mark(self, entry_ids: Iterable[str], state: JournalState, at: datetime) -> None:
        """Write another state on entries whose originals stay."""
        self._session.exec(
            update(JournalEntry).where(col(JournalEntry.id).in_(list(entry_ids))).values(state=state, at=at)
        )

    def forget_settled(self, environment_id: str, cycle: str) -> None:
        """Drop the entries of a cycle that have nothing left to restore: the cycle begins afresh for their objects."""
        self._session.exec(
            delete(JournalEntry).where(
                col(JournalEntry.environment_id) == environment_id,
                col(JournalEntry.cycle) == cycle,
                col(JournalEntry.state).in_(SETTLED),
            )
        )

    def forget_before(self, environment_id: str, cycle: str) -> None:
        """Drop what earlier cycles have settled; called when a later one has ended well.

        What could not be woken then (its kind was not known) is remembered still.
        """
        self._session.exec(_SETTLED_BEFORE, params={"environment_id": environment_id, "cycle": cycle})

    def forget(self, environment_id: str) -> None:
        """Drop all of an environment that is no more."""
        self._session.exec(delete(JournalEntry).where(col(JournalEntry.environment_id) == environment_id))
