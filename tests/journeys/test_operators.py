"""Operators that act at the same time as Berth: autoscalers that pause, databases that hibernate."""

import pytest

from bot.rules.words import Phase
from tests.journeys.fleet import Fleet, Json, Key
from tests.journeys.operators import at_work, cloud_native_pg, found, keda, write
from tests.journeys.people import last, text_of
from tests.world import World

pytestmark = pytest.mark.slow

API: Key = ("Deployment", "api")
SCALER: Key = ("ScaledObject.keda.sh", "api")
DATABASE: Key = ("Cluster.postgresql.cnpg.io", "pg")
PAUSED = "autoscaling.keda.sh/paused"
PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas"
HIBERNATION = "cnpg.io/hibernation"


def _annotations(fleet: Fleet, key: Key) -> Json:
    annotations: Json = found(fleet, key)["metadata"].get("annotations") or {}
    return annotations


@pytest.mark.parametrize(
    ("before", "replicas"),
    [
        ({}, 3),
        ({PAUSED: "false"}, 3),
        ({PAUSED: "true"}, 3),
        ({PAUSED_REPLICAS: "3"}, 3),
        ({PAUSED_REPLICAS: "0"}, 0),
    ],
    ids=["scales", "unpaused", "paused", "paused at 3", "paused at 0"],
)
def test_keda_stands_still_while_its_target_sleeps_and_a_person_s_own_pause_is_kept(
    company: World, fleet: Fleet, before: dict[str, str], replicas: int
) -> None:
    fleet.make({API: replicas, SCALER: None})
    fleet.change(SCALER, {"metadata": {"annotations": before}})

    with at_work(keda(fleet, "api", API, 3)):
        company.says(company.ada, "/k8s sleep blue")
        company.settle()
        company.tick()
        assert company.environment("blue").phase is Phase.SLEEPING
        assert fleet.states()[API] == 0
        company.says(company.ada, "/k8s wake blue")
        company.settle()

        assert fleet.states()[API] == replicas
    assert _annotations(fleet, SCALER) == before
    assert fleet.marks() == {}


def test_a_pause_at_a_number_is_restored_too_where_only_the_annotation_remembers(company: World, fleet: Fleet) -> None:
    fleet.make({API: 3, SCALER: None})
    fleet.change(SCALER, {"metadata": {"annotations": {PAUSED_REPLICAS: "3"}}})
    with at_work(keda(fleet, "api", API, 3)):
        company.says(company.ada, "/k8s sleep blue")
        company.settle()
        with company.berth.store.transaction(writes=True) as connection:
            connection.exec_driver_sql("DELETE FROM journal_entry")
        company.says(company.ada, "/k8s wake blue")
        company.settle()

    assert _annotations(fleet, SCALER) == {PAUSED_REPLICAS: "3"}
    assert fleet.states()[API] == 3


def test_a_scaler_that_somebody_sets_free_scales_up_and_is_told(company: World, fleet: Fleet) -> None:
    fleet.make({API: 3, SCALER: None, ("Deployment", "web"): 1})
    with at_work(keda(fleet, "api", API, 3)):
        company.says(company.ada, "/k8s sleep blue")
        company.settle()

        fleet.change(SCALER, {"metadata": {"annotations": {PAUSED: None}}})
        fleet.change(API, {"spec": {"replicas": 1}})
        company.tick()
        company.tick()

    assert fleet.states()[API] == 3
    assert "ScaledObject api was started again" in text_of(last(company.ada, "the rest sleeps on"))


@pytest.mark.parametrize("before", [None, "off", "on"], ids=["unset", "off", "on"])
def test_a_database_hibernates_and_its_own_setting_comes_back(company: World, fleet: Fleet, before: str | None) -> None:
    fleet.make({DATABASE: before})
    fleet.change(DATABASE, {"spec": {"instances": 3}})

    with at_work(cloud_native_pg(fleet, "pg")):
        company.says(company.ada, "/k8s sleep blue")
        company.settle()
        assert company.environment("blue").phase is Phase.SLEEPING
        assert found(fleet, DATABASE)["status"]["readyInstances"] == 0
        company.says(company.ada, "/k8s wake blue")
        company.settle()

    assert company.environment("blue").condition is None
    assert found(fleet, DATABASE)["status"]["readyInstances"] == (0 if before == "on" else 3)
    assert _annotations(fleet, DATABASE).get(HIBERNATION) == before


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("core.strimzi.io/v1beta2", "StrimziPodSet"),
        ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch"),
        ("monitoring.coreos.com/v1", "Prometheus"),
    ],
)
def test_what_an_operator_owns_keeps_running_without_a_guard(
    company: World, fleet: Fleet, api_version: str, kind: str
) -> None:
    owned: Key = ("StatefulSet", "events")
    fleet.make({API: 1, owned: 3})
    owner = {"apiVersion": api_version, "kind": kind, "name": "events", "uid": "1", "controller": True}
    fleet.change(owned, {"metadata": {"ownerReferences": [owner]}})

    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    write(fleet, owned, {"spec": {"replicas": 4}}, "operator")
    company.tick()

    assert fleet.states() == {API: 0}
    assert fleet.quotas() == {"berth"}
    assert f"belongs to {kind} events" in text_of(last(company.ada, "`blue` is asleep"))
