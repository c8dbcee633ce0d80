"""Which audit events are forgotten, and which stay however old they are."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.rules.words import RequestState
from store.database import Store
from store.tables import AuditEvent, LimitRequest
from tests.store.rows import NOON, environment

OLD = NOON - timedelta(days=400)


def event(action: str, at: datetime, **different: Any) -> AuditEvent:
    said: dict[str, Any] = {"workspace_id": "T1", "actor": "U1", "action": action, "at": at}
    return AuditEvent(**said | different)


def request(environment_id: str | None, **different: Any) -> LimitRequest:
    asked: dict[str, Any] = {
        "workspace_id": "T1",
        "asker_id": "U1",
        "owner_id": "U1",
        "reason": "a test",
        "approvers": "leads",
        "asked_at": OLD - timedelta(days=2),
        "expires_at": NOON,
        "environment_id": environment_id,
    }
    return LimitRequest(**asked | different)


@pytest.fixture
def blue(store: Store) -> str:
    """An environment with events of long ago and of now."""
    with store.begin() as records:
        made = records.environments.add(environment())
        for action, at in (("sleep", OLD - timedelta(days=1)), ("wake", OLD), ("extend", NOON)):
            records.audit.add(event(action, at, environment_id=made.id))
        records.audit.add(event("disconnect", OLD - timedelta(days=3)))
        records.audit.add(event("abroad", OLD - timedelta(days=1), workspace_id="T2"))
    return made.id


def test_what_is_older_goes_and_nothing_else(store: Store, blue: str) -> None:
    with store.begin() as records:
        dropped = records.audit.forget(OLD, NOON, 100)
        again = records.audit.forget(OLD, NOON, 100)
    with store.read() as records:
        known = [one.action for one in records.audit.of_environment(blue)]

    assert (dropped, again) == ({"T1": 2, "T2": 1}, {})
    assert known == ["wake", "extend"]


def test_no_more_go_at_once_than_are_asked_for_the_oldest_first(store: Store, blue: str) -> None:
    with store.begin() as records:
        dropped = [records.audit.forget(OLD, NOON, 1).total() for _ in range(4)]

    assert dropped == [1, 1, 1, 0]


@pytest.mark.parametrize(
    "still",
    [
        {"due_at": NOON},
        {"state": RequestState.APPROVED, "due_at": NOON},
        {"state": RequestState.DONE, "raised_until": NOON + timedelta(days=1)},
    ],
)
def test_what_an_open_request_is_about_and_all_since_it_was_asked_for_stays(
    store: Store, blue: str, still: dict[str, Any]
) -> None:
    with store.begin() as records:
        records.limits.ask(request(blue, **still))
        dropped = records.audit.forget(OLD, NOON, 100)
    with store.read() as records:
        known = [one.action for one in records.audit.of_environment(blue)]

    assert dropped == {"T1": 1}  # "disconnect", from before and about something else
    assert known == ["sleep", "wake", "extend"]


def test_a_request_that_is_closed_keeps_nothing(store: Store, blue: str) -> None:
    with store.begin() as records:
        records.limits.ask(request(blue, state=RequestState.DENIED))
        records.limits.ask(request(None, state=RequestState.DONE, raised_until=NOON - timedelta(days=1)))

        assert records.audit.forget(OLD, NOON, 100) == {"T1": 2, "T2": 1}


def test_each_persons_first_making_stays_for_adoption_to_count_from(store: Store) -> None:
    with store.begin() as records:
        for actor in ("U1", "U2"):
            for days in (9, 5, 1):
                for action in ("create", "phase RUNNING", "delete"):
                    records.audit.add(event(action, OLD - timedelta(days=days), actor=actor))
        dropped = records.audit.forget(OLD, NOON, 100)
    with store.read() as records:
        created, ran = records.adoption.created("T1"), records.adoption.first_running("T1")

    first = OLD - timedelta(days=9)
    assert dropped == {"T1": 14}
    assert sorted(created) == [("U1", first), ("U2", first)]
    assert sorted(ran) == [("U1", first), ("U2", first)]
