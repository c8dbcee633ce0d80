"""Where each kind of object is on an API server."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bot.rules.workloads import KINDS, Kind


@dataclass(frozen=True)
class Resource:
    """A kind of object, as its path needs it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    optional: bool = False  # a cluster may not know it

    @property
    def api_version(self) -> str:
        """As in a manifest."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """The URL path of an object, or of the collection."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        parts += ["namespaces", namespace] if self.namespaced and namespace else []
        parts += [part for part in (self.plural, name, subresource) if part]
        return "/" + "/".join(quote(part, safe="") for part in parts)


def resource_of(kind: Kind) -> Resource:
    """Where workloads of a kind are."""
    return Resource(kind.group, kind.version, kind.plural, kind.name, optional=kind.optional)


_RBAC = "rbac.authorization.k8s.io"
RESOURCES: Mapping[str, Resource] = {
    resource.kind: resource
    for resource in (
        Resource("", "v1", "namespaces", "Namespace", namespaced=False),
        Resource("", "v1", "nodes", "Node", namespaced=False),
        Resource("", "v1", "pods", "Pod"),
        Resource("", "v1", "services", "Service"),
        Resource("", "v1", "configmaps", "ConfigMap"),
        Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
        Resource("", "v1", "serviceaccounts", "ServiceAccount"),
        Resource("", "v1", "secrets", "Secret"),
        Resource("", "v1", "resourcequotas", "ResourceQuota"),
        Resource("", "v1", "limitranges", "LimitRange"),
        Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
        Resource(_RBAC, "v1", "rolebindings", "RoleBinding"),
        Resource("batch", "v1", "jobs", "Job"),
        Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False),
        Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
        Resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", optional=True),
    )
} | {key: resource_of(kind) for key, kind in KINDS.items()}
