"""What a kind of workload is to sleep: one field that says whether it runs, and how to see what came of it.

Everything works on raw API objects. A kind knows nothing of journals; `bot.rules.journal` decides with what it says.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from bot.rules.gitops import DISABLED, RECONCILE, obeys_annotation
from bot.rules.words import ANNOTATION_CYCLE, ANNOTATION_NEVER_SLEEP, ANNOTATION_WAKE, BERTH

Object = Mapping[str, Any]
Original = dict[str, Any]

FIRST: Final = 0
"""Rank of what would start others again: it is asked to stand still before them, and set free after them."""
THEN: Final = 1
"""Rank of what runs pods."""


PAUSED_REPLICAS: Final = "autoscaling.keda.sh/paused-replicas"

_ASKED: Final[Mapping[str, str | None]] = {RECONCILE: DISABLED, PAUSED_REPLICAS: None}
"""Annotations by which others are asked to leave an object alone, and what they are meanwhile; None: not there."""


@dataclass(frozen=True)
class Readiness:
    """How much of a workload runs: `ready` of `wanted` pods."""

    ready: int
    wanted: int

    @property
    def complete(self) -> bool:
        """Whether all that is wanted is ready."""
        return self.ready >= self.wanted


@dataclass(frozen=True)
class Field:
    """The field that says whether an object runs: where it is, its value at rest, and what its absence means.

    `accepts` tells a value that may be put back from one that somebody mangled. `held` is the part of the path that a
    manager holds, where the API server takes the map that the field is in for one value.
    """

    path: tuple[str, ...]
    rest: Any
    absent: Any
    accepts: Callable[[Any], bool]
    held: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last step of the path, by which journals call it."""
        return self.path[-1]

    def read(self, found: Object) -> Any:
        """Its value on an object."""
        value = walk(found, self.path)
        return self.absent if value is None else value

    def patch(self, value: Any) -> dict[str, Any]:
        """A merge patch that sets it; None removes it."""
        return _nested(self.path, value)

    def writers(self, found: Object) -> frozenset[str]:
        """The field managers that hold it, by the object's managedFields."""
        steps = [f"f:{step}" for step in self.held or self.path]
        return frozenset(
            str(entry.get("manager"))
            for entry in found["metadata"].get("managedFields", ())
            if walk(entry.get("fieldsV1", {}), steps) is not None
        )


@dataclass(frozen=True)
class Kind(ABC):
    """One kind of workload. `name` is what its objects say they are; group, version and plural make its path."""

    name: str
    group: str
    version: str
    plural: str
    field: Field
    rank: int = THEN
    optional: bool = False  # its custom resource definition may be missing on a cluster

    runs_pods: ClassVar[bool] = True  # whether waking it starts some at once

    @abstractmethod
    def stopped(self, found: Object) -> bool:
        """Whether its controller has carried out that it rests."""

    @abstractmethod
    def readiness(self, found: Object) -> Readiness:
        """How far it runs as its spec says."""

    @abstractmethod
    def describe(self, found: Object) -> str:
        """The workload in a few words."""

    @property
    def key(self) -> str:
        """What it is called in Berth's tables: kinds that others define are named with their group."""
        return f"{self.name}.{self.group}" if self.optional else self.name

    @property
    def rest(self) -> Any:
        """The value of its field at rest."""
        return self.field.rest

    def original(self, found: Object) -> Original:
        """What wake would have to restore, were it put to sleep now."""
        annotations = found["metadata"].get("annotations", {})
        asked = {name: annotations.get(name) for name in self.asks(found) if annotations.get(name) != _ASKED[name]}
        return {self.field.name: self.field.read(found)} | ({_ANNOTATIONS: asked} if asked else {})

    def asks(self, found: Object) -> Sequence[str]:
        """The annotations of an object by which others are asked to leave it alone while it sleeps."""
        return (RECONCILE,) if obeys_annotation(found) else ()

    def runs_as(self, found: Object, original: Original) -> bool:
        """Whether it runs as it did by this original."""
        return bool(self.field.read(found) == original.get(self.field.name))

    def runs(self, original: Original) -> bool:
        """Whether this original is something that wake has to restore."""
        return bool(original.get(self.field.name, self.rest) != self.rest)

    def at_rest(self, found: Object) -> bool:
        """Whether it runs nothing because its spec says so."""
        return bool(self.field.read(found) == self.rest)

    def label(self, found: Object) -> str:
        """Its kind and name."""
        return f"{self.name} {found['metadata']['name']}"

    def is_going(self, found: Object) -> bool:
        """Whether it is being deleted, so that it neither sleeps nor wakes any more: its controller obeys it no longer.

        What was asked to stand still has to be set free all the same, or its controller might never let it go.
        """
        return is_being_deleted(found) and not (self.rank == FIRST and self.at_rest(found))

    def objection(self, found: Object) -> str:
        """Why it must not be put to sleep, in words that follow its name; empty where nothing is against it."""
        return "is marked never to sleep" if is_marked(found, ANNOTATION_NEVER_SLEEP) else ""

    def sleep_patch(self, found: Object, mark: str, original: Original) -> dict[str, Any]:
        """One merge patch: how to wake it as an annotation, and its rest, or neither."""
        asked = original.get(_ANNOTATIONS, {})
        wake = _merged(_marks(None, None), _annotated(asked), self.field.patch(original[self.field.name]))
        still = _annotated({name: _ASKED[name] for name in asked})
        marks = _marks(mark, json.dumps(wake, sort_keys=True))
        return _merged(_on_version(found), marks, still, self.field.patch(self.rest))

    def wake_patch(self, found: Object, original: Original) -> dict[str, Any]:
        """One merge patch: the original back, and our annotations gone."""
        return _merged(self.clean_patch(found, original), self.field.patch(original[self.field.name]))

    def clean_patch(self, found: Object, original: Original) -> dict[str, Any]:
        """Our annotations gone, all else left as somebody wants it."""
        return _merged(_on_version(found), _marks(None, None), _annotated(_given_back(found, original)))

    def bears_marks(self, found: Object, original: Original) -> bool:
        """Whether anything of ours is left on an object, which slept with this original."""
        ours = ANNOTATION_CYCLE in found["metadata"].get("annotations", {})
        return ours or bool(_given_back(found, original))

    def told_by(self, found: Object) -> Original | None:
        """The original that the object itself carries; None where there is none, or it was mangled."""
        try:
            told = json.loads(found["metadata"].get("annotations", {})[ANNOTATION_WAKE])
        except (KeyError, ValueError):
            return None
        above = walk(told, self.field.path[:-1])
        if not isinstance(above, dict) or not self.field.accepts(above.get(self.field.name, _NOTHING)):
            return None
        asked = _asked_of(walk(told, ("metadata", "annotations")))
        return {self.field.name: above[self.field.name]} | ({_ANNOTATIONS: asked} if asked else {})

    def woken(self, found: Object) -> Object:
        """The object as it would be awake, where Berth has put it to rest; else as it is."""
        told = self.told_by(found) if self.at_rest(found) else None
        return _merged(found, self.field.patch(told[self.field.name])) if told is not None else found

    def rested_by_berth(self, found: Object) -> bool:
        """Whether Berth was the last to write the field that says whether it runs, by its managedFields."""
        return BERTH in self.field.writers(found)

    def rested_by_another(self, found: Object) -> bool:
        """Whether somebody else was. Where the managedFields tell of nobody, this is not known and so not so."""
        writers = self.field.writers(found)
        return bool(writers) and BERTH not in writers


def is_being_deleted(found: Object) -> bool:
    """Whether somebody has deleted an object that is still there, because something holds it: it is as good as gone."""
    return bool(found["metadata"].get("deletionTimestamp"))


def is_marked(found: Object, annotation: str) -> bool:
    """Whether an object carries an annotation that says yes."""
    return str(found["metadata"].get("annotations", {}).get(annotation, "")).lower() in ("true", "yes", "1")


_NOTHING: Final = object()
_ANNOTATIONS: Final = "annotations"  # of an original: what the annotations were by which others are asked


def _given_back(found: Object, original: Original) -> Original:
    """What the annotations were that still are as we set them."""
    annotations = found["metadata"].get("annotations", {})
    asked: Mapping[str, Any] = original.get(_ANNOTATIONS, {})
    return {name: was for name, was in asked.items() if annotations.get(name) == _ASKED.get(name, _NOTHING)}


def _asked_of(annotations: Any) -> Original:
    known = annotations if isinstance(annotations, Mapping) else {}
    return {name: known[name] for name in _ASKED if isinstance(known.get(name, 0), str | None)}


def _annotated(annotations: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": {"annotations": dict(annotations)}}


def walk(value: Any, path: Sequence[str]) -> Any:
    """What stands at a path in nested mappings; None where nothing does."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    for step in reversed(path):
        value = {step: value}
    nested: dict[str, Any] = value
    return nested


def _marks(cycle: str | None, wake: str | None) -> dict[str, Any]:
    return {"metadata": {"annotations": {ANNOTATION_CYCLE: cycle, ANNOTATION_WAKE: wake}}}


def _on_version(found: Object) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": found["metadata"]["resourceVersion"]}}


def _merged(*patches: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for key, value in _pairs(patches):
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _pairs(patches: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for patch in patches:
        yield from patch.items()
