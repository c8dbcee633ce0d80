"""The fields of every built-in kind: names, protobuf numbers and types, read from ``messages.txt``.

A line there is a message and its fields, ``name=number:type``. No type is a string; i and l are numbers of 32 and 64
bits, b boolean, y bytes, t a time, ? anything, * repeated, {s} {q} {y} maps of strings, quantities, bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.sandbox.cluster.quantities import PATTERN, parse
from bot.sandbox.cluster.shapes import Obj

# Fields whose message is part of its parent's own JSON.
INLINE = frozenset(
    {
        *("volumeSource", "localObjectReference", "ingressRuleValue", "persistentVolumeSource", "probeHandler"),
        *("ephemeralContainerCommon", "rule", "ruleWithOperations", "handler"),
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    sort: str


@cache
def messages() -> dict[str, dict[int, Field]]:
    """Message → protobuf number → field."""
    table: dict[str, dict[int, Field]] = {}
    name = ""
    for line in Path(__file__).with_name("messages.txt").read_text().splitlines():
        words = line.split()
        if not line.startswith(" "):
            name, *words = words
            table[name] = {}
        for word in words:
            field, _, rest = word.partition("=")
            number, _, sort = rest.partition(":")
            table[name][int(number)] = Field(field, sort)
    return table


@cache
def fields(message: str) -> dict[str, str] | None:
    """A message's fields as JSON names them, with their types; None for a message not known here."""
    known = messages().get(message)
    if known is None:
        return None
    found: dict[str, str] = {}
    for field in known.values():
        inner = fields(field.sort) if field.name in INLINE and field.sort in messages() else None
        found |= inner if inner is not None else {field.name: field.sort}
    return found


@dataclass(slots=True)
class Faults:
    """What is wrong with an object: fields nobody knows, and the first value of a wrong type."""

    unknown: list[str]
    mistyped: str = ""


def check(message: str, obj: Obj) -> Faults:
    """Takes unknown fields out of the object and tells what was wrong with it."""
    faults = Faults([])
    _walk(message, obj, "", message, faults)
    return faults


def _walk(message: str, obj: Obj, path: str, place: str, faults: Faults) -> None:
    known = fields(message)
    if known is None:
        return
    for key in list(obj):
        here = f"{path}.{key}" if path else key
        if key not in known:
            faults.unknown.append(here)
            del obj[key]
        else:
            _value(known[key], obj[key], here, _Place(place, message, key), faults)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where Go says a value stands: the innermost struct, then the path of fields to it from the object."""

    root: str
    struct: str
    key: str


# Type → the JSON values it takes, and Go's name for it.
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "": ((str,), "string"),
    "i": ((int,), "int32"),
    "l": ((int,), "int64"),
    "b": ((bool,), "bool"),
    "y": ((str,), "[]uint8"),
    "t": ((str,), "string"),
    "Quantity": ((str, int, float), "string"),
    "IntOrString": ((str, int), "string"),
}


def _value(sort: str, value: Any, path: str, place: _Place, faults: Faults) -> None:
    if sort.startswith("*"):
        if not isinstance(value, list):
            _mistype(value, f"[]{_go_name(sort[1:])}", path, place, faults)
            return
        for index, item in enumerate(value):
            _value(sort[1:], item, f"{path}[{index}]", place, faults)
    elif sort.startswith("{"):
        _map(sort.strip("{}"), value, path, place, faults)
    elif sort in _TYPES:
        if not _fits(sort, value):
            _mistype(value, _TYPES[sort][1], path, place, faults)
        elif sort in _CONTENTS:
            faults.mistyped = faults.mistyped or _CONTENTS[sort](value)
    elif sort != "?":
        if not isinstance(value, dict):
            _mistype(value, _go_name(sort), path, place, faults)
            return
        _walk(sort, value, path, place.root, faults)


def _fits(sort: str, value: Any) -> bool:
    allowed = _TYPES[sort][0]
    is_one = isinstance(value, allowed) and (not isinstance(value, bool) or bool in allowed)
    if not is_one or sort not in _WIDTHS:
        return is_one
    return -(1 << _WIDTHS[sort]) <= int(value) < 1 << _WIDTHS[sort]


_WIDTHS = {"i": 31, "l": 63}


def _bad_quantity(value: Any) -> str:
    try:
        parse(value)
    except ValueError:
        return f"quantities must match the regular expression '{PATTERN}'"
    return ""


def _bad_bytes(value: str) -> str:
    plain = value.replace("\n", "").replace("\r", "")
    wrong = next((n for n, letter in enumerate(plain.rstrip("=")) if letter not in _BASE64), None)
    if wrong is None and len(plain) % 4:
        wrong = len(plain) // 4 * 4
    return "" if wrong is None else f"illegal base64 data at input byte {wrong}"


_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
# Types whose text is read when it is decoded, and what is said of a text that is none.
_CONTENTS: dict[str, Callable[[Any], str]] = {"Quantity": _bad_quantity, "y": _bad_bytes}


def _map(inner: str, value: Any, path: str, place: _Place, faults: Faults) -> None:
    if not isinstance(value, dict):
        _mistype(value, "map[string]string", path, place, faults)
        return
    for part in value.values():
        _value({"s": "", "q": "Quantity", "y": "y"}[inner], part, path, place, faults)


def _go_name(sort: str) -> str:
    if sort in _TYPES:
        return _TYPES[sort][1]
    return f"v1.{sort}"


def _words(value: Any) -> Iterator[str]:
    names = ((bool, "bool"), (str, "string"), (dict, "object"), (list, "array"))
    yield from (name for sort, name in names if isinstance(value, sort))
    yield "number"


def _mistype(value: Any, wanted: str, path: str, place: _Place, faults: Faults) -> None:
    plain = "".join(part.partition("[")[0] + "." for part in path.split(".")).rstrip(".")
    word = next(_words(value))
    if word == "number" and wanted in ("int32", "int64"):
        word = f"number {json.dumps(value)}"
    told = f"json: cannot unmarshal {word} into Go struct field {place.struct}.{plain} of type {wanted}"
    faults.mistyped = faults.mistyped or told
