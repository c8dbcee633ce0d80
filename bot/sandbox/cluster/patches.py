"""The three patch formats that need no knowledge of who owns a field: JSON patch, merge patch, strategic merge.

Each takes the current object and returns a new one; the object given in is never changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.cluster.errors import Refusal, bad_request
from bot.sandbox.cluster.shapes import SET_LISTS, Obj, clone, list_keys

_REJECTED = "the server rejected our request due to an error in our request"


def merge_patch(current: Any, patch: Any) -> Any:
    """RFC 7386: null removes, maps merge, everything else replaces."""
    if not isinstance(patch, dict):
        return clone(patch)
    result = dict(current) if isinstance(current, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def json_patch(current: Obj, operations: Any) -> Any:
    """RFC 6902; an operation that cannot be done refuses the whole patch with 422."""
    if not isinstance(operations, list):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        )
    document: Any = {"": clone(current)}
    for operation in operations:
        try:
            _OPERATIONS[operation["op"]](document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise Refusal(422, _REJECTED, {}) from error
    return document[""]


def _locate(document: Any, pointer: str) -> tuple[Any, Any]:
    """The container and key a pointer names; the document itself is the empty key of its wrapper."""
    *way, last = ["", *(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])]
    for part in way:
        document = document[int(part) if isinstance(document, list) else part]
    if isinstance(document, list):
        return document, len(document) if last == "-" else int(last)
    return document, last


def _read(document: Any, pointer: str) -> Any:
    container, key = _locate(document, pointer)
    return container[key]


def _add(document: Any, operation: Obj) -> None:
    container, key = _locate(document, operation["path"])
    if not isinstance(container, list):
        container[key] = operation["value"]
    elif 0 <= key <= len(container):
        container.insert(key, operation["value"])
    else:
        raise IndexError(key)


def _remove(document: Any, operation: Obj) -> None:
    container, key = _locate(document, operation["path"])
    del container[key]


def _replace(document: Any, operation: Obj) -> None:
    container, key = _locate(document, operation["path"])
    container[key]  # a missing target is an error, not a new value
    container[key] = operation["value"]


def _copy(document: Any, operation: Obj) -> None:
    _add(document, {"path": operation["path"], "value": clone(_read(document, operation["from"]))})


def _move(document: Any, operation: Obj) -> None:
    value = _read(document, operation["from"])
    _remove(document, {"path": operation["from"]})
    _add(document, {"path": operation["path"], "value": value})


def _test(document: Any, operation: Obj) -> None:
    if _read(document, operation["path"]) != operation["value"]:
        raise ValueError(operation["path"])


_OPERATIONS: dict[str, Callable[[Any, Obj], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "copy": _copy,
    "move": _move,
    "test": _test,
}


def strategic_merge(current: Any, patch: Any) -> Any:
    """Kubernetes' own merge: lists with keys merge item by item, and ``$patch`` directives are obeyed."""
    return _merge_map(current if isinstance(current, dict) else {}, patch)


def _merge_map(current: Obj, patch: Obj) -> Obj:
    if patch.get("$patch") == "replace":
        return {key: clone(value) for key, value in patch.items() if key != "$patch"}
    retained = patch.get("$retainKeys")
    result = {key: value for key, value in current.items() if retained is None or key in retained}
    for key, value in patch.items():
        if key.startswith("$"):
            _directive(result, key, value)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = _merge_value(key, result.get(key), value)
    _order(result, patch)
    return result


def _directive(result: Obj, key: str, value: Any) -> None:
    name, _, field = key.partition("/")
    if name == "$deleteFromPrimitiveList":
        result[field] = [item for item in result.get(field, []) if item not in value]


def _order(result: Obj, patch: Obj) -> None:
    """Sorts lists as ``$setElementOrder`` asks; items it does not name keep their place at the end."""
    for key, wanted in patch.items():
        name, _, field = key.partition("/")
        items = result.get(field)
        if name != "$setElementOrder" or not isinstance(items, list):
            continue
        keys = list_keys(field, items)

        def place(item: Any, keys: tuple[str, ...] | None = keys, wanted: list[Any] = wanted) -> int:
            mark = {keys[0]: item[keys[0]]} if keys else item
            return next((n for n, w in enumerate(wanted) if w == mark or (keys and _same(w, item, keys))), len(wanted))

        result[field] = sorted(items, key=place)


def _same(one: Obj, other: Obj, keys: tuple[str, ...]) -> bool:
    return bool(one.get(keys[0]) == other.get(keys[0]))


def _merge_value(field: str, current: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return _merge_map(current if isinstance(current, dict) else {}, value)
    if not isinstance(value, list):
        return value
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in value):
        return [clone(item) for item in value if not (isinstance(item, dict) and "$patch" in item)]
    kept = current if isinstance(current, list) else []
    if field in SET_LISTS:
        return kept + [item for item in value if item not in kept]
    keys = list_keys(field, [item for item in value + kept if isinstance(item, dict)]) if value else None
    if keys is None:
        return [clone(item) for item in value]
    return _merge_list(list(kept), value, keys)


def _merge_list(result: list[Any], patch: list[Any], keys: tuple[str, ...]) -> list[Any]:
    for item in patch:
        index = next((n for n, old in enumerate(result) if _same(old, item, keys)), None)
        if item.get("$patch") == "delete":
            if index is not None:
                del result[index]
        elif index is None:
            result.append(_merge_map({}, item))
        else:
            result[index] = _merge_map(result[index], item)
    return result
