"""What the cluster holds: objects with versions, the history a watch replays, and who is watching.

Everything happens on the server's one event loop, so there are no locks; no other thread may touch a Store. A stored
object is never changed in place: a write stores a new one, so readers may keep what they were given.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.selectors import Match
from bot.sandbox.cluster.shapes import Obj

HISTORY = 20_000


def to_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Entry:
    """One version of one object, with its JSON made at most once."""

    __slots__ = ("_inner", "obj")

    def __init__(self, obj: Obj) -> None:
        self.obj = obj
        self._inner: bytes | None = None

    @property
    def inner(self) -> bytes:
        """The object's JSON as it stands in a list: without kind and apiVersion."""
        if self._inner is None:
            self._inner = to_json(self.obj)
        return self._inner

    def body(self, kind: Kind) -> bytes:
        return kind.prefix + self.inner[1:]

    @property
    def metadata(self) -> Obj:
        found: Obj = self.obj["metadata"]
        return found

    @property
    def name(self) -> str:
        return str(self.metadata["name"])

    @property
    def namespace(self) -> str:
        return str(self.metadata.get("namespace", ""))

    @property
    def uid(self) -> str:
        return str(self.metadata["uid"])

    @property
    def version(self) -> int:
        return int(self.metadata["resourceVersion"])


class Change:
    """One write as history keeps it: what was before, what is now; one of the two is missing at birth and death.

    To watchers a deleted object's last form is of the version of its death; ``was`` is what was stored until then.
    """

    __slots__ = ("before", "kind", "now", "version", "was")

    def __init__(self, kind: Kind, version: int, before: Entry | None, now: Entry | None, last: Entry) -> None:
        self.kind = kind
        self.version = version
        self.was = before
        self.before = last if now is None else before
        self.now = now

    @property
    def entry(self) -> Entry:
        """The object as the write left it; of a deleted one its last form."""
        found = self.now or self.before
        assert found is not None, "a change is always of something"  # noqa: S101 - says so to the type checker
        return found

    def seen(self, match: Match | None) -> tuple[str, Entry] | None:
        """The event a watcher with this selector gets: an object may enter or leave what it selects."""
        was = self.before is not None and (match is None or match(self.before.obj))
        now = self.now is not None and (match is None or match(self.now.obj))
        if not was and not now:
            return None
        return ("MODIFIED" if was and now else "ADDED" if now else "DELETED"), self.entry


class Watcher:
    """A queue of changes for one open watch; None in it ends the watch."""

    def __init__(self, kind: Kind, namespace: str, match: Match | None) -> None:
        self.kind = kind
        self.namespace = namespace
        self.match = match
        self.queue: asyncio.Queue[tuple[str, Entry] | None] = asyncio.Queue()

    def tell(self, change: Change) -> None:
        if not self.namespace or change.entry.namespace == self.namespace:
            event = change.seen(self.match)
            if event is not None:
                self.queue.put_nowait(event)


_METADATA = (
    *("name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"),
    *("deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers"),
    "managedFields",
)


def _in_order(obj: Obj, metadata: Obj) -> Obj:
    """The object with its parts in the order the real server writes them."""
    ordered: Obj = {"metadata": {key: metadata[key] for key in _METADATA if key in metadata}}
    ordered |= {key: value for key, value in obj.items() if key not in ("metadata", "status")}
    return ordered | ({"status": obj["status"]} if "status" in obj else {})


class Store:
    """All objects by kind, namespace and name, under one growing resourceVersion."""

    def __init__(self) -> None:
        self.version = 0
        self._tables: dict[Kind, dict[str, dict[str, Entry]]] = {}
        self._history: dict[Kind, deque[Change]] = {}
        self._forgotten: dict[Kind, int] = {}
        self._owned: dict[str, dict[tuple[Kind, str, str], Entry]] = {}
        self.watchers: set[Watcher] = set()
        self.listeners: list[Callable[[Change], None]] = []

    def get(self, kind: Kind, namespace: str, name: str) -> Entry | None:
        return self._tables.get(kind.storage, {}).get(namespace, {}).get(name)

    def scan(self, kind: Kind, namespace: str = "") -> Iterator[Entry]:
        """The kind's objects, of one namespace or of all, in no order; the set may change while it is walked."""
        table = self._tables.get(kind.storage, {})
        for group in [table.get(namespace, {})] if namespace else list(table.values()):
            yield from list(group.values())

    def ordered(self, kind: Kind, namespace: str = "") -> list[Entry]:
        """The kind's objects by namespace and name, as lists answer them."""
        table = self._tables.get(kind.storage, {})
        spaces = [namespace] if namespace else sorted(table)
        return [group[name] for space in spaces if (group := table.get(space)) for name in sorted(group)]

    def put(self, kind: Kind, obj: Obj) -> Entry:
        """Stores the object under a new resourceVersion and tells everyone."""
        self.version += 1
        metadata = {**obj["metadata"], "resourceVersion": str(self.version)}
        obj = _in_order(obj, metadata)
        group = self._tables.setdefault(kind.storage, {}).setdefault(metadata.get("namespace", ""), {})
        before, entry = group.get(metadata["name"]), Entry(obj)
        group[metadata["name"]] = entry
        self._tell(Change(kind.storage, self.version, before, entry, entry))
        return entry

    def remove(self, kind: Kind, entry: Entry) -> Entry:
        """Takes the object away; its last form, with the resourceVersion of its death, is answered."""
        self.version += 1
        table = self._tables[kind.storage]
        del table[entry.namespace][entry.name]
        if not table[entry.namespace]:
            del table[entry.namespace]
        last = Entry({**entry.obj, "metadata": {**entry.metadata, "resourceVersion": str(self.version)}})
        self._tell(Change(kind.storage, self.version, entry, None, last))
        return last

    def owned_by(self, uid: str) -> list[tuple[Kind, Entry]]:
        """Every object that names the uid among its owners."""
        return [(kind, entry) for (kind, _, _), entry in self._owned.get(uid, {}).items()]

    def _index_owners(self, change: Change) -> None:
        key = (change.kind, change.entry.namespace, change.entry.name)
        if change.before is not None:
            for reference in change.before.metadata.get("ownerReferences", ()):
                below = self._owned.get(reference["uid"], {})
                below.pop(key, None)
                if not below:
                    self._owned.pop(reference["uid"], None)
        if change.now is not None:
            for reference in change.now.metadata.get("ownerReferences", ()):
                self._owned.setdefault(reference["uid"], {})[key] = change.now

    def _tell(self, change: Change) -> None:
        self._index_owners(change)
        history = self._history.setdefault(change.kind, deque())
        history.append(change)
        if len(history) > HISTORY:
            self._forgotten[change.kind] = history.popleft().version
        for watcher in self.watchers:
            if watcher.kind is change.kind:
                watcher.tell(change)
        for listener in self.listeners:
            listener(change)

    def since(self, kind: Kind, version: int) -> list[Change] | None:
        """The kind's changes after a version, or None when they are no longer all held."""
        if version < self._forgotten.get(kind.storage, 0):
            return None
        return [change for change in self._history.get(kind.storage, ()) if change.version > version]

    def at(self, kind: Kind, namespace: str, version: int) -> list[Entry]:
        """The kind's objects as they were at a version that ``since`` still knows."""
        then = {(entry.namespace, entry.name): entry for entry in self.ordered(kind, namespace)}
        for change in reversed(self.since(kind, version) or []):
            key = (change.entry.namespace, change.entry.name)
            if change.was is None:
                then.pop(key, None)
            elif not namespace or namespace == key[0]:
                then[key] = change.was
        return [then[key] for key in sorted(then)]

    def forget(self) -> None:
        """Drops all history, so that watches and continue tokens from before answer 410."""
        for kind in self._tables:
            self._forgotten[kind] = self.version
            self._history.pop(kind, None)

    def watch(self, kind: Kind, namespace: str, match: Match | None) -> Watcher:
        watcher = Watcher(kind.storage, namespace, match)
        self.watchers.add(watcher)
        return watcher
