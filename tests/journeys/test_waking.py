"""Waking, as people ask for it and see it: for how long, how far it is, and what is missing."""

from datetime import timedelta
from typing import Final

import pytest

from bot.rules.words import ANNOTATION_WAKE_AFTER, Phase
from bot.sandbox.cluster.faults import Fault
from bot.seams.cluster import RESOURCES, Conflict
from tests.journeys.fleet import Fleet, Key, State
from tests.journeys.people import buttons, click, last, text_of
from tests.world import World


@pytest.fixture
def asleep(company: World) -> World:
    """Ada's environment blue has fallen asleep."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    return company


def test_what_is_woken_for_a_while_is_kept_awake_for_it(asleep: World) -> None:
    asleep.says(asleep.ada, "/k8s wake blue for 6h")
    asleep.settle()

    kept = asleep.environment("blue").awake_until
    assert kept is not None
    assert timedelta(hours=5, minutes=59) < kept - asleep.clock.now() <= timedelta(hours=6)
    assert "kept awake until" in text_of(last(asleep.ada, "`blue` is awake"))


def test_waking_for_longer_than_allowed_is_refused_with_the_limit(asleep: World) -> None:
    said = asleep.says(asleep.ada, "/k8s wake blue for 8d")

    assert "7d" in text_of(said)
    assert asleep.environment("blue").phase is Phase.SLEEPING


def test_waking_for_a_while_what_is_awake_keeps_it_so(asleep: World) -> None:
    asleep.says(asleep.ada, "/k8s wake blue")
    asleep.settle()

    said = asleep.says(asleep.ada, "/k8s wake blue 4h")

    assert "Kept `blue`" in text_of(said)
    assert asleep.environment("blue").awake_until is not None


def _break(company: World, image: str) -> None:
    where = company.environment("blue").namespace
    containers = [{"name": "web", "image": image}]
    body = {"spec": {"template": {"spec": {"containers": containers}}}}
    Fleet(company.harbour.admin, where).change(("Deployment", "web"), body)


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("does-not-exist:1", "its image cannot be pulled"),
        ("crash:1", "it starts and fails again and again (web ended with code 1)"),
    ],
)
def test_a_wake_says_meanwhile_and_at_the_end_what_is_missing_and_why(asleep: World, image: str, why: str) -> None:
    _break(asleep, image)

    asleep.says(asleep.ada, "/k8s wake blue")
    for _ in range(8):
        asleep.work()
        asleep.clock.advance(seconds=2)
    meanwhile = text_of(last(asleep.ada, "`blue` is waking"))
    asleep.settle()

    assert "0/1 ready" in meanwhile
    assert f"Deployment web has 0 of 1 pods ready: {why}" in meanwhile
    end = last(asleep.ada, "`blue` is awake")
    assert "is awake, but not all of it" in text_of(end)
    assert why in text_of(end)
    assert {"Status", "Try again"} <= set(buttons(end))


def test_what_was_missing_is_looked_at_again_by_a_click(asleep: World) -> None:
    _break(asleep, "does-not-exist:1")
    asleep.says(asleep.ada, "/k8s wake blue")
    asleep.settle()
    fleet = Fleet(asleep.harbour.admin, asleep.environment("blue").namespace)
    fleet.scale(("Deployment", "web"), 0)

    click(asleep.ada, last(asleep.ada, "`blue` is awake"), "Try again")
    asleep.settle()

    assert "not all of it" not in text_of(last(asleep.ada, "`blue` is awake"))


def test_a_refused_pod_is_told_with_the_quota_that_refused_it(asleep: World) -> None:
    where = asleep.environment("blue").namespace
    quota = {"metadata": {"name": "tight"}, "spec": {"hard": {"pods": "0"}}}
    asleep.harbour.admin.call("POST", f"/api/v1/namespaces/{where}/resourcequotas", body=quota)

    asleep.says(asleep.ada, "/k8s wake blue")
    asleep.settle()

    assert "the quota does not allow its pods" in text_of(last(asleep.ada, "`blue` is awake"))


def test_a_wake_says_how_long_it_usually_takes(asleep: World) -> None:
    with asleep.berth.store.begin() as records:
        environment = records.environments.lock(asleep.environment("blue").id)
        assert environment is not None
        environment.last_wakes = [30.0, 40.0, 400.0]
    _break(asleep, "does-not-exist:1")

    asleep.says(asleep.ada, "/k8s wake blue")
    for _ in range(3):
        asleep.work()
        asleep.clock.advance(seconds=1)

    assert "usually 40 seconds" in text_of(last(asleep.ada, "`blue` is waking"))


def test_the_duration_of_a_wake_is_remembered(asleep: World) -> None:
    asleep.says(asleep.ada, "/k8s wake blue")
    asleep.settle()

    assert len(asleep.environment("blue").last_wakes) == 1


def _autoscaler(company: World, api_version: str, **condition: str) -> None:
    path = f"/apis/autoscaling/v2/namespaces/{company.environment('blue').namespace}/horizontalpodautoscalers"
    target = {"apiVersion": api_version, "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 3}
    company.harbour.admin.call("POST", path, body={"metadata": {"name": "web"}, "spec": spec})
    if condition:
        status = {"status": {"conditions": [condition]}}
        company.harbour.admin.call("PATCH", f"{path}/web/status", None, status, "application/merge-patch+json")


UNKNOWN = "apps/v0"  # the sandbox's autoscaler finds no such target, and leaves what stands in its status


def test_an_autoscaler_that_begins_again_is_no_news(asleep: World) -> None:
    _autoscaler(asleep, "apps/v1")

    asleep.says(asleep.ada, "/k8s wake blue")
    asleep.settle()

    assert asleep.environment("blue").condition is None
    assert "HorizontalPodAutoscaler" not in text_of(last(asleep.ada, "`blue` is awake"))


def test_an_autoscaler_that_does_not_begin_again_is_told_with_what_to_do(asleep: World) -> None:
    disabled = {"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled", "message": "at zero"}
    _autoscaler(asleep, UNKNOWN, **disabled)

    asleep.says(asleep.ada, "/k8s wake blue")
    asleep.settle()

    said = text_of(last(asleep.ada, "`blue` is awake"))
    assert "HorizontalPodAutoscaler web does not scale Deployment web" in said
    assert "scale deployment/web --replicas=1" in said


def test_a_zero_of_an_autoscaler_is_left_to_it_and_told(company: World) -> None:
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    fleet = Fleet(company.harbour.admin, company.environment("blue").namespace)
    fleet.make({("Deployment", "parked"): 0})
    fleet.scale(("Deployment", "web"), 0)
    _autoscaler(company, UNKNOWN, type="ScaledToZero", status="True", reason="ScaledToZero", message="idle")

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    said = text_of(last(company.ada, "`blue` is asleep"))
    assert "Deployment web was scaled to zero by HorizontalPodAutoscaler web, which may start it again" in said
    assert "parked" not in said
    assert fleet.states() == {("Deployment", "parked"): 0, ("Deployment", "web"): 0}


BOT: Final = "system:serviceaccount:berth:berth"


@pytest.mark.parametrize("status", [403, 422, 500], ids=["a policy's no", "a webhook's no", "a webhook that is away"])
def test_one_workload_that_the_cluster_refuses_keeps_none_of_the_others_asleep(company: World, status: int) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    fleet = Fleet(company.harbour.admin, company.environment("blue").namespace)
    awake: dict[Key, State] = {("Deployment", name): 1 for name in ("api", "odd", "web")}
    fleet.make(awake)
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    sandbox = company.harbour.sandbox
    assert sandbox is not None

    sandbox.faults.add(Fault(user=BOT, verb="patch", name="odd", status=status, times=None))
    company.says(company.ada, "/k8s wake blue")
    for _ in range(8):
        company.work()
        sandbox.settle()
        company.clock.advance(seconds=2)
    meanwhile = text_of(last(company.ada, "`blue` is waking"))
    assert fleet.states() == awake | {("Deployment", "odd"): 0}
    assert "Deployment odd could not be woken: " in meanwhile
    sandbox.faults.clear()
    company.settle()

    fleet.assert_awake(awake)


def test_what_waits_for_one_that_the_cluster_refuses_is_started_after_a_while(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    fleet, sandbox = Fleet(company.harbour.admin, company.environment("blue").namespace), company.harbour.sandbox
    assert sandbox is not None
    fleet.make({("Deployment", "db"): 1, ("Deployment", "web"): 1})
    fleet.change(("Deployment", "web"), {"metadata": {"annotations": {ANNOTATION_WAKE_AFTER: "db"}}})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    sandbox.faults.add(Fault(user=BOT, verb="patch", name="db", status=403, times=None))
    company.says(company.ada, "/k8s wake blue")
    company.work()
    company.clock.advance(seconds=30)
    company.work()
    at_first = fleet.states()
    company.clock.advance(minutes=2)
    company.work()

    assert at_first == {("Deployment", "db"): 0, ("Deployment", "web"): 0}
    assert fleet.states() == {("Deployment", "db"): 0, ("Deployment", "web"): 1}


def test_an_apply_of_another_number_after_a_wake_conflicts_until_it_was_forced_once(asleep: World) -> None:
    asleep.says(asleep.ada, "/k8s wake blue")
    asleep.settle()

    with pytest.raises(Conflict, match='conflict with "berth"'):
        _apply_replicas(asleep, 5)
    _apply_replicas(asleep, 5, force=True)
    _apply_replicas(asleep, 6)

    assert Fleet(asleep.harbour.admin, asleep.environment("blue").namespace).states() == {("Deployment", "web"): 6}


def _apply_replicas(world: World, replicas: int, *, force: bool = False) -> None:
    """As `kubectl apply --server-side` does."""
    path = RESOURCES["Deployment"].path(world.environment("blue").namespace, "web")
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": replicas}}
    query = {"fieldManager": "kubectl", "force": str(force).lower()}
    world.harbour.admin.call("PATCH", path, query, body, "application/apply-patch+yaml")
