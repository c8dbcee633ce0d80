"""Notices: said once, changed as facts change, delivered by one worker at a time."""

from datetime import timedelta

import pytest

from bot.rules.words import NoticeState, Phase
from store.database import Store
from store.tables import Notice
from tests.store.rows import LEASE, MOMENT, NOON, at_once, environment, notice


def test_a_message_is_said_once_per_key(store: Store) -> None:
    with store.begin() as records:
        first = records.notices.say(notice("sleep of blue", facts={"name": "blue"}))
        again = records.notices.say(notice("sleep of blue", facts={"name": "other"}))
    with store.begin() as records:
        later = records.notices.say(notice("sleep of blue"))

    assert again == first == later
    assert later.facts == {"name": "blue"}


def test_two_who_say_the_same_at_once_say_it_once(store: Store) -> None:
    def say(_number: int) -> str:
        with store.begin() as records:
            return records.notices.say(notice("sleep of blue")).id

    for _ in range(5):
        assert len(set(at_once(10, say))) == 1


def test_what_was_to_be_said_with_a_loser_of_the_race_is_kept(store: Store) -> None:
    def say(number: int) -> None:
        with store.begin() as records:
            records.notices.say(notice(f"own of {number}"))
            records.notices.say(notice("shared"))

    at_once(10, say)

    with store.read() as records:
        assert all(records.notices.keyed(f"own of {number}") for number in range(10))


def test_a_message_for_nobody_reaches_nobody_until_there_is_somebody(store: Store) -> None:
    with store.begin() as records:
        records.notices.say(notice("left", recipients=[]))
        claimed = records.notices.claim("worker", NOON, LEASE)
        still = records.notices.say_again("left", [], NOON)
        silent = records.notices.claim("worker", NOON, LEASE)
        records.notices.say_again("left", ["U2"], NOON)
    with store.begin() as records:
        told = records.notices.claim("worker", NOON, LEASE)

    assert (claimed, still, silent) == (None, True, None)
    assert told is not None
    assert told.recipients == ["U2"]


def test_a_changed_fact_makes_a_new_version_that_is_due(store: Store) -> None:
    _say_delivered(store, facts={"name": "blue", "step": 1})

    with store.begin() as records:
        changed = records.notices.change("progress", NOON + LEASE, {"step": 2})

    assert changed is not None
    assert changed.facts == {"name": "blue", "step": 2}
    assert (changed.version, changed.due_at) == (2, NOON + LEASE)


def test_a_fact_that_is_told_already_changes_nothing(store: Store) -> None:
    _say_delivered(store, facts={"step": 1})

    with store.begin() as records:
        same = records.notices.change("progress", NOON + LEASE, {"step": 1})

    assert same is not None
    assert (same.version, same.due_at) == (1, None)


def test_what_was_never_said_cannot_change(store: Store) -> None:
    with store.begin() as records:
        assert records.notices.change("progress", NOON, {"step": 1}) is None


def test_what_cannot_be_delivered_is_not_tried_again_for_a_change(store: Store) -> None:
    _say_delivered(store, state=NoticeState.UNDELIVERABLE)

    with store.begin() as records:
        changed = records.notices.change("progress", NOON, {"step": 2})

    assert changed is not None
    assert (changed.version, changed.due_at) == (2, None)


def test_changes_at_once_all_count(store: Store) -> None:
    _say_delivered(store)

    def change(number: int) -> None:
        with store.begin() as records:
            records.notices.keyed("progress")
            records.notices.change("progress", NOON, {f"fact {number}": True})

    at_once(10, change)

    with store.read() as records:
        found = records.notices.keyed("progress")
        assert found is not None
        assert (found.version, len(found.facts)) == (11, 10)


def test_deliverers_at_once_never_get_the_same_message(store: Store) -> None:
    with store.begin() as records:
        for number in range(20):
            records.notices.say(notice(f"n{number}"))

    def deliver(number: int) -> list[str]:
        mine = []
        while (found := _claim(store, f"worker-{number}")) is not None:
            mine.append(found)
        return mine

    delivered = [key for mine in at_once(6, deliver) for key in mine]

    assert sorted(delivered) == sorted(f"n{number}" for number in range(20))


def test_a_dead_deliverers_message_is_anybodys_after_its_lease(store: Store) -> None:
    with store.begin() as records:
        records.notices.say(notice())
        records.notices.claim("dead", NOON, LEASE)
        assert records.notices.claim("living", NOON + LEASE, LEASE) is None
        assert records.notices.claim("living", NOON + LEASE + MOMENT, LEASE) is not None


def test_a_clean_stop_gives_up_its_messages(store: Store) -> None:
    with store.begin() as records:
        records.notices.say(notice("a"))
    assert _claim(store, "stopping") == "a"

    with store.begin() as records:
        records.notices.release_claims(["stopping"])

    assert _claim(store, "next") == "a"


@pytest.mark.parametrize("held_until", [None, NOON - LEASE, NOON + LEASE])
def test_the_next_due_is_when_a_message_can_be_claimed(store: Store, held_until: object) -> None:
    with store.begin() as records:
        records.notices.say(notice("delivered", due_at=None))
        records.notices.say(notice("waits", claimed_by="worker", claimed_until=held_until))

    with store.read() as records:
        assert records.notices.next_due() == (NOON + LEASE if held_until == NOON + LEASE else NOON)


def test_what_was_said_about_an_environment_is_told_oldest_first(store: Store) -> None:
    with store.begin() as records:
        for key, minute in (("second", 2), ("third", 3), ("first", 1)):
            records.notices.say(notice(key, environment_id="blue", created_at=NOON.replace(minute=minute)))
        records.notices.say(notice("of another", environment_id="green"))

    with store.read() as records:
        assert [said.key for said in records.notices.of_environment("blue")] == ["first", "second", "third"]


def test_a_message_is_found_and_locked_by_its_id(store: Store) -> None:
    with store.begin() as records:
        said = records.notices.say(notice())

    with store.begin() as records:
        assert records.notices.lock(said.id) == records.notices.get(said.id) == said
        assert records.notices.lock("no such") is None


def test_what_was_said_about_what_is_gone_is_forgotten_in_time(store: Store) -> None:
    long_ago = NOON - timedelta(days=91)
    with store.begin() as records:
        alive = records.environments.add(environment("alive"))
        gone = records.environments.add(environment("gone", phase=Phase.DELETED))
        said = {"created_at": long_ago, "due_at": None, "state": NoticeState.DELIVERED}
        records.notices.say(notice("of the living", environment_id=alive.id, **said))
        records.notices.say(notice("of the gone", environment_id=gone.id, **said))
        records.notices.say(notice("of a team", **said))
        records.notices.say(notice("not said yet", **said | {"due_at": NOON}))
        records.notices.say(notice("new", **said | {"created_at": NOON}))

    with store.begin() as records:
        records.notices.forget_settled(NOON - timedelta(days=90))

    with store.read() as records:
        kept = {"of the living", "of the gone", "of a team", "not said yet", "new"}
        assert {key for key in kept if records.notices.keyed(key)} == {"of the living", "not said yet", "new"}


def _say_delivered(store: Store, **different: object) -> Notice:
    with store.begin() as records:
        delivered = {"due_at": None, "state": NoticeState.DELIVERED} | different
        return records.notices.say(notice("progress", **delivered))


def _claim(store: Store, worker: str) -> str | None:
    with store.begin() as records:
        found = records.notices.claim(worker, NOON, LEASE)
        return found.key if found else None
