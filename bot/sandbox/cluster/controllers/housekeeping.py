"""What keeps the cluster tidy: namespaces and their content, garbage of deleted owners, kinds added by definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.sandbox.cluster.controllers.cluster import Cluster, Key
from bot.sandbox.cluster.controllers.owning import set_condition
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Change, Entry
from bot.sandbox.cluster.writing import FOREGROUND, ORPHAN, Deletion


def _put_missing(cluster: Cluster, plural: str, obj: Obj, author: str) -> None:
    kind = cluster.kind("", plural)
    if cluster.store.get(kind, obj["metadata"]["namespace"], obj["metadata"]["name"]) is None:
        cluster.writes.create(kind, obj, cluster.author(author))


def namespace(cluster: Cluster, _: str, name: str) -> None:
    """Gives a namespace its account and root certificate; when it terminates, empties and ends it."""
    entry = cluster.store.get(cluster.kind("", "namespaces"), "", name)
    if entry is None:
        return
    if not entry.metadata.get("deletionTimestamp"):
        account: Obj = {"metadata": {"name": "default", "namespace": name}}
        _put_missing(cluster, "serviceaccounts", account, "service-account-controller")
        root: Obj = {"metadata": {"name": "kube-root-ca.crt", "namespace": name}, "data": {"ca.crt": cluster.ca}}
        note = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."  # noqa: E501 - one sentence of the server
        root["metadata"]["annotations"] = {"kubernetes.io/description": note}
        _put_missing(cluster, "configmaps", root, "root-ca-cert-publisher")
        return
    if cluster.pace.namespaces_linger:
        cluster.wake(cluster.now() + cluster.pace.namespaces_linger, ("namespace-content", "", name))
    else:
        namespace_content(cluster, "", name)


def namespace_content(cluster: Cluster, _space: str, name: str) -> None:
    """Deletes what is in a terminating namespace, and the namespace once nothing is left."""
    kind = cluster.kind("", "namespaces")
    entry = cluster.store.get(kind, "", name)
    if entry is None or not entry.metadata.get("deletionTimestamp"):
        return
    author = cluster.author("namespace-controller")
    left: list[tuple[Kind, Entry]] = []
    for below in cluster.kinds.stored():
        if below.namespaced:
            for content in cluster.store.ordered(below, name):
                last, gone = cluster.writes.delete(below, content, Deletion(grace=0), author)
                left += [] if gone else [(below, last)]
    if left:
        _tell_remaining(cluster, name, left)
        return

    def finish(obj: Obj) -> Obj:
        obj["spec"]["finalizers"] = []
        return obj

    cluster.writes.update(kind, "", name, finish, cluster.author("namespace-controller", "finalize"))


def _tell_remaining(cluster: Cluster, name: str, left: list[tuple[Kind, Entry]]) -> None:
    """The five conditions by which a namespace says why it is still there."""
    kind = cluster.kind("", "namespaces")
    entry = cluster.writes.need(kind, "", name)
    conditions: list[Obj] = dig(entry.obj, "status", "conditions", default=[])
    for condition in (*_FINE, _remaining(left), _finalizers(left)):
        conditions = set_condition(conditions, condition, cluster.writes.now())
    status = {**entry.obj["status"], "conditions": conditions}
    cluster.put_status(kind, entry, status, "namespace-controller")


def _condition(sort: str, reason: str, message: str, *, holds: bool = False) -> Obj:
    return {"type": sort, "status": str(holds), "reason": reason, "message": message}


_FINE = (
    _condition("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    _condition(
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    _condition(
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)


def _remaining(left: list[tuple[Kind, Entry]]) -> Obj:
    counts = Counter(f"{kind.plural}.{kind.group}" for kind, _ in left)
    told = ", ".join(f"{resource} has {count} resource instances" for resource, count in sorted(counts.items()))
    message = f"Some resources are remaining: {told}"
    return _condition("NamespaceContentRemaining", "SomeResourcesRemain", message, holds=True)


def _finalizers(left: list[tuple[Kind, Entry]]) -> Obj:
    counts = Counter(finalizer for _, entry in left for finalizer in entry.metadata.get("finalizers", ()))
    if not counts:
        message = "All content-preserving finalizers finished"
        return _condition("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", message)
    told = ", ".join(f"{finalizer} in {count} resource instances" for finalizer, count in sorted(counts.items()))
    message = f"Some content in the namespace has finalizers remaining: {told}"
    return _condition("NamespaceFinalizersRemaining", "SomeFinalizersRemain", message, holds=True)


# Garbage: what a deleted owner leaves behind.


def owners_and_finalizers(cluster: Cluster, change: Change) -> Iterable[Key]:
    """Wakes the collector when an owner goes or begins to go, and a namespace when its last content goes."""
    entry = change.entry
    if change.now is None or entry.metadata.get("deletionTimestamp"):
        yield "garbage", entry.namespace, f"{change.kind.group}/{change.kind.plural}/{entry.uid}/{entry.name}"
    if change.now is None and entry.namespace:
        space = cluster.store.get(cluster.kind("", "namespaces"), "", entry.namespace)
        if space is not None and space.metadata.get("deletionTimestamp") and not cluster.pace.namespaces_linger:
            yield "namespace", "", entry.namespace


def garbage(cluster: Cluster, namespace: str, key: str) -> None:
    """Deletes, orphans or waits for the dependents of an owner that is gone or going."""
    group, plural, uid, name = key.split("/", 3)
    kind = cluster.kinds.known(group, plural)
    if kind is None:
        return
    owner = cluster.store.get(kind, namespace, name)
    living = owner is not None and owner.uid == uid
    finalizers = owner.metadata.get("finalizers", []) if owner is not None and living else []
    if living and not {ORPHAN, FOREGROUND} & set(finalizers):
        return
    dependents = cluster.store.owned_by(uid)
    author = cluster.author("generic-garbage-collector")
    for below, entry in dependents:
        if ORPHAN in finalizers:
            cluster.writes.update(below, entry.namespace, entry.name, lambda obj: _disowned(obj, uid), author)
        elif _last_owner(cluster, entry, uid) and not entry.metadata.get("deletionTimestamp"):
            propagation = "Foreground" if FOREGROUND in finalizers else "Background"
            cluster.writes.delete(below, entry, Deletion(propagation=propagation), author)
    if owner is not None and living and not _blocking(cluster, uid):
        _release(cluster, kind, owner)


def _blocking(cluster: Cluster, uid: str) -> bool:
    return any(
        reference["uid"] == uid and reference.get("blockOwnerDeletion")
        for _, entry in cluster.store.owned_by(uid)
        for reference in entry.metadata["ownerReferences"]
    )


def _disowned(obj: Obj, uid: str) -> Obj:
    obj["metadata"]["ownerReferences"] = [r for r in obj["metadata"].get("ownerReferences", []) if r["uid"] != uid]
    if not obj["metadata"]["ownerReferences"]:
        del obj["metadata"]["ownerReferences"]
    return obj


def _last_owner(cluster: Cluster, entry: Entry, gone: str) -> bool:
    """Whether no other owner of the object still lives."""
    for reference in entry.metadata.get("ownerReferences", ()):
        kind = cluster.kinds.of_object(reference["apiVersion"], reference["kind"])
        owner = cluster.store.get(kind, entry.namespace if kind.namespaced else "", reference["name"]) if kind else None
        if owner is not None and owner.uid == reference["uid"] != gone:
            return False
    return True


def _release(cluster: Cluster, kind: Kind, owner: Entry) -> None:
    def change(obj: Obj) -> Obj:
        kept = [f for f in obj["metadata"].get("finalizers", []) if f not in (ORPHAN, FOREGROUND)]
        obj["metadata"]["finalizers"] = kept
        if not kept:
            del obj["metadata"]["finalizers"]
        return obj

    cluster.writes.update(kind, owner.namespace, owner.name, change, cluster.author("generic-garbage-collector"))
