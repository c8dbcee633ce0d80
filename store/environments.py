"""Environments: finding them, claiming them for one worker, and the due lists of the timed passes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, func, or_, update
from sqlmodel import Session, col, select

from bot.rules.words import BERTH, Phase, Step, Wanted
from store.batches import batched
from store.due import DueRecords
from store.tables import Environment
from store.unique import add_once


class NameTaken(Exception):
    """A living environment of the workspace has this name already."""


class ClaimLost(Exception):
    """The worker's claim has expired and somebody else may be working on the environment."""


@dataclass(frozen=True)
class Asleep:
    """As much of an environment that sleeps as is needed to look after it."""

    id: str
    cluster: str
    namespace: str
    cycle: str


@dataclass(frozen=True)
class Standing:
    """As much of an environment that stands as wanted as is needed to see whether its walls do."""

    id: str
    workspace_id: str
    namespace: str
    namespace_uid: str | None
    name: str
    owner_id: str
    owner_email: str
    team: str | None
    cluster: str
    size: str
    bound: Sequence[str]
    added: Sequence[str]


_FAILED_WITH_ACCESS = and_(
    col(Environment.phase) == Phase.FAILED, cast(col(Environment.steps), String).contains(f'"{Step.ACCESS}"')
)


# Asked for many times by everything that is done: to build it takes longer than to run it.
_BY_ID_LOCKED = (
    select(Environment)
    .where(col(Environment.id) == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


class EnvironmentRecords(DueRecords[Environment]):
    """Environments of one transaction."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Environment)

    def add(self, environment: Environment) -> Environment:
        """Keep a new environment. Raises NameTaken; the transaction can go on after it."""
        if not add_once(self._session, environment):
            raise NameTaken(environment.name)
        return environment

    def get(self, environment_id: str) -> Environment | None:
        """By id, whatever its phase."""
        return self._session.get(Environment, environment_id)

    def lock(self, environment_id: str) -> Environment | None:
        """By id, as it is now, so that nobody else changes it before this transaction ends."""
        return self._session.exec(_BY_ID_LOCKED, params={"id": environment_id}).one_or_none()

    def named(self, workspace_id: str, name: str) -> Environment | None:
        """The living environment of that name."""
        return self._session.exec(
            select(Environment).where(
                col(Environment.workspace_id) == workspace_id,
                col(Environment.name) == name,
                col(Environment.phase) != Phase.DELETED,
            )
        ).one_or_none()

    def ever_named(self, workspace_id: str, name: str) -> Sequence[str]:
        """The ids of all that have this name or had it, the newest first."""
        return self._session.exec(
            select(Environment.id)
            .where(col(Environment.workspace_id) == workspace_id, col(Environment.name) == name)
            .order_by(col(Environment.created_at).desc())
        ).all()

    def living(
        self, workspace_id: str, *, owner_id: str | None = None, teams: Sequence[str] | None = None
    ) -> Sequence[Environment]:
        """Those not deleted, of one owner or of these teams if given, by name."""
        query = select(Environment).where(
            col(Environment.workspace_id) == workspace_id, col(Environment.phase) != Phase.DELETED
        )
        if owner_id is not None:
            query = query.where(col(Environment.owner_id) == owner_id)
        if teams is not None:
            query = query.where(col(Environment.team).in_(teams))
        return self._session.exec(query.order_by(col(Environment.name))).all()

    def disarm(self, workspace_id: str) -> Sequence[str]:
        """Take back every deadline for sleep in a workspace. Gives the keys of the warnings that told of them."""
        armed = self._living_with(workspace_id, col(Environment.deadline_at).is_not(None))
        nothing = {"deadline_at": None, "deadline_rule": None, "warning_key": None}
        self._change([environment_id for environment_id, _, _ in armed], nothing)
        return [warning for _, warning, _ in armed if warning]

    def about_to_sleep(self, workspace_id: str) -> Sequence[str]:
        """The ids of those that run, and that time has ordered to sleep."""
        ordered = (col(Environment.wanted) == Wanted.SLEEPING, col(Environment.operation_by) == BERTH)
        running = (col(Environment.workspace_id) == workspace_id, col(Environment.phase) == Phase.RUNNING)
        return self._session.exec(select(Environment.id).where(*running, *ordered).order_by(Environment.id)).all()

    def announce_anew(self, workspace_id: str, delete_at: datetime) -> tuple[Sequence[str], Sequence[str]]:
        """Let ends in a workspace be announced anew, and graces last until `delete_at` at least.

        Gives the keys of the warnings that count no longer, and of those that tell of a grace.
        """
        announced, ended = col(Environment.expiry_key).is_not(None), col(Environment.delete_at).is_not(None)
        ahead = self._living_with(workspace_id, announced & ~ended)
        in_grace = self._living_with(workspace_id, ended & (col(Environment.delete_at) < delete_at))
        self._change([environment_id for environment_id, _, _ in ahead], {"expiry_key": None})
        self._change([environment_id for environment_id, _, _ in in_grace], {"delete_at": delete_at})
        return [end for _, _, end in ahead if end], [end for _, _, end in in_grace if end]

    def judge_soon(self, workspace_id: str | None, now: datetime) -> None:
        """Let the next pass judge every living one, of a workspace or (None) of all."""
        living = [col(Environment.phase) != Phase.DELETED, col(Environment.wanted) != Wanted.DELETED]
        if workspace_id is not None:
            living.append(col(Environment.workspace_id) == workspace_id)
        self._session.exec(update(Environment).where(*living).values(check_at=now))

    def go_on_deleting(self, workspace_id: str, now: datetime) -> None:
        """Let the workers look again at what is to be deleted and is not gone."""
        unfinished = (col(Environment.phase) != Phase.DELETED, col(Environment.wanted) == Wanted.DELETED)
        here = col(Environment.workspace_id) == workspace_id
        self._session.exec(update(Environment).where(here, *unfinished).values(due_at=now))

    def _living_with(
        self, workspace_id: str, condition: ColumnElement[bool]
    ) -> Sequence[tuple[str, str | None, str | None]]:
        """Ids of living ones and their warnings, of sleep and of the end; locked in one order against deadlocks."""
        columns = (col(Environment.id), col(Environment.warning_key), col(Environment.expiry_key))
        living = (col(Environment.workspace_id) == workspace_id, col(Environment.phase) != Phase.DELETED)
        found = self._session.exec(
            select(*columns).where(*living, condition).order_by(col(Environment.id)).with_for_update()
        )
        return [(environment_id, warning, end) for environment_id, warning, end in found]

    def _change(self, ids: Sequence[str], values: dict[str, Any]) -> None:
        for some in batched(ids):
            self._session.exec(update(Environment).where(col(Environment.id).in_(some)).values(**values))

    def similar(self, stem: str) -> Sequence[Environment]:
        """The living ones whose name begins with `stem`, in any workspace."""
        return self._session.exec(
            select(Environment).where(col(Environment.name).startswith(stem), col(Environment.phase) != Phase.DELETED)
        ).all()

    def lived_since(
        self,
        since: datetime,
        *,
        workspace_id: str | None = None,
        owner_id: str | None = None,
        team: str | None = None,
    ) -> Sequence[Environment]:
        """Those of an owner or a team that live, or did at some time since then."""
        query = select(Environment).where(
            or_(col(Environment.phase) != Phase.DELETED, col(Environment.operation_at) >= since)
        )
        for column, value in (("workspace_id", workspace_id), ("owner_id", owner_id), ("team", team)):
            query = query if value is None else query.where(getattr(Environment, column) == value)
        return self._session.exec(query.order_by(col(Environment.name))).all()

    def everything(self) -> Sequence[Environment]:
        """Every environment there ever was, by name."""
        return self._session.exec(select(Environment).order_by(col(Environment.name))).all()

    def on_cluster(self, cluster: str) -> Sequence[Environment]:
        """The living environments of a cluster."""
        return self._session.exec(
            select(Environment).where(col(Environment.cluster) == cluster, col(Environment.phase) != Phase.DELETED)
        ).all()

    def in_namespaces(self, cluster: str, namespaces: Iterable[str]) -> Sequence[Environment]:
        """The living environments that these namespaces of a cluster are."""
        return self._session.exec(
            select(Environment)
            .where(
                col(Environment.namespace).in_(list(namespaces)),
                col(Environment.cluster) == cluster,
                col(Environment.phase) != Phase.DELETED,
            )
            .order_by(col(Environment.id))
        ).all()

    def held(self, environment_id: str, worker: str) -> Environment:
        """The environment, locked, if `worker` still holds it. Raises ClaimLost."""
        environment = self.lock(environment_id)
        if environment is None or environment.claimed_by != worker:
            raise ClaimLost(environment_id)
        return environment

    def asleep(self) -> Sequence[Asleep]:
        """Those that sleep as wanted, and that nobody is about to look at."""
        columns = (col(Environment.id), col(Environment.cluster), col(Environment.namespace))
        found = self._session.exec(
            select(*columns, func.coalesce(Environment.sleep_cycle, "")).where(
                col(Environment.phase) == Phase.SLEEPING,
                col(Environment.wanted) == Wanted.SLEEPING,
                col(Environment.sleep_cycle).is_not(None),
                col(Environment.due_at).is_(None),
            )
        )
        return [Asleep(*row) for row in found]

    def naming(self, workspace_id: str, person_id: str, keys: Iterable[str]) -> Sequence[str]:
        """The ids of the living ones that a person owns, or whose bindings name one of these keys of theirs."""
        named = cast(col(Environment.bound), String)
        theirs = [col(Environment.owner_id) == person_id, *(named.contains(f'{key}"', autoescape=True) for key in keys)]
        living = (col(Environment.workspace_id) == workspace_id, col(Environment.phase) != Phase.DELETED)
        return self._session.exec(select(Environment.id).where(*living, or_(*theirs)).order_by(Environment.id)).all()

    def standing(self, cluster: str, *, busy: bool = False) -> Sequence[Standing]:
        """Those of a cluster that are as wanted, awake or asleep, and that nobody works on or is about to.

        One whose making has failed is among them once people have access to it. `busy`: and all others that live and
        are to.
        """
        columns = (getattr(Environment, one.name) for one in fields(Standing))
        still = (
            or_(col(Environment.phase).in_([Phase.RUNNING, Phase.SLEEPING]), _FAILED_WITH_ACCESS),
            col(Environment.due_at).is_(None),
            col(Environment.claimed_by).is_(None),
        )
        living = col(Environment.phase) != Phase.DELETED, col(Environment.wanted) != Wanted.DELETED
        conditions = (col(Environment.cluster) == cluster, *living, *(() if busy else still))
        found = self._session.execute(select(*columns).where(*conditions))
        return [Standing(*row) for row in found]

    def due_on(self, cluster: str, now: datetime) -> int:
        """How many of a cluster are due."""
        query = select(func.count()).where(col(Environment.due_at) <= now, col(Environment.cluster) == cluster)
        return self._session.exec(query).one()

    def count_on(self, cluster: str) -> int:
        """How many live on a cluster."""
        query = select(func.count()).where(col(Environment.cluster) == cluster, col(Environment.phase) != Phase.DELETED)
        return self._session.exec(query).one()

    def by_phase(self) -> dict[Phase, int]:
        """How many environments are in each phase."""
        counted = self._session.exec(select(col(Environment.phase), func.count()).group_by(col(Environment.phase)))
        return {Phase(phase): count for phase, count in counted.all()}

    def to_check(self, now: datetime) -> Sequence[Environment]:
        """Those whose idleness or expiry must be judged now."""
        return self._session.exec(
            select(Environment).where(col(Environment.check_at) <= now).order_by(col(Environment.check_at))
        ).all()
