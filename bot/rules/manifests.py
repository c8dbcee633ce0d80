"""What an environment is made of on its cluster, as dict manifests.

Quantities are strings: the API server takes ints too, the official client does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rules import words
from bot.rules.catalogue import Oidc, Size
from bot.rules.names import slug
from bot.rules.object_counts import FINISHED_PODS, OBJECT_COUNTS
from bot.rules.subjects import Subject

Manifest = dict[str, Any]

_NO_INTERNET = [
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    *("192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4"),  # in use for nodes, pods and Services nevertheless
    "168.63.129.16/32",  # where Azure's hosts tell nodes their secrets; everybody else's is link-local
]
_RBAC = "rbac.authorization.k8s.io"

PEOPLE_ROLES: Mapping[str, str] = {
    words.OWNER_BINDING: words.TENANT_ROLE,
    words.EDIT_BINDING: words.TENANT_ROLE,
    words.VIEW_BINDING: words.TENANT_VIEW_ROLE,
}
"""The bindings that give people rights in an environment, and the role of each."""


@dataclass(frozen=True)
class Place:
    """Whose an environment is, and where: as much as its objects say of it."""

    environment_id: str
    name: str
    namespace: str
    owner_id: str
    owner_email: str
    team: str | None


@dataclass(frozen=True)
class Tenancy(Place):
    """An environment as the cluster has to know it."""

    template: str
    size: Size
    expires_at: datetime | None
    ingress_namespaces: Sequence[str] = ()
    ingress_domain: str | None = None


def _labels(tenancy: Place) -> dict[str, str]:
    labels = {
        words.LABEL_MANAGED_BY: words.BERTH,
        words.LABEL_ENVIRONMENT: tenancy.environment_id,
        words.LABEL_OWNER: tenancy.owner_id,
    }
    return labels | ({words.LABEL_TEAM: slug(tenancy.team)} if tenancy.team else {})


def _in_namespace(tenancy: Place, api_version: str, kind: str, name: str, **body: Any) -> Manifest:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": tenancy.namespace, "labels": _labels(tenancy)},
        **body,
    }


_POD_SECURITY: Mapping[str, str] = {
    f"pod-security.kubernetes.io/{mode}": level
    for mode, level in (("enforce", "baseline"), ("warn", "restricted"), ("audit", "restricted"))
}


def labels(place: Place) -> dict[str, str]:
    """The labels of the namespace: whose it is, and how strictly its pods are looked at."""
    return {**_labels(place), **_POD_SECURITY}


def namespace(tenancy: Tenancy) -> Manifest:
    """The namespace. It carries enough to rebuild the store's row of the environment."""
    annotations = {
        words.ANNOTATION_NAME: tenancy.name,
        words.ANNOTATION_OWNER_EMAIL: tenancy.owner_email,
        words.ANNOTATION_TEMPLATE: tenancy.template,
        words.ANNOTATION_SIZE: tenancy.size.name,
    }
    if tenancy.expires_at is not None:
        annotations[words.ANNOTATION_EXPIRES_AT] = tenancy.expires_at.isoformat()
    if tenancy.ingress_domain:
        annotations[words.ANNOTATION_INGRESS_DOMAIN] = tenancy.ingress_domain
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": tenancy.namespace, "labels": labels(tenancy), "annotations": annotations},
    }


def agent_binding(tenancy: Place) -> Manifest:
    """What gives Berth itself its rights in this namespace, and in no other."""
    subject = {"kind": "ServiceAccount", "namespace": words.HOME_NAMESPACE, "name": words.BOT_SERVICE_ACCOUNT}
    return _binding(tenancy, words.AGENT_BINDING, words.AGENT_ROLE, subject)


def people_binding(tenancy: Place, name: str, subjects: Sequence[Subject]) -> Manifest:
    """What gives people their rights, one of PEOPLE_ROLES, none of which can remove the isolation."""
    return _binding(tenancy, name, PEOPLE_ROLES[name], *subjects)


def _binding(tenancy: Place, name: str, role: str, *subjects: Subject) -> Manifest:
    return _in_namespace(
        tenancy,
        f"{_RBAC}/v1",
        "RoleBinding",
        name,
        roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        subjects=[dict(subject) for subject in subjects],
    )


def quota(tenancy: Tenancy) -> Manifest:
    """The ResourceQuota of the environment's size."""
    size = tenancy.size
    hard = {
        "requests.cpu": size.cpu,
        "requests.memory": size.memory,
        "limits.cpu": size.cpu_limit or size.cpu,
        "limits.memory": size.memory_limit or size.memory,
        "requests.ephemeral-storage": size.scratch_space,
        "limits.ephemeral-storage": size.scratch_space,
        "requests.storage": size.storage,
        "pods": str(size.pods),
        "count/pods": str(size.pods + FINISHED_PODS),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        **{kind: str(most) for kind, most in OBJECT_COUNTS.items()},
        f"requests.{words.GPU}": str(size.gpu),
    }
    return _in_namespace(tenancy, "v1", "ResourceQuota", words.QUOTA, spec={"hard": hard})


def limit_range(tenancy: Tenancy) -> Manifest:
    """Defaults for containers that ask for nothing, without which the quota would refuse their pods."""
    size = tenancy.size
    container = {
        "type": "Container",
        "default": {"cpu": "500m", "memory": "512Mi", "ephemeral-storage": "1Gi"},
        "defaultRequest": {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "64Mi"},
        "max": {
            "cpu": size.cpu_limit or size.cpu,
            "memory": size.memory_limit or size.memory,
            "ephemeral-storage": size.scratch_space,
        },
    }
    claim = {"type": "PersistentVolumeClaim", "max": {"storage": size.storage}}
    return _in_namespace(tenancy, "v1", "LimitRange", words.LIMITS, spec={"limits": [container, claim]})


def network_policies(tenancy: Tenancy) -> list[Manifest]:
    """Nothing in or out, but for the environment itself, its cluster's ingress, name service and the internet."""
    neighbours: Manifest = {"podSelector": {}}
    dns = {
        "to": [{**_namespace_selector("kube-system"), "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}],
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
    }
    internet = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": _NO_INTERNET}}]}
    allowed = {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [neighbours, *map(_namespace_selector, tenancy.ingress_namespaces)]}],
        "egress": [{"to": [neighbours]}, dns, internet],
    }
    nothing: Manifest = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return [
        _in_namespace(tenancy, "networking.k8s.io/v1", "NetworkPolicy", name, spec=spec)
        for name, spec in ((words.ISOLATION, nothing), (words.ISOLATION_ALLOWED, allowed))
    ]


def _namespace_selector(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def sleep_quota(namespace: str, pods: int = 0) -> Manifest:
    """What holds a sleeping namespace down: no pod may start, whoever asks for one, but for so many that stay."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {
            "name": words.SLEEP_QUOTA,
            "namespace": namespace,
            "labels": {words.LABEL_MANAGED_BY: words.BERTH},
        },
        "spec": {"hard": {"pods": str(pods)}},
    }


def templated(tenancy: Tenancy, manifests: Sequence[Mapping[str, Any]]) -> list[Manifest]:
    """A template's objects, placed into the environment."""
    return [
        {
            **manifest,
            "metadata": {
                **manifest["metadata"],
                "namespace": tenancy.namespace,
                "labels": {**manifest["metadata"].get("labels", {}), words.LABEL_MANAGED_BY: words.BERTH},
            },
        }
        for manifest in manifests
    ]


def service_account(name: str, person_id: str, email: str) -> Manifest:
    """The ClusterUser of a person: an account in Berth's own namespace, where no tenant can write."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": name,
            "namespace": words.HOME_NAMESPACE,
            "labels": {words.LABEL_MANAGED_BY: words.BERTH, words.LABEL_OWNER: person_id},
            "annotations": {words.ANNOTATION_OWNER_EMAIL: email},
        },
        "automountServiceAccountToken": False,
    }


def token_handle(account: str) -> Manifest:
    """What a person's tokens are bound to: it holds nothing, and with it all of them end."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": account,
            "namespace": words.HOME_NAMESPACE,
            "labels": {words.LABEL_MANAGED_BY: words.BERTH, words.LABEL_ACCOUNT: account},
        },
        "type": "Opaque",
    }


def kubeconfig(context: str, namespace: str, server: Mapping[str, Any], user: Mapping[str, Any]) -> Manifest:
    """A kubeconfig that stock kubectl takes. `server` and `user` are its `cluster` and its `user`; may be a secret."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": context, "cluster": dict(server)}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context, "namespace": namespace}}],
        "users": [{"name": context, "user": dict(user)}],
    }


def issuer_login(oidc: Oidc) -> Manifest:
    """The `user` of a kubeconfig that asks the issuer through kubelogin, and holds no secret."""
    scopes = ["email", *(["groups"] if oidc.groups_prefix is not None else [])]
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "kubectl",
            "args": [
                "oidc-login",
                "get-token",
                f"--oidc-issuer-url={oidc.issuer_url}",
                f"--oidc-client-id={oidc.client_id}",
                *(f"--oidc-extra-scope={scope}" for scope in scopes),
            ],
            "interactiveMode": "IfAvailable",
            "provideClusterInfo": False,
            "installHint": "kubectl krew install oidc-login",
        }
    }
