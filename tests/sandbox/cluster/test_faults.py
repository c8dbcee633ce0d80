"""What tests can break, and what they can count."""

import json
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from kubernetes import client, config
from kubernetes.utils.quantity import parse_quantity

from bot.sandbox.cluster import Fault, SandboxCluster
from bot.sandbox.cluster.app import App
from tests.sandbox.cluster.conftest import TurnableClock


@pytest.fixture
def impatient(cluster: SandboxCluster) -> Iterator[Any]:
    """A client that never tries again by itself."""
    settings = client.Configuration()
    config.load_kube_config_from_dict(cluster.kubeconfig(), client_configuration=settings)
    settings.retries = urllib3.Retry(0, read=False)
    api = client.ApiClient(settings)
    yield client.CoreV1Api(api)
    api.close()


@pytest.mark.parametrize("status", [409, 429, 500])
def test_a_fault_answers_in_place_of_the_server_as_often_as_asked(
    cluster: SandboxCluster, impatient: Any, status: int
) -> None:
    cluster.faults.add(Fault(verb="get", resource="namespaces", name="default", status=status, times=2))

    refused = [outcome(lambda: impatient.read_namespace("default")) for _ in range(3)]
    spared = outcome(lambda: impatient.read_namespace("kube-system"))

    assert refused == [status, status, 200]
    assert spared == 200


def outcome(call: Callable[[], Any]) -> int | str:
    try:
        call()
    except client.ApiException as refused:
        return int(refused.status or 0)
    except urllib3.exceptions.HTTPError:
        return "dropped"
    return 200


def test_a_429_says_when_to_come_again(cluster: SandboxCluster, impatient: Any) -> None:
    cluster.faults.add(Fault(status=429, retry_after=7))

    with pytest.raises(client.ApiException) as refused:
        impatient.read_namespace("default")

    assert (refused.value.headers or {})["Retry-After"] == "7"


@pytest.mark.parametrize(("drop", "made"), [("before", False), ("after", True)])
def test_a_connection_is_cut_before_or_after_the_request_is_executed(
    cluster: SandboxCluster, impatient: Any, drop: str, made: bool
) -> None:
    cluster.faults.add(Fault(verb="create", resource="namespaces", drop=drop))

    first = outcome(lambda: impatient.create_namespace({"metadata": {"name": "blue"}}))

    assert first == "dropped"
    assert (outcome(lambda: impatient.read_namespace("blue")) == 200) is made


def test_a_skipped_fault_strikes_later(cluster: SandboxCluster, impatient: Any) -> None:
    cluster.faults.add(Fault(verb="get", status=500, skip=2))

    outcomes = [outcome(lambda: impatient.read_namespace("default")) for _ in range(4)]

    assert outcomes == [200, 200, 500, 200]


def test_latency_makes_an_impatient_client_give_up(cluster: SandboxCluster, impatient: Any) -> None:
    cluster.faults.add(Fault(latency=timedelta(seconds=3)))

    slow = outcome(lambda: impatient.read_namespace("default", _request_timeout=0.3))

    assert slow == "dropped"


def test_requests_are_counted_by_verb_resource_namespace_and_user(cluster: SandboxCluster, impatient: Any) -> None:
    cluster.requests.clear()

    impatient.list_namespace()
    impatient.list_namespaced_pod("default")
    impatient.list_namespaced_pod("kube-system")

    assert cluster.requests.count() == 3
    assert cluster.requests.count(verb="list", resource="pods") == 2
    assert cluster.requests.count(namespace="default") == 1
    assert cluster.requests.count(user="nobody") == 0
    assert {entry.status for entry in cluster.requests.entries()} == {200}


def control(cluster: SandboxCluster, method: str, name: str, body: Any = None, token: str = "") -> Any:
    request = urllib.request.Request(  # noqa: S310 - https to loopback
        f"{cluster.url}/_control/{name}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Authorization": f"Bearer {token or cluster.admin_token}"},
    )
    trusting = ssl._create_unverified_context()  # noqa: S323 - the sandbox's own certificate
    with urllib.request.urlopen(request, context=trusting, timeout=10) as answer:  # noqa: S310 - as above
        return json.loads(answer.read())


def test_the_same_strings_are_pulled_over_http(cluster: SandboxCluster, impatient: Any) -> None:
    control(cluster, "POST", "faults", {"verb": "get", "status": 500, "times": None})
    broken = outcome(lambda: impatient.read_namespace("default"))
    control(cluster, "DELETE", "faults")
    control(cluster, "POST", "settle", {"timeout": 5})
    logged = control(cluster, "GET", "requests")["requests"]

    assert broken == 500
    assert outcome(lambda: impatient.read_namespace("default")) == 200
    assert ("get", "namespaces", 500) in [(entry["verb"], entry["resource"], entry["status"]) for entry in logged]


def test_the_clock_is_turned_over_http(cluster: SandboxCluster, core: Any) -> None:
    before = core.create_namespace({"metadata": {"name": "early"}}).metadata.creation_timestamp

    control(cluster, "POST", "clock", {"seconds": 86400})

    after = core.create_namespace({"metadata": {"name": "late"}}).metadata.creation_timestamp
    assert after - before == timedelta(days=1)


def test_counts_are_told_over_http(cluster: SandboxCluster, core: Any) -> None:
    control(cluster, "DELETE", "requests")
    core.list_node()
    core.list_node()

    counts = control(cluster, "GET", "counts")["counts"]

    assert {"verb": "list", "resource": "nodes", "count": 2} in counts


@pytest.mark.parametrize(("name", "body"), [("clock", {}), ("load", {"namespace": "x"}), ("faults", {"no": 1})])
def test_a_control_that_lacks_something_says_so(cluster: SandboxCluster, name: str, body: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        control(cluster, "POST", name, body)

    refused.value.close()
    assert refused.value.code == 400


def test_every_control_is_in_the_readme() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")

    missing = [name for method, name in App.controls() if f"{method} /_control/{name}" not in readme]

    assert missing == []


def test_only_the_admin_pulls_the_strings(cluster: SandboxCluster) -> None:
    cluster.add_user("opaque", "ann@example.com")

    with pytest.raises(urllib.error.HTTPError) as refused:
        control(cluster, "GET", "requests", token="opaque")

    refused.value.close()
    assert refused.value.code == 403


def test_a_settable_load_is_what_metrics_answer(cluster: SandboxCluster, impatient: Any) -> None:
    cluster.settle()
    spec = {"containers": [{"name": "app", "image": "nginx"}]}
    impatient.create_namespaced_pod("default", {"metadata": {"name": "p"}, "spec": spec})
    cluster.settle()

    cluster.set_load("default", cpu="250m", memory="64Mi")

    metrics: Any = client.CustomObjectsApi(impatient.api_client)
    answered = metrics.list_namespaced_custom_object("metrics.k8s.io", "v1beta1", "default", "pods")
    assert answered["items"][0]["containers"] == [{"name": "app", "usage": {"cpu": "250m", "memory": "64Mi"}}]


def measured(impatient: Any) -> Any:
    """What metrics.k8s.io answers of the pods of `default`."""
    metrics: Any = client.CustomObjectsApi(impatient.api_client)
    return metrics.list_namespaced_custom_object("metrics.k8s.io", "v1beta1", "default", "pods")


def test_a_pod_uses_a_share_of_what_it_requests_once_it_was_measured(
    cluster: SandboxCluster, clock: TurnableClock, impatient: Any
) -> None:
    cluster.settle()
    resources = {"requests": {"cpu": "1", "memory": "100Mi"}}
    spec = {"containers": [{"name": "app", "image": "nginx", "resources": resources}]}
    impatient.create_namespaced_pod("default", {"metadata": {"name": "p"}, "spec": spec})
    cluster.settle()

    at_first = measured(impatient)["items"]
    clock.turn(timedelta(minutes=1))
    item = measured(impatient)["items"][0]

    usage = item["containers"][0]["usage"]
    assert at_first == []
    assert item["window"] == "15s"
    assert 0.05 <= parse_quantity(usage["cpu"]) <= 0.3
    assert 20 <= parse_quantity(usage["memory"]) / 2**20 <= 60
    assert (usage["cpu"][-1], usage["memory"][-2:]) == ("n", "Ki")


def test_a_cluster_without_a_metrics_server_knows_no_such_api(cluster: SandboxCluster, impatient: Any) -> None:
    control(cluster, "POST", "metrics", {"served": False})

    refused = outcome(lambda: measured(impatient))
    groups = [group.name for group in client.ApisApi(impatient.api_client).get_api_versions().groups]
    control(cluster, "POST", "metrics", {"served": True})

    assert refused == 404
    assert "metrics.k8s.io" not in groups
    assert measured(impatient)["kind"] == "PodMetricsList"
