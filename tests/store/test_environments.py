"""Environments: one living one per name, one worker at a time, and the lists of what is due."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.rules.words import Phase, Wanted
from store.database import Store
from store.environments import Asleep, ClaimLost, NameTaken
from tests.databases import Databases
from tests.store.rows import LEASE, MOMENT, NOON, at_once, environment


def test_two_living_environments_never_share_a_name(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("blue"))

    with store.begin() as records, pytest.raises(NameTaken):
        records.environments.add(environment("blue", owner_id="U2"))


def test_a_transaction_goes_on_after_a_taken_name(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("blue"))

    with store.begin() as records:
        with pytest.raises(NameTaken):
            records.environments.add(environment("blue"))
        records.environments.add(environment("blue-2"))

    with store.read() as records:
        assert [found.name for found in records.environments.living("T1")] == ["blue", "blue-2"]


def test_a_refused_environment_can_be_renamed_and_added(store: Store) -> None:
    wanted = environment("blue")
    with store.begin() as records:
        records.environments.add(environment("blue"))
        with pytest.raises(NameTaken):
            records.environments.add(wanted)
        wanted.name = "blue-2"
        records.environments.add(wanted)

    with store.read() as records:
        assert records.environments.named("T1", "blue-2") == wanted


def test_another_workspace_may_use_the_name(store: Store) -> None:
    with store.begin() as records:
        here = records.environments.add(environment("blue"))
        there = records.environments.add(environment("blue", workspace_id="T2"))

    with store.read() as records:
        assert records.environments.named("T1", "blue") == here
        assert records.environments.named("T2", "blue") == there


def test_a_deleted_environments_name_is_free_again(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("blue", phase=Phase.DELETED))
        records.environments.add(environment("blue", phase=Phase.DELETED))
        newest = records.environments.add(environment("blue"))

    with store.read() as records:
        assert records.environments.named("T1", "blue") == newest
        assert records.environments.living("T1") == [newest]


def test_of_fifty_who_want_one_name_at_once_one_gets_it(store: Store) -> None:
    def create(number: int) -> bool:
        with store.begin() as records:
            try:
                records.environments.add(environment("blue", owner_id=f"U{number}"))
            except NameTaken:
                return False
        return True

    assert sum(at_once(50, create)) == 1


def test_a_missing_value_is_not_told_as_a_taken_name(store: Store) -> None:
    with pytest.raises(Exception, match="operation_at"), store.begin() as records:
        records.environments.add(environment("blue", operation_at=None))


def test_living_environments_are_found_by_owner_team_and_cluster(store: Store) -> None:
    with store.begin() as records:
        for made in (
            environment("b", owner_id="U1", team="shop"),
            environment("a", owner_id="U2", team="shop", cluster="gpu"),
            environment("c", owner_id="U1"),
            environment("gone", owner_id="U1", team="shop", phase=Phase.DELETED),
        ):
            records.environments.add(made)

    with store.read() as records:
        assert [found.name for found in records.environments.living("T1")] == ["a", "b", "c"]
        assert [found.name for found in records.environments.living("T1", owner_id="U1")] == ["b", "c"]
        assert [found.name for found in records.environments.living("T1", teams=["shop"])] == ["a", "b"]
        assert [found.name for found in records.environments.on_cluster("gpu")] == ["a"]


def test_workers_at_once_never_get_the_same_environment(store: Store) -> None:
    with store.begin() as records:
        for number in range(20):
            records.environments.add(environment(f"e{number}", due_at=NOON))

    def work(number: int) -> list[str]:
        mine: list[str] = []
        while True:
            with store.begin() as records:
                found = records.environments.claim(f"worker-{number}", NOON, LEASE)
            if found is None:
                return mine
            mine.append(found.name)

    claimed = [name for mine in at_once(6, work) for name in mine]

    assert sorted(claimed) == sorted(f"e{number}" for number in range(20))


def test_two_threads_claiming_in_open_transactions_share_nothing(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("blue", due_at=NOON))

    for _ in range(20):
        found = at_once(2, lambda number: _claim(store, f"worker-{number}"))
        assert sorted(name is not None for name in found) == [False, True]
        with store.begin() as records:
            records.environments.release_claims(["worker-0", "worker-1"])


def test_the_longest_due_is_claimed_first_and_the_future_is_not(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("later", due_at=NOON))
        records.environments.add(environment("first", due_at=NOON - LEASE))
        records.environments.add(environment("not yet", due_at=NOON + MOMENT))
        records.environments.add(environment("never"))

    assert [_claim(store, "worker") for _ in range(3)] == ["first", "later", None]


def test_a_claim_is_anybodys_once_its_lease_ran_out(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("blue", due_at=NOON))
        records.environments.claim("dead", NOON, LEASE)

    with store.begin() as records:
        assert records.environments.claim("living", NOON + LEASE, LEASE) is None
        assert records.environments.claim("living", NOON + LEASE + MOMENT, LEASE) is not None


def test_a_worker_notices_that_it_lost_its_claim(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue", due_at=NOON))
        records.environments.claim("slow", NOON, LEASE)
        records.environments.held(blue.id, "slow")
    with store.begin() as records:
        records.environments.claim("quick", NOON + 2 * LEASE, LEASE)

    with store.begin() as records:
        assert records.environments.held(blue.id, "quick").name == "blue"
        with pytest.raises(ClaimLost):
            records.environments.held(blue.id, "slow")
        with pytest.raises(ClaimLost):
            records.environments.held("no such", "slow")


def test_a_clean_stop_gives_up_its_own_claims_only(store: Store) -> None:
    with store.begin() as records:
        for name in ("a", "b", "c"):
            records.environments.add(environment(name, due_at=NOON))
    for worker in ("here-1", "here-2", "elsewhere"):
        _claim(store, worker)

    with store.begin() as records:
        records.environments.release_claims(["here-1", "here-2"])

    assert [_claim(store, "next") for _ in range(3)] == ["a", "b", None]


def test_nothing_is_next_due_where_all_is_as_wanted(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("blue"))

    with store.read() as records:
        assert records.environments.next_due() is None


def test_the_next_due_is_the_next_that_can_be_claimed(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("held", due_at=NOON))
        records.environments.claim("worker", NOON, 3 * LEASE)
        records.environments.add(environment("soon", due_at=NOON + LEASE))

    with store.read() as records:
        assert records.environments.next_due() == NOON + LEASE

    with store.begin() as records:
        records.environments.claim("worker", NOON + LEASE, 3 * LEASE)
    with store.read() as records:
        assert records.environments.next_due() == NOON + 3 * LEASE


def test_what_must_be_judged_is_listed_by_its_hour(store: Store) -> None:
    with store.begin() as records:
        records.environments.add(environment("now", check_at=NOON))
        records.environments.add(environment("before", check_at=NOON - LEASE))
        records.environments.add(environment("after", check_at=NOON + MOMENT))
        records.environments.add(environment("pinned"))

    with store.read() as records:
        assert [found.name for found in records.environments.to_check(NOON)] == ["before", "now"]


def test_what_is_due_is_found_by_an_index(databases: Databases, tmp_path: Path) -> None:
    store = Store(databases.fresh("sqlite", tmp_path))
    asked: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    with store.begin() as records:
        records.environments.claim("worker", NOON, LEASE)
        records.environments.next_due()
        records.environments.to_check(NOON)
        records.notices.claim("worker", NOON, LEASE)
        records.notices.next_due()

    questions = [(sql, values) for sql, values in asked if sql.startswith("SELECT")]
    with store.transaction() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in questions]

    assert [len(plan) for plan in plans] == [1] * 5
    assert all("_at (" in plan[0].detail for plan in plans), plans
    store.close()


def test_a_locked_environment_is_seen_as_it_is_now_and_changed_by_one_at_a_time(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))

    def count(_number: int) -> None:
        for _ in range(10):
            with store.begin() as records:
                records.environments.get(blue.id)  # remembers what it saw before it had the lock
                found = records.environments.lock(blue.id)
                assert found is not None
                found.operation += 1

    at_once(8, count)

    with store.read() as records:
        found = records.environments.get(blue.id)
        assert found is not None
        assert found.operation == 80


def test_a_lock_keeps_others_waiting_until_the_end(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))
    order: list[str] = []
    locked = threading.Event()

    def work(number: int) -> None:
        if number:
            assert locked.wait(timeout=30)
        with store.begin() as records:
            records.environments.lock(blue.id)
            locked.set()
            order.append(f"{number} in")
            order.append(f"{number} out")

    at_once(2, work)

    assert order == ["0 in", "0 out", "1 in", "1 out"]


def _claim(store: Store, worker: str) -> str | None:
    with store.begin() as records:
        found = records.environments.claim(worker, NOON, LEASE)
        return found.name if found else None


def test_the_watch_is_given_what_sleeps_as_wanted_and_that_nobody_is_about_to_look_at(store: Store) -> None:
    asleep = {"phase": Phase.SLEEPING, "wanted": Wanted.SLEEPING, "sleep_cycle": "c1"}
    with store.begin() as records:
        kept = records.environments.add(environment("blue", **asleep))
        records.environments.add(environment("awake", sleep_cycle="c1", phase=Phase.RUNNING))
        records.environments.add(environment("waking", **asleep | {"wanted": Wanted.RUNNING}))
        records.environments.add(environment("due", **asleep, due_at=NOON))
        expected = Asleep(kept.id, "main", "berth-blue", "c1")

    with store.read() as records:
        assert records.environments.asleep() == [expected]
