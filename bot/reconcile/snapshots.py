"""Lists of a whole cluster, shared by workers that have much to do there at once.

Where a whole company falls asleep in the evening, each environment's own lists would be most of what the API server is
asked. So where many environments of a cluster are due, workers look at one list of the whole cluster instead.

What makes that safe: every patch is conditional on the version that was read, so what a list is too old for fails and
is read again. And no pass sees a list that was begun before its operation was ordered, or before the pass before it
had ended: where something looks as wanted, nothing is sent that could fail, so what a pass did must show in what the
next one reads. What another process did is told by another clock; after it a list must be begun anew.

So a wave of environments takes a list of each kind before it changes anything, and another one after; who comes late
causes a third. The second is not begun while others of this process still make their changes, which it would miss.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.seams.cluster import Cluster, Object
from store.records import Records
from store.tables import Environment

_MANY: Final = 4  # environments due at once on a cluster, from which on its lists are shared,
_SHARE: Final = 100  # if they are also more than one in so many of those that live there
_COUNTED_FOR: Final = 60.0  # seconds that the number of those that live there is believed
_ROUND: Final = timedelta(seconds=1)  # from one list of a kind to the next, so that one serves many
_GOES_ON: Final = 5.0  # seconds
_CHANGES_FOR: Final = 3.0  # seconds that a list awaits changes that others make: who hangs for longer comes late
_CHANGES_SOON_END: Final = timedelta(milliseconds=250)
_KEPT_FOR: Final = 30.0  # seconds

ByNamespace = Mapping[str, list[Object]]


class NotYet(Exception):
    """The next list is taken after this long, for all that wait for it. A pass that is told so has changed nothing."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(after)
        self.after = after


@dataclass(frozen=True)
class _Taken:
    """One list, by namespace."""

    begun: datetime  # by the bot's clock
    at: float  # by the machine's
    objects: ByNamespace


@dataclass
class _Shelf:
    """Where the newest list of one kind on one cluster is kept; whoever holds the lock lists."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    newest: _Taken | None = None


class Snapshots:
    """The lists of one process. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelves: dict[tuple[str, str], _Shelf] = defaultdict(_Shelf)
        self._shared_at: dict[str, float] = {}
        self._living: dict[str, tuple[float, int]] = {}
        self._changing: dict[str, dict[object, float]] = defaultdict(dict)

    @contextmanager
    def changing(self, cluster: str) -> Iterator[None]:
        """While a pass makes its changes, for which the next list waits."""
        pass_, begun = object(), time.monotonic()
        with self._lock:
            self._changing[cluster][pass_] = begun
        try:
            yield
        finally:
            with self._lock:
                del self._changing[cluster][pass_]

    def worthwhile(self, records: Records, environment: Environment, now: datetime) -> bool:
        """Whether so much is due on an environment's cluster that its workers should share lists."""
        if time.monotonic() - self._shared_at.get(environment.cluster, -_GOES_ON) < _GOES_ON:
            return True  # those that began by a shared list end by one
        due = records.environments.due_on(environment.cluster, now)
        much = due >= _MANY and due * _SHARE >= self._living_on(records, environment.cluster)
        if much:
            self._shared_at[environment.cluster] = time.monotonic()
        return much

    def newer(
        self, cluster: Cluster, kind: str, since: datetime, clock: Clock, *, awaits_changes: bool = False
    ) -> tuple[datetime, ByNamespace]:
        """A list of the whole cluster that was begun after `since`, and when it was. Raises ClusterError, NotYet.

        `awaits_changes`: where a new list is needed, it has to show what others change just now.
        """
        with self._lock:
            shelf = self._shelves[cluster.name, kind]
        with shelf.lock:  # who waits here finds what the one before has listed
            taken = shelf.newest
            if taken is None or not since < taken.begun <= clock.now() or _is_old(taken):
                if awaits_changes:
                    self._await_changes(cluster.name, taken)
                _await_round(taken, clock)
                taken = shelf.newest = _take(cluster, kind, clock.now())
                self._shared_at[cluster.name] = taken.at
            return taken.begun, taken.objects

    def _await_changes(self, cluster: str, taken: _Taken | None) -> None:
        """Raises NotYet where changes are just being made that the next list has to show to those who make them."""
        if taken is None or _is_old(taken):
            return
        now = time.monotonic()
        with self._lock:
            recent = any(now - begun < _CHANGES_FOR for begun in self._changing[cluster].values())
        if recent:
            raise NotYet(_CHANGES_SOON_END)

    def forget_old(self) -> None:
        """Keep no list that nobody will look at any more."""
        with self._lock:
            shelves = [shelf for shelf in self._shelves.values() if shelf.newest is not None]
        for shelf in shelves:
            if not shelf.lock.acquire(blocking=False):
                continue  # somebody lists it anew, which may take its time
            try:
                if shelf.newest is not None and _is_old(shelf.newest):
                    shelf.newest = None
            finally:
                shelf.lock.release()

    def _living_on(self, records: Records, cluster: str) -> int:
        counted, living = self._living.get(cluster, (0.0, 0))
        if not counted or time.monotonic() - counted > _COUNTED_FOR:
            living = records.environments.count_on(cluster)
            self._living[cluster] = (time.monotonic(), living)
        return living


@dataclass
class Lists:
    """What one pass reads of its environment's namespace. `shared` is None where it reads the namespace itself."""

    cluster: Cluster
    namespace: str
    clock: Clock
    since: datetime  # nothing older may be seen
    shared: Snapshots | None = None
    awaits_changes: bool = False

    def __post_init__(self) -> None:
        self._newest = self.since

    def of(self, kind: str) -> list[Object]:
        """The namespace's objects of a kind. Raises ClusterError."""
        return self._read(kind, self.since)

    def afterwards(self, kind: str) -> list[Object]:
        """The same, not older than anything that this pass has read before."""
        return self._read(kind, self._newest)

    def _read(self, kind: str, since: datetime) -> list[Object]:
        if self.shared is None:
            return self.cluster.list(kind, self.namespace)
        begun, objects = self.shared.newer(self.cluster, kind, since, self.clock, awaits_changes=self.awaits_changes)
        self._newest = max(self._newest, begun)
        return objects.get(self.namespace, [])


def _await_round(taken: _Taken | None, clock: Clock) -> None:
    """Raises NotYet where the newest list is so new that the next one should serve more than who asks now."""
    went, whole = clock.now() - taken.begun if taken else timedelta.max, clock.lasting(_ROUND)
    if timedelta(0) <= went < whole:
        raise NotYet(_ROUND * ((whole - went) / whole))


def _is_old(taken: _Taken) -> bool:
    return time.monotonic() - taken.at > _KEPT_FOR


def _take(cluster: Cluster, kind: str, begun: datetime) -> _Taken:
    at, needed = time.monotonic(), _NEEDED.get(kind, _everything)
    objects: dict[str, list[Object]] = defaultdict(list)
    for found in cluster.list(kind):
        objects[found["metadata"]["namespace"]].append(needed(found))
    return _Taken(begun, at, dict(objects))


def _everything(found: Object) -> Object:
    return found


def _of_pod(pod: Object) -> Object:
    """What passes want to know of a pod, of which a cluster has many."""
    spec = {which: [_of_container(one) for one in pod["spec"][which]] for which in _CONTAINERS if which in pod["spec"]}
    metadata: dict[str, Any] = {
        name: value
        for name, value in pod["metadata"].items()
        if name in ("name", "namespace", "uid", "ownerReferences", "deletionTimestamp")
    }
    return {"metadata": metadata, "spec": spec, "status": pod.get("status", {})}


def _of_container(container: Object) -> Object:
    return {name: container[name] for name in ("resources", "restartPolicy") if name in container}


_CONTAINERS: Final = ("containers", "initContainers")
_NEEDED: Final[Mapping[str, Callable[[Object], Object]]] = {"Pod": _of_pod}
