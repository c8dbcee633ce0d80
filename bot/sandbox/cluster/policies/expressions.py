"""One CEL expression: read with what an admission policy may speak of, and evaluated without ever raising."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cel_expr_python import cel
from cel_expr_python.ext import ext_optional, ext_strings

BOOL, STRING, ANY = "BOOL", "STRING", "DYN"
_VARIABLE: Final = "variables."
_INPUTS: Final = ("object", "oldObject", "request", "namespaceObject", "params")
_LEAF: Final[dict[str, Any]] = {}
_KIND: Final = {"group": _LEAF, "version": _LEAF, "kind": _LEAF}
_RESOURCE: Final = {"group": _LEAF, "version": _LEAF, "resource": _LEAF}
_USER: Final = dict.fromkeys(("username", "uid", "groups", "extra"), _LEAF)
_METADATA: Final = dict.fromkeys(
    (
        *("name", "generateName", "namespace", "labels", "annotations", "UID", "creationTimestamp"),
        *("deletionGracePeriodSeconds", "deletionTimestamp", "generation", "resourceVersion", "finalizers"),
    ),
    _LEAF,
)
# What the server declares of the two inputs that have a type; a field that is not here does not compile.
_DECLARED: Final[dict[str, dict[str, Any]]] = {
    "request": {
        "kind": _KIND,
        "resource": _RESOURCE,
        "requestKind": _KIND,
        "requestResource": _RESOURCE,
        "userInfo": _USER,
        **dict.fromkeys(
            ("subResource", "requestSubResource", "name", "namespace", "operation", "dryRun", "options"), _LEAF
        ),
    },
    "namespaceObject": {
        "metadata": _METADATA,
        "spec": {"finalizers": _LEAF},
        "status": {"conditions": _LEAF, "phase": _LEAF},
    },
}
_TEXT: Final = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_WAY: Final = re.compile(r"(?<![\w.?])(request|namespaceObject)((?:\s*\.\s*\??\w+(?!\w*\s*\())+)")


class NotCompiled(Exception):
    """An expression that the server would not take; the text says why, in its words."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An evaluation that ended in an error."""

    message: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression, the name of its type, and the inputs and the variables that it speaks of."""

    text: str
    sort: str
    inputs: tuple[str, ...]
    speaks_of: frozenset[str]
    program: cel.Expression

    def value(self, inputs: Mapping[str, Any]) -> Any:
        """What it is for these inputs; a :class:`Failed` where that is an error."""
        found = self.program.eval(data={name: inputs[name] for name in self.inputs if name in inputs})
        if found.type() == cel.Type.ERROR:
            return Failed(f"expression '{self.text}' resulted in error: {_said(str(found.value()))}")
        return found.plain_value()


@lru_cache(maxsize=64)
def _environment(variables: tuple[tuple[str, str], ...], has_params: bool) -> cel.Env:
    """Every input is dynamic; a variable of a policy has the type of its own expression."""
    sorts = dict.fromkeys(_INPUTS if has_params else _INPUTS[:-1], cel.Type.DYN)
    sorts |= {_VARIABLE + name: _typed(sort) for name, sort in variables}
    return cel.NewEnv(variables=sorts, extensions=[ext_optional.ExtOptional(), ext_strings.ExtStrings()])


def _typed(sort: str) -> cel.Type:
    return {"BOOL": cel.Type.BOOL, "STRING": cel.Type.STRING, "INT": cel.Type.INT}.get(sort, cel.Type.DYN)


@lru_cache(maxsize=4096)
def expression(text: str, variables: tuple[tuple[str, str], ...] = (), *, has_params: bool = False) -> Expression:
    """Compiles an expression; ``variables`` are those before it, with the names of their types. Raises NotCompiled."""
    _check_fields(text)
    try:
        program = _environment(variables, has_params).compile(text)
    except RuntimeError as error:
        told = str(error).removeprefix("INVALID_ARGUMENT: ").removesuffix(" [INVALID_ARGUMENT]")
        raise NotCompiled(f"compilation failed: {told}") from error
    bare = _TEXT.sub("''", text)
    used = frozenset(name for name, _ in variables if re.search(rf"\bvariables\s*\.\s*{name}\b", bare))
    given = [name for name in _INPUTS if re.search(rf"\b{name}\b", bare)]
    spoken = (*given, *(_VARIABLE + name for name in used))
    return Expression(text.strip(), program.return_type().name(), spoken, used, program)


def _check_fields(text: str) -> None:
    for found in _WAY.finditer(_TEXT.sub(lambda text: "''".ljust(len(text[0])), text)):
        known = _DECLARED[found[1]]
        for field in re.findall(r"\w+", found[2]):
            if known is _LEAF:
                break
            if field not in known:
                raise NotCompiled(
                    f"compilation failed: ERROR: <input>:1:{found.start() + 1}: undefined field '{field}'"
                )
            known = known[field]


def _said(error: str) -> str:
    """An error in the words of Go's CEL, as far as they are known."""
    missing = re.search(r'Key not found in map : "(.*)"', error)
    if missing:
        return f"no such key: {missing[1]}"
    return re.sub(r"^[A-Z_]+: ", "", error)
