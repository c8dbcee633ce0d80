"""Events: what happened to an object, as `kubectl describe` shows it; the same again is counted, not repeated."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta

from bot.sandbox.cluster.controllers.cluster import Cluster
from bot.sandbox.cluster.identity import controller
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.storage import Entry
from bot.sandbox.cluster.writing import Author, Deletion

_KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened: a CamelCase reason, a sentence, and who says so."""

    reason: str
    message: str
    component: str
    warning: bool = False


def _reference(kind: Kind, entry: Entry) -> Obj:
    reference = {"kind": kind.kind} | ({"namespace": entry.namespace} if entry.namespace else {})
    reference |= {"name": entry.name, "uid": entry.uid, "apiVersion": kind.api_version}
    return reference | {"resourceVersion": entry.metadata["resourceVersion"]}


def _known(cluster: Cluster, events: Kind, entry: Entry, happening: Happening) -> tuple[Entry | None, str]:
    """The event to count up, if there is one, and the message it shall have.

    Ten events that differ only in their message become one that says they are many.
    """
    similar = [
        known
        for known in cluster.store.scan(events, entry.namespace or "default")
        if known.obj["involvedObject"]["uid"] == entry.uid and known.obj.get("reason") == happening.reason
    ]
    same = next((known for known in similar if known.obj.get("message") == happening.message), None)
    if same is not None or len(similar) < _SIMILAR:
        return same, happening.message
    combined = next((known for known in similar if known.obj["message"].startswith(_COMBINED)), None)
    return combined, _COMBINED + happening.message


_SIMILAR, _COMBINED = 9, "(combined from similar events): "


def tell(cluster: Cluster, kind: Kind, entry: Entry, happening: Happening) -> None:
    """Records an event, or counts one up that said the same of the same object."""
    now = cluster.writes.now()
    events = cluster.kind("", "events")
    known, message = _known(cluster, events, entry, happening)
    if known is not None:
        again = {"count": known.obj.get("count", 1) + 1, "lastTimestamp": now, "message": message}
        author = cluster.author("event-controller")
        cluster.writes.update(events, known.namespace, known.name, lambda obj: obj | again, author)
        return
    body: Obj = {"reason": happening.reason, "message": message}
    body |= {"source": {"component": happening.component}, "firstTimestamp": now, "lastTimestamp": now, "count": 1}
    body |= {"type": "Warning" if happening.warning else "Normal", "eventTime": None}
    reporter = "" if message.startswith(_COMBINED) else happening.component
    body |= {"reportingComponent": reporter, "reportingInstance": ""}
    _store(cluster, kind, entry, body, cluster.author("event-controller"))


def tell_scheduled(cluster: Cluster, kind: Kind, entry: Entry, node: str) -> None:
    """The scheduler's event, which is of the newer form: a time of its own, no count."""
    message = f"Successfully assigned {entry.namespace}/{entry.name} to {node}"
    body: Obj = {"reason": "Scheduled", "message": message, "source": {}, "firstTimestamp": None}
    body |= {"lastTimestamp": None, "type": "Normal", "eventTime": cluster.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    body |= {
        "action": "Binding",
        "reportingComponent": "default-scheduler",
        "reportingInstance": "default-scheduler-vm",
    }
    _store(cluster, kind, entry, body, Author(controller("kube-scheduler"), "kube-scheduler"), "events.k8s.io")


def _store(cluster: Cluster, kind: Kind, entry: Entry, body: Obj, author: Author, group: str = "") -> None:
    written_as = cluster.kinds.find(group, "v1", "events") or cluster.kind("", "events")
    name, namespace = f"{entry.name}.{_stamp(cluster)}", entry.namespace or "default"
    space = cluster.store.get(cluster.kind("", "namespaces"), "", namespace)
    if space is None or space.metadata.get("deletionTimestamp"):
        return
    head: Obj = {"metadata": {"name": name, "namespace": namespace}, "involvedObject": _reference(kind, entry)}
    cluster.writes.create(written_as, head | body, author)
    cluster.wake(cluster.now() + _KEPT_FOR, ("event", namespace, name))


def _stamp(cluster: Cluster) -> str:
    """The end of an event's name: nanoseconds, so that events sort by when they were told."""
    return (
        f"{int(cluster.now().timestamp()) * 1_000_000_000 + cluster.now().microsecond * 1000 + next(_SERIAL) % 1000:x}"
    )


_SERIAL = itertools.count()


def expire(cluster: Cluster, namespace: str, name: str) -> None:
    """Removes an event an hour after it was told."""
    events = cluster.kind("", "events")
    entry = cluster.store.get(events, namespace, name)
    if entry is not None:
        cluster.writes.delete(events, entry, Deletion(), cluster.author("event-controller"))
