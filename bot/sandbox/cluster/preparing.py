"""What the server itself writes into a new object after its owner's fields were noted: first status, addresses, labels.

Unlike defaults these belong to nobody in managedFields.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from bot.sandbox.cluster.defaults import fill
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.quantities import parse
from bot.sandbox.cluster.shapes import Obj, dig

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def random_suffix(length: int = 5) -> str:
    """Letters as the API server draws them for generated names: no vowels, no look-alikes."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


# Status a new object has before any controller saw it; other kinds with a status start with an empty one.
_FIRST_STATUS: dict[str, Obj] = {
    "pods": {"phase": "Pending"},
    "namespaces": {"phase": "Active"},
    "persistentvolumeclaims": {"phase": "Pending"},
    "persistentvolumes": {"phase": "Pending"},
    "replicasets.apps": {"replicas": 0},
    "replicationcontrollers": {"replicas": 0},
    "statefulsets.apps": {"replicas": 0, "availableReplicas": 0},
    "daemonsets.apps": dict.fromkeys(
        ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"), 0
    ),
    "poddisruptionbudgets.policy": dict.fromkeys(
        ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0
    ),
    "horizontalpodautoscalers.autoscaling": {"desiredReplicas": 0, "currentMetrics": None},
    "services": {"loadBalancer": {}},
    "ingresses.networking.k8s.io": {"loadBalancer": {}},
}


def quality_of_service(spec: Obj) -> str:
    """The QoS class the kubelet would evict by: Guaranteed, Burstable or BestEffort."""
    amounts = [container.get("resources") or {} for container in spec.get("containers", ())]
    if not any(a.get("requests") or a.get("limits") for a in amounts):
        return "BestEffort"
    for amount in amounts:
        limits, requests = amount.get("limits") or {}, amount.get("requests") or {}
        if {"cpu", "memory"} - set(limits) or any(
            parse(requests.get(r, limits[r])) != parse(limits[r]) for r in limits
        ):
            return "Burstable"
    return "Guaranteed"


def _pod(obj: Obj) -> None:
    obj["status"]["qosClass"] = quality_of_service(obj["spec"])


def _job(obj: Obj) -> None:
    spec, uid, name = obj["spec"], obj["metadata"]["uid"], obj["metadata"]["name"]
    if spec.get("manualSelector"):
        return
    marks = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    labels.update(marks)
    # The real server shares the template's label map with the Job itself when the Job has none.
    obj["metadata"].setdefault("labels", dict(labels))
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}


def _service(obj: Obj) -> None:
    spec = obj["spec"]
    if spec["type"] == "ExternalName":
        return
    address = spec.setdefault("clusterIP", f"10.0.{secrets.randbelow(255)}.{1 + secrets.randbelow(253)}")
    fill(spec, {"clusterIPs": [address], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"})


def _namespace(obj: Obj) -> None:
    obj.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])


def _claim(obj: Obj) -> None:
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if "kubernetes.io/pvc-protection" not in finalizers:
        finalizers.append("kubernetes.io/pvc-protection")


_PREPARE: dict[str, Callable[[Obj], None]] = {
    "pods": _pod,
    "jobs.batch": _job,
    "services": _service,
    "namespaces": _namespace,
    "persistentvolumeclaims": _claim,
}


def prepare(kind: Kind, obj: Obj) -> None:
    """Makes a decoded, defaulted object ready to be stored for the first time."""
    if kind.has_status and not kind.custom:
        kept = obj.get("status") if kind.resource == "nodes" else None
        obj["status"] = kept or dict(_FIRST_STATUS.get(kind.storage.resource, {}))
    step = _PREPARE.get(kind.resource)
    if step is not None:
        step(obj)


def pod_resources(spec: Obj, part: str, name: str) -> list[str]:
    """The amounts of one resource that a pod's containers ask for: ``requests`` or ``limits``."""
    return [
        amount
        for container in spec.get("containers", ())
        if (amount := dig(container, "resources", part, name)) is not None
    ]
