"""What a new cluster holds before anyone does anything: namespaces, nodes, the built-in roles and their bindings."""

from __future__ import annotations

from bot.sandbox.cluster.identity import ADMIN, User
from bot.sandbox.cluster.kinds import Kinds
from bot.sandbox.cluster.rbac import GROUP
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.writing import Author, Writes

NODES = ("node-0", "node-1", "node-2")
_APISERVER = Author(User("system:apiserver", ADMIN.groups), "kube-apiserver")
_READ, _WRITE = ("get", "list", "watch"), ("create", "delete", "deletecollection", "patch", "update")

# What `view` reads, by group; `edit` writes the first table and some more, `admin` also roles.
_VIEW: dict[str, str] = {
    "": (
        "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
        "replicationcontrollers/scale serviceaccounts services services/status bindings events limitranges "
        "namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status "
        "namespaces"
    ),
    "discovery.k8s.io": "endpointslices",
    "apps": (
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets "
        "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status"
    ),
    "autoscaling": "horizontalpodautoscalers horizontalpodautoscalers/status",
    "batch": "cronjobs cronjobs/status jobs jobs/status",
    "policy": "poddisruptionbudgets poddisruptionbudgets/status",
    "networking.k8s.io": "ingresses ingresses/status networkpolicies",
}
_EDIT: dict[str, str] = {
    "": (
        "pods pods/attach pods/exec pods/portforward pods/proxy configmaps events persistentvolumeclaims "
        "replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy"
    ),
    "apps": (
        "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
        "statefulsets/scale"
    ),
    "autoscaling": "horizontalpodautoscalers",
    "batch": "cronjobs jobs",
    "policy": "poddisruptionbudgets",
    "networking.k8s.io": "ingresses networkpolicies",
}


def _rule(group: str, resources: str, verbs: tuple[str, ...]) -> Obj:
    return {"apiGroups": [group], "resources": resources.split(), "verbs": list(verbs)}


def _view() -> list[Obj]:
    return [_rule(group, resources, _READ) for group, resources in _VIEW.items()]


def _edit() -> list[Obj]:
    return [
        *_view(),
        _rule("", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", _READ),
        _rule("", "serviceaccounts", ("impersonate",)),
        _rule("", "pods/eviction serviceaccounts/token", ("create",)),
        *(_rule(group, resources, _WRITE) for group, resources in _EDIT.items()),
        _rule("coordination.k8s.io", "leases", (*_READ, *_WRITE)),
    ]


def _admin() -> list[Obj]:
    return [
        *_edit(),
        _rule("authorization.k8s.io", "localsubjectaccessreviews", ("create",)),
        _rule(GROUP, "rolebindings roles", (*_READ, *_WRITE)),
    ]


_PUBLIC = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
_DISCOVERY = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
]
_SELF = "selfsubjectaccessreviews selfsubjectrulesreviews"
_ROLES: dict[str, list[Obj]] = {
    "cluster-admin": [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
    "admin": _admin(),
    "edit": _edit(),
    "view": _view(),
    "system:basic-user": [
        _rule("authorization.k8s.io", _SELF, ("create",)),
        _rule("authentication.k8s.io", "selfsubjectreviews", ("create",)),
    ],
    "system:discovery": [{"nonResourceURLs": [*_DISCOVERY, "/version/"], "verbs": ["get"]}],
    "system:public-info-viewer": [{"nonResourceURLs": _PUBLIC, "verbs": ["get"]}],
    "system:auth-delegator": [
        _rule("authentication.k8s.io", "tokenreviews", ("create",)),
        _rule("authorization.k8s.io", "subjectaccessreviews", ("create",)),
    ],
}
_BINDINGS: dict[str, tuple[str, ...]] = {
    "cluster-admin": ("system:masters",),
    "system:basic-user": ("system:authenticated",),
    "system:discovery": ("system:authenticated",),
    "system:public-info-viewer": ("system:authenticated", "system:unauthenticated"),
}
_AGGREGATES = {"admin": "aggregate-to-admin", "edit": "aggregate-to-edit", "view": "aggregate-to-view"}
_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_BUILT_IN = {"kubernetes.io/bootstrapping": "rbac-defaults"}


def _role(name: str, rules: list[Obj]) -> Obj:
    role: Obj = {"metadata": {"name": name, "labels": dict(_BUILT_IN)}, "rules": rules}
    if name in _AGGREGATES:
        label = {f"rbac.authorization.k8s.io/{_AGGREGATES[name]}": "true"}
        role["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": label}]}
    return role


def _binding(role: str, groups: tuple[str, ...]) -> Obj:
    subjects = [{"kind": "Group", "apiGroup": GROUP, "name": group} for group in groups]
    reference = {"apiGroup": GROUP, "kind": "ClusterRole", "name": role}
    return {"metadata": {"name": role, "labels": dict(_BUILT_IN)}, "roleRef": reference, "subjects": subjects}


def _node(name: str) -> Obj:
    amounts = {"cpu": "64", "memory": "256Gi", "pods": "5000"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
    status: Obj = {"capacity": amounts, "allocatable": dict(amounts), "conditions": [ready]}
    versions = {"kubeletVersion": "v1.36.2", "kubeProxyVersion": "", "kernelVersion": "6.12.0"}
    machine = {"machineID": name, "systemUUID": name, "bootID": name}
    system = {"osImage": "Sandbox", "containerRuntimeVersion": "none://1", "operatingSystem": "linux"}
    info: Obj = {**versions, **machine, **system, "architecture": "amd64"}
    status["nodeInfo"] = info
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {"metadata": {"name": name, "labels": labels}, "spec": {}, "status": status}


def bootstrap(writes: Writes, kinds: Kinds) -> None:
    """Fills a new, empty cluster."""
    for name in ("kube-system", "kube-public", "kube-node-lease", "default"):
        writes.create(kinds.named("", "namespaces"), {"metadata": {"name": name}}, _APISERVER)
    for name, rules in _ROLES.items():
        writes.create(kinds.named(GROUP, "clusterroles"), _role(name, rules), _APISERVER)
    for name, groups in _BINDINGS.items():
        writes.create(kinds.named(GROUP, "clusterrolebindings"), _binding(name, groups), _APISERVER)
    for name in NODES:
        writes.create(kinds.named("", "nodes"), _node(name), _APISERVER)
    for name, value in _PRIORITIES.items():
        built_in: Obj = {"metadata": {"name": name}, "value": value}
        writes.create(kinds.named("scheduling.k8s.io", "priorityclasses"), built_in, _APISERVER)
    standard: Obj = {"metadata": {"name": "standard"}, "provisioner": "sandbox.local/none", "reclaimPolicy": "Delete"}
    standard["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    writes.create(
        kinds.named("storage.k8s.io", "storageclasses"), standard | {"volumeBindingMode": "Immediate"}, _APISERVER
    )
