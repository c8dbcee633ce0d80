"""What every controller of pods shares: finding its own, making them from a template, and conditions."""

from __future__ import annotations

import json
from zlib import crc32

from bot.sandbox.cluster.controllers import events
from bot.sandbox.cluster.controllers.cluster import Cluster, Key
from bot.sandbox.cluster.controllers.events import Happening
from bot.sandbox.cluster.errors import Refusal
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, clone
from bot.sandbox.cluster.storage import Entry
from bot.sandbox.cluster.writing import Deletion

_SAFE = "bcdfghjklmnpqrstvwxz2456789"


def template_hash(template: Obj) -> str:
    """A short name for a pod template, the same for the same template."""
    number = crc32(json.dumps(template, sort_keys=True).encode())
    return "".join(_SAFE[ord(digit) % len(_SAFE)] for digit in str(number))


def owned(cluster: Cluster, kind: Kind, owner: Entry) -> list[Entry]:
    """The objects of a kind whose controller is the owner, by name."""
    mine = [
        entry
        for sort, entry in cluster.store.owned_by(owner.uid)
        if sort is kind
        and any(r["uid"] == owner.uid and r.get("controller") for r in entry.metadata.get("ownerReferences", ()))
    ]
    return sorted(mine, key=lambda entry: entry.name)


def owner_reference(kind: Kind, owner: Entry) -> Obj:
    reference = {"apiVersion": kind.api_version, "kind": kind.kind, "name": owner.name, "uid": owner.uid}
    return reference | {"controller": True, "blockOwnerDeletion": True}


def from_template(template: Obj, kind: Kind, owner: Entry, names: Obj, labels: Obj) -> Obj:
    """A pod as its template says: ``names`` holds name or generateName, ``labels`` what the controller adds."""
    given = template.get("metadata", {})
    metadata: Obj = {**names, "namespace": owner.namespace, "labels": {**given.get("labels", {}), **labels}}
    if given.get("annotations"):
        metadata["annotations"] = dict(given["annotations"])
    metadata["ownerReferences"] = [owner_reference(kind, owner)]
    return {"metadata": metadata, "spec": clone(template.get("spec", {}))}


def create_pod(cluster: Cluster, kind: Kind, owner: Entry, pod: Obj, component: str) -> str:
    """Makes a pod and tells of it; answers the reason when it was refused, else nothing."""
    try:
        made = cluster.writes.create(cluster.kind("", "pods"), pod, cluster.author(component))
    except Refusal as refused:
        if refused.reason == "AlreadyExists":
            return ""
        told = f"Error creating: {refused.message}"
        if kind.plural == "statefulsets":
            told = f"create Pod {pod['metadata']['name']} in StatefulSet {owner.name} failed error: {refused.message}"
        events.tell(cluster, kind, owner, Happening("FailedCreate", told, component, warning=True))
        return refused.message
    told = f"Created pod: {made.name}"
    if kind.plural == "statefulsets":
        told = f"create Pod {made.name} in StatefulSet {owner.name} successful".replace("create", "Create", 1)
    events.tell(cluster, kind, owner, Happening("SuccessfulCreate", told, component))
    return ""


def delete_pod(cluster: Cluster, kind: Kind, owner: Entry, pod: Entry, component: str) -> None:
    cluster.writes.delete(cluster.kind("", "pods"), pod, Deletion(), cluster.author(component))
    told = f"Deleted pod: {pod.name}"
    if kind.plural == "statefulsets":
        told = f"Delete Pod {pod.name} in StatefulSet {owner.name} successful"
    events.tell(cluster, kind, owner, Happening("SuccessfulDelete", told, component))


def settle_failure(cluster: Cluster, key: Key, failed: str) -> None:
    """Tries again later after a refusal; forgets earlier ones after success."""
    if failed:
        cluster.retry(key)
    else:
        cluster.failures.pop(key, None)


def set_condition(conditions: list[Obj], condition: Obj, now: str, *, dated: bool = False) -> list[Obj]:
    """The conditions with one replaced; it moves to the end only when it says something new."""
    known = next((c for c in conditions if c["type"] == condition["type"]), None)
    if known and all(known.get(key) == condition.get(key) for key in ("status", "reason", "message")):
        return conditions
    since = known["lastTransitionTime"] if known and known["status"] == condition["status"] else now
    told = {"type": condition["type"], "status": condition["status"]} | ({"lastUpdateTime": now} if dated else {})
    told |= {"lastTransitionTime": since} | {key: condition[key] for key in ("reason", "message") if key in condition}
    return [c for c in conditions if c["type"] != condition["type"]] + [told]


def without_zeros(status: Obj) -> Obj:
    """A status as Go writes it: counts of 0 are left out."""
    return {key: value for key, value in status.items() if value not in (0, None, [])}
