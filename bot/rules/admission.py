"""ValidatingAdmissionPolicies as manifests: each with the binding that puts it into force, and failing closed.

Conditions of a policy see no `namespaceObject` on a real API server: whichever namespaces a policy is about is said by
its `namespaces`, a label selector.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.rules.words import BERTH, LABEL_MANAGED_BY

Manifest = dict[str, Any]

_API: Final = "admissionregistration.k8s.io/v1"
_NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"

ENVIRONMENTS: Final[Manifest] = {"matchLabels": {LABEL_MANAGED_BY: BERTH}}
"""The namespaces that Berth made."""


@dataclass(frozen=True)
class Check:
    """What must be true of a write, in CEL, and what is said where it is not. `told` is CEL for a better saying."""

    expression: str
    message: str
    told: str = ""

    def manifest(self) -> Manifest:
        """As the API server takes it."""
        told = {"messageExpression": self.told} if self.told else {}
        return {"expression": self.expression, "message": self.message, **told}


@dataclass(frozen=True)
class Policy:
    """One policy: which writes it is about, where, under which conditions, and what must be true of them."""

    name: str
    rules: Sequence[Manifest]
    checks: Sequence[Check]
    namespaces: Manifest = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)  # by name, in CEL
    variables: Mapping[str, str] = field(default_factory=dict)
    params: Manifest = field(default_factory=dict)  # a kind: it must be true by each of its objects on the cluster

    def manifests(self) -> list[Manifest]:
        """The policy and its binding."""
        return [self._policy(), self._binding()]

    def _policy(self) -> Manifest:
        selector = {"namespaceSelector": self.namespaces} if self.namespaces else {}
        spec: Manifest = {
            "failurePolicy": "Fail",
            "paramKind": self.params,
            "matchConstraints": {"resourceRules": list(self.rules), **selector},
            "matchConditions": _named(self.conditions),
            "variables": _named(self.variables),
            "validations": [check.manifest() for check in self.checks],
        }
        spec = {key: value for key, value in spec.items() if value}
        return {"apiVersion": _API, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": self.name}, "spec": spec}

    def _binding(self) -> Manifest:
        every = {"paramRef": {"selector": {}, "parameterNotFoundAction": "Deny"}} if self.params else {}
        return {
            "apiVersion": _API,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": self.name},
            "spec": {"policyName": self.name, **every, "validationActions": ["Deny"]},
        }


def _named(expressions: Mapping[str, str]) -> list[Manifest]:
    return [{"name": name, "expression": expression} for name, expression in expressions.items()]


def rule(group: str, resources: str, operations: str, scope: str = "*") -> Manifest:
    """Operations (`CREATE UPDATE`) on resources (`pods services/*`) of an API group in any version."""
    return {
        "apiGroups": [group],
        "apiVersions": ["*"],
        "operations": operations.split(),
        "resources": resources.split(),
        "scope": scope,
    }


def named(namespaces: Sequence[str]) -> Manifest:
    """A selector of the namespaces with these names."""
    return {"matchExpressions": [{"key": _NAMESPACE_NAME, "operator": "In", "values": list(namespaces)}]}


def listed(texts: Sequence[str]) -> str:
    """CEL: a list of texts that hold no quotes."""
    quoted = ", ".join(f"'{text}'" for text in texts)
    return f"[{quoted}]"


def unchanged(now: str, before: str, but: Sequence[str]) -> str:
    """CEL: whether two maps are the same but for these keys."""
    spared = listed(but)
    return (
        f"{now}.all(k, k in {spared} || (k in {before} && {now}[k] == {before}[k]))"
        f" && {before}.all(k, k in {spared} || k in {now})"
    )
