"""What a workload is said to wait for is ready before it wakes, and sleeps after it."""

import pytest

from bot.rules.words import ANNOTATION_WAKE_AFTER, Phase
from bot.sandbox.cluster.faults import LoggedRequest
from tests.journeys.fleet import Fleet, Key
from tests.journeys.people import last, text_of
from tests.world import World

BOT = "system:serviceaccount:berth:berth"
API, DB = ("Deployment", "api"), ("StatefulSet", "db")


@pytest.fixture
def fleet(company: World) -> Fleet:
    """An api that wakes after its database."""
    company.says(company.ada, "/k8s create blue")
    company.settle()
    fleet = Fleet(company.harbour.admin, company.environment("blue").namespace)
    fleet.make({API: 1, DB: 1})
    fleet.change(API, {"metadata": {"annotations": {ANNOTATION_WAKE_AFTER: "db"}}})
    return fleet


def _patched(company: World) -> list[str]:
    sandbox = company.harbour.sandbox
    assert sandbox is not None
    asked: list[LoggedRequest] = sandbox.requests.entries()
    sandbox.requests.clear()
    workloads = ("deployments", "statefulsets")
    return [one.name for one in asked if one.user == BOT and one.verb == "patch" and one.resource in workloads]


def _break(fleet: Fleet, key: Key) -> None:
    containers = [{"name": "main", "image": "does-not-exist:1"}]
    fleet.change(key, {"spec": {"template": {"spec": {"containers": containers}}}})


def test_it_wakes_after_and_sleeps_before_what_it_waits_for(company: World, fleet: Fleet) -> None:
    _patched(company)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    slept = _patched(company)
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert slept == ["api", "db"]
    assert _patched(company) == ["db", "api"]


def test_what_never_becomes_ready_keeps_nothing_asleep_and_all_of_it_is_told(company: World, fleet: Fleet) -> None:
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    _break(fleet, DB)

    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING
    assert fleet.states() == {API: 1, DB: 1}
    said = text_of(last(company.ada, "`blue` is awake"))
    assert "is awake, but not all of it" in said
    assert "StatefulSet db has 0 of 1 pods ready: its image cannot be pulled" in said
    assert "Deployment api was started though StatefulSet db was not ready" in said


def test_what_waits_for_another_is_told_meanwhile(company: World, fleet: Fleet) -> None:
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    _break(fleet, DB)

    company.says(company.ada, "/k8s wake blue")
    for _ in range(3):
        company.work()
        company.clock.advance(seconds=1)

    assert company.notices("blue")[-1].facts["missing"] == [
        "StatefulSet db has 0 of 1 pods ready",
        "Deployment api waits for StatefulSet db",
    ]
