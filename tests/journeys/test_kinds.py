"""Every kind of workload falls asleep, and wakes as it was."""

from datetime import timedelta
from typing import Any

import pytest

from bot.rules.words import ANNOTATION_NEVER_SLEEP, SLEEP_QUOTA, Phase
from bot.rules.workloads import KINDS
from bot.rules.workloads.switched import ASLEEP_SELECTOR
from tests.journeys.fleet import EVERY_KIND, Fleet, Key
from tests.journeys.operators import found, write
from tests.journeys.people import last, text_of
from tests.world import World


def _spec_of(fleet: Fleet) -> dict[Any, Any]:
    return {
        (kind.key, one["metadata"]["name"]): (one["spec"], one["metadata"].get("annotations"))
        for kind in KINDS.values()
        for one in fleet.admin.list(kind.key, fleet.namespace)
    }


def test_every_kind_sleeps_and_wakes_as_it_was(company: World, fleet: Fleet) -> None:
    fleet.make(EVERY_KIND)
    before = _spec_of(fleet)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    assert company.environment("blue").phase is Phase.SLEEPING
    fleet.assert_asleep()
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    fleet.assert_awake(EVERY_KIND)
    assert {key: _plain(one) for key, one in _spec_of(fleet).items()} == {
        key: _plain(one) for key, one in before.items()
    }


def _plain(one: tuple[Any, Any]) -> Any:
    """Spec and annotations; an empty map that a removed key leaves is no map."""
    spec, annotations = one
    return _without_empty(spec), _without_empty(annotations or {})


def _without_empty(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: found for key, part in value.items() if (found := _without_empty(part)) != {}}


def test_what_is_marked_never_to_sleep_stays_awake_and_may_restart(company: World, fleet: Fleet) -> None:
    fleet.make({("Deployment", "cache"): 1, ("Deployment", "web"): 2})
    fleet.change(("Deployment", "cache"), {"metadata": {"annotations": {ANNOTATION_NEVER_SLEEP: "true"}}})

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert fleet.states() == {("Deployment", "cache"): 1, ("Deployment", "web"): 0}
    assert fleet.quotas() == {"berth"}
    assert "*Exceptions*\n• Deployment cache is marked never to sleep" in text_of(last(company.ada, "`blue` is asleep"))


@pytest.mark.parametrize(("api_version", "kind"), [("kafka.example/v1", "Kafka"), ("redpanda.example/v1", "Cluster")])
def test_what_an_operator_owns_is_left_to_it_and_told(
    company: World, fleet: Fleet, api_version: str, kind: str
) -> None:
    fleet.make({("Deployment", "web"): 1, ("StatefulSet", "kafka"): 1})
    owner = {"apiVersion": api_version, "kind": kind, "name": "events", "uid": "1", "controller": True}
    fleet.change(("StatefulSet", "kafka"), {"metadata": {"ownerReferences": [owner]}})

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert fleet.states() == {("Deployment", "web"): 0}
    said = text_of(last(company.ada, "`blue` is asleep"))
    assert f"StatefulSet kafka (1 replica) belongs to {kind} events, which keeps it running" in said


def test_a_schedule_that_wakes_has_missed_nothing(company: World, fleet: Fleet) -> None:
    fleet.make({("CronJob", "tick"): False})
    fleet.change(("CronJob", "tick"), {"spec": {"schedule": "* * * * *"}})

    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    company.clock.advance(hours=3)
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert fleet.admin.list("Job", fleet.namespace) == []


def test_a_job_that_has_no_pod_just_now_is_let_finish_too(company: World, fleet: Fleet) -> None:
    fleet.make({("Deployment", "web"): 1})
    company.settle()
    full = {"metadata": {"name": "full"}, "spec": {"hard": {"pods": "0"}}}
    fleet.admin.call("POST", f"/api/v1/namespaces/{fleet.namespace}/resourcequotas", body=full)
    once = {"containers": [{"name": "main", "image": "busybox"}], "restartPolicy": "Never"}
    job = {"metadata": {"name": "report"}, "spec": {"template": {"spec": once}}}
    fleet.admin.call("POST", f"/apis/batch/v1/namespaces/{fleet.namespace}/jobs", body=job)
    assert [pod for pod in fleet.admin.list("Pod", fleet.namespace) if "report" in pod["metadata"]["name"]] == []

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert SLEEP_QUOTA not in fleet.quotas()
    assert "Job report is running, and is let finish" in text_of(last(company.ada, "`blue` is asleep"))


AGENT: Key = ("DaemonSet", "agent")


def _selector(**labels: str | None) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"nodeSelector": labels}}}}


def test_a_daemonset_wakes_though_its_own_node_selector_was_changed_while_it_slept(
    company: World, fleet: Fleet
) -> None:
    fleet.make({AGENT: None})
    fleet.change(AGENT, _selector(disk="ssd"))
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    fleet.change(AGENT, _selector(disk="nvme"))
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert found(fleet, AGENT)["spec"]["template"]["spec"]["nodeSelector"] == {"disk": "nvme"}


def test_whoever_starts_a_daemonset_again_is_named(company: World, fleet: Fleet) -> None:
    fleet.make({AGENT: None, ("Deployment", "web"): 1})
    fleet.change(AGENT, _selector(disk="ssd"))
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    write(fleet, AGENT, _selector(**{ASLEEP_SELECTOR: None}), "argocd-controller")
    company.tick()

    assert fleet.states()[AGENT] == "true"
    assert "DaemonSet agent was started again 1 time by argocd-controller" in text_of(
        company.says(company.ada, "/k8s status blue")
    )


def test_what_does_not_stop_for_long_is_named_and_looked_at_less_often(company: World, fleet: Fleet) -> None:
    canary: Key = ("Rollout.argoproj.io", "canary")
    fleet.make({canary: 1})
    write(fleet, canary, {"status": {"replicas": 1}}, "rollouts-controller", "status")

    company.says(company.ada, "/k8s sleep blue")
    for minutes in (0, 1, 3, 120):
        company.clock.advance(minutes=minutes)
        company.work()
    environment = company.environment("blue")
    assert environment.condition == "not stopped yet: Rollout canary"
    assert environment.due_at is not None
    assert environment.due_at - company.clock.now() > timedelta(seconds=50)
    write(fleet, canary, {"status": {"replicas": 0}}, "rollouts-controller", "status")
    company.settle()

    assert company.environment("blue").phase is Phase.SLEEPING
