"""In which order the workloads of an environment wake: what others wait for wakes first, and sleeps last.

A workload says by the annotation `berth.dev/wake-after` what it waits for: names, or kinds and names as Deployment/db,
in its own namespace. What cannot be followed, a name that nothing has or a circle, is told and ignored: an order must
never keep anything asleep.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.rules.words import ANNOTATION_WAKE_AFTER
from bot.rules.workloads import FIRST, KINDS, Object

Key = tuple[str, str]  # the key of a kind, and a name


@dataclass(frozen=True)
class WakeOrder:
    """For each workload that waits, what it waits for directly; and what of their wishes is ignored, in words."""

    after: Mapping[Key, frozenset[Key]] = field(default_factory=dict)
    ignored: Sequence[str] = ()

    def before(self, key: Key) -> frozenset[Key]:
        """What must be ready before this one is started."""
        return self.after.get(key, frozenset())

    def behind(self, key: Key) -> frozenset[Key]:
        """What must have stopped before this one is put to sleep."""
        return frozenset(one for one, awaited in self.after.items() if key in awaited)


def wake_order(found: Mapping[Key, Object]) -> WakeOrder:
    """The order that the objects ask for by their annotations."""
    wished: dict[Key, frozenset[Key]] = {}
    ignored: list[str] = []
    for key, one in sorted(found.items()):
        named = _named(one)
        meant = {name: _meant(name, key, found) for name in named}
        ignored += [f"{label(key)} wakes after {name}, which is not here" for name in named if not meant[name]]
        if awaited := frozenset().union(*meant.values()):
            wished[key] = awaited
    circles = _circles(wished)
    ignored += [f"{_listed(circle)} wait for each other, so their order is ignored" for circle in circles]
    inside = {key: circle for circle in circles for key in circle}
    after = {key: awaited - inside.get(key, frozenset()) for key, awaited in wished.items()}
    return WakeOrder({key: awaited for key, awaited in after.items() if awaited}, tuple(ignored))


def _named(found: Object) -> list[str]:
    said = str((found["metadata"].get("annotations") or {}).get(ANNOTATION_WAKE_AFTER, ""))
    return list(dict.fromkeys(filter(None, re.split(r"[,\s]+", said))))


def _meant(name: str, by: Key, found: Mapping[Key, Object]) -> frozenset[Key]:
    """The workloads of that name, or of that kind and name; not the one that says so, unless it says its own kind."""
    kind, _, bare = name.rpartition("/")
    return frozenset(
        key
        for key in found
        if key[1] == bare and not _goes_first(key) and (_kind_of(key).lower() == kind.lower() if kind else key != by)
    )


def _circles(after: Mapping[Key, Iterable[Key]]) -> list[frozenset[Key]]:
    """The sets of workloads that wait for each other, one waiting for itself among them."""
    reached = {key: frozenset(_reached(key, after)) for key in after}
    circular = [key for key in after if key in reached[key]]
    return list(
        dict.fromkeys(
            frozenset(other for other in reached[key] if key in reached.get(other, frozenset())) for key in circular
        )
    )


def _reached(start: Key, after: Mapping[Key, Iterable[Key]]) -> Iterator[Key]:
    seen: set[Key] = set()
    left = list(after.get(start, ()))
    while left:
        key = left.pop()
        if key not in seen:
            seen.add(key)
            yield key
            left += after.get(key, ())


def _listed(circle: Iterable[Key]) -> str:
    return " and ".join(sorted(map(label, circle)))


def label(key: Key) -> str:
    """A workload's kind and name."""
    return f"{_kind_of(key)} {key[1]}"


def _kind_of(key: Key) -> str:
    """Its kind, without the group that a kind of others has in its key."""
    return key[0].partition(".")[0]


def _goes_first(key: Key) -> bool:
    return key[0] in KINDS and KINDS[key[0]].rank == FIRST
