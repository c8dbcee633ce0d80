"""One replica leads; another does as soon as it is gone."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from store.database import Store
from tests.databases import Databases
from tests.store.rows import at_once


@pytest.fixture
def replicas(databases: Databases, tmp_path: Path) -> Iterator[list[Store]]:
    """Three replicas over one PostgreSQL database."""
    url = databases.fresh("postgresql", tmp_path)
    stores = [Store(url) for _ in range(3)]
    yield stores
    for store in stores:
        store.close()
    databases.drop(url)


def test_a_lone_process_leads_and_goes_on_leading(store: Store) -> None:
    assert [store.lead() for _ in range(3)] == [True] * 3


def test_of_replicas_that_start_at_once_exactly_one_leads(replicas: list[Store]) -> None:
    leads = at_once(3, lambda number: replicas[number].lead())

    assert sorted(leads) == [False, False, True]
    assert [store.lead() for store in replicas] == leads


def test_another_takes_over_when_the_leader_closes(replicas: list[Store]) -> None:
    first, second, third = replicas
    assert [first.lead(), second.lead(), third.lead()] == [True, False, False]

    first.close()

    assert _in_time(second.lead)
    assert not third.lead()


def test_another_takes_over_when_the_leaders_connection_is_killed(replicas: list[Store]) -> None:
    first, second, third = replicas
    assert [first.lead(), second.lead()] == [True, False]

    _kill_the_leaders_connection(third)

    assert _in_time(second.lead)
    assert not first.lead()


def test_a_leader_whose_connection_broke_leads_again_if_nobody_else_does(replicas: list[Store]) -> None:
    first, _second, third = replicas
    assert first.lead()

    _kill_the_leaders_connection(third)

    assert _in_time(first.lead)


def test_a_follower_whose_connection_broke_goes_on_following(replicas: list[Store]) -> None:
    first, second, third = replicas
    assert [first.lead(), second.lead()] == [True, False]

    _kill_every_connection_but_the_leaders(third)

    assert [first.lead(), second.lead()] == [True, False]


def test_threads_of_one_process_agree_who_leads(replicas: list[Store]) -> None:
    first, second, _third = replicas
    assert first.lead()

    assert at_once(8, lambda _number: first.lead()) == [True] * 8
    assert at_once(8, lambda _number: second.lead()) == [False] * 8


def test_leading_takes_no_connection_from_the_pool(databases: Databases, tmp_path: Path) -> None:
    url = databases.fresh("postgresql", tmp_path)
    store = Store(url, pool_size=1)

    assert store.lead()

    assert store.engine.pool.status().count("Current Checked out connections: 0") == 1
    store.close()
    databases.drop(url)


def _in_time(leads: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if leads():
            return True
        time.sleep(0.01)
    return False


def _kill_the_leaders_connection(store: Store) -> None:
    _kill(store, leads=True)


def _kill_every_connection_but_the_leaders(store: Store) -> None:
    _kill(store, leads=False)


def _kill(store: Store, *, leads: bool) -> None:
    with store.transaction() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid != pg_backend_pid() "
                "AND :leads = (pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted))"
            ),
            {"leads": leads},
        )
