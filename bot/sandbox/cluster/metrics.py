"""metrics.k8s.io for pods and nodes: what every running pod uses, from a load that tests and the demo can set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.sandbox.cluster.answers import Answer, as_json
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.errors import not_found
from bot.sandbox.cluster.kinds import Kinds
from bot.sandbox.cluster.selectors import label_selector
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Entry, Store
from bot.sandbox.cluster.writing import timestamp

_VERSION = "metrics.k8s.io/v1beta1"


class Metrics:
    """The metrics server of one cluster."""

    def __init__(self, store: Store, kinds: Kinds, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._pods = kinds.named("", "pods")
        self._nodes = kinds.named("", "nodes")
        self._clock = clock
        self._loads: dict[tuple[str, str], Obj] = {}

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
        items = [draw(entry) for entry in entries if not wants_pods or dig(entry.obj, "status", "phase") == "Running"]
        kind = call.row.kind
        if not call.name:
            return as_json(200, {"kind": f"{kind}List", "apiVersion": _VERSION, "metadata": {}, "items": items})
        found = next((item for item in items if item["metadata"]["name"] == call.name), None)
        if found is None:
            raise not_found(call.row, call.name)
        return as_json(200, {"kind": kind, "apiVersion": _VERSION} | found)

    def _head(self, entry: Entry) -> Obj:
        metadata: Obj = {key: entry.metadata[key] for key in ("name", "namespace", "labels") if key in entry.metadata}
        metadata["creationTimestamp"] = timestamp(self._clock())
        return {"metadata": metadata, "timestamp": timestamp(self._clock()), "window": "15s"}

    def _pod(self, entry: Entry) -> Obj:
        idle = {"cpu": "1m", "memory": "16Mi"}
        usage = self._loads.get((entry.namespace, entry.name)) or self._loads.get((entry.namespace, ""), idle)
        containers = [{"name": c["name"], "usage": usage} for c in entry.obj["spec"]["containers"]]
        return self._head(entry) | {"containers": containers}

    def _node(self, entry: Entry) -> Obj:
        return self._head(entry) | {"usage": {"cpu": "250m", "memory": "2Gi"}}
