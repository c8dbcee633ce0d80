"""Open sessions: who has a shell or a forwarded port in an environment right now, as far as the audit events told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from store.tables import OpenSession
from store.unique import insert_once

LONGEST: Final = timedelta(hours=12)  # a kubelet ends one that says nothing for 4 hours, unless it is told otherwise


class SessionRecords:
    """Open sessions of one transaction. What is told twice, or the end before the beginning, changes nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def opened(self, opened: OpenSession) -> None:
        """Remember that a session began, unless its end is known."""
        insert_once(self._session, opened)

    def closed(self, closed: OpenSession, at: datetime) -> None:
        """Remember that a session ended; `closed` is what is known of it where its beginning was not told."""
        closed.closed_at = at
        if not insert_once(self._session, closed):
            self._session.exec(
                update(OpenSession)
                .where(
                    col(OpenSession.environment_id) == closed.environment_id,
                    col(OpenSession.audit_id) == closed.audit_id,
                    col(OpenSession.closed_at).is_(None),
                )
                .values(closed_at=at)
            )

    def open_in(self, environment_id: str, now: datetime) -> Sequence[OpenSession]:
        """The sessions that stand open in an environment, the newest first.

        One whose end was never told counts as open for 12 hours.
        """
        return self._session.exec(
            select(OpenSession)
            .where(
                col(OpenSession.environment_id) == environment_id,
                col(OpenSession.closed_at).is_(None),
                col(OpenSession.opened_at) > now - LONGEST,
            )
            .order_by(col(OpenSession.opened_at).desc())
        ).all()

    def open_anywhere(self, now: datetime) -> Sequence[OpenSession]:
        """All sessions that stand open, whatever the environment, as `open_in` counts them."""
        return self._session.exec(
            select(OpenSession).where(col(OpenSession.closed_at).is_(None), col(OpenSession.opened_at) > now - LONGEST)
        ).all()

    def forget_sessions(self, now: datetime) -> None:
        """Drop what is too old to count, whatever may still come of it."""
        self._session.exec(delete(OpenSession).where(col(OpenSession.opened_at) <= now - LONGEST))
