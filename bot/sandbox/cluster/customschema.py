"""The schema of a CustomResourceDefinition's version: what it drops, fills in and refuses, in the server's words.

A structural schema is walked beside the value. Rules in CEL (``x-kubernetes-validations``) are not evaluated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.cluster.errors import Cause, bad_value, go_value, required, too_long, unsupported
from bot.sandbox.cluster.shapes import Obj, clone, dig

_HEAD = ("apiVersion", "kind", "metadata")
_PRESERVED = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_EITHER = "x-kubernetes-int-or-string"


def schema_of(served: Obj) -> Obj:
    """The root schema of a version; empty where it has none."""
    found: Obj = dig(served, "schema", "openAPIV3Schema", default={})
    return found


# Unknown fields.


def prune(served: Obj, obj: Obj) -> list[str]:
    """Takes out what the schema does not name and answers its paths."""
    schema = schema_of(served)
    dropped: list[str] = []
    if schema:
        _prune(schema, obj, "", dropped, root=True)
    return dropped


def _prune(schema: Obj, value: Any, path: str, dropped: list[str], *, root: bool = False) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _prune(schema.get("items", {}), item, f"{path}[{index}]", dropped)
        return
    if not isinstance(value, dict):
        return
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    free = schema.get(_PRESERVED) or others is True or (not known and others is None and not schema.get("type"))
    whole = root or schema.get(_EMBEDDED)
    for key in list(value):
        here = f"{path}.{key}" if path else key
        if whole and key in _HEAD:
            continue
        if key in known or isinstance(others, dict):
            _prune(known.get(key, others), value[key], here, dropped)
        elif not free:
            dropped.append(here)
            del value[key]


# Defaults.


def set_defaults(served: Obj, obj: Obj) -> None:
    _fill(schema_of(served), obj)


def _fill(schema: Obj, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _fill(schema.get("items", {}), item)
    elif isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, below in known.items():
            if key not in value and "default" in below:
                value[key] = clone(below["default"])
        for key, part in value.items():
            below = known.get(key, others)
            if isinstance(below, dict):
                _fill(below, part)


# Faults.

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_NAMES: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}


def validate(served: Obj, obj: Obj) -> Iterator[Cause]:
    """Every fault of an object against its version's schema."""
    schema = schema_of(served)
    yield from _faults({key: rule for key, rule in schema.items() if key != "type"}, obj, "")


def _is(sort: str, value: Any) -> bool:
    if sort == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(sort, (object,))) and (not isinstance(value, bool) or sort == "boolean")


def _sorts(schema: Obj) -> list[str]:
    if schema.get(_EITHER):
        return ["integer", "string"]
    return [schema["type"]] if schema.get("type") else []


def _faults(schema: Obj, value: Any, path: str) -> Iterator[Cause]:
    if value is None and schema.get("nullable"):
        return
    sorts = _sorts(schema)
    if sorts and not any(_is(sort, value) for sort in sorts):
        given = _NAMES.get(type(value), "null")
        told = f'{path} in body must be of type {",".join(sorts)}: "{given}"'
        yield Cause(path, f'Invalid value: "{given}": {told}', "FieldValueTypeInvalid")
        return
    for sort, rules in _RULES:
        if isinstance(value, sort) and not isinstance(value, bool):
            for name, rule in rules.items():
                if name in schema:
                    yield from rule(schema[name], value, path, schema)
    if "enum" in schema and value not in schema["enum"]:
        listed = [word if isinstance(word, str) else json.dumps(word) for word in schema["enum"]]
        yield unsupported(path, value, listed)
    yield from _combined(schema, value, path)
    yield from _below(schema, value, path)


def _below(schema: Obj, value: Any, path: str) -> Iterator[Cause]:
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from _faults(schema["items"], item, f"{path}[{index}]")
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, part in value.items():
            below = known.get(key, others)
            if isinstance(below, dict) and not (not path and key in _HEAD):
                yield from _faults(below, part, f"{path}.{key}" if path else key)


def _holds(schema: Obj, value: Any, path: str) -> bool:
    return next(_faults(schema, value, path), None) is None


def _combined(schema: Obj, value: Any, path: str) -> Iterator[Cause]:
    fit = {word: sum(_holds(one, value, path) for one in schema.get(word, ())) for word in ("allOf", "anyOf", "oneOf")}
    name = go_value(path)
    if schema.get("anyOf") and not schema.get(_EITHER) and not fit["anyOf"]:
        yield bad_value(path, "", f"{name} must validate at least one schema (anyOf)")
    if schema.get("oneOf") and fit["oneOf"] != 1:
        found = "Found none valid" if not fit["oneOf"] else f"Found {fit['oneOf']} valid alternatives"
        yield bad_value(path, "", f"{name} must validate one and only one schema (oneOf). {found}")
    if fit["allOf"] != len(schema.get("allOf", ())):
        for one in schema["allOf"]:
            yield from _faults(one, value, path)
    if "not" in schema and _holds(schema["not"], value, path):
        yield bad_value(path, "", f"{name} must not validate the schema (not)")


Rule = Callable[[Any, Any, str, Obj], Iterator[Cause]]


def _bound(words: str, strict: str, exclusive: str, breaks: Callable[[Any, Any], bool]) -> Rule:
    def rule(limit: Any, value: Any, path: str, schema: Obj) -> Iterator[Cause]:
        is_strict = bool(schema.get(exclusive))
        if breaks(value, limit) or (is_strict and value == limit):
            yield bad_value(path, value, f"{path} in body should be {strict if is_strict else words} {limit}")

    return rule


def _least(measure: str) -> Rule:
    def rule(limit: Any, value: Any, path: str, _: Obj) -> Iterator[Cause]:
        if len(value) < limit:
            shown = value if isinstance(value, str) else len(value)
            be = "be at least" if isinstance(value, str) else "have at least"
            yield bad_value(path, shown, f"{path} in body should {be} {limit} {measure}")

    return rule


def _most(limit: Any, value: Any, path: str, _: Obj) -> Iterator[Cause]:
    if len(value) > limit:
        yield Cause(path, f"Too many: {len(value)}: must have at most {limit} items", "FieldValueTooMany")


def _longest(limit: Any, value: Any, path: str, _: Obj) -> Iterator[Cause]:
    if len(value) > limit:
        yield too_long(path, limit)


def _pattern(pattern: Any, value: Any, path: str, _: Obj) -> Iterator[Cause]:
    if not re.search(pattern, value):
        yield bad_value(path, value, f"{path} in body should match '{pattern}'")


def _required(names: Any, value: Any, path: str, _: Obj) -> Iterator[Cause]:
    for name in names:
        if name not in value:
            yield required(f"{path}.{name}" if path else name)


def _multiple(step: Any, value: Any, path: str, _: Obj) -> Iterator[Cause]:
    if value % step:
        yield bad_value(path, value, f"{path} in body should be a multiple of {step}")


# What is checked of a value, by the values it concerns.
_RULES: tuple[tuple[type | tuple[type, ...], dict[str, Rule]], ...] = (
    (
        (int, float),
        {
            "minimum": _bound("greater than or equal to", "greater than", "exclusiveMinimum", lambda v, m: v < m),
            "maximum": _bound("less than or equal to", "less than", "exclusiveMaximum", lambda v, m: v > m),
            "multipleOf": _multiple,
        },
    ),
    (str, {"minLength": _least("chars long"), "maxLength": _longest, "pattern": _pattern}),
    (list, {"minItems": _least("items"), "maxItems": _most}),
    (dict, {"required": _required, "minProperties": _least("properties"), "maxProperties": _most}),
)
