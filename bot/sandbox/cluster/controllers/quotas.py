"""Keeps each quota's status telling what is used."""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.cluster.controllers.cluster import Cluster, Key
from bot.sandbox.cluster.identity import ADMIN
from bot.sandbox.cluster.quota import used_by
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Change
from bot.sandbox.cluster.writing import Author

_UNCOUNTED = frozenset({"events", "leases", "endpoints", "endpointslices"})


def counted(cluster: Cluster, change: Change) -> Iterable[Key]:
    """Every write in a namespace may change what its quotas have used."""
    if change.entry.namespace and change.kind.plural not in _UNCOUNTED:
        for entry in cluster.store.scan(cluster.kind("", "resourcequotas"), change.entry.namespace):
            yield "quota", entry.namespace, entry.name


def quota(cluster: Cluster, namespace: str, name: str) -> None:
    kind = cluster.kind("", "resourcequotas")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None:
        return
    hard: Obj = dig(entry.obj, "spec", "hard", default={})
    used = used_by(cluster.store, cluster.kinds, namespace, entry.obj)
    status = {"hard": dict(hard), "used": used}
    if status == entry.obj.get("status"):
        return
    # On a real server admission itself counts a new object up; the controller speaks when the limits changed.
    same_limits = dig(entry.obj, "status", "hard") == hard
    author = Author(ADMIN, "kube-apiserver" if same_limits else "kube-controller-manager", "status")
    cluster.writes.update(kind, namespace, name, lambda obj: obj | {"status": status}, author)
