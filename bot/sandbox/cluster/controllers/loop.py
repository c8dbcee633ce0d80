"""The work queue of all controllers: a change makes keys dirty, a dirty key is brought to where it should be.

Controllers run on the server's own loop, between requests, by the server's own clock. Each is a function of one object
and may be run any number of times.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.cluster.controllers.cluster import Cluster, Key, Pace
from bot.sandbox.cluster.controllers.table import INTERESTS, RECONCILERS
from bot.sandbox.cluster.errors import Refusal
from bot.sandbox.cluster.kinds import Kinds
from bot.sandbox.cluster.storage import Change, Entry, Store
from bot.sandbox.cluster.writing import Writes


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
        store.listeners.append(self._changed)
        writes.on_created = self._count_up

    def _count_up(self, entry: Entry) -> None:
        """A quota's use grows with the request that uses it, not a moment later."""
        quotas = self.cluster.kind("", "resourcequotas")
        for quota in list(self.cluster.store.scan(quotas, entry.namespace)) if entry.namespace else ():
            if quota.obj.get("status") and quota.name != entry.name:
                RECONCILERS["quota"](self.cluster, quota.namespace, quota.name)

    def _wake_at(self, at: datetime, key: Key) -> None:
        heapq.heappush(self._alarms, _Alarm(at, key))

    def _changed(self, change: Change) -> None:
        for interest in INTERESTS:
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
                RECONCILERS[name](self.cluster, namespace, obj)
            except Refusal as refused:
                # What a controller may not do now it tries again: a conflict at once, the rest when something changes.
                if refused.code == 409 and refused.reason == "Conflict":
                    self._dirty[key] = None
