"""Notices: the outbox. One row a message and purpose; delivery is claimed so that two replicas do not both post it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_
from sqlmodel import Session, col, select

from bot.rules.words import NoticeState, Phase
from store.batches import batched
from store.due import DueRecords
from store.tables import Environment, Notice
from store.unique import add_once

# Asked for by everything that is done: to build them takes longer than to run them.
_KEYED = select(Notice).where(col(Notice.key) == bindparam("key"))
_KEYED_LOCKED = _KEYED.with_for_update().execution_options(populate_existing=True)
_NEWEST = (
    select(Notice)
    .where(
        col(Notice.environment_id) == bindparam("environment_id"),
        col(Notice.kind).in_(bindparam("kinds", expanding=True)),
    )
    .order_by(col(Notice.created_at).desc(), col(Notice.id))
    .limit(bindparam("most"))
)


class NoticeRecords(DueRecords[Notice]):
    """Notices of one transaction."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Notice)

    def keyed(self, key: str) -> Notice | None:
        """The notice of one purpose."""
        with self._session.no_autoflush:  # what is said is always written at once, by `say`
            return self._session.exec(_KEYED, params={"key": key}).one_or_none()

    def told_at(self, key: str | None) -> datetime | None:
        """When the message of a purpose was delivered; None while it was not, or where there is none."""
        notice = self.keyed(key) if key else None
        return notice.delivered_at if notice is not None and notice.state is NoticeState.DELIVERED else None

    def get(self, notice_id: str) -> Notice | None:
        """By id."""
        return self._session.get(Notice, notice_id)

    def say(self, notice: Notice) -> Notice:
        """Keep a message to be said, unless one of its key is kept already; then that one is given.

        One that is for nobody reaches nobody; `say_again` mends that.
        """
        if not notice.recipients:
            notice.state, notice.due_at = NoticeState.UNDELIVERABLE, None
        known = self.keyed(notice.key)
        if known is not None:
            return known
        if add_once(self._session, notice):
            return notice
        return self._session.exec(_KEYED, params={"key": notice.key}).one()

    def change(self, key: str, now: datetime, facts: dict[str, Any]) -> Notice | None:
        """Merge facts into a message; Slack's copy follows. None if it was never said."""
        notice = self._session.exec(_KEYED_LOCKED, params={"key": key}).one_or_none()
        if notice is not None:
            self._merge(notice, now, facts)
        return notice

    def change_all(self, keys: Sequence[str], now: datetime, facts: dict[str, Any]) -> None:
        """Merge the same facts into many messages, as far as they were said, in few statements."""
        for some in batched(keys):
            found = select(Notice).where(col(Notice.key).in_(some)).order_by(col(Notice.id)).with_for_update()
            for notice in self._session.exec(found.execution_options(populate_existing=True)):
                self._merge(notice, now, facts)
            self._session.flush()

    def _merge(self, notice: Notice, now: datetime, facts: dict[str, Any]) -> None:
        merged = {**notice.facts, **facts}
        if merged != notice.facts:
            notice.facts, notice.version = merged, notice.version + 1
            if notice.state is not NoticeState.UNDELIVERABLE:
                notice.due_at = now
            self._session.add(notice)

    def say_again(self, key: str, recipients: Sequence[str], now: datetime) -> bool:
        """Try anew to deliver a message that could reach nobody. False for one that did, or still may.

        Where there is still nobody to try, it stays as it is.
        """
        notice = self._session.exec(_KEYED_LOCKED, params={"key": key}).one_or_none()
        if notice is None or notice.state is not NoticeState.UNDELIVERABLE:
            return False
        if recipients:
            notice.state, notice.recipients, notice.due_at = NoticeState.PENDING, list(recipients), now
            self._session.add(notice)
        return True

    def forget_settled(self, before: datetime) -> None:
        """Drop settled messages from before an instant whose environment is gone, or that were of none.

        What concerns a living environment is kept: a button of it may still be pressed.
        """
        living = select(Environment.id).where(col(Environment.phase) != Phase.DELETED)
        self._session.exec(
            delete(Notice).where(
                col(Notice.created_at) < before,
                col(Notice.due_at).is_(None),
                or_(col(Notice.environment_id).is_(None), col(Notice.environment_id).not_in(living)),
            )
        )

    def lock(self, notice_id: str) -> Notice | None:
        """By id, locked until the transaction ends."""
        return self._session.exec(
            select(Notice)
            .where(col(Notice.id) == notice_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()

    def by_state(self) -> dict[NoticeState, int]:
        """How many messages are in each state."""
        counted = self._session.exec(select(col(Notice.state), func.count()).group_by(col(Notice.state)))
        return {NoticeState(state): count for state, count in counted.all()}

    def newest(self, environment_id: str, kinds: Sequence[str], most: int) -> Sequence[Notice]:
        """At most so many of the messages of these kinds about one environment, newest first."""
        about = {"environment_id": environment_id, "kinds": kinds, "most": most}
        with self._session.no_autoflush:
            return self._session.exec(_NEWEST, params=about).all()

    def of_environment(self, environment_id: str) -> Sequence[Notice]:
        """Everything said about one environment, oldest first."""
        return self._session.exec(
            select(Notice).where(col(Notice.environment_id) == environment_id).order_by(col(Notice.created_at))
        ).all()

    def undeliverable(self, workspace_id: str, most: int) -> tuple[int, Sequence[Notice]]:
        """How many messages could reach nobody, and the newest of them."""
        conditions = (col(Notice.workspace_id) == workspace_id, col(Notice.state) == NoticeState.UNDELIVERABLE)
        count = self._session.exec(select(func.count()).select_from(Notice).where(*conditions)).one()
        newest = select(Notice).where(*conditions).order_by(col(Notice.created_at).desc()).limit(most)
        return count, self._session.exec(newest).all()
