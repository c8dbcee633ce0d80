"""What makes a policy or a binding invalid: a field too few, CEL that does not compile, what the sandbox cannot do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.sandbox.cluster.errors import Cause, bad_value, duplicate, forbidden_field, required, unsupported
from bot.sandbox.cluster.policies.compiled import compiled
from bot.sandbox.cluster.shapes import Obj

_FAILURES: Final = ["Fail", "Ignore"]
_ACTIONS: Final = ["Audit", "Deny", "Warn"]
_OPERATIONS: Final = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]
_REASONS: Final = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"]
_NOT_FOUND: Final = ["Allow", "Deny"]
_SCOPES: Final = ["*", "Cluster", "Namespaced"]
_POLICIES: Final = ["Equivalent", "Exact"]
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NOT_HERE: Final = "the sandbox does not know this of admission policies"


def check_policy(obj: Obj) -> Iterator[Cause]:
    """The faults of a ValidatingAdmissionPolicy."""
    spec = obj.get("spec") or {}
    yield from _unknown(spec, "auditAnnotations")
    for field in ("apiVersion", "kind"):
        if spec.get("paramKind") is not None and not spec["paramKind"].get(field):
            yield required(f"spec.paramKind.{field}")
    if spec.get("failurePolicy") not in _FAILURES:
        yield unsupported("spec.failurePolicy", spec.get("failurePolicy"), _FAILURES)
    constraints = spec.get("matchConstraints")
    if constraints is None:
        yield required("spec.matchConstraints")
    else:
        if not constraints.get("resourceRules"):
            yield required("spec.matchConstraints.resourceRules")
        yield from _resources(constraints, "spec.matchConstraints")
    if not spec.get("validations"):
        yield required("spec.validations", "validations or auditAnnotations must be non-empty")
    for index, validation in enumerate(spec.get("validations") or ()):
        yield from _validation(validation, f"spec.validations[{index}]")
    yield from _named(spec, "matchConditions")
    yield from _named(spec, "variables")
    yield from (bad_value(fault.field, fault.text, fault.why) for fault in compiled(spec).faults if fault.text)


def check_binding(obj: Obj) -> Iterator[Cause]:
    """The faults of a ValidatingAdmissionPolicyBinding."""
    spec = obj.get("spec") or {}
    if spec.get("paramRef") is not None:
        yield from _reference(spec["paramRef"], "spec.paramRef")
    if not spec.get("policyName"):
        yield required("spec.policyName")
    actions = spec.get("validationActions") or []
    if not actions:
        yield required("spec.validationActions")
    for index, action in enumerate(actions):
        at = f"spec.validationActions[{index}]"
        if action not in _ACTIONS:
            yield unsupported(at, action, _ACTIONS)
        if action in actions[:index]:
            yield duplicate(at, action)
        if action == "Audit":
            yield forbidden_field(at, _NOT_HERE)
    if {"Deny", "Warn"} <= set(actions):
        why = "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)"  # noqa: E501 - one sentence of the server
        yield bad_value("spec.validationActions", actions, why)
    if spec.get("matchResources") is not None:
        yield from _resources(spec["matchResources"], "spec.matchResources")


def _unknown(spec: Obj, *fields: str) -> Iterator[Cause]:
    yield from (forbidden_field(f"spec.{field}", _NOT_HERE) for field in fields if spec.get(field))


def _reference(reference: Obj, at: str) -> Iterator[Cause]:
    if reference.get("name") and reference.get("selector") is not None:
        yield forbidden_field(f"{at}.name", "name and selector are mutually exclusive")
    if not reference.get("name") and reference.get("selector") is None:
        yield required(at, "one of name or selector must be specified")
    if reference.get("parameterNotFoundAction") not in _NOT_FOUND:
        yield unsupported(f"{at}.parameterNotFoundAction", reference.get("parameterNotFoundAction"), _NOT_FOUND)


def _validation(validation: Obj, at: str) -> Iterator[Cause]:
    if not (validation.get("expression") or "").strip():
        yield required(f"{at}.expression", "expression is not specified")
    if "\n" in validation.get("message", ""):
        yield bad_value(f"{at}.message", validation["message"], "message must not contain line breaks")
    if validation.get("reason", "Invalid") not in _REASONS:
        yield unsupported(f"{at}.reason", validation["reason"], _REASONS)


def _named(spec: Obj, field: str) -> Iterator[Cause]:
    known: set[str] = set()
    for index, one in enumerate(spec.get(field) or ()):
        at, name = f"spec.{field}[{index}]", one.get("name", "")
        if not name:
            yield required(f"{at}.name")
        elif field == "variables" and not _IDENTIFIER.fullmatch(name):
            yield bad_value(f"{at}.name", name, "name is not a valid CEL identifier")
        elif name in known:
            yield duplicate(f"{at}.name", name)
        if not (one.get("expression") or "").strip():
            yield required(f"{at}.expression")
        known.add(name)


def _resources(resources: Obj, at: str) -> Iterator[Cause]:
    if resources.get("matchPolicy", "Equivalent") not in _POLICIES:
        yield unsupported(f"{at}.matchPolicy", resources["matchPolicy"], _POLICIES)
    for field in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(resources.get(field) or ()):
            yield from _rule(rule, f"{at}.{field}[{index}]")


def _rule(rule: Obj, at: str) -> Iterator[Cause]:
    for field in ("operations", "apiGroups", "apiVersions", "resources"):
        listed = rule.get(field) or []
        if not listed:
            yield required(f"{at}.{field}")
        if len(listed) > 1 and "*" in listed and field != "resources":
            yield bad_value(f"{at}.{field}", listed, "if '*' is present, must not specify other " + _WORDS[field])
    for index, operation in enumerate(rule.get("operations") or ()):
        if operation not in _OPERATIONS:
            yield unsupported(f"{at}.operations[{index}]", operation, _OPERATIONS)
    if rule.get("scope", "*") not in _SCOPES:
        yield unsupported(f"{at}.scope", rule["scope"], _SCOPES)


_WORDS: Final = {"operations": "operations", "apiGroups": "API groups", "apiVersions": "API versions"}
