"""The work queue of all controllers: a change makes keys dirty, a dirty key is brought to where it should be.

Controllers run on the server's own loop, between requests, by the server's own clock. Each is a function of one object
and may be run any number of times.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.cluster.errors import Refusal
from bot.sandbox.cluster.identity import controller
from bot.sandbox.cluster.kinds import Kind, Kinds
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.storage import Change, Entry, Store
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


@dataclass(order=True, slots=True)
class _Alarm:
    at: datetime
    key: Key = field(compare=False)


class Controllers:
    """Runs every controller of one cluster until nothing is left to do."""

    def __init__(self, store: Store, writes: Writes, kinds: Kinds, ca: str, pace: Pace) -> None:
        self.cluster = Cluster(store, writes, kinds, ca, pace, self._wake_at)
        self._dirty: dict[Key, None] = {}
        self._alarms: list[_Alarm] = []
        self.on_work: Callable[[], None] = lambda: None
        from bot.sandbox.cluster.controllers import table  # noqa: PLC0415 - the table's rows need this module's types

        self._table = table.RECONCILERS
        self._interests = table.INTERESTS
        store.listeners.append(self._changed)
        writes.on_created = self._count_up

    def _count_up(self, entry: Entry) -> None:
        """A quota's use grows with the request that uses it, not a moment later."""
        quotas = self.cluster.kind("", "resourcequotas")
        for quota in list(self.cluster.store.scan(quotas, entry.namespace)) if entry.namespace else ():
            if quota.obj.get("status") and quota.name != entry.name:
                self._table["quota"](self.cluster, quota.namespace, quota.name)

    def _wake_at(self, at: datetime, key: Key) -> None:
        heapq.heappush(self._alarms, _Alarm(at, key))

    def _changed(self, change: Change) -> None:
        for interest in self._interests:
            for key in interest(self.cluster, change):
                self._dirty[key] = None
        self.on_work()

    @property
    def busy(self) -> bool:
        """Whether there is something to do right now."""
        self._ring()
        return bool(self._dirty)

    def _ring(self) -> None:
        now = self.cluster.now()
        while self._alarms and self._alarms[0].at <= now:
            self._dirty[heapq.heappop(self._alarms).key] = None

    def run(self, steps: int = 1_000_000) -> None:
        """Does up to so many steps of work."""
        self._ring()
        while self._dirty and steps > 0:
            key = next(iter(self._dirty))
            del self._dirty[key]
            steps -= 1
            name, namespace, obj = key
            try:
                self._table[name](self.cluster, namespace, obj)
            except Refusal as refused:
                # What a controller may not do now it tries again: a conflict at once, the rest when something changes.
                if refused.code == 409 and refused.reason == "Conflict":
                    self._dirty[key] = None
