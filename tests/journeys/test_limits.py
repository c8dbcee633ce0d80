"""Limits as people meet them: refused with a reason, told of a morning without room and of a budget that is spent."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.rules.catalogue import Prices
from bot.rules.limits import month_of
from bot.rules.words import Phase, Wanted
from bot.seams.cluster import Forbidden
from store.tables import UsageSpan
from tests.journeys.people import last, modal, text_of
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, world

pytestmark = pytest.mark.slow

MERGE = "application/merge-patch+json"

FEW = {
    "limits": {"person": {"environments": 3, "awake_environments": 2, "longest_ttl": "14d"}, "team": {"budget": 100}},
    "approvals": {"channel": "#general"},
}


@pytest.fixture
def few(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company in which everybody may have three environments, two of them awake."""
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **FEW) as found:
        yield found


def test_a_refusal_names_limit_use_and_wish(few: World) -> None:
    for name in ("one", "two"):
        few.says(few.ada, f"/k8s create {name}")
    few.settle()

    awake = text_of(few.says(few.ada, "/k8s create three"))
    long = text_of(few.says(few.mio, "/k8s create four ttl=20d"))

    assert "at most 2 environments awake: 2 are in use already, and 1 more makes 3" in awake
    assert "You may let an environment live 14d from now on at the most: 20d is 6d too long" in long
    assert [e.name for e in few.everything()] == ["one", "two"]


def test_of_racing_commands_in_slack_only_as_many_as_allowed_are_made(few: World) -> None:
    lines = [f"/k8s create blue-{n}" for n in range(6)]
    where = few.ada.channel()["id"]

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda line: few.ada.does("command", channel=where, text=line), lines))
    few.says(few.ada, "/k8s create late")
    few.settle()

    assert len(few.everything()) == 2


def test_a_morning_without_room_leaves_it_asleep_says_why_and_wakes_it_when_there_is(few: World) -> None:
    few.clock.move_to(10, "Europe/Berlin")
    for name in ("one", "two"):
        few.says(few.ada, f"/k8s create {name}")
    few.settle()
    few.says(few.ada, "/k8s schedule one daily 08:00-18:00 Europe/Berlin")
    few.says(few.ada, "/k8s sleep one")
    few.settle()
    few.says(few.ada, "/k8s create three")
    few.settle()
    few.clock.move_to(8, "Europe/Berlin")
    few.pass_time(minutes=5)
    still, told = few.environment("one").phase, text_of(last(few.ada, "stays asleep"))
    few.says(few.ada, "/k8s sleep two")
    few.settle()
    few.pass_time(minutes=6)

    assert still is Phase.SLEEPING
    assert "You may have at most 2 environments awake" in told
    assert few.environment("one").phase is Phase.RUNNING
    assert "woke" in text_of(last(few.ada, "when there was room again"))


def test_a_budget_is_told_at_80_and_100_percent_and_then_refuses_but_stops_nothing(few: World) -> None:
    few.says(few.ada, "/k8s create one")
    few.settle()
    told = []
    for money in (70, 15, 5, 20):
        spend(few, "one", money)
        few.tick()
        told.append(len(budget_news(few)))

    said = text_of(few.says(few.lin, "/k8s create two"))

    assert told == [0, 1, 1, 2]
    assert "At 100 % nothing new is made" in budget_news(few)[0]
    assert "the budget is spent. What runs goes on" in budget_news(few)[1]
    assert "Team payments may spend 100 USD a month" in said
    assert few.environment("one").phase is Phase.RUNNING


def test_a_budget_shows_what_was_spent_in_each_currency(port: Harbour, tmp_path: Path) -> None:
    clusters = [{"name": "main"}, {"name": "west", "prices": {"currency": "EUR"}}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **FEW, clusters=clusters) as found:
        found.says(found.ada, "/k8s create one")
        found.says(found.ada, "/k8s create two cluster=west")
        found.settle()
        spend(found, "one", 40)
        alone = text_of(found.says(found.ada, "/k8s limits"))
        spend(found, "two", 120)
        both = text_of(found.says(found.ada, "/k8s limits"))
        found.root.does("command", channel=found.root.channel()["id"], text="/k8s admin")
        overview = text_of(modal(found.root, "*Over their limits*"))

    assert "40 of 100 USD this month" in alone
    assert "EUR" not in alone
    assert "*over:* 120 of 100 EUR and 40 of 100 USD this month, each currency by itself" in both
    assert "team payments: 120 of 100 EUR and 40 of 100 USD a month" in overview


def spend(world: World, name: str, money: int) -> None:
    """As if it had cost so much this month."""
    now = world.clock.now()
    began = max(month_of(now)[0], now - timedelta(hours=1))
    cores = money / float(Prices().cpu_core_hour) / ((now - began) / timedelta(hours=1))
    with world.berth.store.begin() as records:
        environment_id = world.environment(name).id
        span = UsageSpan(environment_id=environment_id, awake=True, started_at=began, ended_at=now, cpu=cores)
        records.usage.add(span)


def budget_news(world: World) -> list[str]:
    rows = world.lin.sees(world.lin.channel("channel", "payments")["id"])
    return [text_of(row) for row in rows if "this month" in text_of(row)]


def of_ada(**limits: str) -> dict[str, Any]:
    return {"limits": {"people": {"ada@harbour.example": limits}}}


def test_what_is_restored_lives_no_longer_than_its_owner_may_let_it(port: Harbour, tmp_path: Path) -> None:
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **of_ada(longest_ttl="1d")) as found:
        found.says(found.ada, "/k8s create blue")
        found.settle()
        while found.environment("blue").delete_at is None:
            found.pass_time(minutes=28)
        found.says(found.ada, "/k8s wake blue")

        ends_at = found.environment("blue").expires_at
        assert ends_at is not None
        assert ends_at <= found.clock.now() + timedelta(days=1)


def test_an_idle_time_is_no_way_round_the_longest_keep_awake(port: Harbour, tmp_path: Path) -> None:
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **of_ada(longest_keep_awake="4h")) as found:
        found.says(found.ada, "/k8s create blue")
        found.settle()

        extended = text_of(found.says(found.ada, "/k8s extend blue 2d"))
        idle = text_of(found.says(found.ada, "/k8s schedule blue idle 7d"))

        assert "You may keep an environment awake 4h at the most: 2d is" in extended
        assert "Choose from 30m to 4h" in idle
        assert found.environment("blue").idle_after_s is None


def test_a_budget_is_asked_for_a_later_end_too(port: Harbour, tmp_path: Path) -> None:
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **of_ada(budget="1")) as found:
        _, month_ends = month_of(found.clock.now())
        found.clock.advance(seconds=max(0.0, (month_ends - found.clock.now() - timedelta(days=9)).total_seconds()))
        if month_of(found.clock.now() + timedelta(days=8))[1] != month_of(found.clock.now())[1]:
            found.clock.advance(days=10)  # so that all of it lies in one month
        found.says(found.ada, "/k8s create blue ttl=1h")
        found.settle()

        said = text_of(found.says(found.ada, "/k8s extend blue 7d"))

        assert "You may spend 1 USD a month" in said


def test_what_does_not_go_still_counts(few: World) -> None:
    for name in ("one", "two"):
        few.says(few.ada, f"/k8s create {name}")
    few.settle()
    few.says(few.ada, "/k8s sleep one")
    few.settle()
    few.says(few.ada, "/k8s create three")
    few.settle()
    space = f"/api/v1/namespaces/{few.environment('one').namespace}/persistentvolumeclaims"
    few.harbour.admin.call("POST", space, body=HELD)

    few.says(few.ada, "/k8s delete one")
    few.ada.does("submit", view_id=modal(few.ada, "held")["id"], values={})
    until(lambda: few.environment("one").wanted is Wanted.DELETED, "the wish")
    few.work()
    still = text_of(few.says(few.ada, "/k8s create four"))
    few.harbour.admin.call("PATCH", f"{space}/held", body={"metadata": {"finalizers": None}}, content_type=MERGE)
    few.settle()
    few.says(few.ada, "/k8s sleep two")
    few.settle()
    few.says(few.ada, "/k8s create four")

    assert "3 are in use already" in still
    assert "What is being deleted counts until it is gone" in still
    assert few.environment("four").wanted is Wanted.RUNNING


HELD: Final[dict[str, Any]] = {
    "metadata": {"name": "held", "finalizers": ["harbour.example/keep"]},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def test_what_runs_in_what_sleeps_is_paid_for_and_counts_and_nothing_new_starts_beside_it(few: World) -> None:
    few.says(few.ada, "/k8s create one")
    few.settle()
    space = f"/api/v1/namespaces/{few.environment('one').namespace}/pods"
    few.harbour.admin.call("POST", space, body=bare("keep"))
    few.says(few.ada, "/k8s sleep one")
    few.settle()
    few.pass_time(minutes=6)

    with pytest.raises(Forbidden, match="exceeded quota"):
        few.harbour.admin.call("POST", space, body=bare("more"))
    few.says(few.ada, "/k8s create two")
    third = text_of(few.says(few.ada, "/k8s create three"))
    paid = span(few, "one")
    few.harbour.admin.call("DELETE", f"{space}/keep")
    few.settle()
    few.pass_time(minutes=6)

    assert few.environment("one").phase is Phase.SLEEPING
    assert (paid.awake, paid.cpu) == (True, 0.5)
    assert "at most 2 environments awake: 2 are in use already" in third
    assert not span(few, "one").awake


def bare(name: str) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox", "resources": {"requests": {"cpu": "500m", "memory": "64Mi"}}}
    return {"metadata": {"name": name}, "spec": {"containers": [container]}}


def span(world: World, name: str) -> UsageSpan:
    """What is metered now of an environment."""
    with world.berth.store.read() as records:
        found = records.usage.open_span(world.environment(name).id)
    assert found is not None
    return found
