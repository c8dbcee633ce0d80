"""Autoscalers, disruption budgets and claims: small controllers that mostly report."""

from __future__ import annotations

import math
from typing import Any

from bot.sandbox.cluster.controllers import events
from bot.sandbox.cluster.controllers.cluster import Cluster
from bot.sandbox.cluster.controllers.events import Happening
from bot.sandbox.cluster.controllers.owning import set_condition
from bot.sandbox.cluster.controllers.pods import is_active, is_ready
from bot.sandbox.cluster.selectors import labels_match
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Entry
from bot.sandbox.cluster.writing import Deletion

_HPA = "horizontal-pod-autoscaler"


def autoscaler(cluster: Cluster, namespace: str, name: str) -> None:
    """Reports on its target; while the target stands at 0, scaling is disabled and nothing is touched."""
    kind = cluster.kind("autoscaling", "horizontalpodautoscalers")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None:
        return
    reference = entry.obj["spec"]["scaleTargetRef"]
    target_kind = cluster.kinds.of_object(reference.get("apiVersion", "v1"), reference["kind"])
    target = cluster.store.get(target_kind, namespace, reference["name"]) if target_kind else None
    now, conditions = cluster.writes.now(), dig(entry.obj, "status", "conditions", default=[])
    for condition in _scaling(target, reference["name"]):
        conditions = set_condition(conditions, condition, now)
    replicas = dig(target.obj, "spec", "replicas", default=0) if target else 0
    status = {"currentReplicas": dig(target.obj, "status", "replicas", default=0) if target else 0}
    status |= {"desiredReplicas": replicas, "currentMetrics": None, "conditions": conditions}
    if not status["currentReplicas"]:
        del status["currentReplicas"]
    cluster.put_status(kind, entry, status, _HPA)


def _scaling(target: Entry | None, name: str) -> list[Obj]:
    if target is None:
        told = f'the HPA controller was unable to get the target\'s current scale: "{name}" not found'
        return [{"type": "AbleToScale", "status": "False", "reason": "FailedGetScale", "message": told}]
    able = "the HPA controller was able to get the target's current scale"
    found = {"type": "AbleToScale", "status": "True", "reason": "SucceededGetScale", "message": able}
    if not dig(target.obj, "spec", "replicas", default=1):
        why = "scaling is disabled since the replica count of the target is zero"
        return [found, {"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled", "message": why}]
    active = "the HPA was able to successfully calculate a replica count"
    return [found, {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound", "message": active}]


def disruption_budget(cluster: Cluster, namespace: str, name: str) -> None:
    """Counts how many of its pods may be evicted now."""
    kind = cluster.kind("policy", "poddisruptionbudgets")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None:
        return
    spec = entry.obj["spec"]
    pods = [
        pod
        for pod in cluster.store.scan(cluster.kind("", "pods"), namespace)
        if labels_match(spec.get("selector"), pod.metadata.get("labels", {})) and is_active(pod.obj)
    ]
    if not pods:
        events.tell(cluster, kind, entry, Happening("NoPods", "No matching pods found", "controllermanager"))
    healthy = sum(is_ready(pod.obj) for pod in pods)
    desired = _desired(spec, len(pods))
    allowed = max(0, healthy - desired)
    told = {"type": "DisruptionAllowed", "status": "True" if allowed else "False"}
    told |= {"reason": "SufficientPods" if allowed else "InsufficientPods", "message": ""}
    conditions = set_condition(dig(entry.obj, "status", "conditions", default=[]), told, cluster.writes.now())
    status = {"disruptionsAllowed": allowed, "currentHealthy": healthy, "desiredHealthy": desired}
    status |= {"expectedPods": len(pods), "observedGeneration": entry.metadata["generation"]}
    cluster.put_status(kind, entry, status | {"conditions": conditions}, "disruption-controller")


def _desired(spec: Obj, total: int) -> int:
    if "maxUnavailable" in spec:
        return max(0, total - _amount(spec["maxUnavailable"], total))
    return _amount(spec.get("minAvailable", 1), total)


def _amount(value: Any, total: int) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return math.ceil(total * int(value[:-1]) / 100)
    return int(value)


def claim(cluster: Cluster, namespace: str, name: str) -> None:
    """Binds a claim to a volume made for it; lets a deleted claim go once no pod uses it."""
    kind = cluster.kind("", "persistentvolumeclaims")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None:
        return
    if entry.metadata.get("deletionTimestamp"):
        _let_go(cluster, entry)
    elif dig(entry.obj, "status", "phase") == "Pending":
        _bind(cluster, entry)


def _bind(cluster: Cluster, entry: Entry) -> None:
    kind, author = cluster.kind("", "persistentvolumeclaims"), cluster.author("persistent-volume-binder")
    volume, spec = f"pvc-{entry.uid}", entry.obj["spec"]
    capacity = {"storage": dig(spec, "resources", "requests", "storage", default="1Gi")}
    made: Obj = {"capacity": capacity, "accessModes": spec.get("accessModes", ["ReadWriteOnce"])}
    made |= {"persistentVolumeReclaimPolicy": "Delete", "storageClassName": spec.get("storageClassName", "")}
    made["claimRef"] = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": entry.namespace}
    made["claimRef"] |= {"name": entry.name, "uid": entry.uid}
    made["hostPath"] = {"path": f"/sandbox/{volume}"}
    volumes = cluster.kind("", "persistentvolumes")
    if cluster.store.get(volumes, "", volume) is None:
        made_entry = cluster.writes.create(volumes, {"metadata": {"name": volume}, "spec": made}, author)
        cluster.put_status(volumes, made_entry, {"phase": "Bound"}, "persistent-volume-binder")
    current = cluster.writes.update(kind, entry.namespace, entry.name, lambda obj: _named(obj, volume), author)
    status = {"phase": "Bound", "accessModes": made["accessModes"], "capacity": capacity}
    cluster.put_status(kind, current, status, "persistent-volume-binder")


def _named(obj: Obj, volume: str) -> Obj:
    obj["spec"]["volumeName"] = volume
    return obj


def _let_go(cluster: Cluster, entry: Entry) -> None:
    used = any(
        dig(volume, "persistentVolumeClaim", "claimName") == entry.name
        for pod in cluster.store.scan(cluster.kind("", "pods"), entry.namespace)
        if dig(pod.obj, "status", "phase") not in ("Succeeded", "Failed")
        for volume in pod.obj["spec"].get("volumes", ())
    )
    if used:
        return

    def change(obj: Obj) -> Obj:
        kept = [f for f in obj["metadata"].get("finalizers", []) if f != "kubernetes.io/pvc-protection"]
        obj["metadata"]["finalizers"] = kept
        if not kept:
            del obj["metadata"]["finalizers"]
        return obj

    kind, author = cluster.kind("", "persistentvolumeclaims"), cluster.author("pvc-protection-controller")
    cluster.writes.update(kind, entry.namespace, entry.name, change, author)
    volumes = cluster.kind("", "persistentvolumes")
    volume = cluster.store.get(volumes, "", f"pvc-{entry.uid}")
    if volume is not None and cluster.store.get(kind, entry.namespace, entry.name) is None:
        cluster.writes.delete(volumes, volume, Deletion(), cluster.author("persistent-volume-binder"))
