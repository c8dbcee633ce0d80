"""Open sessions, told at least once and in any order."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from store.database import Store
from store.tables import OpenSession
from tests.store.rows import MOMENT, NOON, at_once, environment

LONGEST = timedelta(hours=12)


@pytest.fixture
def blue(store: Store) -> str:
    """An environment's id."""
    with store.begin() as records:
        return records.environments.add(environment("blue")).id


def opened(environment_id: str, audit_id: str = "a-1", **different: Any) -> OpenSession:
    """A shell opened at noon."""
    told: dict[str, Any] = {"by": "<@U1>", "what": "opened a shell in web-1", "opened_at": NOON}
    return OpenSession(environment_id=environment_id, audit_id=audit_id, **told | different)


def open_in(store: Store, environment_id: str, after: timedelta = timedelta()) -> list[str]:
    """The audit ids of what stands open some time after noon."""
    with store.read() as records:
        return [found.audit_id for found in records.sessions.open_in(environment_id, NOON + after)]


def test_what_stands_open_is_told_newest_first_and_by_whom(store: Store, blue: str) -> None:
    with store.begin() as records:
        records.sessions.opened(opened(blue))
        records.sessions.opened(opened(blue, "a-2", by="<@U2>", opened_at=NOON + MOMENT))

    with store.read() as records:
        found = [(session.audit_id, session.by, session.opened_at) for session in records.sessions.open_in(blue, NOON)]

    assert found == [("a-2", "<@U2>", NOON + MOMENT), ("a-1", "<@U1>", NOON)]


@pytest.mark.parametrize("order", sorted(set(permutations(["opened", "opened", "closed", "closed"]))))
def test_a_session_whose_end_was_told_is_not_open_in_whatever_order_that_came(
    store: Store, blue: str, order: tuple[str, ...]
) -> None:
    for told in order:
        with store.begin() as records:
            if told == "opened":
                records.sessions.opened(opened(blue))
            else:
                records.sessions.closed(opened(blue), NOON)

    assert open_in(store, blue) == []


def test_the_end_of_one_session_leaves_the_others_open(store: Store, blue: str) -> None:
    with store.begin() as records:
        green = records.environments.add(environment("green")).id
        for where, audit_id in ((blue, "a-1"), (blue, "a-2"), (green, "a-1")):
            records.sessions.opened(opened(where, audit_id))
        records.sessions.closed(opened(blue, "a-1"), NOON)

    assert open_in(store, blue) == ["a-2"]
    assert open_in(store, green) == ["a-1"]


def test_a_session_whose_end_was_lost_counts_for_twelve_hours(store: Store, blue: str) -> None:
    with store.begin() as records:
        records.sessions.opened(opened(blue))

    assert open_in(store, blue, LONGEST - MOMENT) == ["a-1"]
    assert open_in(store, blue, LONGEST) == []


def test_what_counts_no_longer_is_forgotten_and_what_counts_is_kept(store: Store, blue: str) -> None:
    with store.begin() as records:
        records.sessions.opened(opened(blue))
        records.sessions.opened(opened(blue, "a-2", opened_at=NOON + MOMENT))
        records.sessions.closed(opened(blue, "a-3", opened_at=NOON + MOMENT), NOON)
        records.sessions.forget_sessions(NOON + LONGEST)

    with store.begin() as records:
        for audit_id in ("a-1", "a-2", "a-3"):
            records.sessions.opened(opened(blue, audit_id))
    assert sorted(open_in(store, blue)) == ["a-1", "a-2"]


def test_both_ends_told_to_two_replicas_at_once_leave_nothing_open(store: Store, blue: str) -> None:
    def tell(number: int) -> None:
        with store.begin() as records:
            if number % 2:
                records.sessions.opened(opened(blue))
            else:
                records.sessions.closed(opened(blue), NOON)

    at_once(8, tell)

    assert open_in(store, blue) == []
