"""What a tenant tries in order to get out of an environment, or to get more in it: data, with what must be answered.

`{ns}` is the tenant's own namespace, `{other}` a colleague's, `{account}` the owner's account in Berth's namespace.
FORBIDDEN is an answer of RBAC, REFUSED one of admission: an admission policy, pod security, or a quota.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FORBIDDEN: Final = frozenset({403})
REFUSED: Final = frozenset({403, 422})

_CORE: Final = "/api/v1/namespaces/{ns}"
_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
_NET: Final = "/apis/networking.k8s.io/v1/namespaces/{ns}"
_MERGE: Final = "application/merge-patch+json"
_APPLY: Final = "application/apply-patch+yaml"
_POD: Final[dict[str, Any]] = {"containers": [{"name": "main", "image": "busybox"}]}


@dataclass(frozen=True)
class Escape:
    """One try: what for, and the request. `answers` are the statuses that stop it."""

    what: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    content_type: str = "application/json"
    answers: frozenset[int] = FORBIDDEN


def _make(what: str, path: str, body: Mapping[str, Any], answers: frozenset[int] = FORBIDDEN) -> Escape:
    return Escape(what, "POST", path, {"metadata": {"name": "escape"}, **body}, answers=answers)


def _pod(what: str, **spec: Any) -> Escape:
    return _make(f"a pod with {what}", f"{_CORE}/pods", {"spec": {**_POD, **spec}}, REFUSED)


def _container(what: str, **fields: Any) -> Escape:
    return _pod(what, containers=[{**_POD["containers"][0], **fields}])


def _merge(what: str, path: str, body: Mapping[str, Any], answers: frozenset[int] = FORBIDDEN) -> Escape:
    return Escape(what, "PATCH", path, body, _MERGE, answers)


def _role(kind: str, name: str) -> dict[str, Any]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}


_MYSELF: Final = [{"kind": "ServiceAccount", "name": "{account}", "namespace": "berth"}]
_EVERYTHING: Final = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
_SERVICE: Final = {"ports": [{"port": 80}], "selector": {"app": "web"}}

WALLS: Final = (
    Escape("delete the isolation", "DELETE", f"{_NET}/networkpolicies/berth-isolation"),
    Escape("delete all network policies", "DELETE", f"{_NET}/networkpolicies"),
    _make("a network policy that opens all", f"{_NET}/networkpolicies", {"spec": {"podSelector": {}, "egress": [{}]}}),
    _merge("change the isolation", f"{_NET}/networkpolicies/berth-isolation-allowed", {"spec": {"egress": [{}]}}),
    Escape("delete the quota", "DELETE", f"{_CORE}/resourcequotas/berth"),
    _merge("raise the quota", f"{_CORE}/resourcequotas/berth", {"spec": {"hard": {"pods": "9999"}}}),
    _merge("raise the quota by its status", f"{_CORE}/resourcequotas/berth/status", {"status": {"hard": {}}}),
    _make("a quota of their own", f"{_CORE}/resourcequotas", {"spec": {"hard": {"pods": "9"}}}),
    Escape("delete the limits", "DELETE", f"{_CORE}/limitranges/berth"),
    _merge("change the limits", f"{_CORE}/limitranges/berth", {"spec": {"limits": []}}),
    _merge(
        "label the namespace privileged",
        _CORE,
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
    ),
    _merge("take the namespace from Berth", _CORE, {"metadata": {"labels": {"app.kubernetes.io/managed-by": None}}}),
    Escape("delete the namespace", "DELETE", _CORE),
    Escape("finalize the namespace", "PUT", f"{_CORE}/finalize", {"metadata": {"name": "x"}, "spec": {}}),
)
POWERS: Final = (
    _make("a role", f"{_RBAC}/namespaces/{{ns}}/roles", {"rules": _EVERYTHING}),
    _make(
        "bind oneself to cluster-admin",
        f"{_RBAC}/namespaces/{{ns}}/rolebindings",
        {"roleRef": _role("ClusterRole", "cluster-admin"), "subjects": _MYSELF},
    ),
    _make(
        "bind oneself to Berth's own role",
        f"{_RBAC}/namespaces/{{ns}}/rolebindings",
        {"roleRef": _role("ClusterRole", "berth-agent"), "subjects": _MYSELF},
    ),
    _make(
        "bind a friend",
        f"{_RBAC}/namespaces/{{ns}}/rolebindings",
        {"roleRef": _role("ClusterRole", "berth-tenant-edit"), "subjects": [{"kind": "User", "name": "friend"}]},
    ),
    _merge("join the owner's binding", f"{_RBAC}/namespaces/{{ns}}/rolebindings/berth-owner", {"subjects": _MYSELF}),
    _merge("join the agent's binding", f"{_RBAC}/namespaces/{{ns}}/rolebindings/berth-agent", {"subjects": _MYSELF}),
    Escape("delete the agent's binding", "DELETE", f"{_RBAC}/namespaces/{{ns}}/rolebindings/berth-agent"),
    _make("a cluster role", f"{_RBAC}/clusterroles", {"rules": _EVERYTHING}),
    _make(
        "bind oneself everywhere",
        f"{_RBAC}/clusterrolebindings",
        {"roleRef": _role("ClusterRole", "cluster-admin"), "subjects": _MYSELF},
    ),
    _merge("widen the tenants' role", f"{_RBAC}/clusterroles/berth-tenant-edit", {"rules": _EVERYTHING}),
    _make("an account", f"{_CORE}/serviceaccounts", {}),
    _make("a token of the default account", f"{_CORE}/serviceaccounts/default/token", {"spec": {}}),
    _make("a token of the bot", "/api/v1/namespaces/berth/serviceaccounts/berth/token", {"spec": {}}),
    _make("a longer token of oneself", "/api/v1/namespaces/berth/serviceaccounts/{account}/token", {"spec": {}}),
    Escape("read Berth's secrets", "GET", "/api/v1/namespaces/berth/secrets"),
    Escape("read Berth's tokens' handles", "GET", "/api/v1/namespaces/berth/secrets/{account}"),
    Escape("see Berth's accounts", "GET", "/api/v1/namespaces/berth/serviceaccounts"),
    _merge("change a policy", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/berth-confine", {}),
    Escape(
        "delete a policy",
        "DELETE",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/berth-confine",
    ),
    _make(
        "a certificate for another name",
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        {
            "spec": {
                "request": "LS0tLQ==",
                "signerName": "kubernetes.io/kube-apiserver-client",
                "usages": ["client auth"],
            }
        },
    ),
)
OTHERS: Final = (
    Escape("see another's pods", "GET", "/api/v1/namespaces/{other}/pods"),
    Escape("read another's secrets", "GET", "/api/v1/namespaces/{other}/secrets"),
    Escape("change another's config", "POST", "/api/v1/namespaces/{other}/configmaps", {"metadata": {"name": "x"}}),
    Escape("delete another's work", "DELETE", "/apis/apps/v1/namespaces/{other}/deployments"),
    Escape("enter another's container", "GET", "/api/v1/namespaces/{other}/pods/x/exec?command=sh"),
    Escape("see everybody's pods", "GET", "/api/v1/pods"),
    Escape("read everybody's secrets", "GET", "/api/v1/secrets"),
    Escape("read secrets of kube-system", "GET", "/api/v1/namespaces/kube-system/secrets"),
    Escape("see all namespaces", "GET", "/api/v1/namespaces"),
    _make("another namespace", "/api/v1/namespaces", {}),
    Escape("see the nodes", "GET", "/api/v1/nodes"),
    _merge("change a node", "/api/v1/nodes/node-0", {"spec": {"unschedulable": True}}),
    Escape("reach a kubelet", "GET", "/api/v1/nodes/node-0/proxy/pods"),
    _make("a volume of a node", "/api/v1/persistentvolumes", {"spec": {"hostPath": {"path": "/"}}}),
    _make("a class of priority", "/apis/scheduling.k8s.io/v1/priorityclasses", {"value": 1_000_000}),
    _make("a definition of a kind", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {"spec": {}}),
    _make(
        "a webhook",
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        {"webhooks": []},
    ),
)
"""Beyond the namespace."""
TRAFFIC: Final = (
    _make("endpoints that lead elsewhere", f"{_CORE}/endpoints", {"subsets": [{"addresses": [{"ip": "10.0.0.1"}]}]}),
    _make(
        "a slice that leads elsewhere",
        "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
        {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}]},
    ),
    _make(
        "take an address of the whole cluster",
        f"{_CORE}/services",
        {"spec": {**_SERVICE, "externalIPs": ["1.1.1.1"]}},
        REFUSED,
    ),
    _make(
        "lead the ingress to another's service",
        f"{_CORE}/services",
        {"spec": {"type": "ExternalName", "externalName": "web.{other}.svc.cluster.local"}},
        REFUSED,
    ),
    _make("a port on every node", f"{_CORE}/services", {"spec": {**_SERVICE, "type": "NodePort"}}, REFUSED),
    _make("a load balancer", f"{_CORE}/services", {"spec": {**_SERVICE, "type": "LoadBalancer"}}, REFUSED),
    _merge(
        "take an address by a service's status",
        f"{_CORE}/services/web/status",
        {"status": {"loadBalancer": {"ingress": [{"ip": "1.1.1.1"}]}}},
    ),
)
PODS: Final = (
    _container("all rights of its node", securityContext={"privileged": True}),
    _container("a capability of the network's", securityContext={"capabilities": {"add": ["NET_ADMIN"]}}),
    _container("a port of its node", ports=[{"containerPort": 80, "hostPort": 80}]),
    _pod("the network of its node", hostNetwork=True),
    _pod("the processes of its node", hostPID=True),
    _pod("the memory of its node", hostIPC=True),
    _pod("the files of its node", volumes=[{"name": "root", "hostPath": {"path": "/"}}]),
    _pod("an account that is not there", serviceAccountName="berth"),
    _container("more than the quota", resources={"requests": {"cpu": "500"}, "limits": {"cpu": "500"}}),
    _make(
        "a daemon set",
        "/apis/apps/v1/namespaces/{ns}/daemonsets",
        {
            "spec": {
                "selector": {"matchLabels": {"a": "b"}},
                "template": {"metadata": {"labels": {"a": "b"}}, "spec": _POD},
            }
        },
    ),
    _make("a binding to a node", f"{_CORE}/bindings", {"target": {"kind": "Node", "name": "node-0"}}),
)
"""Onto the node, or beyond the quota."""
BORROWED: Final = tuple(
    _make(
        f"a {plural[:-1]} that acts with its operator's rights",
        f"/apis/{group}/{version}/namespaces/{{ns}}/{plural}",
        {},
    )
    for group, version, plural in (
        ("kustomize.toolkit.fluxcd.io", "v1", "kustomizations"),
        ("helm.toolkit.fluxcd.io", "v2", "helmreleases"),
        ("argoproj.io", "v1alpha1", "applications"),
    )
)
VIEWING: Final = (
    Escape("read the secrets", "GET", f"{_CORE}/secrets"),
    Escape("read a secret", "GET", f"{_CORE}/secrets/x"),
    Escape("enter a container", "GET", f"{_CORE}/pods/x/exec?command=sh"),
    Escape("enter a container by POST", "POST", f"{_CORE}/pods/x/exec?command=sh"),
    Escape("attach to a container", "GET", f"{_CORE}/pods/x/attach"),
    Escape("forward a port", "GET", f"{_CORE}/pods/x/portforward"),
    Escape("reach a pod", "GET", f"{_CORE}/pods/x/proxy/"),
    Escape("reach a service", "GET", f"{_CORE}/services/web/proxy/"),
    Escape("add a container", "PATCH", f"{_CORE}/pods/x/ephemeralcontainers", {}, _MERGE),
    Escape("delete a pod", "DELETE", f"{_CORE}/pods/x"),
    _make("a pod", f"{_CORE}/pods", {"spec": _POD}),
    _make("a config", f"{_CORE}/configmaps", {}),
    _merge("scale", "/apis/apps/v1/namespaces/{ns}/deployments/web/scale", {"spec": {"replicas": 9}}),
    Escape("change by apply", "PATCH", f"{_CORE}/configmaps/x", {"apiVersion": "v1", "kind": "ConfigMap"}, _APPLY),
)
"""What only whoever may view must not do either."""

ESCAPES: Final = (*WALLS, *POWERS, *OTHERS, *TRAFFIC, *PODS, *BORROWED)
WORK: Final = (
    Escape("see pods", "GET", f"{_CORE}/pods", answers=frozenset({200})),
    Escape("see who has access", "GET", f"{_RBAC}/namespaces/{{ns}}/rolebindings", answers=frozenset({200})),
    Escape("see the quota", "GET", f"{_CORE}/resourcequotas/berth", answers=frozenset({200})),
    Escape("see the isolation", "GET", f"{_NET}/networkpolicies", answers=frozenset({200})),
)
"""What everybody with access can do: a table of refusals alone would hold where nothing works."""
