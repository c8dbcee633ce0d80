"""ResourceQuota: what a namespace has used, and the refusal of what would exceed it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from decimal import Decimal

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.errors import forbidden
from bot.sandbox.cluster.kinds import Kind, Kinds
from bot.sandbox.cluster.preparing import quality_of_service
from bot.sandbox.cluster.quantities import is_binary, parse, spell
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Store

Usage = dict[str, Decimal]
_ONE = Decimal(1)
_COUNT = "count/"
_BARE = ("cpu", "memory", "ephemeral-storage")


def _pod_usage(obj: Obj) -> Usage:
    if dig(obj, "status", "phase") in ("Succeeded", "Failed"):
        return {}
    usage: Usage = {"pods": _ONE}
    for part in ("requests", "limits"):
        for name, amount in _pod_amounts(obj["spec"], part).items():
            usage[f"{part}.{name}"] = amount
            if part == "requests" and name in _BARE:
                usage[name] = amount
    return usage


def _pod_amounts(spec: Obj, part: str) -> Usage:
    """Containers together, or the largest init container where that is more."""
    total: Usage = {}
    for container in spec.get("containers", ()):
        for name, amount in (dig(container, "resources", part, default={})).items():
            total[name] = total.get(name, Decimal(0)) + parse(amount)
    for container in spec.get("initContainers", ()):
        for name, amount in (dig(container, "resources", part, default={})).items():
            total[name] = max(total.get(name, Decimal(0)), parse(amount))
    return total


def _claim_usage(obj: Obj) -> Usage:
    size = parse(dig(obj, "spec", "resources", "requests", "storage", default="0"))
    usage = {"persistentvolumeclaims": _ONE, "requests.storage": size}
    storage_class = dig(obj, "spec", "storageClassName")
    if storage_class:
        prefix = f"{storage_class}.storageclass.storage.k8s.io"
        usage |= {f"{prefix}/requests.storage": size, f"{prefix}/persistentvolumeclaims": _ONE}
    return usage


def _service_usage(obj: Obj) -> Usage:
    sort, ports = dig(obj, "spec", "type"), len(dig(obj, "spec", "ports", default=()))
    usage = {"services": _ONE}
    if sort in ("NodePort", "LoadBalancer"):
        usage["services.nodeports"] = Decimal(ports)
    if sort == "LoadBalancer":
        usage["services.loadbalancers"] = _ONE
    return usage


def _counted(name: str) -> Callable[[Obj], Usage]:
    return lambda _: {name: _ONE}


_USAGE: dict[str, Callable[[Obj], Usage]] = {
    "pods": _pod_usage,
    "persistentvolumeclaims": _claim_usage,
    "services": _service_usage,
    **{name: _counted(name) for name in ("configmaps", "secrets", "replicationcontrollers", "resourcequotas")},
}


def usage_of(kind: Kind, obj: Obj) -> Usage:
    """What one object takes from a quota, by the quota's names."""
    measure = _USAGE.get(kind.resource)
    usage = measure(obj) if measure else {}
    return usage | {f"{_COUNT}{kind.resource}": _ONE}


def _in_scope(quota: Obj, kind: Kind, obj: Obj) -> bool:
    """Scopes select pods; a quota with scopes counts nothing else."""
    scopes = dig(quota, "spec", "scopes", default=[])
    return not scopes or (kind.resource == "pods" and all(_SCOPES[s](obj) for s in scopes if s in _SCOPES))


_SCOPES: dict[str, Callable[[Obj], bool]] = {
    "BestEffort": lambda pod: quality_of_service(pod["spec"]) == "BestEffort",
    "NotBestEffort": lambda pod: quality_of_service(pod["spec"]) != "BestEffort",
    "Terminating": lambda pod: dig(pod, "spec", "activeDeadlineSeconds") is not None,
    "NotTerminating": lambda pod: dig(pod, "spec", "activeDeadlineSeconds") is None,
}


def _total(store: Store, kinds: Kinds, namespace: str, quota: Obj, names: Iterable[str]) -> Usage:
    """What is used of these of a quota's names."""
    total: Usage = {name: Decimal(0) for name in names}
    for kind in kinds.stored():
        if not kind.namespaced or not _concerns(kind, total):
            continue
        for entry in store.scan(kind, namespace):
            if _in_scope(quota, kind, entry.obj):
                for name, amount in usage_of(kind, entry.obj).items():
                    if name in total:
                        total[name] += amount
    return total


def _concerns(kind: Kind, names: Container[str]) -> bool:
    if kind.resource in ("pods", "persistentvolumeclaims", "services"):
        return True
    return f"{_COUNT}{kind.resource}" in names or kind.resource in names


def used_by(store: Store, kinds: Kinds, namespace: str, quota: Obj) -> Obj:
    """The quota's ``status.used``; of kinds that are not served there is nothing to tell."""
    hard = dig(quota, "spec", "hard", default={})
    served = {f"{_COUNT}{kind.resource}" for kind in kinds.stored()}
    known = [name for name in hard if name in served or not name.startswith(_COUNT)]
    total = _total(store, kinds, namespace, quota, known)
    return {name: _spell(amount, hard[name], name) for name, amount in total.items()}


def _spell(amount: Decimal, like: str, name: str) -> str:
    return spell(amount, binary=is_binary(like) or "memory" in name or "storage" in name)


def _needed(quota: Obj, review: Review) -> Iterator[str]:
    """Resources a limited pod must state, with the containers that do not: ``requests.cpu for: a``."""
    if review.kind.resource != "pods" or review.new is None:
        return
    for limit in sorted(dig(quota, "spec", "hard", default={})):
        part, _, name = limit.partition(".") if "." in limit else ("requests", "", limit)
        if part not in ("requests", "limits") or name not in _BARE:
            continue
        silent = [
            container["name"]
            for container in review.new["spec"].get("containers", ())
            if name not in dig(container, "resources", part, default={})
        ]
        if silent:
            yield f"{limit} for: {','.join(silent)}"


def enforce_quota(world: World, review: Review) -> None:
    """Refuses a new or grown object that would take a namespace over one of its quotas."""
    if review.new is None or not review.namespace or review.subresource not in ("", "scale", "resize"):
        return
    kind = world.kind("", "resourcequotas")
    for entry in sorted(world.store.scan(kind, review.namespace), key=lambda e: e.name):
        if _in_scope(entry.obj, review.kind, review.new):
            _check(world, review, entry.name, entry.obj)


def _check(world: World, review: Review, name: str, quota: Obj) -> None:
    hard = dig(quota, "spec", "hard", default={})
    before = usage_of(review.kind, review.old) if review.old is not None else {}
    now = usage_of(review.kind, review.new or {})
    more = {key: amount - before.get(key, Decimal(0)) for key, amount in now.items() if key in hard}
    needed = list(_needed(quota, review)) if review.old is None else []
    if needed:
        raise forbidden(review.kind, review.name, f"failed quota: {name}: must specify {'; '.join(needed)}")
    if not any(amount > 0 for amount in more.values()):
        return
    used = _total(world.store, world.kinds, review.namespace, quota, more)
    over = sorted(key for key, amount in more.items() if amount > 0 and used[key] + amount > parse(hard[key]))
    if over:
        said = {
            "requested": ",".join(f"{key}={_spell(more[key], _like(review, key), key)}" for key in over),
            "used": ",".join(f"{key}={_spell(used[key], hard[key], key)}" for key in over),
            "limited": ",".join(f"{key}={hard[key]}" for key in over),
        }
        told = ", ".join(f"{word}: {values}" for word, values in said.items())
        raise forbidden(review.kind, review.name, f"exceeded quota: {name}, {told}")


def _like(review: Review, key: str) -> str:
    return "1Mi" if "memory" in key or "storage" in key else "1"
