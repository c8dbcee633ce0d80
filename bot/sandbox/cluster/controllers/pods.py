"""Scheduler and kubelet in one: pods get a node, become ready after a while, or never, with a reason a person can read.

An image named ``…does-not-exist…`` or ``…imagepull…`` cannot be pulled; one named ``…crash…`` starts and dies again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zlib import crc32

from bot.sandbox.cluster.controllers import events
from bot.sandbox.cluster.controllers.cluster import Cluster
from bot.sandbox.cluster.controllers.events import Happening
from bot.sandbox.cluster.identity import controller
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Entry
from bot.sandbox.cluster.writing import Author, Deletion

_BAD_IMAGES = ("does-not-exist", "imagepull")
_CRASHING = ("crash",)
_KUBELET = Author(controller("kubelet"), "kubelet", "status")
_SERVER = Author(controller("kube-scheduler"), "", "binding")


def read_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def is_ready(pod: Obj) -> bool:
    conditions = dig(pod, "status", "conditions", default=[])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def is_finished(pod: Obj) -> bool:
    return dig(pod, "status", "phase") in ("Succeeded", "Failed")


def is_active(pod: Obj) -> bool:
    """Whether a controller counts the pod: it neither ended nor is ending."""
    return not is_finished(pod) and not pod["metadata"].get("deletionTimestamp")


def pod(cluster: Cluster, namespace: str, name: str) -> None:
    """Takes one pod one step further: to a node, to ready, to its end, or away."""
    kind = cluster.kind("", "pods")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None:
        return
    if entry.metadata.get("deletionTimestamp"):
        _stop(cluster, kind, entry)
    elif not entry.obj["spec"].get("nodeName"):
        _schedule(cluster, kind, entry)
    elif dig(entry.obj, "status", "phase") == "Pending" and not dig(entry.obj, "status", "startTime"):
        _start(cluster, kind, entry)
    elif dig(entry.obj, "status", "phase") == "Running" and _owner(entry) == "Job":
        _finish(cluster, kind, entry)


def _owner(entry: Entry) -> str:
    references = entry.metadata.get("ownerReferences", ())
    return next((str(r["kind"]) for r in references if r.get("controller")), "")


def _due(cluster: Cluster, entry: Entry, at: datetime) -> bool:
    """Whether the moment has come; if not, wakes the pod when it has."""
    if cluster.now() >= at:
        return True
    cluster.wake(at, ("pod", entry.namespace, entry.name))
    return False


def _stop(cluster: Cluster, kind: Kind, entry: Entry) -> None:
    grace = entry.metadata.get("deletionGracePeriodSeconds", 0)
    asked = read_time(entry.metadata["deletionTimestamp"]).timestamp() - grace
    if _due(cluster, entry, datetime.fromtimestamp(asked, UTC) + cluster.pace.pods_stop_after):
        cluster.writes.delete(kind, entry, Deletion(grace=0), _KUBELET)


def _fits(spec: Obj, node: Entry) -> bool:
    labels = node.metadata.get("labels", {})
    wanted = spec.get("nodeSelector") or {}
    pinned = dig(
        spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"
    )
    names = [v for term in pinned or () for field in term.get("matchFields", ()) for v in field.get("values", ())]
    return all(labels.get(key) == value for key, value in wanted.items()) and (not names or node.name in names)


def _schedule(cluster: Cluster, kind: Kind, entry: Entry) -> None:
    nodes = cluster.store.ordered(cluster.kind("", "nodes"))
    fitting = [node for node in nodes if _fits(entry.obj["spec"], node) and not dig(node.obj, "spec", "unschedulable")]
    if not fitting:
        _unschedulable(cluster, kind, entry, len(nodes))
        return
    node = fitting[crc32(entry.uid.encode()) % len(fitting)].name
    now = cluster.writes.now()

    def bind(obj: Obj) -> Obj:
        obj["spec"]["nodeName"] = node
        scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
        obj["status"]["conditions"] = [scheduled]
        return obj

    bound = cluster.writes.update(kind, entry.namespace, entry.name, bind, _SERVER)
    events.tell_scheduled(cluster, kind, bound, node)


def _unschedulable(cluster: Cluster, kind: Kind, entry: Entry, nodes: int) -> None:
    message = f"0/{nodes} nodes are available: {nodes} node(s) didn't match Pod's node affinity/selector."
    condition: Obj = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    condition |= {"lastProbeTime": None, "lastTransitionTime": entry.metadata["creationTimestamp"]}
    if dig(entry.obj, "status", "conditions"):
        return
    cluster.writes.update(
        kind,
        entry.namespace,
        entry.name,
        lambda obj: obj | {"status": obj["status"] | {"conditions": [condition]}},
        _KUBELET,
    )
    events.tell(cluster, kind, entry, Happening("FailedScheduling", message, "default-scheduler", warning=True))


def _has(entry: Entry, marks: tuple[str, ...]) -> bool:
    return any(mark in c.get("image", "") for c in entry.obj["spec"]["containers"] for mark in marks)


def _start(cluster: Cluster, kind: Kind, entry: Entry) -> None:
    begun = read_time(entry.metadata["creationTimestamp"])
    if not _due(cluster, entry, begun + cluster.pace.pods_ready_after):
        return
    if _has(entry, _BAD_IMAGES):
        _tell_bad_image(cluster, kind, entry)
    elif _has(entry, _CRASHING):
        message = f"Back-off restarting failed container in pod {entry.name}"
        events.tell(cluster, kind, entry, Happening("BackOff", message, "kubelet", warning=True))
    status = _started(entry, cluster.writes.now())

    def change(obj: Obj) -> Obj:
        scheduled = [c for c in obj["status"].get("conditions", []) if c["type"] == "PodScheduled"]
        obj["status"] = {**obj["status"], **status, "conditions": [*status["conditions"], *scheduled]}
        return obj

    cluster.writes.update(kind, entry.namespace, entry.name, change, _KUBELET)


def _tell_bad_image(cluster: Cluster, kind: Kind, entry: Entry) -> None:
    image = entry.obj["spec"]["containers"][0]["image"]
    message = f'Failed to pull image "{image}": not found'
    events.tell(cluster, kind, entry, Happening("Failed", message, "kubelet", warning=True))
    events.tell(cluster, kind, entry, Happening("BackOff", f'Back-off pulling image "{image}"', "kubelet"))


def _started(entry: Entry, now: str) -> Obj:
    """The status of a pod whose kubelet has begun with it: running, or stuck for the reason its image names."""
    bad, crashing = _has(entry, _BAD_IMAGES), _has(entry, _CRASHING)
    ready = "False" if bad or crashing else "True"
    conditions = [
        {"type": sort, "status": value, "lastProbeTime": None, "lastTransitionTime": now}
        for sort, value in (("Initialized", "True"), ("Ready", ready), ("ContainersReady", ready))
    ]
    statuses = [_container_status(container, now) for container in entry.obj["spec"]["containers"]]
    number = crc32(entry.uid.encode())
    address = f"10.1.{number % 250}.{1 + number // 250 % 250}"
    status = {"phase": "Pending" if bad else "Running", "conditions": conditions, "podIP": address}
    return status | {"podIPs": [{"ip": address}], "startTime": now, "containerStatuses": statuses}


def _container_status(container: Obj, now: str) -> Obj:
    image = container.get("image", "")
    status: Obj = {"name": container["name"], "image": image, "imageID": image, "restartCount": 0, "lastState": {}}
    if any(mark in image for mark in _BAD_IMAGES):
        waiting = {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}"'}
        return status | {"ready": False, "started": False, "state": {"waiting": waiting}}
    if any(mark in image for mark in _CRASHING):
        waiting = {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}
        died = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": now, "finishedAt": now}}
        return status | {
            "ready": False,
            "started": False,
            "restartCount": 2,
            "state": {"waiting": waiting},
            "lastState": died,
        }
    return status | {"ready": True, "started": True, "state": {"running": {"startedAt": now}}}


def _finish(cluster: Cluster, kind: Kind, entry: Entry) -> None:
    """A job's pod has done its work after a while."""
    began = read_time(dig(entry.obj, "status", "startTime"))
    if not is_ready(entry.obj) or not _due(cluster, entry, began + cluster.pace.jobs_run_for):
        return
    now = cluster.writes.now()

    def change(obj: Obj) -> Obj:
        done = {
            "terminated": {
                "exitCode": 0,
                "reason": "Completed",
                "startedAt": obj["status"]["startTime"],
                "finishedAt": now,
            }
        }
        obj["status"]["phase"] = "Succeeded"
        for condition in obj["status"]["conditions"]:
            if condition["type"] in ("Ready", "ContainersReady"):
                condition |= {"status": "False", "reason": "PodCompleted", "lastTransitionTime": now}
        for status in obj["status"]["containerStatuses"]:
            status |= {"ready": False, "started": False, "state": done}
        return obj

    cluster.writes.update(kind, entry.namespace, entry.name, change, _KUBELET)
