"""StatefulSets and DaemonSets: pods with names and claims of their own, and one pod per node."""

from __future__ import annotations

from bot.sandbox.cluster.controllers.cluster import Cluster
from bot.sandbox.cluster.controllers.owning import (
    create_pod,
    delete_pod,
    from_template,
    owned,
    owner_reference,
    settle_failure,
    template_hash,
    without_zeros,
)
from bot.sandbox.cluster.controllers.pods import is_active, is_ready
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, clone, dig
from bot.sandbox.cluster.storage import Entry
from bot.sandbox.cluster.writing import Deletion

_REVISION = "controller-revision-hash"


def _claim_name(template: Obj, entry: Entry, ordinal: int) -> str:
    return f"{template['metadata']['name']}-{entry.name}-{ordinal}"


def _ordinal(pod: Entry) -> int:
    return int(pod.name.rpartition("-")[2])


def stateful_set(cluster: Cluster, namespace: str, name: str) -> None:
    """Makes pods in order from 0, each with its claims, and takes them away from the other end."""
    kind = cluster.kind("apps", "statefulsets")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None or entry.metadata.get("deletionTimestamp"):
        return
    mark = template_hash(entry.obj["spec"]["template"])
    pods = {_ordinal(pod): pod for pod in owned(cluster, cluster.kind("", "pods"), entry)}
    wanted = entry.obj["spec"].get("replicas", 1)
    failed = _fill_up(cluster, entry, pods, wanted, mark)
    _take_down(cluster, entry, pods, wanted)
    _drop_claims(cluster, entry, wanted)
    _roll(cluster, entry, pods, mark)
    settle_failure(cluster, ("statefulset", namespace, name), failed)
    _put_stateful_status(cluster, kind, entry, mark)


def _fill_up(cluster: Cluster, entry: Entry, pods: dict[int, Entry], wanted: int, mark: str) -> str:
    ordered = entry.obj["spec"].get("podManagementPolicy") != "Parallel"
    for ordinal in range(wanted):
        pod = pods.get(ordinal)
        if pod is None:
            failed = _create(cluster, entry, ordinal, mark)
            if failed:
                return failed
            if ordered:
                return ""
        elif ordered and not (is_ready(pod.obj) and is_active(pod.obj)):
            return ""
    return ""


def _create(cluster: Cluster, entry: Entry, ordinal: int, mark: str) -> str:
    kind, spec, name = cluster.kind("apps", "statefulsets"), entry.obj["spec"], f"{entry.name}-{ordinal}"
    labels = {"apps.kubernetes.io/pod-index": str(ordinal), _REVISION: f"{entry.name}-{mark}"}
    labels["statefulset.kubernetes.io/pod-name"] = name
    pod = from_template(spec["template"], kind, entry, {"generateName": f"{entry.name}-", "name": name}, labels)
    pod["spec"] |= {"hostname": name} | ({"subdomain": spec["serviceName"]} if spec.get("serviceName") else {})
    for template in spec.get("volumeClaimTemplates") or ():
        claim = _claim_name(template, entry, ordinal)
        _put_claim(cluster, entry, template, claim)
        volume = {"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim}}
        pod["spec"]["volumes"] = [*pod["spec"].get("volumes", []), volume]
    return create_pod(cluster, kind, entry, pod, "statefulset-controller")


def _put_claim(cluster: Cluster, entry: Entry, template: Obj, name: str) -> None:
    claims = cluster.kind("", "persistentvolumeclaims")
    if cluster.store.get(claims, entry.namespace, name) is not None:
        return
    labels = {**template["metadata"].get("labels", {}), **dig(entry.obj, "spec", "selector", "matchLabels", default={})}
    metadata: Obj = {"name": name, "namespace": entry.namespace, "labels": labels}
    if dig(entry.obj, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") == "Delete":
        metadata["ownerReferences"] = [owner_reference(cluster.kind("apps", "statefulsets"), entry)]
    author = cluster.author("statefulset-controller")
    cluster.writes.create(claims, {"metadata": metadata, "spec": clone(template["spec"])}, author)


def _take_down(cluster: Cluster, entry: Entry, pods: dict[int, Entry], wanted: int) -> None:
    kind = cluster.kind("apps", "statefulsets")
    for ordinal in sorted(pods, reverse=True):
        if ordinal >= wanted and not pods[ordinal].metadata.get("deletionTimestamp"):
            delete_pod(cluster, kind, entry, pods[ordinal], "statefulset-controller")


def _drop_claims(cluster: Cluster, entry: Entry, wanted: int) -> None:
    """Under ``whenScaled: Delete`` the claims of pods that are no longer wanted go with them: data is lost."""
    if dig(entry.obj, "spec", "persistentVolumeClaimRetentionPolicy", "whenScaled") != "Delete":
        return
    claims = cluster.kind("", "persistentvolumeclaims")
    prefixes = [_claim_name(t, entry, 0)[:-1] for t in entry.obj["spec"].get("volumeClaimTemplates") or ()]
    for claim in list(cluster.store.scan(claims, entry.namespace)):
        for prefix in prefixes:
            ordinal = claim.name.removeprefix(prefix)
            if ordinal != claim.name and ordinal.isdigit() and int(ordinal) >= wanted:
                cluster.writes.delete(claims, claim, Deletion(), cluster.author("statefulset-controller"))


def _roll(cluster: Cluster, entry: Entry, pods: dict[int, Entry], mark: str) -> None:
    """Replaces one pod of an older template at a time, from the highest, when all others are ready."""
    if dig(entry.obj, "spec", "updateStrategy", "type") != "RollingUpdate":
        return
    partition = dig(entry.obj, "spec", "updateStrategy", "rollingUpdate", "partition", default=0)
    revision = f"{entry.name}-{mark}"
    for ordinal in sorted(pods, reverse=True):
        pod = pods[ordinal]
        if pod.metadata.get("deletionTimestamp"):
            return
        if ordinal >= partition and pod.metadata["labels"].get(_REVISION) != revision:
            current = cluster.store.get(cluster.kind("", "pods"), pod.namespace, pod.name)
            if current is not None and not current.metadata.get("deletionTimestamp"):
                kind = cluster.kind("apps", "statefulsets")
                delete_pod(cluster, kind, entry, current, "statefulset-controller")
            return
        if not is_ready(pod.obj):
            return


def _put_stateful_status(cluster: Cluster, kind: Kind, entry: Entry, mark: str) -> None:
    pods = [p for p in owned(cluster, cluster.kind("", "pods"), entry) if is_active(p.obj)]
    ready, revision = sum(is_ready(pod.obj) for pod in pods), f"{entry.name}-{mark}"
    updated = sum(pod.metadata["labels"].get(_REVISION) == revision for pod in pods)
    counts = {"readyReplicas": ready, "currentReplicas": updated, "updatedReplicas": updated}
    status = {"observedGeneration": entry.metadata["generation"], "replicas": len(pods), **without_zeros(counts)}
    status |= {"currentRevision": revision, "updateRevision": revision, "collisionCount": 0, "availableReplicas": ready}
    cluster.put_status(kind, entry, status, "statefulset-controller")


# DaemonSets.


def _fits(spec: Obj, node: Entry) -> bool:
    labels = node.metadata.get("labels", {})
    return all(labels.get(key) == value for key, value in (spec.get("nodeSelector") or {}).items())


def daemon_set(cluster: Cluster, namespace: str, name: str) -> None:
    """Keeps one pod on every node the template fits."""
    kind = cluster.kind("apps", "daemonsets")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None or entry.metadata.get("deletionTimestamp"):
        return
    spec, mark = entry.obj["spec"]["template"]["spec"], template_hash(entry.obj["spec"]["template"])
    nodes = [node.name for node in cluster.store.ordered(cluster.kind("", "nodes")) if _fits(spec, node)]
    failed, placed = "", set()
    for pod in owned(cluster, cluster.kind("", "pods"), entry):
        node = _pinned(pod.obj)
        outdated = pod.metadata["labels"].get(_REVISION) != mark
        if pod.metadata.get("deletionTimestamp"):
            placed.add(node)
        elif node not in nodes or node in placed or outdated:
            delete_pod(cluster, kind, entry, pod, "daemonset-controller")
        else:
            placed.add(node)
    for node in nodes:
        if node not in placed and not failed:
            failed = _create_on(cluster, kind, entry, node, mark)
    settle_failure(cluster, ("daemonset", namespace, name), failed)
    _put_daemon_status(cluster, kind, entry, len(nodes), mark)


def _pinned(pod: Obj) -> str:
    terms = dig(
        pod,
        *("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"),
        default=[{}],
    )
    return str(terms[0].get("matchFields", [{"values": [""]}])[0]["values"][0])


def _create_on(cluster: Cluster, kind: Kind, entry: Entry, node: str, mark: str) -> str:
    labels = {_REVISION: mark, "pod-template-generation": str(entry.metadata["generation"])}
    pod = from_template(entry.obj["spec"]["template"], kind, entry, {"generateName": f"{entry.name}-"}, labels)
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}}
    pod["spec"]["affinity"] = {"nodeAffinity": required}
    names = ("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")
    pod["spec"]["tolerations"] = [*pod["spec"].get("tolerations", []), *(_toleration(name) for name in names)]
    return create_pod(cluster, kind, entry, pod, "daemonset-controller")


def _toleration(name: str) -> Obj:
    effect = "NoExecute" if name in ("not-ready", "unreachable") else "NoSchedule"
    return {"key": f"node.kubernetes.io/{name}", "operator": "Exists", "effect": effect}


def _put_daemon_status(cluster: Cluster, kind: Kind, entry: Entry, wanted: int, mark: str) -> None:
    pods = [pod for pod in owned(cluster, cluster.kind("", "pods"), entry) if is_active(pod.obj)]
    ready = sum(is_ready(pod.obj) for pod in pods)
    updated = sum(pod.metadata["labels"].get(_REVISION) == mark for pod in pods)
    status = {"currentNumberScheduled": len(pods), "numberMisscheduled": 0, "desiredNumberScheduled": wanted}
    status |= {"numberReady": ready, "observedGeneration": entry.metadata["generation"]}
    more = {"updatedNumberScheduled": updated, "numberAvailable": ready, "numberUnavailable": wanted - ready}
    cluster.put_status(kind, entry, status | without_zeros(more), "daemonset-controller")
