"""OpenAPI models of the kinds: their fields and types, as ``kubectl explain`` reads them. Descriptions are not told."""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.cluster import customschema
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.schema import fields
from bot.sandbox.cluster.shapes import Obj

_PREFIX = "#/components/schemas/"
_STRING, _NUMBER = {"type": "string"}, {"type": "integer"}
# A type of ``messages.txt`` → its model; any other name is a message of its own.
_SIMPLE: dict[str, Obj] = {
    "": _STRING,
    "i": _NUMBER | {"format": "int32"},
    "l": _NUMBER | {"format": "int64"},
    "b": {"type": "boolean"},
    "y": _STRING | {"format": "byte"},
    "t": _STRING | {"format": "date-time"},
    "?": {"type": "object"},
    "Quantity": _STRING,
    "IntOrString": _STRING | {"format": "int-or-string"},
}
_MAPS = {"{s}": _STRING, "{q}": _STRING, "{y}": _SIMPLE["y"]}


def schemas(rows: Iterable[Kind]) -> Obj:
    """The models of the kinds and of everything in them, by name."""
    found: Obj = {}
    for kind in rows:
        model = _custom(kind) if kind.custom else _message(kind.storage.kind, found)
        head = {"apiVersion": _STRING, "kind": _STRING}
        gvk = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        whole = {**model, "properties": {**head, **model.get("properties", {})}}
        found[f"{kind.group or 'core'}.{kind.version}.{kind.kind}"] = whole | {"x-kubernetes-group-version-kind": [gvk]}
    return found


def _custom(kind: Kind) -> Obj:
    return {"type": "object", "description": f"{kind.kind} of {kind.group}.", **customschema.schema_of(kind.served)}


def _message(name: str, found: Obj) -> Obj:
    parts = {field: _model(sort, found) for field, sort in (fields(name) or {}).items()}
    return {"type": "object", "description": f"{name} is told without its documentation.", "properties": parts}


def _model(sort: str, found: Obj) -> Obj:
    if sort.startswith("*"):
        return {"type": "array", "items": _model(sort[1:], found)}
    if sort in _MAPS:
        return {"type": "object", "additionalProperties": _MAPS[sort]}
    if sort in _SIMPLE or fields(sort) is None:
        return _SIMPLE.get(sort, {"type": "object"})
    if sort not in found:
        found[sort] = {}  # a model may contain itself
        found[sort] = _message(sort, found)
    return {"allOf": [{"$ref": _PREFIX + sort}]}
