"""The kinds the sandbox serves, as one table.

A kind is a row: its names, scope, verbs, subresources and a few flags. Everything else in the server (verbs, storage,
discovery, authorization) is written once over these rows. A module that tests for a kind by name in an ``if`` chain is
a sign that a column is missing here.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_WRITE = ("get", "patch", "update")


@dataclass(frozen=True, eq=False, slots=True)
class Kind:
    """One row: how a kind is called, where it lives and what may be done with it.

    Of a kind that a CustomResourceDefinition adds, ``served`` is the version there that this row serves.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    singular: str = ""
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    stored_as: Kind | None = None
    custom: bool = False
    scale_paths: tuple[str, str, str] | None = None
    selectable: tuple[str, ...] = ()
    served: dict[str, Any] = field(default_factory=dict)
    prefix: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        head = f'{{"kind":"{self.kind}","apiVersion":"{self.api_version}",'
        object.__setattr__(self, "prefix", head.encode())

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """The name messages use: ``pods``, ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def storage(self) -> Kind:
        return self.stored_as or self

    @property
    def storage_hash(self) -> str:
        digest = hashlib.sha256(f"{self.group}/{self.version}/{self.kind}".encode()).digest()
        return base64.b64encode(digest[:8]).decode()

    @property
    def has_generation(self) -> bool:
        return "g" in self.flags or self.custom

    @property
    def needs_version(self) -> bool:
        """Whether an update must say which version it replaces."""
        return "o" in self.flags or self.custom

    @property
    def returns_deleted(self) -> bool:
        """Whether DELETE answers the object that was deleted instead of a Status."""
        return "d" in self.flags

    @property
    def has_status(self) -> bool:
        return "status" in self.subresources


# kind, plural, scope, short names, categories, subresources, flags.
# Flags: g = keeps a generation; a = annotations count for it; d = DELETE answers the deleted object; c = create only;
# o = an update must name the version it replaces.
_CORE = """
Binding bindings N - - - c
ComponentStatus componentstatuses C cs - - r
ConfigMap configmaps N cm - - -
Endpoints endpoints N ep - - -
Event events N ev - - -
LimitRange limitranges N limits - - -
Namespace namespaces C ns - finalize,status n
Node nodes C no - proxy,status -
PersistentVolumeClaim persistentvolumeclaims N pvc - status d
PersistentVolume persistentvolumes C pv - status d
Pod pods N po all attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status gd
PodTemplate podtemplates N - - - gd
ReplicationController replicationcontrollers N rc all scale,status g
ResourceQuota resourcequotas N quota - status d
Secret secrets N - - - -
ServiceAccount serviceaccounts N sa - token d
Service services N svc all proxy,status d
"""
_GROUPS: tuple[tuple[str, str, str], ...] = (
    ("", "v1", _CORE),
    ("apiregistration.k8s.io", "v1", "APIService apiservices C - api-extensions status -"),
    (
        "apps",
        "v1",
        """
        ControllerRevision controllerrevisions N - - - -
        DaemonSet daemonsets N ds all status g
        Deployment deployments N deploy all scale,status ga
        ReplicaSet replicasets N rs all scale,status g
        StatefulSet statefulsets N sts all scale,status g
        """,
    ),
    ("events.k8s.io", "v1", "Event events N ev - - -"),
    (
        "authentication.k8s.io",
        "v1",
        """
        SelfSubjectReview selfsubjectreviews C - - - c
        TokenReview tokenreviews C - - - c
        """,
    ),
    (
        "authorization.k8s.io",
        "v1",
        """
        LocalSubjectAccessReview localsubjectaccessreviews N - - - c
        SelfSubjectAccessReview selfsubjectaccessreviews C - - - c
        SelfSubjectRulesReview selfsubjectrulesreviews C - - - c
        SubjectAccessReview subjectaccessreviews C - - - c
        """,
    ),
    ("autoscaling", "v2", "HorizontalPodAutoscaler horizontalpodautoscalers N hpa all status -"),
    ("autoscaling", "v1", "HorizontalPodAutoscaler horizontalpodautoscalers N hpa all status -"),
    (
        "batch",
        "v1",
        """
        CronJob cronjobs N cj all status g
        Job jobs N - all status g
        """,
    ),
    ("certificates.k8s.io", "v1", "CertificateSigningRequest certificatesigningrequests C csr - approval,status -"),
    (
        "networking.k8s.io",
        "v1",
        """
        IngressClass ingressclasses C - - - g
        Ingress ingresses N ing - status g
        IPAddress ipaddresses C ip - - -
        NetworkPolicy networkpolicies N netpol - - g
        ServiceCIDR servicecidrs C - - status -
        """,
    ),
    ("policy", "v1", "PodDisruptionBudget poddisruptionbudgets N pdb - status go"),
    (
        "rbac.authorization.k8s.io",
        "v1",
        """
        ClusterRoleBinding clusterrolebindings C - - - -
        ClusterRole clusterroles C - - - -
        RoleBinding rolebindings N - - - -
        Role roles N - - - -
        """,
    ),
    (
        "storage.k8s.io",
        "v1",
        """
        CSIDriver csidrivers C - - - -
        CSINode csinodes C - - - -
        CSIStorageCapacity csistoragecapacities N - - - -
        StorageClass storageclasses C sc - - -
        VolumeAttachment volumeattachments C - - status -
        VolumeAttributesClass volumeattributesclasses C vac - - -
        """,
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        """
        MutatingAdmissionPolicy mutatingadmissionpolicies C - api-extensions - g
        MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings C - api-extensions - g
        MutatingWebhookConfiguration mutatingwebhookconfigurations C - api-extensions - g
        ValidatingAdmissionPolicy validatingadmissionpolicies C - api-extensions status go
        ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings C - api-extensions - go
        ValidatingWebhookConfiguration validatingwebhookconfigurations C - api-extensions - g
        """,
    ),
    (
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition customresourcedefinitions C crd,crds api-extensions status go",
    ),
    ("scheduling.k8s.io", "v1", "PriorityClass priorityclasses C pc - - g"),
    ("coordination.k8s.io", "v1", "Lease leases N - - - o"),
    ("node.k8s.io", "v1", "RuntimeClass runtimeclasses C - - - -"),
    ("discovery.k8s.io", "v1", "EndpointSlice endpointslices N - - - g"),
    (
        "resource.k8s.io",
        "v1",
        """
        DeviceClass deviceclasses C - - - g
        ResourceClaim resourceclaims N - - status -
        ResourceClaimTemplate resourceclaimtemplates N - - - -
        ResourceSlice resourceslices C - - - g
        """,
    ),
    (
        "flowcontrol.apiserver.k8s.io",
        "v1",
        """
        FlowSchema flowschemas C - - status g
        PriorityLevelConfiguration prioritylevelconfigurations C - - status g
        """,
    ),
    (
        "metrics.k8s.io",
        "v1beta1",
        """
        NodeMetrics nodes C - - - r
        PodMetrics pods N - - - r
        """,
    ),
)

# Subresource → (verbs, group and version of its own kind, that kind's name); an empty name stands for the parent's.
SUBRESOURCES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "status": (READ_WRITE, "", ""),
    "scale": (READ_WRITE, "autoscaling/v1", "Scale"),
    "approval": (READ_WRITE, "", ""),
    "finalize": (("update",), "", ""),
    "token": (("create",), "authentication.k8s.io/v1", "TokenRequest"),
    "eviction": (("create",), "policy/v1", "Eviction"),
    "binding": (("create",), "", "Binding"),
    "log": (("get",), "", ""),
    "ephemeralcontainers": (READ_WRITE, "", ""),
    "resize": (READ_WRITE, "", ""),
    "attach": (("create", "get"), "", "PodAttachOptions"),
    "exec": (("create", "get"), "", "PodExecOptions"),
    "portforward": (("create", "get"), "", "PodPortForwardOptions"),
    "proxy": (("create", "delete", "get", "patch", "update"), "", "{kind}ProxyOptions"),
}

_VERBS_BY_FLAG = {
    "c": ("create",),
    "r": ("get", "list"),
    "n": ("create", "delete", "get", "list", "patch", "update", "watch"),
}


def _split(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split(","))


def _row(group: str, version: str, line: str) -> Kind:
    kind, plural, scope, short, categories, subresources, flags = line.split()
    verbs = next((_VERBS_BY_FLAG[flag] for flag in flags if flag in _VERBS_BY_FLAG), ALL_VERBS)
    singular = "" if group == "metrics.k8s.io" else kind.lower()
    names = _split(short), _split(categories)
    return Kind(
        group, version, kind, plural, scope == "N", singular, *names, verbs, _split(subresources), frozenset(flags)
    )


class Kinds:
    """All kinds of one server: the built-in rows and those its CustomResourceDefinitions add."""

    def __init__(self) -> None:
        self._by_path: dict[tuple[str, str, str], Kind] = {}
        self._named: dict[tuple[str, str], Kind] = {}
        self.groups: dict[tuple[str, str], list[Kind]] = {}
        self._forms: dict[Kind, list[Kind]] = {}
        for group, version, lines in _GROUPS:
            for line in filter(None, (text.strip() for text in lines.splitlines())):
                self.add(_row(group, version, line))
        self._share("events.k8s.io", "v1", "events", self.find("", "v1", "events"))
        self._share(
            "autoscaling", "v1", "horizontalpodautoscalers", self.find("autoscaling", "v2", "horizontalpodautoscalers")
        )

    def _share(self, group: str, version: str, plural: str, storage: Kind | None) -> None:
        object.__setattr__(self._by_path[group, version, plural], "stored_as", storage)

    def add(self, kind: Kind) -> None:
        self._by_path[kind.group, kind.version, kind.plural] = kind
        self._named.setdefault((kind.group, kind.plural), kind)
        self.groups.setdefault((kind.group, kind.version), []).append(kind)
        self._forms.clear()

    def remove(self, kind: Kind) -> None:
        self._by_path.pop((kind.group, kind.version, kind.plural), None)
        self._named.pop((kind.group, kind.plural), None)
        self._forms.clear()
        rows = self.groups[kind.group, kind.version]
        rows.remove(kind)
        if not rows:
            del self.groups[kind.group, kind.version]

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        return self._by_path.get((group, version, plural))

    def serves(self, group: str, version: str) -> bool:
        """Whether a version is of the server's own groups; those of definitions know only their kinds."""
        rows = self.groups.get((group, version), ())
        return any(not row.custom for row in rows)

    def named(self, group: str, plural: str) -> Kind:
        """The stored kind of a resource, whatever its version; raises KeyError when there is none."""
        return self._named[group, plural].storage

    def known(self, group: str, plural: str) -> Kind | None:
        """The stored kind of a resource; None when no definition serves it any more."""
        kind = self._named.get((group, plural))
        return kind.storage if kind else None

    def of_object(self, api_version: str, kind: str) -> Kind | None:
        group, _, version = api_version.rpartition("/")
        return next((row for row in self.groups.get((group, version), ()) if row.kind == kind), None)

    def equivalents(self, kind: Kind) -> list[Kind]:
        """The other versions and groups in which the same objects are served."""
        if kind not in self._forms:
            same = (row for row in self._by_path.values() if row.storage is kind.storage and row is not kind)
            self._forms[kind] = list(same)
        return self._forms[kind]

    def stored(self) -> list[Kind]:
        """The kinds that are kept, once each."""
        return [row for row in self._by_path.values() if row.stored_as is None and {"create", "get"} <= set(row.verbs)]
