"""Nothing runs on through a sleep because it claims to belong to another: only what a kind really makes is its own."""

import pytest

from bot.rules.words import Phase
from bot.seams.cluster import RESOURCES
from tests.journeys.fleet import Fleet, Json, Key, State, workload
from tests.journeys.operators import found
from tests.journeys.people import last, text_of
from tests.world import World

BOSS: Key = ("Deployment", "boss")
SLY: Key = ("Deployment", "sly")


def _claim(fleet: Fleet, key: Key, boss: Key) -> None:
    """Let one workload say that it belongs to another."""
    fleet.change(key, {"metadata": {"ownerReferences": [_owner(fleet, boss)]}})


def _owner(fleet: Fleet, boss: Key) -> Json:
    uid = found(fleet, boss)["metadata"]["uid"]
    kind = workload(boss[0], boss[1], None)
    return {"apiVersion": kind["apiVersion"], "kind": kind["kind"], "name": boss[1], "uid": uid, "controller": True}


@pytest.mark.parametrize(
    ("boss", "state"),
    [
        (BOSS, 1),
        (("StatefulSet", "boss"), 1),
        (("CronJob", "boss"), False),
        (("ScaledObject.keda.sh", "boss"), None),
        (("Application.argoproj.io", "boss"), None),
        (("Cluster.postgresql.cnpg.io", "boss"), None),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_claims_to_belong_to_what_makes_no_such_thing_sleeps_and_wakes(
    company: World, fleet: Fleet, boss: Key, state: State
) -> None:
    fleet.make({boss: state, SLY: 2})
    _claim(fleet, SLY, boss)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    asleep = company.environment("blue").phase
    resting = found(fleet, SLY)["spec"]["replicas"]
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert (asleep, resting) == (Phase.SLEEPING, 0)
    assert found(fleet, SLY)["spec"]["replicas"] == 2


def test_what_comes_later_and_claims_so_is_noticed_and_sleeps_too(company: World, fleet: Fleet) -> None:
    fleet.make({BOSS: 1})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    body = workload(*SLY, 2)
    body["metadata"]["ownerReferences"] = [_owner(fleet, BOSS)]
    fleet.admin.call("POST", RESOURCES["Deployment"].path(fleet.namespace), {"fieldManager": "kubectl"}, body)
    company.tick()
    company.tick()

    assert found(fleet, SLY)["spec"]["replicas"] == 0
    assert "Deployment sly is new and sleeps too" in text_of(last(company.ada, "is new in what sleeps"))


def test_a_pod_that_claims_to_belong_to_what_makes_none_is_one_that_nothing_brings_back(
    company: World, fleet: Fleet
) -> None:
    fleet.make({BOSS: 1})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "sly", "ownerReferences": [_owner(fleet, BOSS)]},
        "spec": workload(*BOSS, 1)["spec"]["template"]["spec"],
    }
    fleet.admin.call("POST", f"/api/v1/namespaces/{fleet.namespace}/pods", body=pod)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert "Pod sly has no controller to bring it back" in text_of(last(company.ada, "is asleep"))


def test_what_a_controller_really_makes_is_its_own_and_goes_with_it(company: World, fleet: Fleet) -> None:
    fleet.make({BOSS: 2})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    touched = fleet.marks().keys()
    fleet.remove(BOSS)
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.settle()

    assert touched == {BOSS}
    assert fleet.admin.list("ReplicaSet", fleet.namespace) == []


def test_what_others_controllers_make_is_left_to_them(company: World, fleet: Fleet) -> None:
    canary: Key = ("Rollout.argoproj.io", "canary")
    fleet.make({BOSS: 1, canary: 2, ("ReplicaSet", "canary-1"): 2, ("Deployment", "shop-00001-deployment"): 1})
    _claim(fleet, ("ReplicaSet", "canary-1"), canary)
    revision = {"apiVersion": "serving.knative.dev/v1", "kind": "Revision", "name": "shop-00001", "uid": "1"}
    owners = {"metadata": {"ownerReferences": [{**revision, "controller": True}]}}
    fleet.change(("Deployment", "shop-00001-deployment"), owners)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert fleet.marks().keys() == {BOSS, canary}
    assert "belongs to" not in text_of(last(company.ada, "is asleep"))
