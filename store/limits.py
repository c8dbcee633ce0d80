"""Limits: what was set and raised, what is claimed within them, and the requests for more.

Whoever checks a limit holds its lock until their transaction ends, so that of two who race for the last place the
second sees what the first took.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from sqlalchemy import ColumnElement, exists, or_, text
from sqlmodel import Session, col, select

from bot.rules.words import Phase, RequestState, Wanted
from store.tables import Environment, LimitRaise, LimitRequest, LimitSetting, UsageSpan
from store.unique import replace

_SPACE = 0x6C696D69  # "limi"
_COLUMNS = {"person": Environment.owner_id, "team": Environment.team, "cluster": Environment.cluster}


_RUNS_ASLEEP = (
    col(UsageSpan.environment_id) == col(Environment.id),
    col(Environment.phase) == Phase.SLEEPING,
    col(UsageSpan.ended_at).is_(None),
    col(UsageSpan.awake),
)


@dataclass(frozen=True)
class Claimant:
    """As much of a living environment as its claim needs."""

    id: str
    cluster: str
    size: str
    awake: bool
    going: bool
    expires_at: datetime | None
    team: str | None
    owner_id: str


class LimitRecords:
    """Limits of one transaction. A scope is given as its kind and its name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, workspace_id: str, scopes: Iterable[tuple[str, str]]) -> None:
        """Until the transaction ends, nobody else checks these scopes. SQLite lets one write at a time anyway.

        Taken after the environment's own row, and always in the same order, so that no two wait for each other.
        """
        connection = self._session.connection()
        if connection.dialect.name != "postgresql":
            return
        for key in sorted({_lock_key(workspace_id, kind, name) for kind, name in scopes}):
            connection.execute(text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _SPACE, "key": key})

    def claimants(self, workspace_id: str, kind: str, name: str) -> Sequence[Claimant]:
        """The living environments of a scope, as they are wanted: who is to sleep counts as asleep.

        What sleeps while something in it is metered as running counts as awake. What is being deleted counts until it
        is gone, as its volumes do. A cluster's are those of every workspace.
        """
        rows = self._session.exec(
            select(
                col(Environment.id),
                col(Environment.cluster),
                col(Environment.size),
                col(Environment.wanted),
                exists().where(*_RUNS_ASLEEP),
                col(Environment.expires_at),
                col(Environment.team),
                col(Environment.owner_id),
            ).where(  # type: ignore[call-overload]  # SQLModel types four columns at the most
                *_of(workspace_id, kind, name),
                col(Environment.phase) != Phase.DELETED,
            )
        ).all()
        return [
            Claimant(i, c, s, wanted is Wanted.RUNNING or stirs, wanted is Wanted.DELETED, end, t, o)
            for i, c, s, wanted, stirs, end, t, o in rows
        ]

    def spans(self, workspace_id: str, kind: str, name: str, since: datetime) -> Sequence[tuple[UsageSpan, str]]:
        """Every span of usage of a scope's environments, deleted ones included, that lasted beyond `since`."""
        rows = self._session.exec(
            select(UsageSpan, col(Environment.cluster))
            .join(Environment, col(Environment.id) == col(UsageSpan.environment_id))
            .where(
                *_of(workspace_id, kind, name), or_(col(UsageSpan.ended_at).is_(None), col(UsageSpan.ended_at) > since)
            )
        ).all()
        return [(span, cluster) for span, cluster in rows]

    def workspaces(self) -> Sequence[str]:
        """The workspaces that have living environments."""
        living = select(Environment.workspace_id).where(col(Environment.phase) != Phase.DELETED).distinct()
        return sorted(self._session.exec(living).all())

    def owners(self, workspace_id: str) -> Sequence[str]:
        """The owners of a workspace's living environments."""
        here = (col(Environment.workspace_id) == workspace_id, col(Environment.phase) != Phase.DELETED)
        return sorted(self._session.exec(select(Environment.owner_id).where(*here).distinct()).all())

    def settings(self, workspace_id: str, kind: str, name: str) -> Sequence[LimitSetting]:
        """What admins have set for a scope."""
        return self._session.exec(select(LimitSetting).where(*_about(LimitSetting, workspace_id, kind, name))).all()

    def set(self, setting: LimitSetting) -> None:
        """Set, or set anew, one limit."""
        replace(self._session, setting)

    def forget(self, taken_back: Iterable[LimitSetting | LimitRaise]) -> None:
        """Take back what was set, or raised."""
        for one in taken_back:
            self._session.delete(one)

    def raises(self, workspace_id: str, kind: str, name: str, now: datetime) -> Sequence[LimitRaise]:
        """What of a scope is raised now."""
        return self._session.exec(
            select(LimitRaise)
            .where(*_about(LimitRaise, workspace_id, kind, name), col(LimitRaise.until) > now)
            .order_by(col(LimitRaise.until))
        ).all()

    def named(self, workspace_id: str, kind: str) -> Sequence[str]:
        """The names of one kind for which anything was set."""
        of_kind = (col(LimitSetting.workspace_id) == workspace_id, col(LimitSetting.scope) == kind)
        return sorted(set(self._session.exec(select(LimitSetting.name).where(*of_kind)).all()))

    def begin_raise(self, raised: LimitRaise) -> None:
        """Raise a limit for a while."""
        self._session.add(raised)

    def ask(self, request: LimitRequest) -> None:
        """Keep a new request."""
        self._session.add(request)
        self._session.flush()

    def request(self, request_id: str) -> LimitRequest | None:
        """By id, locked until the transaction ends."""
        return self._session.exec(
            select(LimitRequest)
            .where(col(LimitRequest.id) == request_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()

    def pending_of(self, workspace_id: str, asker_id: str) -> Sequence[LimitRequest]:
        """A person's requests that wait for a decision."""
        return self._session.exec(
            select(LimitRequest).where(
                col(LimitRequest.workspace_id) == workspace_id,
                col(LimitRequest.asker_id) == asker_id,
                col(LimitRequest.state) == RequestState.PENDING,
            )
        ).all()

    def pending_about(self, environment_id: str) -> Sequence[LimitRequest]:
        """The requests about an environment that wait for a decision."""
        about = (col(LimitRequest.environment_id) == environment_id, col(LimitRequest.state) == RequestState.PENDING)
        return self._session.exec(select(LimitRequest).where(*about)).all()

    def due_requests(self, now: datetime) -> Sequence[str]:
        """The ids of those that expire or are to be carried out now, the longest due first."""
        due = select(LimitRequest.id).where(col(LimitRequest.due_at) <= now).order_by(col(LimitRequest.due_at))
        return self._session.exec(due).all()


def _of(workspace_id: str, kind: str, name: str) -> tuple[ColumnElement[bool], ...]:
    here = col(_COLUMNS[kind]) == name
    return (here,) if kind == "cluster" else (col(Environment.workspace_id) == workspace_id, here)


def _about(
    table: type[LimitSetting] | type[LimitRaise], workspace_id: str, kind: str, name: str
) -> tuple[ColumnElement[bool], ...]:
    return (col(table.workspace_id) == workspace_id, col(table.scope) == kind, col(table.name) == name)


def _lock_key(workspace_id: str, kind: str, name: str) -> int:
    whose = "" if kind == "cluster" else workspace_id
    return crc32(f"{whose}:{kind}:{name}".encode()) - 2**31
