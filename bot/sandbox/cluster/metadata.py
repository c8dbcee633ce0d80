"""What may be wrong with an object's metadata: names, labels, annotations, owners, finalizers."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.cluster import names
from bot.sandbox.cluster.errors import Cause, bad_value, forbidden_field, required, too_long
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj

_ANNOTATIONS = 256 * 1024
_STANDARD_FINALIZERS = frozenset({"orphan", "foregroundDeletion", "kubernetes"})
_IMMUTABLE = ("name", "namespace", "uid", "creationTimestamp")


def of_new(kind: Kind, metadata: Obj) -> Iterator[Cause]:
    """The faults of a new object's metadata."""
    rule = names.of_resource(kind.resource)
    prefix = metadata.get("generateName", "")
    if prefix:
        # A dash at a prefix's end is followed by the letters that are drawn.
        yield from (
            bad_value("metadata.generateName", prefix, why)
            for why in rule(prefix.removesuffix("-") + "a" * prefix.endswith("-"))
        )
    yield from (bad_value("metadata.name", metadata["name"], why) for why in rule(metadata["name"]))
    yield from _marks(metadata)
    yield from _owners(metadata)
    yield from _finalizers(metadata)
    if not kind.custom:
        yield from _unqualified(metadata)


def of_changed(metadata: Obj, before: Obj) -> Iterator[Cause]:
    """The faults of a changed object's metadata: the server looks at it once for all kinds, and once for this one."""
    yield from _marks(metadata)
    yield from _owners(metadata)
    yield from _finalizers(metadata)
    for _ in range(2):
        yield from _changes(metadata, before)
        yield from _marks(metadata)
        yield from _owners(metadata)


def _marks(metadata: Obj) -> Iterator[Cause]:
    for key, value in (metadata.get("labels") or {}).items():
        yield from (bad_value("metadata.labels", key, why) for why in names.label_key(key))
        yield from (bad_value("metadata.labels", value, why) for why in names.label_value(str(value)))
    notes = metadata.get("annotations") or {}
    for key in notes:
        yield from (bad_value("metadata.annotations", key, why) for why in names.label_key(key.lower()))
    if sum(len(key.encode()) + len(str(value).encode()) for key, value in notes.items()) > _ANNOTATIONS:
        yield too_long("metadata.annotations", _ANNOTATIONS)


def _owners(metadata: Obj) -> Iterator[Cause]:
    controllers: list[str] = []
    for index, owner in enumerate(metadata.get("ownerReferences") or ()):
        at = f"metadata.ownerReferences[{index}]"
        for field in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(field):
                yield required(f"{at}.{field}", "must not be empty")
        if owner.get("controller"):
            controllers.append(f"{owner.get('kind', '')}/{owner.get('name', '')}")
    for other in controllers[1:]:
        told = f'Found "true" in references for {controllers[0]} and {other}'
        why = f"Only one reference can have Controller set to true. {told}"
        yield bad_value("metadata.ownerReferences", metadata["ownerReferences"], why)


def _finalizers(metadata: Obj) -> Iterator[Cause]:
    given = metadata.get("finalizers") or []
    for finalizer in given:
        yield from (bad_value("metadata.finalizers", finalizer, why) for why in names.label_key(finalizer))
    if {"orphan", "foregroundDeletion"} <= set(given):
        why = "finalizer orphan and foregroundDeletion cannot be both set"
        yield bad_value("metadata.finalizers", given, why)


def _unqualified(metadata: Obj) -> Iterator[Cause]:
    for index, finalizer in enumerate(metadata.get("finalizers") or ()):
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            yield bad_value(f"metadata.finalizers[{index}]", finalizer, why)


def _changes(metadata: Obj, before: Obj) -> Iterator[Cause]:
    if before.get("deletionTimestamp"):
        added = sorted({*metadata.get("finalizers", ())} - {*before.get("finalizers", ())})
        if added:
            listed = ", ".join(f'"{name}"' for name in added)
            found = f"found new finalizers []string{{{listed}}}"
            why = f"no new finalizers can be added if the object is being deleted, {found}"
            yield forbidden_field("metadata.finalizers", why)
    for field in _IMMUTABLE:
        if metadata.get(field) != before.get(field):
            yield bad_value(f"metadata.{field}", metadata.get(field), "field is immutable")
