"""A running sandbox cluster, and the official client to reach it with."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kubernetes import client, config

from bot.sandbox.cluster import ClusterOptions, SandboxCluster, serve


class TurnableClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        return self._now

    def turn(self, step: timedelta) -> None:
        with self._lock:
            self._now += step


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def cluster(clock: TurnableClock) -> Iterator[SandboxCluster]:
    """A fresh cluster whose clock the test turns."""
    with serve(ClusterOptions(clock=clock)) as running:
        yield running


@pytest.fixture
def connect(cluster: SandboxCluster) -> Iterator[Callable[..., client.ApiClient]]:
    """Makes API clients: the admin's, or those of a token."""
    made: list[client.ApiClient] = []

    def client_of(token: str | None = None) -> client.ApiClient:
        made.append(config.new_client_from_config_dict(cluster.kubeconfig(token)))
        return made[-1]

    yield client_of
    for api in made:
        api.close()


@pytest.fixture
def core(connect: Callable[..., client.ApiClient]) -> Any:
    """CoreV1Api, untyped: its stubs know models only, but it takes manifests as dicts."""
    return client.CoreV1Api(connect())


@pytest.fixture
def apps(connect: Callable[..., client.ApiClient]) -> Any:
    return client.AppsV1Api(connect())


@pytest.fixture
def space(core: Any, cluster: SandboxCluster) -> str:
    """A namespace of its own."""
    core.create_namespace({"metadata": {"name": "blue", "labels": {"team": "a"}}})
    cluster.settle()
    return "blue"


def pod_template(image: str = "nginx", **container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "app", "image": image, **container}]}
    return {"metadata": {"labels": {"app": "web"}}, "spec": spec}


def workload(name: str = "web", replicas: int = 2, image: str = "nginx", **spec: Any) -> dict[str, Any]:
    selector = {"matchLabels": {"app": "web"}}
    whole = {"replicas": replicas, "selector": selector, "template": pod_template(image), **spec}
    return {"metadata": {"name": name}, "spec": whole}
