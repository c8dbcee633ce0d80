"""A workload that the cluster refuses to put to sleep keeps none of the others awake, and is told meanwhile."""

import pytest

from bot.rules.words import Phase
from bot.sandbox.cluster import SandboxCluster
from bot.sandbox.cluster.faults import Fault
from tests.journeys.fleet import Fleet, Key, State
from tests.journeys.people import last, text_of
from tests.world import World

BOT = "system:serviceaccount:berth:berth"
NAMES = ("api", "odd", "web")
AWAKE: dict[Key, State] = {("Deployment", name): 1 for name in NAMES}


@pytest.fixture
def fleet(fleet: Fleet) -> Fleet:
    """Ada's environment blue, in which three run."""
    fleet.make(AWAKE)
    return fleet


def _sandbox(company: World) -> SandboxCluster:
    assert company.harbour.sandbox is not None
    return company.harbour.sandbox


def _try(company: World, times: int) -> None:
    for _ in range(times):
        company.work()
        _sandbox(company).settle()
        company.clock.advance(seconds=4)


@pytest.mark.parametrize("status", [403, 422, 500], ids=["a policy's no", "a webhook's no", "a webhook that is away"])
def test_one_workload_that_the_cluster_refuses_keeps_none_of_the_others_awake(
    company: World, fleet: Fleet, status: int
) -> None:
    _sandbox(company).faults.add(Fault(user=BOT, verb="patch", name="api", status=status, times=None))
    _sandbox(company).faults.add(Fault(user=BOT, verb="patch", name="odd", status=status, times=None))

    company.says(company.ada, "/k8s sleep blue")
    _try(company, 6)
    meanwhile = text_of(last(company.ada, "`blue` is falling asleep"))
    assert fleet.states() == AWAKE | {("Deployment", "web"): 0}
    assert "Deployment api could not be put to sleep: " in meanwhile
    assert "Deployment odd could not be put to sleep: " in meanwhile
    _sandbox(company).faults.clear()
    company.settle()

    assert company.environment("blue").phase is Phase.SLEEPING
    assert company.environment("blue").condition is None
    fleet.assert_asleep()
    company.says(company.ada, "/k8s wake blue")
    company.settle()
    fleet.assert_awake(AWAKE)


def test_a_cluster_that_asks_for_patience_is_asked_for_nothing_more(company: World, fleet: Fleet) -> None:
    _sandbox(company).faults.add(Fault(user=BOT, verb="patch", name="api", status=429, retry_after=9, times=None))

    company.says(company.ada, "/k8s sleep blue")
    company.work()

    assert fleet.states() == AWAKE


def test_an_autoscaler_that_the_cluster_refuses_to_pause_keeps_the_rest_awake_for_seconds_only(
    company: World, fleet: Fleet
) -> None:
    scalers: dict[Key, State] = {("ScaledObject.keda.sh", name): None for name in NAMES}
    fleet.make(scalers)
    odd = Fault(user=BOT, verb="patch", resource="scaledobjects", name="odd", status=403, times=None)
    _sandbox(company).faults.add(odd)

    company.says(company.ada, "/k8s sleep blue")
    _try(company, 2)
    at_first = fleet.states()
    _try(company, 6)

    paused = {("ScaledObject.keda.sh", name): "true" for name in ("api", "web")}
    assert at_first == AWAKE | scalers | paused
    assert fleet.states() == dict.fromkeys(AWAKE, 0) | scalers | paused
    assert "ScaledObject odd could not be put to sleep: " in text_of(last(company.ada, "`blue` is falling asleep"))
