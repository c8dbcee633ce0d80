"""Whether the sandbox cluster is fast enough not to be what everything else here measures.

Asked through the Kubernetes client's own connection pool, from eight threads, the server in a process of its own.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import urllib3
from kubernetes import client, config

from tests.bench.report import Figure, at_least, at_most

THREADS: Final = 8
GETS: Final = 6_000
OBJECTS: Final = 10_000
_SPACE: Final = "/api/v1/namespaces/speed"


class Asking:
    """The client's connection pool, with its credentials."""

    def __init__(self, kubeconfig: Path) -> None:
        configuration = client.Configuration()
        config.load_kube_config(str(kubeconfig), client_configuration=configuration, persist_config=False)
        configuration.connection_pool_maxsize = THREADS
        configuration.keep_alive = True
        api = client.ApiClient(configuration)
        _, self._root, self._headers, _, _ = api.param_serialize(
            "GET", "", header_params={"Content-Type": "application/json"}, auth_settings=["BearerToken"]
        )
        self._pool: Any = api.rest_client.pool_manager

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> urllib3.BaseHTTPResponse:
        """One request. Raises RuntimeError where it is not answered well."""
        answer: urllib3.BaseHTTPResponse = self._pool.request(
            method, self._root + path, headers=self._headers, json=body, retries=False
        )
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {answer.data[:300]!r}")
        return answer


def cluster_speed(kubeconfig: Path) -> Iterator[Figure]:
    """Requests a second for one object, and how long a long list takes."""
    asking = Asking(kubeconfig)
    asking.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "speed"}})
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda number: _make(asking, number), range(OBJECTS)))
        yield at_least(f"GET of one object, {THREADS} threads", _gets_per_second(asking, threads), 1_500, " a second")
    began = time.perf_counter()
    answer = asking.ask("GET", f"{_SPACE}/configmaps")
    seconds = time.perf_counter() - began
    yield at_most(f"list of {OBJECTS:,} small objects ({len(answer.data) / 1e6:.1f} MB)", seconds, 0.5, " s")


def _make(asking: Asking, number: int) -> None:
    asking.ask("POST", f"{_SPACE}/configmaps", {"metadata": {"name": f"small-{number}"}, "data": {"a": "b"}})


def _gets_per_second(asking: Asking, threads: ThreadPoolExecutor) -> float:
    began = time.perf_counter()
    list(threads.map(lambda number: asking.ask("GET", f"{_SPACE}/configmaps/small-{number}"), range(GETS)))
    return GETS / (time.perf_counter() - began)
