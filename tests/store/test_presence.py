"""What a dead process held is told from what a living one is working on, and can be given to another."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.reconcile.takeover import take_over
from store.database import Store
from tests.databases import Databases
from tests.store.rows import LEASE, NOON, environment, notice


@pytest.fixture
def shared_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database that several processes can share."""
    url = databases.fresh("postgresql", tmp_path)
    yield url
    databases.drop(url)


def test_replicas_know_each_other_for_as_long_as_each_lives(shared_url: str) -> None:
    first, second = Store(shared_url), Store(shared_url)
    try:
        assert first.living() == {first.process}
        assert second.living() == first.living() == {first.process, second.process}

        second.close()

        assert _in_time(lambda: first.living() == {first.process})
    finally:
        first.close()


def test_a_dead_processs_claims_are_released_and_a_living_ones_are_kept(database_url: str) -> None:
    mine, dead = Store(database_url), Store(database_url)
    try:
        _fill(mine)
        assert take_over(mine) == 0  # from now on it counts as living
        _claim_both(dead, f"{dead.process}:there:1")
        dead.close()
        with mine.begin() as records:
            records.environments.claim(f"{mine.process}:here:1", NOON, LEASE)

        assert _in_time(lambda: take_over(mine) == 1)

        with mine.begin() as records:
            claimed = records.environments.claim("next", NOON, LEASE)
            assert claimed is not None
            assert claimed.name == "a"
            assert records.environments.claim("next", NOON, LEASE) is None
            assert records.notices.claim("next", NOON, LEASE) is not None
    finally:
        mine.close()


def test_a_broken_connection_is_no_death_for_long(shared_url: str) -> None:
    store, other = Store(shared_url), Store(shared_url)
    try:
        store.living()
        with other.transaction(writes=True) as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )

        assert _in_time(lambda: other.living() == {other.process})
        assert store.living() == {store.process, other.process}
    finally:
        store.close()
        other.close()


def _fill(store: Store) -> None:
    with store.begin() as records:
        for name in ("a", "b"):
            records.environments.add(environment(name, due_at=NOON))
        records.notices.say(notice("said"))


def _claim_both(store: Store, worker: str) -> None:
    if store.is_shared:
        store.living()
    with store.begin() as records:
        records.environments.claim(worker, NOON, LEASE)
        records.notices.claim(worker, NOON, LEASE)


def _in_time(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if claim():
            return True
        time.sleep(0.01)
    return False
