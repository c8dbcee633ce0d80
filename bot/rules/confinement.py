"""The admission policies that the API server itself enforces, where RBAC cannot.

Two keep Berth to the namespaces that Berth made: who may create a role binding anywhere may bind itself anywhere. They
concern the bot's own account and nobody else. The third keeps Services inside their environment: by an external address
one would take traffic of the whole cluster (CVE-2020-8554), and by an external name lead the ingress, which may enter
every environment, into another.
"""

from collections.abc import Sequence
from typing import Any, Final

from bot.rules.gitops import TOOLS
from bot.rules.words import BERTH, BOT_SERVICE_ACCOUNT, HOME_NAMESPACE, LABEL_MANAGED_BY
from bot.rules.workloads import KINDS

CONFINE: Final = "berth-confine"
NAMESPACES: Final = "berth-namespaces"
SERVICES: Final = "berth-services"

_API: Final = "admissionregistration.k8s.io/v1"
_BOT: Final = {
    "name": "is-berth",
    "expression": f"request.userInfo.username == 'system:serviceaccount:{HOME_NAMESPACE}:{BOT_SERVICE_ACCOUNT}'",
}
_ELSEWHERE: Final = {"name": "is-not-at-home", "expression": f"request.namespace != '{HOME_NAMESPACE}'"}


_PEOPLE: Final = (
    "(!request.userInfo.username.startsWith('system:')"
    f" || request.userInfo.username.startsWith('system:serviceaccount:{HOME_NAMESPACE}:user-'))"
)
_NO_ADDRESSES: Final = {
    "expression": "object.spec.?externalIPs.orValue([]).size() == 0",
    "message": "A Service of an environment may have no externalIPs: they would take traffic of the whole cluster",
}
_NO_NAMES: Final = {
    "expression": f"object.spec.?type.orValue('') != 'ExternalName' || !{_PEOPLE}",
    "message": "A Service of an environment may be no ExternalName: the ingress would follow it into other namespaces",
}


def admission_policies(gitops_namespaces: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Every policy, each followed by the binding that puts it into force.

    In `gitops_namespaces` the bot may change what applies from a git, and nothing else.
    """
    asking = [_asks_gitops(gitops_namespaces)] if gitops_namespaces else []
    everything = {
        "apiGroups": ["*"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"],
        "resources": ["*/*"],
        "scope": "Namespaced",
    }
    namespaces = {
        "apiGroups": [""],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE", "DELETE"],
        "resources": ["namespaces"],
        "scope": "Cluster",
    }
    services = {"apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["services"]}
    environments = {"name": "is-in-an-environment", "expression": _made_by_berth("namespaceObject")}
    confine = [_told(_made_by_berth("namespaceObject"))]
    own = [_told(_made_by_berth("(oldObject != null ? oldObject : object)"))]
    return [
        _policy(CONFINE, everything, [_BOT, _ELSEWHERE, *asking], confine),
        _binding(CONFINE),
        _policy(NAMESPACES, namespaces, [_BOT], own),
        _binding(NAMESPACES),
        _policy(SERVICES, services, [environments], [_NO_ADDRESSES, _NO_NAMES]),
        _binding(SERVICES),
    ]


def _asks_gitops(namespaces: Sequence[str]) -> dict[str, str]:
    """CEL: what is no change of just these kinds of objects in just these namespaces."""
    kinds = sorted(f"{KINDS[key].group}/{KINDS[key].plural}" for key in TOOLS)
    return {
        "name": "is-not-asking-gitops",
        "expression": (
            f"!(request.namespace in {_listed(namespaces)} && request.operation == 'UPDATE' && "
            "request.?subResource.orValue('') == '' && "
            f"(request.resource.group + '/' + request.resource.resource) in {_listed(kinds)})"
        ),
    }


def _listed(names: Sequence[str]) -> str:
    """CEL: a list of texts that are names, and so hold no quotes."""
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"[{quoted}]"


def _told(expression: str) -> dict[str, str]:
    told = f"Berth may only touch namespaces that carry the label {LABEL_MANAGED_BY}: {BERTH}"
    return {"expression": expression, "message": told}


def _made_by_berth(namespace: str) -> str:
    """CEL: whether this namespace carries Berth's label. A namespace without any labels is not Berth's."""
    return f"{namespace}.metadata.?labels[?'{LABEL_MANAGED_BY}'].orValue('') == '{BERTH}'"


def _policy(
    name: str, rule: dict[str, Any], conditions: list[dict[str, str]], validations: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            "matchConditions": conditions,
            "validations": validations,
        },
    }


def _binding(name: str) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
