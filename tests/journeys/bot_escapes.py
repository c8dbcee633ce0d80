"""What the bot's own credentials try, taken over by somebody: data, with what must be answered.

`{ns}` is an environment's namespace, `{account}` the account of a person, `{another}` that of another person.
"""

from collections.abc import Mapping
from typing import Any, Final

from tests.journeys.escapes import FORBIDDEN, JUDGED, REFUSED, Escape

_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1/namespaces"
_SPACES: Final = "/api/v1/namespaces"
_HOME: Final = f"{_SPACES}/berth"
_MERGE: Final = "application/merge-patch+json"
_APPLY: Final = "application/apply-patch+yaml"
_ENFORCE: Final = "pod-security.kubernetes.io/enforce"
_MINE: Final = {"app.kubernetes.io/managed-by": "berth"}


def _space(what: str, labels: Mapping[str, str]) -> Escape:
    return Escape(what, "POST", _SPACES, {"metadata": {"name": "escape", "labels": dict(labels)}}, answers=JUDGED)


def _label(what: str, space: str, labels: Mapping[str, str | None]) -> Escape:
    return Escape(what, "PATCH", f"{_SPACES}/{space}", {"metadata": {"labels": dict(labels)}}, _MERGE, JUDGED)


def _bind(what: str, space: str, role: str, answers: frozenset[int], name: str = "berth-agent") -> Escape:
    """Bind oneself to a ClusterRole by server-side apply, as the bot makes its bindings."""
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    myself = {"kind": "ServiceAccount", "name": "berth", "namespace": "berth"}
    body = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name}}
    path = f"{_RBAC}/{space}/rolebindings/{name}?fieldManager=berth"
    return Escape(what, "PATCH", path, {**body, "roleRef": reference, "subjects": [myself]}, _APPLY, answers)


def owning(subject: Mapping[str, str]) -> Escape:
    """Bind somebody as an environment's owner, which Berth's rights suffice for."""
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "berth-tenant-edit"}
    body = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "berth-edit"}}
    path = f"{_RBAC}/{{ns}}/rolebindings/berth-edit?fieldManager=berth"
    return Escape(
        "become an owner",
        "PATCH",
        path,
        {**body, "roleRef": reference, "subjects": [dict(subject)]},
        _APPLY,
        frozenset({200, 201}),
    )


def _secret(what: str, **body: Any) -> Escape:
    whole = {"metadata": {"name": "{account}x"}, **body}
    return Escape(what, "POST", f"{_HOME}/secrets", whole, answers=JUDGED)


def _token(what: str, account: str, bound: Mapping[str, str] | None) -> Escape:
    spec = {"boundObjectRef": {"apiVersion": "v1", **bound}} if bound else {}
    return Escape(what, "POST", f"{_HOME}/serviceaccounts/{account}/token", {"spec": spec}, answers=JUDGED)


SPACES: Final = (
    _space("a namespace that is not Berth's", {_ENFORCE: "baseline"}),
    _space("a namespace for any pods", _MINE),
    _space("a namespace for privileged pods", {**_MINE, _ENFORCE: "privileged"}),
    _space("a namespace as strict as long ago", {**_MINE, _ENFORCE: "baseline", f"{_ENFORCE}-version": "v1.0"}),
    _label("let an environment have privileged pods", "{ns}", {_ENFORCE: "privileged"}),
    _label("let an environment have any pods", "{ns}", {_ENFORCE: None}),
    _label("disown an environment", "{ns}", {"app.kubernetes.io/managed-by": None}),
    _label("adopt kube-system", "kube-system", {**_MINE, _ENFORCE: "baseline"}),
    _label("adopt its own home", "berth", {**_MINE, _ENFORCE: "baseline"}),
    Escape("delete kube-system", "DELETE", f"{_SPACES}/kube-system", answers=REFUSED),
    Escape("delete its own home", "DELETE", _HOME, answers=JUDGED),
)
BINDINGS: Final = (
    _bind("bind itself in kube-system", "kube-system", "berth-agent", JUDGED),
    _bind("bind itself at home", "berth", "berth-agent", JUDGED),
    _bind("bind itself at home as its owner", "berth", "berth-tenant-edit", JUDGED, "berth-owner"),
    _bind("bind itself to everything", "{ns}", "cluster-admin", FORBIDDEN, "berth-edit"),
    _bind("a binding of another name", "{ns}", "berth-agent", FORBIDDEN, "escape"),
    Escape("loosen its home", "DELETE", f"{_RBAC}/berth/rolebindings/berth-home", answers=FORBIDDEN),
    Escape("see every secret", "GET", "/api/v1/secrets", answers=FORBIDDEN),
    Escape("see its home's secrets", "GET", f"{_HOME}/secrets", answers=FORBIDDEN),
    Escape("read a secret of its home", "GET", f"{_HOME}/secrets/berth", answers=FORBIDDEN),
)
HOME: Final = (
    _secret(
        "a token of its own without an end",
        type="kubernetes.io/service-account-token",
        metadata={"name": "{account}x", "annotations": {"kubernetes.io/service-account.name": "berth"}},
    ),
    _secret("a secret that holds something", data={"a": "Yg=="}),
    _secret("a secret of another name", metadata={"name": "berth-config"}),
    Escape("delete its configuration's secret", "DELETE", f"{_HOME}/secrets/kept", answers=JUDGED),
    Escape(
        "an account that is nobody's", "POST", f"{_HOME}/serviceaccounts", {"metadata": {"name": "x"}}, answers=JUDGED
    ),
    _token("a token of itself", "berth", {"kind": "Secret", "name": "kept"}),
    _token("a token of the namespace's account", "default", None),
    _token("a token that nothing ends", "{account}", None),
    _token("a token that another's secret ends", "{account}", {"kind": "Secret", "name": "{another}"}),
    Escape("a pod at home", "POST", f"{_HOME}/pods", {"metadata": {"name": "x"}}, answers=FORBIDDEN),
)
WALLS: Final = (
    Escape(
        "open an environment's network",
        "PATCH",
        "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies/open?fieldManager=berth",
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "open"}},
        _APPLY,
    ),
    Escape("delete an environment's quota", "DELETE", f"{_SPACES}/{{ns}}/resourcequotas/berth"),
    Escape("read an environment's secrets", "GET", f"{_SPACES}/{{ns}}/secrets"),
    Escape("enter an environment's container", "POST", f"{_SPACES}/{{ns}}/pods/x/exec?command=sh"),
    Escape(
        "change what confines it",
        "DELETE",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/berth-home",
    ),
    Escape(
        "widen its own role", "PATCH", "/apis/rbac.authorization.k8s.io/v1/clusterroles/berth", {"rules": []}, _MERGE
    ),
)

JOINED: Final = (
    Escape(
        "lead the ingress elsewhere",
        "POST",
        f"{_SPACES}/{{ns}}/services",
        {"metadata": {"name": "elsewhere"}, "spec": {"type": "ExternalName", "externalName": "x.kube-system.svc"}},
        answers=JUDGED,
    ),
    Escape(
        "a token without an end",
        "POST",
        f"{_SPACES}/{{ns}}/secrets",
        {
            "metadata": {"name": "endless", "annotations": {"kubernetes.io/service-account.name": "default"}},
            "type": "kubernetes.io/service-account-token",
        },
        answers=JUDGED,
    ),
    Escape(
        "bind a claim to a volume of others",
        "PATCH",
        f"{_SPACES}/{{ns}}/persistentvolumeclaims/waiting",
        {"spec": {"volumeName": "pv-of-others"}},
        _MERGE,
        JUDGED,
    ),
)
"""What a person of the environment could not do either, once whoever tries it has taken the role of its owner."""

BOT_ESCAPES: Final = (*SPACES, *BINDINGS, *HOME, *WALLS)
