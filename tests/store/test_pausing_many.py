"""A pause and a resumption of thousands of environments: one change in bounded time, or none at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue, ClusterSpec
from bot.rules.words import NoticeState, Phase, Role
from bot.usecases.admin import Admin
from bot.usecases.source import TIME
from store.database import Store
from store.tables import Environment, Notice
from tests.store.rows import NOON, environment, notice

pytestmark = pytest.mark.slow

MANY: Final = 2_000
ROOT: Final = Actor("T1", "UROOT", "root", "root@example.com", "UTC", Role.ADMIN, None)
DEADLINE: Final = NOON + timedelta(minutes=15)


class Noon:
    """It is noon."""

    def now(self) -> datetime:
        return NOON

    def lasting(self, waited: timedelta) -> timedelta:
        return waited


@pytest.fixture
def admin(store: Store) -> Admin:
    """What admins do, over a store."""
    catalogue = Catalogue(clusters=[ClusterSpec("main")], sizes=[], templates=[])
    return Admin(store, catalogue, Noon(), lambda: None)


def fill(store: Store, count: int) -> None:
    """So many environments: all warned of sleep and told of their end; every fifth sleeps in its grace instead."""
    warned = environment(deadline_at=DEADLINE, deadline_rule="unused").model_dump()
    in_grace = environment(phase=Phase.SLEEPING, delete_at=NOON + timedelta(hours=1)).model_dump()
    rows = [warned, in_grace]
    said = notice(state=NoticeState.DELIVERED, due_at=None, facts={"outcome": None}).model_dump()
    names = [f"blue-{number}" for number in range(count)]
    with store.transaction(writes=True) as connection:
        connection.execute(
            insert(Environment), [_named(rows[place % 5 == 0], name) for place, name in enumerate(names)]
        )
        keys = [f"{kind}:{name}" for kind in ("idle", "expiry") for name in names]
        connection.execute(insert(Notice), [said | {"id": key, "key": key} for key in keys])


def _named(row: dict[str, Any], name: str) -> dict[str, Any]:
    warning = f"idle:{name}" if row["deadline_at"] else None
    return row | {"id": name, "name": name, "warning_key": warning, "expiry_key": f"expiry:{name}"}


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", count)
    yield sent
    event.remove(store.engine, "before_cursor_execute", count)


def armed(store: Store) -> int:
    """How many still have a deadline for sleep."""
    with store.read() as records:
        return len([e for e in records.environments.living("T1") if e.deadline_at or e.warning_key])


def outcomes(store: Store, kind: str) -> set[str]:
    """What the messages of one kind say came of them."""
    with Session(store.engine) as session:
        rows = session.exec(select(Notice).where(col(Notice.key).startswith(f"{kind}:")))
        return {(row.facts.get("outcome") or {}).get("kind", "") for row in rows}


def test_thousands_are_paused_and_resumed_in_few_statements(store: Store, admin: Admin) -> None:
    fill(store, MANY)

    with counted(store) as sent:
        admin.pause(ROOT, "moving", TIME)
        paused = armed(store), outcomes(store, "idle")
        admin.resume(ROOT, TIME)

    assert len(sent) < 60
    assert paused == (0, {"busy", ""})
    with store.read() as records:
        rows = records.environments.living("T1")
        assert {row.check_at for row in rows} == {NOON}
        assert {row.expiry_key is None for row in rows if row.delete_at is None} == {True}
        assert {row.delete_at for row in rows if row.delete_at} == {NOON + admin.catalogue.ttl.grace}
    assert outcomes(store, "expiry") == {"superseded", ""}


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_one_that_is_cut_off_in_the_middle_has_changed_nothing(store: Store, admin: Admin, what: str) -> None:
    fill(store, 10)
    if what == "resume":
        admin.pause(ROOT, "moving", TIME)
    before = everything(store)
    break_writes_of(store, "idle:blue-7" if what == "pause" else "expiry:blue-7")

    with pytest.raises(DBAPIError):
        admin.pause(ROOT, "moving", TIME) if what == "pause" else admin.resume(ROOT, TIME)

    assert everything(store) == before


def everything(store: Store) -> object:
    """Whether there is a pause, and every environment and message as it is."""
    with Session(store.engine) as session:
        rows = [row.model_dump() for table in (Environment, Notice) for row in session.exec(select(table))]
    with store.read() as records:
        return records.pauses.reason("T1"), sorted(rows, key=lambda row: str(row["id"]))


def break_writes_of(store: Store, key: str) -> None:
    """From now on the database refuses to change one message, as one does whose disk is full just then."""
    with store.transaction(writes=True) as connection:
        if store.is_shared:
            connection.exec_driver_sql(
                "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'full'; END $$ LANGUAGE plpgsql"
            )
            begin, end = "FOR EACH ROW", "EXECUTE FUNCTION refuse()"
        else:
            begin, end = "", "BEGIN SELECT RAISE(ABORT, 'full'); END"
        when = f"WHEN (NEW.key = '{key}')"
        connection.exec_driver_sql(f"CREATE TRIGGER broken BEFORE UPDATE ON notice {begin} {when} {end}")
