"""CustomResourceDefinitions: the kinds they add, and the conditions by which they say so."""

from __future__ import annotations

from typing import Any

from bot.sandbox.cluster.controllers.cluster import Cluster
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig

_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


def definition(cluster: Cluster, _: str, name: str) -> None:
    """Serves the kinds of a definition while it is there, and takes its objects away with it."""
    kind = cluster.kind("apiextensions.k8s.io", "customresourcedefinitions")
    entry = cluster.store.get(kind, "", name)
    known = [k for rows in cluster.kinds.groups.values() for k in rows if k.custom and k.resource == name]
    if entry is None:
        _withdraw(cluster, known)
        return
    _serve(cluster, entry.obj["spec"], known)
    if not dig(entry.obj, "status", "conditions"):
        author = cluster.author("crd-controller", "status")
        cluster.writes.update(kind, "", name, lambda obj: _established(cluster, obj), author)


def _withdraw(cluster: Cluster, known: list[Kind]) -> None:
    for kind in known:
        for instance in list(cluster.store.scan(kind)):
            cluster.store.remove(kind, instance)
        cluster.kinds.remove(kind)


def _serve(cluster: Cluster, spec: Obj, known: list[Kind]) -> None:
    """One row for each served version. All share the objects of the first that was served."""
    served = {version["name"]: version for version in spec.get("versions", ()) if version.get("served")}
    for kind in known:
        if kind.version not in served and kind is not kind.storage:
            cluster.kinds.remove(kind)
    storage = next((kind.storage for kind in known), None)
    # The version that is stored comes first, so that the others can share its objects.
    for version in sorted(served.values(), key=lambda one: not one.get("storage")):
        columns = _columns(spec, version)
        row = cluster.kinds.find(spec["group"], version["name"], spec["names"]["plural"])
        if row is None:
            row = Kind(**columns, stored_as=storage)
            cluster.kinds.add(row)
        for column, value in columns.items():
            object.__setattr__(row, column, value)
        storage = storage or row


def _columns(spec: Obj, version: Obj) -> dict[str, Any]:
    names, parts = spec["names"], version.get("subresources") or {}
    scale = parts.get("scale")
    paths = ("specReplicasPath", "statusReplicasPath", "labelSelectorPath")
    return {
        "group": spec["group"],
        "version": version["name"],
        "kind": names["kind"],
        "plural": names["plural"],
        "namespaced": spec["scope"] == "Namespaced",
        "singular": names.get("singular") or names["kind"].lower(),
        "short": tuple(names.get("shortNames") or ()),
        "categories": tuple(names.get("categories") or ()),
        "verbs": _VERBS,
        "subresources": tuple(sorted(parts)),
        "custom": True,
        "scale_paths": tuple(scale.get(path, "") for path in paths) if scale else None,
        "selectable": tuple(field["jsonPath"].lstrip(".") for field in version.get("selectableFields") or ()),
        "served": version,
    }


def _established(cluster: Cluster, obj: Obj) -> Obj:
    now = cluster.writes.now()
    told = (
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    )
    conditions = [
        {"type": sort, "status": "True", "reason": why, "message": words, "lastTransitionTime": now}
        for sort, why, words in told
    ]
    versions = [version["name"] for version in obj["spec"].get("versions", ()) if version.get("storage")]
    obj["status"] = {"conditions": conditions, "acceptedNames": obj["spec"]["names"], "storedVersions": versions}
    return obj
