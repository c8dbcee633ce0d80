"""Where much falls asleep at once, workers share lists of the whole cluster: fewer requests, and as exact as ever."""

from collections import Counter
from collections.abc import Mapping

import pytest

from bot.clock import SystemClock
from bot.reconcile.snapshots import NotYet, Snapshots
from bot.rules.words import Phase, Wanted
from bot.usecases import intents
from tests.journeys.fleet import Fleet, Key, State
from tests.world import World

BOT = "system:serviceaccount:berth:berth"
NAMES = tuple(f"e{number}" for number in range(6))
WORKLOADS: Mapping[Key, State] = {
    ("Deployment", "api"): 2,
    ("Deployment", "parked"): 0,
    ("StatefulSet", "db"): 1,
    ("CronJob", "report"): False,
}


@pytest.fixture
def fleets(company: World) -> list[Fleet]:
    """Six environments with workloads in them."""
    for name in NAMES:
        company.says(company.ada, f"/k8s create {name}")
    company.settle()
    found = [Fleet(company.harbour.admin, company.environment(name).namespace) for name in NAMES]
    for fleet in found:
        fleet.make(WORKLOADS)
    return found


def _order(company: World, wanted: Wanted) -> None:
    with company.berth.store.begin() as records:
        for name in NAMES:
            environment = records.environments.lock(company.environment(name).id)
            assert environment is not None
            intents.order(environment, intents.by_time(wanted, "it is time"), company.clock.now())


def _lists(company: World) -> Counter[str]:
    sandbox = company.harbour.sandbox
    assert sandbox is not None
    asked = [one for one in sandbox.requests.entries() if one.user == BOT and one.verb == "list"]
    return Counter(one.resource for one in asked)


def _forget_requests(company: World) -> None:
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.requests.clear()


def test_many_sleep_and_wake_exactly_by_few_lists(company: World, fleets: list[Fleet]) -> None:
    company.clock.advance(seconds=10)
    _forget_requests(company)

    _order(company, Wanted.SLEEPING)
    company.settle()
    lists = _lists(company)
    for fleet in fleets:
        fleet.assert_asleep()
    company.clock.advance(minutes=10)
    _order(company, Wanted.RUNNING)
    company.settle()

    assert lists["deployments"] < len(NAMES)
    for fleet in fleets:
        fleet.assert_awake(WORKLOADS)


@pytest.mark.slow
def test_what_a_person_changes_after_the_list_was_taken_is_what_wakes(company: World, fleets: list[Fleet]) -> None:
    company.clock.advance(seconds=10)
    _order(company, Wanted.SLEEPING)
    company.berth.passes.engine.work_one()  # has taken the lists
    late = {("Deployment", "api"): 5, ("StatefulSet", "db"): 3}
    for fleet in fleets[1:]:
        for key, state in late.items():
            fleet.scale(key, state)
        fleet.make({("DaemonSet", "agent"): None})

    company.settle()
    for fleet in fleets[1:]:
        fleet.assert_asleep()
    company.clock.advance(minutes=10)
    _order(company, Wanted.RUNNING)
    company.settle()

    for fleet in fleets[1:]:
        fleet.assert_awake({**WORKLOADS, **late, ("DaemonSet", "agent"): None})


def test_a_wish_that_comes_while_it_falls_asleep_is_followed(company: World, fleets: list[Fleet]) -> None:
    company.clock.advance(seconds=10)
    _order(company, Wanted.SLEEPING)
    for _ in range(4):
        company.berth.passes.engine.work_one()

    _order(company, Wanted.RUNNING)
    company.settle()

    assert {company.environment(name).phase for name in NAMES} == {Phase.RUNNING}
    for fleet in fleets:
        fleet.assert_awake(WORKLOADS)


def test_a_list_that_was_begun_before_is_not_shown_after(company: World, fleets: list[Fleet]) -> None:
    shared, clock, admin = Snapshots(), SystemClock(), company.harbour.admin
    begun, first = shared.newer(admin, "Deployment", clock.now(), clock)

    again, second = shared.newer(admin, "Deployment", begun - (clock.now() - begun), clock)
    with pytest.raises(NotYet):
        shared.newer(admin, "Deployment", clock.now(), clock)

    assert (again, second) == (begun, first)
    assert set(first) == {fleet.namespace for fleet in fleets}
