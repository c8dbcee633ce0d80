"""Deployments and ReplicaSets: so many pods of this template, the old ones replaced step by step."""

from __future__ import annotations

import math
from typing import Any

from bot.sandbox.cluster.controllers import events
from bot.sandbox.cluster.controllers.cluster import Cluster
from bot.sandbox.cluster.controllers.events import Happening
from bot.sandbox.cluster.controllers.owning import (
    create_pod,
    delete_pod,
    from_template,
    owned,
    owner_reference,
    set_condition,
    settle_failure,
    template_hash,
    without_zeros,
)
from bot.sandbox.cluster.controllers.pods import is_active, is_ready
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, clone, dig
from bot.sandbox.cluster.storage import Entry

_HASH = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"


def replica_set(cluster: Cluster, namespace: str, name: str) -> None:
    _replicated(cluster, cluster.kind("apps", "replicasets"), namespace, name, "replicaset-controller")


def replication_controller(cluster: Cluster, namespace: str, name: str) -> None:
    _replicated(cluster, cluster.kind("", "replicationcontrollers"), namespace, name, "replication-controller")


def _replicated(cluster: Cluster, kind: Kind, namespace: str, name: str, component: str) -> None:
    entry = cluster.store.get(kind, namespace, name)
    if entry is None or entry.metadata.get("deletionTimestamp"):
        return
    pods = owned(cluster, cluster.kind("", "pods"), entry)
    active = [pod for pod in pods if is_active(pod.obj)]
    wanted = entry.obj["spec"].get("replicas", 1)
    failed = ""
    for _ in range(wanted - len(active)):
        pod = from_template(entry.obj["spec"]["template"], kind, entry, {"generateName": f"{name}-"}, {})
        failed = create_pod(cluster, kind, entry, pod, component)
        if failed:
            break
    for pod_entry in sorted(active, key=lambda p: is_ready(p.obj))[: max(0, len(active) - wanted)]:
        delete_pod(cluster, kind, entry, pod_entry, component)
    reconciler = "replicaset" if kind.group else "replicationcontroller"
    settle_failure(cluster, (reconciler, namespace, name), failed)
    _put_replica_status(cluster, kind, entry, failed, component)


def _put_replica_status(cluster: Cluster, kind: Kind, entry: Entry, failed: str, component: str) -> None:
    pods = owned(cluster, cluster.kind("", "pods"), entry)
    active = [pod for pod in pods if is_active(pod.obj)]
    ready = sum(is_ready(pod.obj) for pod in active)
    conditions = [
        c for c in dig(entry.obj, "status", "conditions", default=[]) if failed or c["type"] != "ReplicaFailure"
    ]
    if failed:
        condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": failed}
        conditions = set_condition(conditions, condition, cluster.writes.now())
    counts = {"fullyLabeledReplicas": len(active), "readyReplicas": ready, "availableReplicas": ready}
    status = {"replicas": len(active), **without_zeros(counts), "observedGeneration": entry.metadata["generation"]}
    if kind.group:
        status["terminatingReplicas"] = sum(bool(pod.metadata.get("deletionTimestamp")) for pod in pods)
    cluster.put_status(kind, entry, status | ({"conditions": conditions} if conditions else {}), component)


def _share(value: Any, total: int, *, up: bool) -> int:
    """An absolute number or a percentage of the replicas."""
    if isinstance(value, str) and value.endswith("%"):
        exact = total * int(value[:-1]) / 100
        return math.ceil(exact) if up else math.floor(exact)
    return int(value or 0)


def deployment(cluster: Cluster, namespace: str, name: str) -> None:
    """Keeps one ReplicaSet for the present template and moves the replicas over to it."""
    kind, sets = cluster.kind("apps", "deployments"), cluster.kind("apps", "replicasets")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None or entry.metadata.get("deletionTimestamp"):
        return
    mark = template_hash(entry.obj["spec"]["template"])
    every = owned(cluster, sets, entry)
    new = next((rs for rs in every if rs.metadata["labels"].get(_HASH) == mark), None)
    old = [rs for rs in every if rs is not new]
    if new is None:
        if entry.obj["spec"].get("paused"):
            return
        new = _new_set(cluster, entry, mark, old)
        _put_progress(cluster, entry, new, "NewReplicaSetCreated", f'Created new replica set "{new.name}"')
        entry = cluster.writes.need(kind, namespace, name)
    _move(cluster, entry, new, old)
    _prune(cluster, entry, old)
    _put_deployment_status(cluster, entry, new.name)


def _surge(entry: Entry) -> tuple[int, int]:
    """How many pods there may be above and below the wanted number during a rollout."""
    wanted, strategy = entry.obj["spec"]["replicas"], entry.obj["spec"]["strategy"]
    rolling = strategy.get("rollingUpdate", {})
    if strategy["type"] == "Recreate":
        return 0, wanted
    surge = _share(rolling.get("maxSurge"), wanted, up=True)
    below = _share(rolling.get("maxUnavailable"), wanted, up=False)
    return surge, below or (0 if surge else 1)


def _annotations(entry: Entry, revision: int) -> Obj:
    wanted = entry.obj["spec"]["replicas"]
    desired = {"deployment.kubernetes.io/desired-replicas": str(wanted)}
    most = str(wanted + _surge(entry)[0])
    return desired | {"deployment.kubernetes.io/max-replicas": most, _REVISION: str(revision)}


def _new_set(cluster: Cluster, entry: Entry, mark: str, old: list[Entry]) -> Entry:
    kind, sets = cluster.kind("apps", "deployments"), cluster.kind("apps", "replicasets")
    spec = entry.obj["spec"]
    template = clone(spec["template"])
    template["metadata"]["labels"] = {**template["metadata"].get("labels", {}), _HASH: mark}
    revision = 1 + max((int(rs.metadata.get("annotations", {}).get(_REVISION, 0)) for rs in old), default=0)
    metadata: Obj = {"name": f"{entry.name}-{mark}", "namespace": entry.namespace}
    metadata["labels"] = dict(template["metadata"]["labels"])
    metadata["annotations"] = _annotations(entry, revision)
    metadata["ownerReferences"] = [owner_reference(kind, entry)]
    selector = clone(spec["selector"])
    selector["matchLabels"] = {**selector.get("matchLabels", {}), _HASH: mark}
    body = {"metadata": metadata, "spec": {"replicas": 0, "selector": selector, "template": template}}
    if not old:
        body["spec"]["replicas"] = spec["replicas"]
        _tell_scaled(cluster, entry, metadata["name"], 0, spec["replicas"])
    return cluster.writes.create(sets, body, cluster.author("deployment-controller"))


def _count(entry: Entry, field: str) -> int:
    return int(dig(entry.obj, "status", field, default=0))


def _move(cluster: Cluster, entry: Entry, new: Entry, old: list[Entry]) -> None:
    """Scales the new set up as far as the surge allows, and the old ones down as far as readiness allows."""
    wanted = entry.obj["spec"]["replicas"]
    surge, below = _surge(entry)
    old_total = sum(max(rs.obj["spec"]["replicas"], _count(rs, "replicas")) for rs in old)
    recreate = entry.obj["spec"]["strategy"]["type"] == "Recreate"
    room = wanted if not old_total else 0 if recreate else max(0, wanted + surge - old_total)
    _scale(cluster, entry, new, max(min(wanted, room), min(wanted, new.obj["spec"]["replicas"])))
    spare = max(0, wanted - below - _count(new, "availableReplicas"))
    for rs in old:
        keep = 0 if recreate or not wanted else min(rs.obj["spec"]["replicas"], spare)
        spare -= keep
        _scale(cluster, entry, rs, keep)


def _scale(cluster: Cluster, entry: Entry, rs: Entry, replicas: int) -> None:
    before = rs.obj["spec"]["replicas"]
    revision = int(rs.metadata.get("annotations", {}).get(_REVISION, 1))

    def change(obj: Obj) -> Obj:
        obj["spec"]["replicas"] = replicas
        obj["metadata"]["annotations"] = {**obj["metadata"].get("annotations", {}), **_annotations(entry, revision)}
        return obj

    author = cluster.author("deployment-controller")
    cluster.writes.update(cluster.kind("apps", "replicasets"), rs.namespace, rs.name, change, author)
    if before != replicas:
        _tell_scaled(cluster, entry, rs.name, before, replicas)


def _tell_scaled(cluster: Cluster, entry: Entry, name: str, before: int, now: int) -> None:
    if before == now:
        return
    told = f"Scaled {'up' if now > before else 'down'} replica set {name} from {before} to {now}"
    happening = Happening("ScalingReplicaSet", told, "deployment-controller")
    events.tell(cluster, cluster.kind("apps", "deployments"), entry, happening)


def _prune(cluster: Cluster, entry: Entry, old: list[Entry]) -> None:
    limit = entry.obj["spec"].get("revisionHistoryLimit", 10)
    empty = [rs for rs in old if not rs.obj["spec"]["replicas"] and not _count(rs, "replicas")]
    for rs in sorted(empty, key=lambda e: e.version)[: max(0, len(empty) - limit)]:
        cluster.store.remove(cluster.kind("apps", "replicasets"), rs)


def _put_progress(cluster: Cluster, entry: Entry, new: Entry, reason: str, message: str) -> None:
    condition = {"type": "Progressing", "status": "True", "reason": reason, "message": message}
    status = dict(entry.obj.get("status", {}))
    status["conditions"] = set_condition(status.get("conditions", []), condition, cluster.writes.now(), dated=True)
    revision = new.metadata["annotations"][_REVISION]
    kind = cluster.kind("apps", "deployments")
    cluster.put_status(kind, entry, status, "deployment-controller", {_REVISION: revision})


def _put_deployment_status(cluster: Cluster, entry: Entry, new_name: str) -> None:
    kind, sets = cluster.kind("apps", "deployments"), cluster.kind("apps", "replicasets")
    every = owned(cluster, sets, entry)
    new = next(rs for rs in every if rs.name == new_name)
    wanted, (_, below) = entry.obj["spec"]["replicas"], _surge(entry)
    available = sum(_count(rs, "availableReplicas") for rs in every)
    counts = {
        "observedGeneration": entry.metadata["generation"],
        "replicas": sum(_count(rs, "replicas") for rs in every),
        "updatedReplicas": _count(new, "replicas"),
        "readyReplicas": sum(_count(rs, "readyReplicas") for rs in every),
        "availableReplicas": available,
        "unavailableReplicas": max(0, wanted - available),
    }
    status = without_zeros(counts) | {"terminatingReplicas": sum(_count(rs, "terminatingReplicas") for rs in every)}
    conditions = _deployment_conditions(cluster, entry, new, every, enough=available >= wanted - below)
    annotations = {_REVISION: new.metadata["annotations"][_REVISION]}
    cluster.put_status(kind, entry, status | {"conditions": conditions}, "deployment-controller", annotations)


def _deployment_conditions(
    cluster: Cluster, entry: Entry, new: Entry, every: list[Entry], *, enough: bool
) -> list[Obj]:
    now, wanted = cluster.writes.now(), entry.obj["spec"]["replicas"]
    conditions: list[Obj] = dig(entry.obj, "status", "conditions", default=[])
    available = (
        {"status": "True", "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability."}
        if enough
        else {
            "status": "False",
            "reason": "MinimumReplicasUnavailable",
            "message": "Deployment does not have minimum availability.",
        }
    )
    conditions = set_condition(conditions, {"type": "Available"} | available, now, dated=True)
    done = _count(new, "availableReplicas") == wanted and not any(
        _count(rs, "replicas") for rs in every if rs is not new
    )
    if done:
        message = f'ReplicaSet "{new.name}" has successfully progressed.'
        progressed = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "message": message}
        conditions = set_condition(conditions, progressed, now, dated=True)
    failure = next(
        (c for rs in every for c in dig(rs.obj, "status", "conditions", default=[]) if c["type"] == "ReplicaFailure"),
        None,
    )
    if failure is None:
        return [c for c in conditions if c["type"] != "ReplicaFailure"]
    return set_condition(conditions, failure, now, dated=True)
