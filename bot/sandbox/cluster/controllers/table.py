"""Which controllers there are, and which changes wake them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.sandbox.cluster.controllers import (
    batch,
    budgets,
    definitions,
    events,
    housekeeping,
    pods,
    quotas,
    replicas,
    stateful,
)
from bot.sandbox.cluster.controllers.cluster import Cluster, Key, Reconcile
from bot.sandbox.cluster.shapes import dig
from bot.sandbox.cluster.storage import Change

# Name of a controller → what it does with one object.
RECONCILERS: dict[str, Reconcile] = {
    "namespace": housekeeping.namespace,
    "namespace-content": housekeeping.namespace_content,
    "garbage": housekeeping.garbage,
    "definition": definitions.definition,
    "event": events.expire,
    "pod": pods.pod,
    "deployment": replicas.deployment,
    "replicaset": replicas.replica_set,
    "replicationcontroller": replicas.replication_controller,
    "statefulset": stateful.stateful_set,
    "daemonset": stateful.daemon_set,
    "job": batch.job,
    "cronjob": batch.cron_job,
    "autoscaler": budgets.autoscaler,
    "budget": budgets.disruption_budget,
    "claim": budgets.claim,
    "quota": quotas.quota,
}

# Which controller looks after a kind: woken by every change of an object, and of those it controls.
_OF_KIND = {
    "namespaces": "namespace",
    "customresourcedefinitions.apiextensions.k8s.io": "definition",
    "pods": "pod",
    "deployments.apps": "deployment",
    "replicasets.apps": "replicaset",
    "replicationcontrollers": "replicationcontroller",
    "statefulsets.apps": "statefulset",
    "daemonsets.apps": "daemonset",
    "jobs.batch": "job",
    "cronjobs.batch": "cronjob",
    "horizontalpodautoscalers.autoscaling": "autoscaler",
    "poddisruptionbudgets.policy": "budget",
    "persistentvolumeclaims": "claim",
    "resourcequotas": "quota",
}
_SCALABLE = frozenset({"deployments", "statefulsets", "replicasets", "replicationcontrollers"})


# These write their own status and must not wake themselves by it, or a refused one would try again for ever.
_DEAF_TO_STATUS = frozenset({"deployment", "replicaset", "replicationcontroller", "statefulset", "daemonset", "job"})
_BOOKKEEPING = ("resourceVersion", "managedFields")


def _only_status(change: Change) -> bool:
    if change.before is None or change.now is None:
        return False
    was, now = change.before.obj, change.now.obj
    if any(was.get(key) != now.get(key) for key in {*was, *now} - {"status", "metadata"}):
        return False
    before, after = was["metadata"], now["metadata"]
    return all(before.get(key) == after.get(key) for key in {*before, *after} - set(_BOOKKEEPING))


def _own(_: Cluster, change: Change) -> Iterable[Key]:
    name = _OF_KIND.get(change.kind.resource)
    if name in _DEAF_TO_STATUS and _only_status(change):
        return
    if name is not None and change.now is not None:
        yield name, change.entry.namespace, change.entry.name
    elif name == "definition":
        yield name, "", change.entry.name


def _owner(cluster: Cluster, change: Change) -> Iterable[Key]:
    """A controller looks again when one of its objects changes."""
    for entry in filter(None, (change.before, change.now)):
        for reference in entry.metadata.get("ownerReferences", ()):
            kind = cluster.kinds.of_object(reference["apiVersion"], reference["kind"])
            name = _OF_KIND.get(kind.resource) if kind else None
            if name is not None:
                yield name, change.entry.namespace, reference["name"]


def _around(cluster: Cluster, change: Change) -> Iterable[Key]:
    """Budgets look at pods, autoscalers at what they scale, claims at who uses them."""
    space = change.entry.namespace
    if change.kind.plural == "pods":
        for budget in cluster.store.scan(cluster.kind("policy", "poddisruptionbudgets"), space):
            yield "budget", space, budget.name
        if change.now is None:
            for volume in dig(change.entry.obj, "spec", "volumes", default=()):
                if "persistentVolumeClaim" in volume:
                    yield "claim", space, volume["persistentVolumeClaim"]["claimName"]
    if change.kind.plural in _SCALABLE:
        for scaler in cluster.store.scan(cluster.kind("autoscaling", "horizontalpodautoscalers"), space):
            yield "autoscaler", space, scaler.name
    if change.kind.plural == "nodes":
        for daemons in cluster.store.scan(cluster.kind("apps", "daemonsets")):
            yield "daemonset", daemons.namespace, daemons.name


INTERESTS: list[Callable[[Cluster, Change], Iterable[Key]]] = [
    _own,
    _owner,
    _around,
    quotas.counted,
    housekeeping.owners_and_finalizers,
]
