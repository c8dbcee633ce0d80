"""A policy's expressions together: whether its conditions are met, and what its validations say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from bot.sandbox.cluster.policies.expressions import BOOL, STRING, Expression, Failed, NotCompiled, expression
from bot.sandbox.cluster.shapes import Obj

_LONGEST_MESSAGE: Final = 5 * 1024
Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a validation does not let a change pass, and the reason that the answer bears."""

    message: str
    reason: str = "Invalid"


@dataclass(frozen=True, slots=True)
class Validation:
    """What must be true, and what is said where it is not."""

    condition: Expression
    message: str
    message_expression: Expression | None
    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An expression that does not compile: where it stands, itself, and why."""

    field: str
    text: str
    why: str


class Compiled:
    """A policy's variables, conditions and validations. ``faults`` are those that do not compile."""

    def __init__(self, spec: Obj) -> None:
        self.faults: list[Fault] = []
        self._fails = spec.get("failurePolicy", "Fail") == "Fail"
        self._has_params = bool(spec.get("paramKind"))
        self._variables: dict[str, Expression] = {}
        self._sorts: tuple[tuple[str, str], ...] = ()
        for index, variable in enumerate(spec.get("variables") or ()):
            self._add_variable(f"spec.variables[{index}].expression", variable)
        self._conditions = [
            found
            for index, one in enumerate(spec.get("matchConditions") or ())
            if (found := self._compiled(f"spec.matchConditions[{index}].expression", one.get("expression", ""), BOOL))
        ]
        self._validations = list(self._compiled_validations(spec.get("validations") or ()))

    def _compiled(self, field: str, text: str, sort: str) -> Expression | None:
        try:
            found = expression(text, self._sorts, has_params=self._has_params)
        except NotCompiled as error:
            self.faults.append(Fault(field, text, str(error)))
            return None
        if sort and found.sort != sort:
            got = found.sort.lower()
            self.faults.append(Fault(field, text, f"must evaluate to {sort.lower()} but got {got}"))
            return None
        return found

    def _add_variable(self, field: str, variable: Obj) -> None:
        found = self._compiled(field, variable.get("expression", ""), "")
        if found is None:
            return
        if found.sort.startswith("optional_type"):
            self.faults.append(Fault(field, found.text, "the sandbox knows no variable whose value is optional"))
            return
        name = variable.get("name", "")
        self._variables[name] = found
        self._sorts = (*self._sorts, (name, found.sort))

    def _compiled_validations(self, validations: Iterable[Obj]) -> Iterator[Validation]:
        for index, one in enumerate(validations):
            at, words = f"spec.validations[{index}]", one.get("messageExpression", "")
            condition = self._compiled(f"{at}.expression", one.get("expression", ""), BOOL)
            told = self._compiled(f"{at}.messageExpression", words, STRING) if words else None
            if condition is not None:
                yield Validation(condition, one.get("message", ""), told, one.get("reason", "Invalid"))

    def denials(self, inputs: Inputs) -> Iterator[Denied]:
        """What of it forbids the change. ``inputs`` are those that expressions speak of."""
        met = self._is_met({**inputs, "namespaceObject": None})  # as the server does: conditions see no namespace
        if isinstance(met, Failed) and self._fails:
            yield Denied(met.message)
        if met is not True:
            return
        scope = _Scope(inputs, self._variables)
        for validation in self._validations:
            found = scope.value(validation.condition)
            if isinstance(found, Failed) and self._fails:
                yield Denied(found.message)
            elif found is False:
                yield Denied(_message(validation, scope), validation.reason)

    def unconfigured(self, why: str) -> Iterator[Denied]:
        """What is said where its parameters cannot be had."""
        if self._fails:
            yield Denied(f"failed to configure binding: {why}")

    def _is_met(self, inputs: Inputs) -> bool | Failed:
        scope = _Scope(inputs, self._variables)
        failed: list[str] = []
        for condition in self._conditions:
            found = scope.value(condition)
            if found is False:
                return False
            if isinstance(found, Failed):
                failed.append(found.message)
        if not failed:
            return True
        return Failed(failed[0] if len(failed) == 1 else f"[{', '.join(failed)}]")


def _message(validation: Validation, scope: _Scope) -> str:
    told = scope.value(validation.message_expression) if validation.message_expression else ""
    said = told.strip() if isinstance(told, str) else ""
    if len(said.encode()) > _LONGEST_MESSAGE or "\n" in said:
        said = ""
    return said or validation.message.strip() or f"failed expression: {validation.condition.text}"


class _Scope:
    """The inputs of one evaluation, and the variables' values, each worked out when it is first spoken of."""

    def __init__(self, inputs: Inputs, variables: Mapping[str, Expression]) -> None:
        self._inputs = dict(inputs)
        self._variables = variables
        self._failed: dict[str, Failed] = {}

    def value(self, asked: Expression) -> Any:
        for name in asked.speaks_of:
            self._settle(name)
        found = asked.value(self._inputs)
        missing = asked.speaks_of & self._failed.keys()
        if isinstance(found, Failed) and missing:
            name = min(missing)
            why = f'composited variable "{name}" fails to evaluate: {self._failed[name].message}'
            return Failed(f"expression '{asked.text}' resulted in error: {why}")
        return found

    def _settle(self, name: str) -> None:
        """A variable that fails has no value, so that only what really needs it fails too."""
        if f"variables.{name}" in self._inputs or name in self._failed:
            return
        found = self.value(self._variables[name])
        if isinstance(found, Failed):
            self._failed[name] = found
        else:
            self._inputs[f"variables.{name}"] = found


_SPOKEN: Final = ("failurePolicy", "paramKind", "variables", "matchConditions", "validations")


def compiled(spec: Obj) -> Compiled:
    """A policy's spec, compiled once for each text of it."""
    return _compiled_text(json.dumps({key: spec[key] for key in _SPOKEN if key in spec}, sort_keys=True))


@lru_cache(maxsize=512)
def _compiled_text(spec: str) -> Compiled:
    return Compiled(json.loads(spec))
