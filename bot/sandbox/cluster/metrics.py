"""metrics.k8s.io for pods and nodes, as a metrics server has it: what every running pod uses.

By itself a container uses a steady share of what it requests; tests and the demo can set its load instead, or take the
whole API away, as on a cluster without a metrics server.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zlib import crc32

from bot.sandbox.cluster.answers import Answer, as_json
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.controllers.pods import read_time
from bot.sandbox.cluster.errors import not_found
from bot.sandbox.cluster.kinds import Kinds
from bot.sandbox.cluster.quantities import parse
from bot.sandbox.cluster.selectors import label_selector
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Entry, Store
from bot.sandbox.cluster.writing import timestamp

_GROUP, _VERSION = "metrics.k8s.io", "v1beta1"
_WINDOW: Final = timedelta(seconds=15)  # a pod is known only once it has been looked at twice
_UNREQUESTED: Final = {"cpu": Decimal("0.01"), "memory": Decimal(64 * 2**20)}


class Metrics:
    """The metrics server of one cluster."""

    def __init__(self, store: Store, kinds: Kinds, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._pods = kinds.named("", "pods")
        self._nodes = kinds.named("", "nodes")
        self._clock = clock
        self._loads: dict[tuple[str, str], Obj] = {}
        self._kinds = kinds
        self._rows = [*kinds.groups[_GROUP, _VERSION]]
        self._served = True

    def serve(self, served: bool) -> None:
        """Whether the cluster has a metrics server; without one its API is not there at all."""
        if served is not self._served:
            self._served = served
            for kind in self._rows:
                (self._kinds.add if served else self._kinds.remove)(kind)

    def set_load(self, namespace: str, pod: str, cpu: str, memory: str) -> None:
        """Sets a container's usage for one pod, or for all of a namespace when ``pod`` is empty."""
        self._loads[namespace, pod] = {"cpu": cpu, "memory": memory}

    def answer(self, call: Call) -> Answer:
        wants_pods = call.row.plural == "pods"
        entries = self._store.ordered(self._pods if wants_pods else self._nodes, call.namespace if wants_pods else "")
        if call.query.get("labelSelector"):
            match = label_selector(call.query["labelSelector"])
            entries = [entry for entry in entries if match(entry.obj)]
        draw = self._pod if wants_pods else self._node
        items = [draw(entry) for entry in entries if not wants_pods or self._measures(entry)]
        kind, version = call.row.kind, call.row.api_version
        if not call.name:
            return as_json(200, {"kind": f"{kind}List", "apiVersion": version, "metadata": {}, "items": items})
        found = next((item for item in items if item["metadata"]["name"] == call.name), None)
        if found is None:
            raise not_found(call.row, call.name)
        return as_json(200, {"kind": kind, "apiVersion": version} | found)

    def _measures(self, entry: Entry) -> bool:
        """Whether a pod is known by now: it runs, and has for long enough or with a load that was set."""
        if dig(entry.obj, "status", "phase") != "Running":
            return False
        began = read_time(dig(entry.obj, "status", "startTime", default=entry.metadata["creationTimestamp"]))
        return self._load(entry) is not None or self._clock() - began >= _WINDOW

    def _head(self, entry: Entry) -> Obj:
        metadata: Obj = {key: entry.metadata[key] for key in ("name", "namespace", "labels") if key in entry.metadata}
        metadata["creationTimestamp"] = timestamp(self._clock())
        return {"metadata": metadata, "timestamp": timestamp(self._clock()), "window": f"{_WINDOW.seconds}s"}

    def _load(self, entry: Entry) -> Obj | None:
        return self._loads.get((entry.namespace, entry.name)) or self._loads.get((entry.namespace, ""))

    def _pod(self, entry: Entry) -> Obj:
        set_load = self._load(entry)
        containers = [
            {"name": each["name"], "usage": set_load or _usual(entry, each)} for each in entry.obj["spec"]["containers"]
        ]
        return self._head(entry) | {"containers": containers}

    def _node(self, entry: Entry) -> Obj:
        return self._head(entry) | {"usage": {"cpu": "250m", "memory": "2Gi"}}


def _usual(entry: Entry, container: Obj) -> Obj:
    """A share of what the container requests, the same each time it is asked: 5 to 30 % CPU, 20 to 60 % memory."""
    share = Decimal(crc32(f"{entry.uid}/{container['name']}".encode()) % 1000) / 1000
    requests = dig(container, "resources", "requests", default={})
    cpu, memory = (parse(requests[name]) if name in requests else _UNREQUESTED[name] for name in ("cpu", "memory"))
    used = cpu * (Decimal("0.05") + share * Decimal("0.25")), memory * (Decimal("0.2") + share * Decimal("0.4"))
    return {"cpu": f"{int(used[0] * 10**9)}n", "memory": f"{int(used[1] / 2**10)}Ki"}
