"""What the server knows of fields without a schema: which lists have keys and which maps are one value.

Strategic merge, server-side apply and managedFields all read these tables, so that a field means the same to each.
Custom resources know none of this: their lists are single values, as on a real server without list types.
"""

from __future__ import annotations

import json
from typing import Any

Obj = dict[str, Any]
Path = tuple[str, ...]

# Field → the keys by which its items are told apart; strategic merge uses the first that an item has.
LIST_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "hostAliases": ("ip",),
    "podIPs": ("ip",),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "resourceClaims": ("name",),
    "webhooks": ("name",),
    "matchConditions": ("name",),
    "variables": ("name",),
    "schedulingGates": ("name",),
}
SET_LISTS = frozenset({"finalizers"})
ATOMIC_MAPS = frozenset(
    {
        "selector",
        "labelSelector",
        "nodeSelector",
        "podSelector",
        "namespaceSelector",
        "objectSelector",
        "roleRef",
        "involvedObject",
        "regarding",
        "related",
        "claimRef",
        "dataSource",
        "secretRef",
        "secretKeyRef",
        "configMapKeyRef",
        "fieldRef",
        "resourceFieldRef",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "fieldsV1",
    }
)
# Structs that stand in every object even when empty: they are never owned themselves, only what is in them.
ALWAYS_THERE = frozenset(
    {
        "metadata",
        "spec",
        "status",
        "template",
        "jobTemplate",
        "strategy",
        "updateStrategy",
        "source",
        "scaleTargetRef",
        "loadBalancer",
        "podSelector",
        "deprecatedSource",
        "names",
        "containers",
    }
)


def list_keys(field: str, items: list[Any]) -> tuple[str, ...] | None:
    """The keys of a list's items, or None when the list is one value."""
    keys: tuple[str, ...] | None
    if field == "ports":
        keys = ("containerPort", "protocol") if any("containerPort" in i for i in items) else ("port", "protocol")
    else:
        keys = LIST_KEYS.get(field)
    if keys is None:
        return None
    return keys if all(isinstance(item, dict) and keys[0] in item for item in items) else None


def item_key(keys: tuple[str, ...], item: Obj) -> str:
    """An item's path segment as managedFields writes it: ``k:{"name":"app"}``."""
    values = {key: item.get(key, "TCP" if key == "protocol" else None) for key in sorted(keys)}
    return "k:" + json.dumps({key: value for key, value in values.items() if value is not None}, separators=(",", ":"))


def children(field: str, value: Any, *, custom: bool = False) -> dict[str, tuple[str, Any]] | None:
    """A value's parts as path segment → (field name, part); None when the value is a single one.

    ``field`` is the name the value stands under; the item of a keyed list carries its list's name in brackets.
    """
    if isinstance(value, dict):
        if field in ATOMIC_MAPS or field == "[ownerReferences]":
            return None
        return {f"f:{name}": (name, part) for name, part in value.items()}
    if isinstance(value, list):
        if field in SET_LISTS:
            return {"v:" + json.dumps(item): ("", item) for item in value}
        keys = None if custom and field != "ownerReferences" else list_keys(field, value)
        if keys is not None:
            return {item_key(keys, item): (f"[{field}]", item) for item in value}
    return None


def pruned(value: Any) -> Any:
    """The value without nulls in its maps: to the real server a null field is an absent one."""
    if isinstance(value, dict):
        return {key: pruned(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [pruned(part) for part in value]
    return value


def clone(value: Any) -> Any:
    """A deep copy of JSON data, several times faster than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: clone(part) if isinstance(part, dict | list) else part for key, part in value.items()}
    if isinstance(value, list):
        return [clone(part) if isinstance(part, dict | list) else part for part in value]
    return value


def tidy(obj: Obj) -> Obj:
    """Removes the empty maps and lists that Go would not write, so that taking the last label away leaves no trace."""
    metadata = obj.get("metadata", {})
    for holder, names in ((metadata, _EMPTY_METADATA), (obj, ("data", "binaryData"))):
        for name in names:
            if name in holder and not holder[name]:
                del holder[name]
    return obj


_EMPTY_METADATA = ("labels", "annotations", "ownerReferences", "finalizers", "managedFields")


def dig(obj: Any, *path: str, default: Any = None) -> Any:
    """The value at a path of map keys, or the default where any part of the way is missing."""
    for key in path:
        if not isinstance(obj, dict):
            return default
        obj = obj.get(key)
    return default if obj is None else obj
