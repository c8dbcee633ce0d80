"""Who owns which field: managedFields, and server-side apply, which is decided by them.

A field's path is a tuple of segments as FieldsV1 writes them (``f:spec``, ``k:{"name":"app"}``). A field belongs to its
last writer; an apply refuses to change what another owns unless forced, and removes what it owned and no longer names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.sandbox.cluster.errors import Cause, Refusal
from bot.sandbox.cluster.shapes import ALWAYS_THERE, Obj, Path, children, clone

Fields = frozenset[Path]
_NOT_OWNED = frozenset(
    {
        *("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"),
        *("deletionGracePeriodSeconds", "managedFields", "selfLink"),
    }
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, by which operation and to which part: the identity of one managedFields entry."""

    manager: str
    operation: str = "Update"
    api_version: str = "v1"
    subresource: str = ""


def _ownable(obj: Obj) -> Obj:
    """The object without what no one can own."""
    rest = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind")}
    metadata = {key: value for key, value in obj.get("metadata", {}).items() if key not in _NOT_OWNED}
    return rest | {"metadata": metadata}


def _all_paths(path: Path, field: str, value: Any, custom: bool, found: set[Path]) -> None:
    found.add(path)
    for segment, (name, part) in (children(field, value, custom=custom) or {}).items():
        _all_paths((*path, segment), name, part, custom, found)


@dataclass(slots=True)
class Difference:
    """The paths that are new or other than before, and those that are gone."""

    changed: set[Path]
    gone: set[Path]
    custom: bool = False

    def walk(self, path: Path, field: str, old: Any, new: Any) -> None:
        if old is new or old == new:
            return
        was, now = children(field, old, custom=self.custom), children(field, new, custom=self.custom)
        if was is None or now is None or (type(old) is not type(new)):
            self.changed.add(path)
            return
        for segment, (name, part) in now.items():
            if segment in was:
                self.walk((*path, segment), name, was[segment][1], part)
            elif name in ALWAYS_THERE or (name == "resources" and path == ("f:spec",)):
                self.walk((*path, segment), name, [] if isinstance(part, list) else {}, part)
            elif part is not None and part != "":
                # What Go writes even when it is empty was there before, too.
                _all_paths((*path, segment), name, part, self.custom, self.changed)
        for segment, (name, part) in was.items():
            if segment not in now:
                _all_paths((*path, segment), name, part, self.custom, self.gone)


def difference(old: Obj, new: Obj, *, custom: bool = False) -> Difference:
    found = Difference(set(), set(), custom)
    found.walk((), "", _ownable(old) if old else {"metadata": {}}, _ownable(new))
    return found


@lru_cache(4096)  # objects of one shape are many
def to_fields(paths: Fields) -> Obj:
    """Paths as FieldsV1 writes them; an owned path with owned parts says so by ``.``. Not to be changed in place."""
    tree: Obj = {}
    for path in sorted(paths):
        node = tree
        for segment in path:
            node = node.setdefault(segment, {})
        node["."] = {}
    return _without_leaf_dots(tree)


def _without_leaf_dots(tree: Obj) -> Obj:
    if set(tree) == {"."}:
        return {}
    return {segment: node if segment == "." else _without_leaf_dots(node) for segment, node in tree.items()}


def from_fields(tree: Obj) -> Fields:
    found: set[Path] = set()
    _collect(tree, (), found)
    return frozenset(found)


def _collect(tree: Obj, path: Path, found: set[Path]) -> None:
    if path and (not tree or "." in tree):
        found.add(path)
    for segment, node in tree.items():
        if segment != ".":
            _collect(node, (*path, segment), found)


class Ledger:
    """The managedFields of one object while it is being written."""

    def __init__(self, entries: list[Obj] | None) -> None:
        self.owned: dict[Writer, Fields] = {}
        self.times: dict[Writer, str] = {}
        for entry in entries or []:
            writer = Writer(
                entry.get("manager", ""),
                entry.get("operation", "Update"),
                entry.get("apiVersion", ""),
                entry.get("subresource", ""),
            )
            self.owned[writer] = from_fields(entry.get("fieldsV1", {}))
            self.times[writer] = entry.get("time", "")

    def wrote(self, writer: Writer, changes: Difference, now: str, *, silent: bool = False) -> None:
        """Gives the changed fields to the writer, unless it is silent, and takes the gone ones from everyone."""
        lost = changes.changed | changes.gone
        for other, fields in self.owned.items():
            if not fields.isdisjoint(lost):
                self.owned[other] = fields - lost
        if changes.changed and not silent:
            self.owned[writer] = self.owned.get(writer, frozenset()) | changes.changed
            self.times[writer] = now

    def entries(self) -> list[Obj]:
        order = sorted(
            (writer for writer, fields in self.owned.items() if fields),
            key=lambda w: (w.operation, self.times[w], w.manager, w.api_version, w.subresource),
        )
        return [self._entry(writer) for writer in order]

    def _entry(self, writer: Writer) -> Obj:
        entry: Obj = {"manager": writer.manager, "operation": writer.operation, "apiVersion": writer.api_version}
        entry |= {"time": self.times[writer], "fieldsType": "FieldsV1", "fieldsV1": to_fields(self.owned[writer])}
        return entry | ({"subresource": writer.subresource} if writer.subresource else {})


def record(old: Obj | None, new: Obj, writer: Writer, now: str, *, custom: bool = False) -> None:
    """Writes the object's managedFields as they stand after this update."""
    changes = difference(old or {}, new, custom=custom)
    before = (old or {}).get("metadata", {}).get("managedFields")
    if old is not None and not changes.changed and not changes.gone:
        if before:
            new["metadata"]["managedFields"] = before
        return
    ledger = Ledger(before)
    # A Scale leaves out 0 replicas, so scaling to 0 takes the field from its owner and gives it to nobody.
    nothing = writer.subresource == "scale" and not new.get("spec", {}).get("replicas")
    ledger.wrote(writer, changes, now, silent=nothing)
    if entries := ledger.entries():
        new["metadata"]["managedFields"] = entries
    else:
        new["metadata"].pop("managedFields", None)


# Server-side apply, decided by the same paths.


def _applied_paths(path: Path, field: str, value: Any, custom: bool, found: set[Path]) -> None:
    """What an applied configuration owns: its leaves and its list items, not the maps on the way."""
    parts = children(field, value, custom=custom)
    if not parts or field.startswith("["):
        found.add(path)
    for segment, (name, part) in (parts or {}).items():
        _applied_paths((*path, segment), name, part, custom, found)


def _merged(field: str, live: Any, config: Any, custom: bool) -> Any:
    mine, theirs = children(field, config, custom=custom), children(field, live, custom=custom)
    if mine is None or theirs is None or type(live) is not type(config):
        return clone(config)
    if isinstance(config, dict):
        return {**live, **{name: _merged(name, live.get(name), part, custom) for name, part in mine.values()}}
    merged = {segment: part for segment, (_, part) in theirs.items()}
    for segment, (name, part) in mine.items():
        merged[segment] = _merged(name, merged.get(segment), part, custom)
    return list(merged.values())


def _without(field: str, value: Any, paths: list[Path], custom: bool) -> Any:
    """The value without the given paths; maps that become empty go too. Paths are relative to the value."""
    parts = children(field, value, custom=custom)
    if parts is None or not paths:
        return value
    kept: dict[str, Any] = {}
    for segment, (name, part) in parts.items():
        below = [path[1:] for path in paths if path[0] == segment]
        left = _without(name, part, [path for path in below if path], custom)
        emptied = isinstance(part, dict | list) and part and not left and name not in ALWAYS_THERE
        if () not in below and not emptied:
            kept[segment] = left
    if isinstance(value, dict):
        return {segment[2:]: part for segment, part in kept.items()}
    return list(kept.values())


def _conflicts(ledger: Ledger, writer: Writer, changed: set[Path]) -> dict[Writer, list[Path]]:
    return {
        other: sorted(fields & changed)
        for other, fields in ledger.owned.items()
        if other != writer and not fields.isdisjoint(changed)
    }


def _spell(path: Path) -> str:
    """A path as people read it: ``.spec.containers[name="app"].image``."""
    words = []
    for segment in path:
        sort, _, rest = segment.partition(":")
        if sort == "f":
            words.append(f".{rest}")
        elif sort == "k":
            words.append("[" + ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items()) + "]")
        else:
            words.append(f"[={rest}]")
    return "".join(words)


def _holder(writer: Writer, ledger: Ledger) -> str:
    part = f' with subresource "{writer.subresource}"' if writer.subresource else ""
    since = f" using {writer.api_version} at {ledger.times[writer]}" if writer.operation == "Update" else ""
    return f'"{writer.manager}"{part}{since}'


def _refuse(ledger: Ledger, conflicts: dict[Writer, list[Path]]) -> Refusal:
    causes: list[Cause] = []
    told: list[str] = []
    for other, paths in sorted(conflicts.items(), key=lambda pair: pair[0].manager):
        holder, words = _holder(other, ledger), [_spell(path) for path in paths]
        causes += [Cause(word, f"conflict with {holder}", "FieldManagerConflict") for word in words]
        listed = "".join(f"\n- {word}" for word in words)
        told.append(f"conflicts with {holder}:{listed}" if len(words) > 1 else f"conflict with {holder}: {words[0]}")
    count = f"{len(causes)} conflict{'s' if len(causes) > 1 else ''}"
    details = {"causes": [cause.as_json() for cause in causes]}
    return Refusal(409, f"Apply failed with {count}: " + "\n".join(told), details)


def apply(live: Obj | None, config: Obj, writer: Writer, *, force: bool, custom: bool = False) -> tuple[Obj, Ledger]:
    """Server-side apply: the object as it becomes, and its ledger (whose time for the writer is not yet set).

    Raises a 409 Refusal with FieldManagerConflict causes when fields of others would change without ``force``.
    """
    config = {**config, "metadata": {k: v for k, v in config.get("metadata", {}).items() if k != "managedFields"}}
    named: set[Path] = set()
    for key, value in _ownable(config).items():
        if value or key not in ALWAYS_THERE:
            _applied_paths((f"f:{key}",), key, value, custom, named)
    ledger = Ledger((live or {}).get("metadata", {}).get("managedFields"))
    before = live or {"metadata": {}}
    merged: Obj = _merged("", before, config, custom)
    conflicts = _conflicts(ledger, writer, difference(before, merged, custom=custom).changed & named)
    if conflicts and not force:
        raise _refuse(ledger, conflicts)
    for other, paths in conflicts.items():
        ledger.owned[other] -= frozenset(paths)
    others = {path for other, fields in ledger.owned.items() if other != writer for path in fields}
    dropped = ledger.owned.get(writer, frozenset()) - named
    removable = [p for p in dropped if not any(o[: len(p)] == p for o in others | named)]
    ledger.owned[writer] = frozenset(named)
    ledger.times.setdefault(writer, "")
    return _without("", merged, removable, custom), ledger
