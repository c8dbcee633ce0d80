"""The JSON paths of printer columns: fields, indexes, ``[*]`` and ``[?(@.type=="Ready")]``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_STEP = re.compile(
    r"""\.?(?:
    \[\?\(@(?P<key>[^=!<>]+?)\s*==\s*(?P<wanted>"[^"]*"|'[^']*'|[^)]+)\)\]
    | \[(?P<index>\d+|\*)\]
    | \[?(?P<quoted>"[^"]+"|'[^']+')\]?
    | (?P<field>(?:\\.|[^.\[\]\\])+)
    )""",
    re.VERBOSE,
)


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[dict[str, str], ...]:
    return tuple({k: v for k, v in found.groupdict().items() if v is not None} for found in _STEP.finditer(path))


def find(path: str, value: Any) -> list[Any]:
    """Everything that stands at a path of a value; nothing where a part of the way is missing."""
    found = [value]
    for step in _steps(path.strip().strip("{}")):
        found = [part for one in found for part in _below(one, step)]
    return found


def _below(value: Any, step: dict[str, str]) -> list[Any]:
    if "key" in step:
        wanted = step["wanted"].strip("\"'")
        return [item for item in _items(value) if str(next(iter(find(step["key"], item)), "")) == wanted]
    if "index" in step:
        items = _items(value)
        return items if step["index"] == "*" else items[int(step["index"]) :][:1]
    name = step["quoted"].strip("\"'") if "quoted" in step else re.sub(r"\\(.)", r"\1", step["field"])
    return [value[name]] if isinstance(value, dict) and name in value else []


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
