"""What the cluster does by itself: pods of workloads, sleep and waking, quotas, jobs by the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes import client, config

from bot.sandbox.cluster import ClusterOptions, SandboxCluster, serve
from bot.sandbox.cluster.cron import last_between, next_after
from tests.sandbox.cluster.conftest import TurnableClock, pod_template, workload


def pods(core: Any, space: str) -> list[Any]:
    items: list[Any] = core.list_namespaced_pod(space).items
    return items


def reasons(core: Any, space: str) -> set[str]:
    return {status.state.waiting.reason for pod in pods(core, space) for status in pod.status.container_statuses}


def test_a_deployment_sleeps_at_0_and_wakes_to_what_it_was(
    core: Any, apps: Any, cluster: SandboxCluster, space: str
) -> None:
    apps.create_namespaced_deployment(space, workload(replicas=3))
    cluster.settle()
    awake = len(pods(core, space))

    apps.patch_namespaced_deployment_scale("web", space, {"spec": {"replicas": 0}})
    cluster.settle()
    asleep = len(pods(core, space))
    apps.patch_namespaced_deployment_scale("web", space, {"spec": {"replicas": 3}})
    cluster.settle()

    assert (awake, asleep) == (3, 0)
    assert apps.read_namespaced_deployment("web", space).status.ready_replicas == 3


def test_a_new_image_replaces_the_pods(core: Any, apps: Any, cluster: SandboxCluster, space: str) -> None:
    apps.create_namespaced_deployment(space, workload())
    cluster.settle()

    apps.patch_namespaced_deployment("web", space, {"spec": {"template": pod_template("nginx:2")}})
    cluster.settle()

    assert {pod.spec.containers[0].image for pod in pods(core, space)} == {"nginx:2"}


@pytest.mark.parametrize(
    ("image", "reason"),
    [("registry/does-not-exist:1", "ImagePullBackOff"), ("demo/crash:1", "CrashLoopBackOff")],
)
def test_an_image_named_so_never_becomes_ready(
    core: Any, apps: Any, cluster: SandboxCluster, space: str, image: str, reason: str
) -> None:
    apps.create_namespaced_deployment(space, workload(image=image))
    cluster.settle()

    status = apps.read_namespaced_deployment("web", space).status

    assert reasons(core, space) == {reason}
    assert status.ready_replicas is None
    assert ("Available", "False") in [(c.type, c.status) for c in status.conditions]


def test_a_quota_of_no_pods_holds_a_deployment_down_and_says_why(
    core: Any, apps: Any, cluster: SandboxCluster, space: str, clock: TurnableClock
) -> None:
    core.create_namespaced_resource_quota(space, {"metadata": {"name": "down"}, "spec": {"hard": {"pods": "0"}}})
    apps.create_namespaced_deployment(space, workload())
    cluster.settle()
    conditions = {c.type: c.message for c in apps.read_namespaced_deployment("web", space).status.conditions}
    told = core.list_namespaced_event(space, field_selector="reason=FailedCreate").items

    core.delete_namespaced_resource_quota("down", space)
    clock.turn(timedelta(seconds=20))
    cluster.settle()

    assert "exceeded quota: down, requested: pods=1, used: pods=0, limited: pods=0" in conditions["ReplicaFailure"]
    assert told
    assert len(pods(core, space)) == 2


def test_a_quota_counts_what_is_used(core: Any, apps: Any, cluster: SandboxCluster, space: str) -> None:
    hard = {"requests.cpu": "1", "limits.memory": "1Gi", "pods": "5", "count/deployments.apps": "1"}
    core.create_namespaced_resource_quota(space, {"metadata": {"name": "q"}, "spec": {"hard": hard}})
    amounts = {"requests": {"cpu": "250m"}, "limits": {"cpu": "0.5", "memory": "128Mi"}}
    template = pod_template("nginx", resources=amounts)
    apps.create_namespaced_deployment(space, workload(replicas=3, template=template))
    cluster.settle()

    used = core.read_namespaced_resource_quota("q", space).status.used
    with pytest.raises(client.ApiException) as refused:
        apps.create_namespaced_deployment(space, workload("second"))

    assert used == {"requests.cpu": "750m", "limits.memory": "384Mi", "pods": "3", "count/deployments.apps": "1"}
    assert "exceeded quota: q, requested: count/deployments.apps=1" in str(refused.value.body)


def test_a_quota_counts_finished_pods_by_their_count_alone(core: Any, cluster: SandboxCluster, space: str) -> None:
    hard = {"pods": "5", "count/pods": "2", "count/widgets.example.com": "1"}
    core.create_namespaced_resource_quota(space, {"metadata": {"name": "q"}, "spec": {"hard": hard}})
    pod = {"spec": pod_template("x")["spec"]}
    for name in ("a", "b"):
        core.create_namespaced_pod(space, {"metadata": {"name": name}, **pod})
        core.patch_namespaced_pod_status(name, space, {"status": {"phase": "Succeeded"}})
    cluster.settle()

    with pytest.raises(client.ApiException) as refused:
        core.create_namespaced_pod(space, {"metadata": {"name": "c"}, **pod})

    assert core.read_namespaced_resource_quota("q", space).status.used == {"pods": "0", "count/pods": "2"}
    assert "exceeded quota: q, requested: count/pods=1, used: count/pods=2, limited: count/pods=2" in str(
        refused.value.body
    )


def test_limits_out_of_range_are_refused(core: Any, space: str) -> None:
    limit = {"type": "Container", "max": {"cpu": "1"}, "default": {"cpu": "500m"}}
    core.create_namespaced_limit_range(space, {"metadata": {"name": "l"}, "spec": {"limits": [limit]}})
    greedy = {"metadata": {"name": "p"}, **pod_template("x", resources={"limits": {"cpu": "2"}})}
    greedy["metadata"] = {"name": "p"}

    with pytest.raises(client.ApiException) as refused:
        core.create_namespaced_pod(space, greedy)
    modest = core.create_namespaced_pod(space, {"metadata": {"name": "m"}, "spec": pod_template("x")["spec"]})

    assert "maximum cpu usage per Container is 1, but limit is 2" in str(refused.value.body)
    assert modest.spec.containers[0].resources.limits == {"cpu": "500m"}


def test_a_restricted_namespace_refuses_a_plain_pod(core: Any, cluster: SandboxCluster) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    core.create_namespace({"metadata": {"name": "strict", "labels": labels}})
    cluster.settle()

    with pytest.raises(client.ApiException) as refused:
        core.create_namespaced_pod("strict", {"metadata": {"name": "p"}, "spec": pod_template("x")["spec"]})

    message = str(refused.value.body)
    assert 'violates PodSecurity \\"restricted:latest\\"' in message
    assert "allowPrivilegeEscalation != false" in message
    assert "runAsNonRoot != true" in message


def test_pods_of_a_slow_cluster_become_ready_only_after_a_while(clock: TurnableClock) -> None:
    def phase(core: Any) -> str:
        return str(core.read_namespaced_pod("p", "default").status.phase)

    with serve(ClusterOptions(clock=clock, pods_ready_after=timedelta(seconds=5))) as slow:
        api = config.new_client_from_config_dict(slow.kubeconfig())
        core: Any = client.CoreV1Api(api)
        slow.settle()
        core.create_namespaced_pod("default", {"metadata": {"name": "p"}, "spec": pod_template("x")["spec"]})
        slow.settle()
        at_first = phase(core)
        clock.turn(timedelta(seconds=5))
        slow.settle()
        later = phase(core)
        api.close()

    assert (at_first, later) == ("Pending", "Running")


# StatefulSets, DaemonSets, disruption budgets, autoscalers.


def stateful(whenscaled: str = "Retain") -> dict[str, Any]:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    retention = {"whenScaled": whenscaled, "whenDeleted": "Retain"}
    return workload(
        "db", serviceName="db", volumeClaimTemplates=[claim], persistentVolumeClaimRetentionPolicy=retention
    )


@pytest.mark.parametrize(("whenscaled", "claims"), [("Retain", 2), ("Delete", 0)])
def test_scaling_a_stateful_set_to_0_keeps_its_claims_unless_it_says_delete(
    core: Any, apps: Any, cluster: SandboxCluster, space: str, whenscaled: str, claims: int
) -> None:
    apps.create_namespaced_stateful_set(space, stateful(whenscaled))
    cluster.settle()
    bound = {claim.status.phase for claim in core.list_namespaced_persistent_volume_claim(space).items}

    apps.patch_namespaced_stateful_set_scale("db", space, {"spec": {"replicas": 0}})
    cluster.settle()

    assert bound == {"Bound"}
    assert pods(core, space) == []
    assert len(core.list_namespaced_persistent_volume_claim(space).items) == claims


def test_an_autoscaler_of_a_sleeping_target_is_disabled(
    apps: Any, connect: Callable[..., client.ApiClient], cluster: SandboxCluster, space: str
) -> None:
    apps.create_namespaced_deployment(space, workload(replicas=0))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    body: Any = {"metadata": {"name": "web"}, "spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 3}}
    scalers: Any = client.AutoscalingV2Api(connect())
    scalers.create_namespaced_horizontal_pod_autoscaler(space, body)
    cluster.settle()

    conditions = scalers.read_namespaced_horizontal_pod_autoscaler("web", space).status.conditions

    assert ("ScalingActive", "False", "ScalingDisabled") in [(c.type, c.status, c.reason) for c in conditions]


# Jobs and CronJobs.


def job_spec(**spec: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "j", "image": "busybox"}]}}
    return {"template": template, **spec}


@pytest.fixture
def batch(connect: Callable[..., client.ApiClient]) -> Any:
    return client.BatchV1Api(connect())


def test_suspending_a_job_takes_its_pod_away_and_resuming_starts_again(
    core: Any, batch: Any, cluster: SandboxCluster, space: str, clock: TurnableClock
) -> None:
    batch.create_namespaced_job(space, {"metadata": {"name": "once"}, "spec": job_spec()})
    cluster.settle()
    running = len(pods(core, space))

    batch.patch_namespaced_job("once", space, {"spec": {"suspend": True}})
    cluster.settle()
    suspended = len(pods(core, space))
    batch.patch_namespaced_job("once", space, {"spec": {"suspend": False}})
    cluster.settle()
    clock.turn(timedelta(seconds=31))
    cluster.settle()

    assert (running, suspended) == (1, 0)
    assert batch.read_namespaced_job("once", space).status.succeeded == 1


def test_a_resumed_cron_job_makes_up_for_one_missed_run(
    batch: Any, cluster: SandboxCluster, space: str, clock: TurnableClock
) -> None:
    spec = {"schedule": "* * * * *", "suspend": True, "jobTemplate": {"spec": job_spec()}}
    batch.create_namespaced_cron_job(space, {"metadata": {"name": "tick"}, "spec": spec})
    cluster.settle()
    clock.turn(timedelta(seconds=150))
    cluster.settle()
    while_suspended = len(batch.list_namespaced_job(space).items)

    batch.patch_namespaced_cron_job("tick", space, {"spec": {"suspend": False}})
    cluster.settle()
    at_once = len(batch.list_namespaced_job(space).items)
    clock.turn(timedelta(seconds=60))
    cluster.settle()

    assert (while_suspended, at_once) == (0, 1)
    assert len(batch.list_namespaced_job(space).items) == 2


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("*/15 * * * *", "2026-11-23T09:15:00+00:00"),
        ("0 3 * * *", "2026-11-24T03:00:00+00:00"),
        ("30 8 * * mon-fri", "2026-11-24T08:30:00+00:00"),
        ("0 0 1 jan *", "2027-01-01T00:00:00+00:00"),
        ("0 12 29 2 *", "2028-02-29T12:00:00+00:00"),
    ],
)
def test_schedules_strike_when_cron_says(schedule: str, expected: str, clock: TurnableClock) -> None:
    strike = next_after(schedule, clock())

    assert strike is not None
    assert strike.isoformat() == expected


@given(st.integers(1, 59), st.integers(0, 20_000))
def test_the_newest_missed_strike_is_no_later_than_now(every: int, minutes: int) -> None:
    start = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
    until = start + timedelta(minutes=minutes)

    missed = last_between(f"*/{every} * * * *", start, until)

    if missed is not None:
        following = next_after(f"*/{every} * * * *", missed)
        assert start < missed <= until
        assert following is not None
        assert following > until
