"""What people run in a namespace: workloads of every kind that sleeps, handled by kubectl, and how they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.rules.words import GROUP, QUOTA, SLEEP_QUOTA
from bot.rules.workloads import KINDS, controlled
from bot.seams.cluster import RESOURCES, Cluster

Json = dict[str, Any]
Key = tuple[str, str]  # the key of a kind, and a name

_KUBECTL: Final = {"fieldManager": "kubectl"}
_MERGE: Final = "application/merge-patch+json"
_POD: Final[Json] = {
    "containers": [{"name": "main", "image": "docker.io/library/busybox:1.37", "command": ["sleep", "infinity"]}],
    "terminationGracePeriodSeconds": 0,
}
State = int | bool | str | None
FLEET: Final[Mapping[Key, State]] = {
    ("Deployment", "api"): 2,
    ("Deployment", "parked"): 0,
    ("StatefulSet", "db"): 1,
    ("CronJob", "report"): False,
    ("CronJob", "halted"): True,
}
"""Two that run, one at rest by a person's wish; one that ticks, one suspended by a person's wish."""

EVERY_KIND: Final[Mapping[Key, State]] = {
    **FLEET,
    ("ReplicaSet", "old"): 2,
    ("ReplicationController", "older"): 1,
    ("DaemonSet", "agent"): None,
    ("ScaledObject.keda.sh", "api"): None,
    ("ScaledObject.keda.sh", "frozen"): "true",
    ("ScaledJob.keda.sh", "queue"): "false",
    ("Application.argoproj.io", "shop"): None,
    ("Kustomization.kustomize.toolkit.fluxcd.io", "shop"): False,
    ("Kustomization.kustomize.toolkit.fluxcd.io", "unsaid"): None,
    ("HelmRelease.helm.toolkit.fluxcd.io", "shop"): True,
    ("Rollout.argoproj.io", "canary"): 3,
    ("Cluster.postgresql.cnpg.io", "pg"): None,
}
"""The same with one of each kind more: running, and where it matters one that a person has stopped."""
_OBEYED: Final[Mapping[str, Json]] = {
    kind: {"status": {"conditions": [{"type": condition, "status": "True"}]}}
    for kind, condition in (
        ("ScaledObject.keda.sh", "Paused"),
        ("Cluster.postgresql.cnpg.io", "cnpg.io/hibernation"),
    )
}
"""What an operator that obeys would write; there is none in the tests."""


def workload(key: str, name: str, state: State) -> Json:
    """A manifest: `state` is the value of the field that says whether it runs."""
    kind, labels = KINDS[key], {"app": name}
    metadata = {"name": name}
    body = {
        "apiVersion": RESOURCES[key].api_version,
        "kind": kind.name,
        "metadata": metadata,
        "spec": _spec(key, labels),
    }
    return body if state is None else _merged(body, kind.field.patch(state))


def _spec(key: str, labels: Json) -> Json:
    pod = {"metadata": {"labels": labels}, "spec": _POD}
    if key == "CronJob":
        once = {"metadata": {"labels": labels}, "spec": {**_POD, "restartPolicy": "Never"}}
        return {"schedule": "0 3 1 1 *", "jobTemplate": {"spec": {"template": once}}}
    if KINDS[key].optional and key != "Rollout.argoproj.io":
        return {}
    selector = labels if key == "ReplicationController" else {"matchLabels": labels}
    return {"selector": selector, "template": pod} | ({"serviceName": labels["app"]} if key == "StatefulSet" else {})


def _merged(body: Json, patch: Mapping[str, Any]) -> Json:
    return {
        **body,
        **{
            key: _merged(body.get(key, {}), value) if isinstance(value, Mapping) else value
            for key, value in patch.items()
        },
    }


@dataclass(frozen=True)
class Fleet:
    """The workloads of one namespace, as a person with kubectl handles them."""

    admin: Cluster
    namespace: str

    def make(self, wanted: Mapping[Key, State]) -> None:
        """Create them."""
        for (kind, name), state in wanted.items():
            path = RESOURCES[kind].path(self.namespace)
            self.admin.call("POST", path, _KUBECTL, workload(kind, name, state))
            if kind in _OBEYED:
                self.admin.call("PATCH", f"{path}/{name}/status", None, _OBEYED[kind], _MERGE)

    def change(self, key: Key, body: Json) -> None:
        """A merge patch by a person."""
        self.admin.call("PATCH", RESOURCES[key[0]].path(self.namespace, key[1]), _KUBECTL, body, _MERGE)

    def scale(self, key: Key, state: State) -> None:
        """Set how many run, or whether it is suspended, as `kubectl scale` and `kubectl patch` do."""
        self.change(key, KINDS[key[0]].field.patch(state))

    def remove(self, key: Key) -> None:
        """Delete one."""
        self.admin.call("DELETE", RESOURCES[key[0]].path(self.namespace, key[1]))

    def states(self) -> dict[Key, State]:
        """How many replicas each wants, or whether it is suspended."""
        return {
            (kind.key, found["metadata"]["name"]): kind.field.read(found)
            for kind in KINDS.values()
            for found in self.admin.list(kind.key, self.namespace)
            if not controlled(kind.key, found)
        }

    def marks(self) -> dict[Key, Json]:
        """Berth's annotations that are left on any of them."""
        marks = {
            (kind.key, found["metadata"]["name"]): _ours(found["metadata"].get("annotations") or {})
            for kind in KINDS.values()
            for found in self.admin.list(kind.key, self.namespace)
        }
        return {key: mark for key, mark in marks.items() if mark}

    def quotas(self) -> set[str]:
        """The names of the namespace's quotas."""
        path = f"/api/v1/namespaces/{self.namespace}/resourcequotas"
        return {found["metadata"]["name"] for found in self.admin.call("GET", path)["items"]}

    def assert_asleep(self) -> None:
        """Everything is at rest and held down."""
        assert {key: KINDS[key[0]].rest for key in self.states()} == self.states()
        assert self.quotas() == {QUOTA, SLEEP_QUOTA}

    def assert_awake(self, wanted: Mapping[Key, State]) -> None:
        """Everything is as it was, and nothing of the sleep is left."""
        assert self.states() == dict(wanted)
        assert self.marks() == {}
        assert self.quotas() == {QUOTA}


def _ours(annotations: Mapping[str, str]) -> Json:
    return {name: value for name, value in annotations.items() if name.startswith(f"{GROUP}/")}
