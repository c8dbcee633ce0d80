"""Other people's controllers, as threads that act through the API as the real ones would."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from bot.seams.cluster import RESOURCES, Cluster, ClusterError
from tests.journeys.fleet import Fleet, Json, Key

_APPLY: Final = "application/apply-patch+yaml"
_MERGE: Final = "application/merge-patch+json"
_EVERY: Final = 0.05  # seconds between two looks


@contextmanager
def at_work(once: Callable[[], None]) -> Iterator[None]:
    """A controller that looks again and again until the block ends; a cluster's no does not put it off."""
    stopping = threading.Event()
    broken: list[Exception] = []

    def work() -> None:
        while not stopping.wait(_EVERY):
            try:
                once()
            except ClusterError:
                continue
            except Exception as error:  # noqa: BLE001  told by the test's own thread
                broken.append(error)
                return

    thread = threading.Thread(target=work, name="operator", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
    assert broken == []


def found(fleet: Fleet, key: Key) -> Json:
    """One object as it is now."""
    return fleet.admin.call("GET", RESOURCES[key[0]].path(fleet.namespace, key[1]))


def write(fleet: Fleet, key: Key, body: Json, manager: str, subresource: str | None = None) -> None:
    """A merge patch by that field manager."""
    path = RESOURCES[key[0]].path(fleet.namespace, key[1], subresource)
    fleet.admin.call("PATCH", path, {"fieldManager": manager}, body, _MERGE)


def self_healing(fleet: Fleet, key: Key, replicas: int) -> Callable[[], None]:
    """Argo CD with selfHeal: reverts what differs from the git, in no time."""

    def once() -> None:
        if found(fleet, key)["spec"]["replicas"] != replicas:
            write(fleet, key, {"spec": {"replicas": replicas}}, "argocd-controller")

    return once


def kustomize(fleet: Fleet, manifest: Json) -> Callable[[], None]:
    """Flux's kustomize-controller: applies the manifest, but for what is annotated in the cluster to be left alone."""
    key = (manifest["kind"], manifest["metadata"]["name"])

    def once() -> None:
        annotations = found(fleet, key)["metadata"].get("annotations") or {}
        if annotations.get("kustomize.toolkit.fluxcd.io/reconcile") != "disabled":
            apply(fleet.admin, fleet.namespace, manifest)

    return once


def apply(admin: Cluster, namespace: str, manifest: Json) -> None:
    """Server-side apply as kustomize-controller does it."""
    path = RESOURCES[manifest["kind"]].path(namespace, manifest["metadata"]["name"])
    admin.call("PATCH", path, {"fieldManager": "kustomize-controller", "force": "true"}, manifest, _APPLY)


def keda(fleet: Fleet, name: str, target: Key, wanted: int) -> Callable[[], None]:
    """KEDA: says whether it is paused, and scales its target where it is not, or to what it is paused at."""
    scaler: Key = ("ScaledObject.keda.sh", name)

    def once() -> None:
        annotations = found(fleet, scaler)["metadata"].get("annotations") or {}
        at = annotations.get("autoscaling.keda.sh/paused-replicas")
        paused = at is not None or annotations.get("autoscaling.keda.sh/paused") == "true"
        replicas = int(at) if at is not None else None if paused else wanted
        if replicas is not None and found(fleet, target)["spec"]["replicas"] != replicas:
            write(fleet, target, {"spec": {"replicas": replicas}}, "keda-operator", "scale")
        _say(fleet, scaler, "Paused", str(paused))

    return once


def cloud_native_pg(fleet: Fleet, name: str) -> Callable[[], None]:
    """CloudNativePG: takes a hibernated cluster's pods away and says so, and brings them back."""
    key: Key = ("Cluster.postgresql.cnpg.io", name)

    def once() -> None:
        annotations = found(fleet, key)["metadata"].get("annotations") or {}
        hibernated = annotations.get("cnpg.io/hibernation") == "on"
        instances = 0 if hibernated else found(fleet, key)["spec"].get("instances", 1)
        write(fleet, key, {"status": {"readyInstances": instances}}, "cloudnative-pg", "status")
        _say(fleet, key, "cnpg.io/hibernation", str(hibernated))

    return once


def _say(fleet: Fleet, key: Key, condition: str, status: str) -> None:
    said: dict[str, Any] = {"conditions": [{"type": condition, "status": status}]}
    if (found(fleet, key).get("status") or {}).get("conditions") != said["conditions"]:
        write(fleet, key, {"status": said}, "operator", "status")
