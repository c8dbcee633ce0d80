"""What a transaction promises, on SQLite as on PostgreSQL."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from store.database import Store
from store.schema import migrate
from store.tables import AccessGrant, AuditEvent, Environment, JournalEntry, UsageSpan
from tests.databases import Databases
from tests.store.rows import NOON, at_once, environment, notice

_HALF_DONE = """
import sys
from store.database import Store
with Store(sys.argv[1]).begin() as records:
    records.environments.lock(sys.argv[2]).title = "half done"
    records.environments.living("T1")
    print("changed", flush=True)
    sys.stdin.read()
"""


class Thrown(Exception):
    """A fault in the middle of a transaction."""


def test_an_exception_undoes_the_whole_transaction(store: Store) -> None:
    def fail_half_way() -> None:
        with store.begin() as records:
            records.environments.add(environment("blue"))
            records.notices.say(notice())
            raise Thrown

    with pytest.raises(Thrown):
        fail_half_way()

    with store.read() as records:
        assert records.environments.living("T1") == []
        assert records.notices.keyed(notice().key) is None


def test_a_row_can_be_read_after_its_transaction(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))

    assert (blue.name, blue.phase.value, blue.created_at) == ("blue", "PROVISIONING", NOON)


def test_a_change_of_a_row_is_kept_without_further_words(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))
    with store.begin() as records:
        found = records.environments.get(blue.id)
        assert found is not None
        found.title = "Blue, the second"

    with store.read() as records:
        found = records.environments.get(blue.id)
        assert found is not None
        assert found.title == "Blue, the second"


def test_nothing_written_in_a_look_is_kept(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))

    with store.read() as records:
        found = records.environments.get(blue.id)
        assert found is not None
        found.title = "a slip"
        records.environments.living("T1")

    with store.read() as records:
        found = records.environments.get(blue.id)
        assert found is not None
        assert found.title == "Blue"


def test_a_look_sees_one_moment(store: Store) -> None:
    with store.read() as look:
        before = look.environments.living("T1")
        with store.begin() as records:
            records.environments.add(environment("blue"))
        after = look.environments.living("T1")

    assert before == after == []


def test_what_belongs_to_an_environment_may_be_written_with_it(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))
        records.audit.add(_event(environment_id=blue.id))
        records.usage.add(UsageSpan(environment_id=blue.id, awake=True, started_at=NOON))
        records.journal.add(
            JournalEntry(environment_id=blue.id, cycle="1", kind="Deployment", name="web", uid="u", at=NOON)
        )
        records.people.grant(AccessGrant(environment_id=blue.id, subject="U1", granted_by="U2", granted_at=NOON))

    with store.read() as records:
        assert records.usage.open_span(blue.id) is not None
        assert len(records.journal.of_cycle(blue.id, "1")) == len(records.people.grants(blue.id)) == 1


def test_nothing_can_belong_to_an_environment_that_is_not_there(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.begin() as records:
        records.people.grant(AccessGrant(environment_id="none", subject="U1", granted_by="U2", granted_at=NOON))


def test_a_transaction_inside_another_is_refused_and_the_outer_one_undone(store: Store) -> None:
    def begin_twice() -> None:
        with store.begin() as records:
            records.environments.add(environment("blue"))
            with store.begin():
                pass

    with pytest.raises(RuntimeError, match="inside another"):
        begin_twice()

    with store.begin() as records:
        assert records.environments.living("T1") == []


def test_a_killed_process_leaves_neither_its_changes_nor_its_locks(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))
    start = [sys.executable, "-c", _HALF_DONE, store.url, blue.id]
    victim = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    assert victim.stdout.readline() == "changed\n"

    victim.kill()
    victim.communicate(timeout=30)

    with store.begin() as records:
        found = records.environments.lock(blue.id)
        assert found is not None
        assert found.title == "Blue"


def test_connections_that_broke_are_replaced(databases: Databases, tmp_path: Path) -> None:
    url = databases.fresh("postgresql", tmp_path)
    store, other = Store(url), Store(url)
    with store.begin() as records:
        records.environments.add(environment("blue"))

    with other.transaction() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        )

    with store.begin() as records:
        assert records.environments.named("T1", "blue") is not None
    for one in (store, other):
        one.close()
    databases.drop(url)


@pytest.mark.slow
def test_many_writers_at_once_all_succeed(store: Store) -> None:
    def write(number: int) -> None:
        for turn in range(50):
            with store.begin() as records:
                seen = len(records.audit.of_environment(f"e{number}"))
                records.audit.add(_event(environment_id=f"e{number}", reason=f"{turn} after {seen}"))

    at_once(20, write)

    with store.read() as records:
        for number in range(20):
            reasons = {event.reason for event in records.audit.of_environment(f"e{number}")}
            assert reasons == {f"{turn} after {turn}" for turn in range(50)}


def test_more_threads_than_connections_wait_for_their_turn(database_url: str) -> None:
    store = Store(database_url, pool_size=2)

    def look_and_write(number: int) -> None:
        for turn in range(5):
            with store.read() as records:
                records.environments.living("T1")
            with store.begin() as records:
                records.environments.add(environment(f"e{number}-{turn}"))

    at_once(32, look_and_write)

    with store.read() as records:
        assert len(records.environments.living("T1")) == 160
    store.close()


def test_two_processes_can_write_one_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/berth.sqlite"
    migrate(url)
    stores = [Store(url), Store(url)]  # neither knows of the other's queue, as two processes would not

    def write(number: int) -> None:
        for _ in range(25):
            with stores[number % 2].begin() as records:
                records.audit.add(_event(environment_id="blue"))

    at_once(8, write)

    with stores[0].read() as records:
        assert len(records.audit.of_environment("blue")) == 200
    for store in stores:
        store.close()


def test_a_url_of_postgresql_needs_no_driver_in_it(database_url: str) -> None:
    store = Store(database_url.replace("+psycopg", ""))

    with store.transaction() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    store.close()


@pytest.mark.parametrize(
    "url", ["", "berth.sqlite", "sqlite://", "sqlite:///:memory:", "mysql://db/berth", "postgresql+psycopg2://db/berth"]
)
def test_a_url_of_another_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        Store(url)


_plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_documents = st.dictionaries(
    _words, st.recursive(_plain | _words, lambda inner: st.lists(inner) | st.dictionaries(_words, inner), max_leaves=8)
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_documents, after=_documents)
def test_documents_come_back_as_they_were(store: Store, before: dict[str, object], after: dict[str, object]) -> None:
    with store.begin() as records:
        event = _event(before=before, after=after, environment_id="blue")
        records.audit.add(event)

    with store.read() as records:
        found = next(kept for kept in records.audit.of_environment("blue") if kept.id == event.id)
        assert (found.before, found.after) == (before, after)


def test_lists_come_back_in_their_order(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue", steps=["namespace", "limits"]))
    with store.begin() as records:
        found = records.environments.get(blue.id)
        assert found is not None
        found.steps = [*found.steps, "access"]

    with store.read() as records:
        found = records.environments.get(blue.id)
        assert isinstance(found, Environment)
        assert found.steps == ["namespace", "limits", "access"]


def test_the_audit_log_of_an_environment_is_told_oldest_first(store: Store) -> None:
    with store.begin() as records:
        for minute in (5, 1, 3):
            records.audit.add(_event(environment_id="blue", reason=str(minute), at=NOON.replace(minute=minute)))
        records.audit.add(_event(environment_id="green"))

    with store.read() as records:
        assert [event.reason for event in records.audit.of_environment("blue")] == ["1", "3", "5"]


def _event(**different: Any) -> AuditEvent:
    told: dict[str, Any] = {"at": NOON, "workspace_id": "T1", "actor": "U1", "action": "create"}
    return AuditEvent(**told | different)
