"""What a controller works with: the cluster's store and writes, its clock and pace, and a way to be woken again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.cluster.identity import controller
from bot.sandbox.cluster.kinds import Kind, Kinds
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.storage import Entry, Store
from bot.sandbox.cluster.writing import Author, Writes


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the cluster is: until a pod is ready, and how long a namespace and a stopping pod linger."""

    pods_ready_after: timedelta = timedelta(0)
    namespaces_linger: timedelta = timedelta(0)
    pods_stop_after: timedelta = timedelta(0)
    jobs_run_for: timedelta = timedelta(seconds=30)


Key = tuple[str, str, str]


@dataclass(frozen=True)
class Cluster:
    """What a controller works with."""

    store: Store
    writes: Writes
    kinds: Kinds
    ca: str
    pace: Pace
    wake: Callable[[datetime, Key], None]
    failures: dict[Key, int] = field(default_factory=dict)

    def kind(self, group: str, plural: str) -> Kind:
        return self.kinds.named(group, plural)

    def now(self) -> datetime:
        return self.writes.clock()

    def author(self, name: str, subresource: str = "") -> Author:
        return Author(controller(name), "kube-controller-manager", subresource)

    def put_status(self, kind: Kind, entry: Entry, status: Obj, name: str, annotations: Obj | None = None) -> None:
        """Replaces an object's status, and sets annotations with it; nothing is written when nothing differs."""

        def change(obj: Obj) -> Obj:
            obj["status"] = status
            if annotations:
                obj["metadata"]["annotations"] = {**obj["metadata"].get("annotations", {}), **annotations}
            return obj

        self.writes.update(kind, entry.namespace, entry.name, change, self.author(name, "status"))

    def retry(self, key: Key) -> None:
        """Wakes a key that failed, later each time as client-go's limiter does: 5 ms, doubled, 1000 s at most."""
        count = self.failures[key] = self.failures.get(key, -1) + 1
        self.wake(self.now() + timedelta(seconds=min(1000, 0.005 * 2 ** min(count, 18))), key)


# Brings one object to where it should be; None when the object is gone.
Reconcile = Callable[[Cluster, str, str], None]
