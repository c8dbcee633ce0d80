"""Limits as people meet them: refused with a reason, told of a morning without room and of a budget that is spent."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.catalogue import Prices
from bot.rules.limits import month_of
from bot.rules.words import Phase
from store.tables import UsageSpan
from tests.journeys.people import last, text_of
from tests.world import Harbour, World, world

pytestmark = pytest.mark.slow

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

    assert "at most 2 environments awake: 2 environments in use already and 1 environment asked for" in awake
    assert "20d is longer than you may let an environment live from now on, 14d, by 6d" in long
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
