"""Usage spans: what was requested, for how long, awake or asleep. Costs are computed from them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from store.tables import UsageSpan

_GOING_ON = select(UsageSpan).where(col(UsageSpan.ended_at).is_(None))
# Asked for whenever something wakes or sleeps: to build it takes longer than to run it.
_GOING_ON_IN = _GOING_ON.where(col(UsageSpan.environment_id).in_(bindparam("ids", expanding=True)))


class UsageRecords:
    """Usage spans of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open_spans(self, environment_ids: Sequence[str] | None = None) -> Sequence[UsageSpan]:
        """The spans that go on now, of these environments or of all."""
        if environment_ids is None:
            return self._session.exec(_GOING_ON).all()
        return self._session.exec(_GOING_ON_IN, params={"ids": environment_ids}).all()

    def open_span(self, environment_id: str) -> UsageSpan | None:
        """The span that goes on now."""
        return next(iter(self.open_spans([environment_id])), None)

    def add(self, span: UsageSpan) -> None:
        """Begin a span."""
        self._session.add(span)

    def between(self, environment_ids: Sequence[str], since: datetime, until: datetime) -> Sequence[UsageSpan]:
        """Every span that overlaps the window, by start."""
        return self._session.exec(
            select(UsageSpan)
            .where(
                col(UsageSpan.environment_id).in_(environment_ids),
                col(UsageSpan.started_at) < until,
                or_(col(UsageSpan.ended_at).is_(None), col(UsageSpan.ended_at) > since),
            )
            .order_by(col(UsageSpan.started_at))
        ).all()
