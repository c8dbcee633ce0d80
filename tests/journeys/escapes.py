"""What a tenant tries in order to get out of an environment, or to get more in it: data, with what must be answered.

`{ns}` is the tenant's own namespace, `{other}` a colleague's, `{account}` the owner's account in Berth's namespace.
FORBIDDEN is an answer of RBAC, JUDGED one of an admission policy, REFUSED one of admission: a policy, pod security, or
a quota.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FORBIDDEN: Final = frozenset({403})
JUDGED: Final = frozenset({422})
REFUSED: Final = FORBIDDEN | JUDGED

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


def _judged(what: str, **spec: Any) -> Escape:
    return _make(f"a pod with {what}", f"{_CORE}/pods", {"spec": {**_POD, **spec}}, JUDGED)


def _asking(what: str, part: str, resource: str) -> Escape:
    resources = {"limits": {resource: "1"}, "requests": {resource: "1"}}
    containers = [{**_POD["containers"][0], "name": "asking", "resources": resources}]
    return _judged(what, **{part: [*_POD.get(part, ()), *containers]})


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
        JUDGED,
    ),
    _make(
        "lead the ingress to another's service",
        f"{_CORE}/services",
        {"spec": {"type": "ExternalName", "externalName": "web.{other}.svc.cluster.local"}},
        JUDGED,
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
    _container("a probe of its node's metadata", livenessProbe={"httpGet": {"host": "169.254.169.254", "port": 80}}),
    _container("such a hook", lifecycle={"postStart": {"httpGet": {"host": "169.254.169.254", "port": 80}}}),
    _container("all of its node's /proc", securityContext={"procMount": "Unmasked"}),
    _pod("no seccomp profile", securityContext={"seccompProfile": {"type": "Unconfined"}}),
    _pod("no AppArmor profile", securityContext={"appArmorProfile": {"type": "Unconfined"}}),
    _pod("another SELinux type", securityContext={"seLinuxOptions": {"type": "spc_t"}}),
    _pod("a setting of its node's kernel", securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
    _pod("a process of its node's Windows", securityContext={"windowsOptions": {"hostProcess": True}}),
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
CROWDING: Final = (
    _judged("the priority of the cluster's own", priorityClassName="system-cluster-critical"),
    _judged("the company's own priority", priorityClassName="company-high"),
    _judged("a node of its choice", nodeName="node-0"),
    _judged("every toleration", tolerations=[{"operator": "Exists"}]),
    _judged("an empty key to tolerate", tolerations=[{"key": "", "operator": "Exists", "effect": "NoSchedule"}]),
    _judged(
        "the control plane's taint",
        tolerations=[{"key": "node-role.kubernetes.io/control-plane", "operator": "Exists", "effect": "NoSchedule"}],
    ),
    _judged("the old taint", tolerations=[{"key": "node-role.kubernetes.io/master", "operator": "Exists"}]),
    _asking("a device that no quota counts", "containers", "amd.com/gpu"),
    _asking("such a device at its start", "initContainers", "amd.com/gpu"),
    _asking("huge pages that no quota counts", "containers", "hugepages-2Mi"),
    _judged("devices for the pod", resources={"limits": {"amd.com/gpu": "1"}, "requests": {"amd.com/gpu": "1"}}),
    _judged("a claim of a device", resourceClaims=[{"name": "gpu", "resourceClaimTemplateName": "gpu"}]),
    _judged("files by its node's network", volumes=[{"name": "x", "nfs": {"server": "10.0.0.1", "path": "/"}}]),
    _judged(
        "a disk by its node's network",
        volumes=[{"name": "x", "iscsi": {"targetPortal": "10.0.0.1", "iqn": "iqn.2026-01.a:b", "lun": 0}}],
    ),
    _judged(
        "files by a driver of its node's",
        volumes=[
            {
                "name": "x",
                "csi": {"driver": "nfs.csi.k8s.io", "volumeAttributes": {"server": "10.0.0.1", "share": "/"}},
            }
        ],
    ),
    _make(
        "a pod in another network",
        f"{_CORE}/pods",
        {
            "metadata": {"name": "escape", "annotations": {"k8s.v1.cni.cncf.io/networks": "kube-system/plain"}},
            "spec": _POD,
        },
        JUDGED,
    ),
    _container("a disk of its node's", resources={"limits": {"ephemeral-storage": "900Gi"}}),
)
"""Beyond the share, and past the network policies."""


def _ingress(what: str, annotations: Mapping[str, str]) -> Escape:
    metadata = {"name": "escape", "annotations": dict(annotations)}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    return _make(what, f"{_NET}/ingresses", {"metadata": metadata, "spec": {"defaultBackend": backend}}, JUDGED)


_NGINX: Final = "nginx.ingress.kubernetes.io"
_CLAIM: Final = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
KEPT: Final = (
    _ingress("configure the ingress of all", {f"{_NGINX}/configuration-snippet": "proxy_pass http://10.0.0.1;"}),
    _ingress("configure its server", {f"{_NGINX}/server-snippet": "location / {}"}),
    _ingress("configure another ingress", {"nginx.org/server-snippets": "location / {}"}),
    _ingress("configure a third one", {"haproxy-ingress.github.io/config-backend": "http-request deny"}),
    _ingress("let it ask elsewhere", {f"{_NGINX}/auth-url": "http://web.{other}.svc.cluster.local"}),
    _ingress("let it send elsewhere", {f"{_NGINX}/mirror-target": "http://web.{other}.svc.cluster.local"}),
    _ingress("let it read another's secret", {f"{_NGINX}/auth-secret": "{other}/secret"}),
    _ingress("let it read another's config", {f"{_NGINX}/custom-headers": "{other}/headers"}),
    _make(
        "a token without an end",
        f"{_CORE}/secrets",
        {
            "metadata": {"name": "escape", "annotations": {"kubernetes.io/service-account.name": "default"}},
            "type": "kubernetes.io/service-account-token",
        },
        JUDGED,
    ),
    _make(
        "claim a volume that others left",
        f"{_CORE}/persistentvolumeclaims",
        {"spec": {**_CLAIM, "volumeName": "pv-of-others"}},
        JUDGED,
    ),
    _make(
        "claim any volume without a class",
        f"{_CORE}/persistentvolumeclaims",
        {"spec": {**_CLAIM, "storageClassName": ""}},
        JUDGED,
    ),
    _make(
        "claim any volume by the annotation of old",
        f"{_CORE}/persistentvolumeclaims",
        {
            "metadata": {"name": "escape", "annotations": {"volume.beta.kubernetes.io/storage-class": ""}},
            "spec": _CLAIM,
        },
        JUDGED,
    ),
    _make(
        "claim volumes by their labels",
        f"{_CORE}/persistentvolumeclaims",
        {"spec": {**_CLAIM, "selector": {"matchLabels": {"of": "others"}}}},
        JUDGED,
    ),
)
"""What stands in objects that a tenant may write."""
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

_ROUTES: Final = "/apis/gateway.networking.k8s.io/v1/namespaces/{ns}"


def _hosts(what: str, *hosts: str, answers: frozenset[int] = JUDGED, more: Mapping[str, Any] | None = None) -> Escape:
    rules = [{"host": host} if host else {} for host in hosts]
    body = {"metadata": {"generateName": "h-"}, "spec": {"rules": rules, **(more or {})}}
    return _make(what, f"{_NET}/ingresses", body, answers)


def _route(what: str, plural: str, *hosts: str, answers: frozenset[int] = JUDGED) -> Escape:
    body = {"metadata": {"generateName": "h-"}, "spec": {"hostnames": list(hosts)} if hosts else {}}
    return _make(what, f"{_ROUTES}/{plural}", body, answers)


def _annotated(what: str, name: str, hosts: str, answers: frozenset[int] = JUDGED) -> Escape:
    metadata = {"generateName": "h-", "annotations": {name: hosts}}
    spec = {"rules": [{"host": "web.blue.dev.example.com"}]}
    return _make(what, f"{_NET}/ingresses", {"metadata": metadata, "spec": spec}, answers)


def _published(what: str, host: str, answers: frozenset[int] = JUDGED) -> Escape:
    metadata = {"generateName": "h-", "annotations": {"external-dns.alpha.kubernetes.io/hostname": host}}
    return _make(what, f"{_CORE}/services", {"metadata": metadata, "spec": {**_SERVICE, "clusterIP": "None"}}, answers)


_MADE: Final = frozenset({201})
_BACKEND: Final[dict[str, Any]] = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
_CERTIFICATE: Final[dict[str, Any]] = {"tls": [{"hosts": ["web.other.dev.example.com"]}]}
HOSTS: Final = (
    _hosts("a host of its own", "web.blue.dev.example.com", answers=_MADE),
    _hosts("a host by the namespace's name", "web.{ns}.dev.example.com", answers=_MADE),
    _hosts("every host of its own", "*.blue.dev.example.com", answers=_MADE),
    _hosts("another's host", "web.other.dev.example.com"),
    _hosts("another's beside its own", "web.blue.dev.example.com", "web.other.dev.example.com"),
    _hosts("the whole domain", "*.dev.example.com"),
    _hosts("a host of production", "www.example.com"),
    _hosts("a name that only looks like its own", "web.notblue.dev.example.com"),
    _hosts("any host", ""),
    _hosts("what nobody answers", "web.blue.dev.example.com", more=_BACKEND),
    _hosts("nothing but what nobody answers", more=_BACKEND),
    _hosts(
        "another's certificate", "web.blue.dev.example.com", more={"tls": [{"hosts": ["web.other.dev.example.com"]}]}
    ),
    _annotated(
        "an alias of its own", f"{_NGINX}/server-alias", "a.blue.dev.example.com, b.blue.dev.example.com", _MADE
    ),
    _annotated("another's host as an alias", f"{_NGINX}/server-alias", "web.other.dev.example.com"),
    _annotated("another's beside its own alias", f"{_NGINX}/server-alias", "a.blue.dev.example.com,www.example.com"),
    _annotated("every host by an expression", f"{_NGINX}/server-alias", "~^.*$|.blue.dev.example.com"),
    _annotated("a name of production", "external-dns.alpha.kubernetes.io/hostname", "www.example.com"),
    _annotated("a certificate of production", "cert-manager.io/common-name", "www.example.com"),
    _published("a name of its own for its pods", "db.blue.dev.example.com", _MADE),
    _published("a name of production for its pods", "www.example.com"),
    _route("a route of its own", "httproutes", "web.blue.dev.example.com", answers=_MADE),
    _route("a route of another", "httproutes", "web.other.dev.example.com"),
    _route("a route of any host", "httproutes"),
    _route("calls of another", "grpcroutes", "web.other.dev.example.com"),
)
"""Where the cluster has an ingress_domain: dev.example.com."""

ESCAPES: Final = (*WALLS, *POWERS, *OTHERS, *TRAFFIC, *PODS, *CROWDING, *KEPT, *BORROWED)
WORK: Final = (
    Escape("see pods", "GET", f"{_CORE}/pods", answers=frozenset({200})),
    Escape("see who has access", "GET", f"{_RBAC}/namespaces/{{ns}}/rolebindings", answers=frozenset({200})),
    Escape("see the quota", "GET", f"{_CORE}/resourcequotas/berth", answers=frozenset({200})),
    Escape("see the isolation", "GET", f"{_NET}/networkpolicies", answers=frozenset({200})),
)
"""What everybody with access can do: a table of refusals alone would hold where nothing works."""
