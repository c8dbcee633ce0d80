"""What makes an object invalid, as 422 causes in the server's words. Checks are rows: a kind and its functions."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.cluster import accessspecs, customschema, fixedfields, metadata, names, podspecs, quotaspecs
from bot.sandbox.cluster import workloadspecs as workloads
from bot.sandbox.cluster.autoscalerspecs import autoscaler
from bot.sandbox.cluster.errors import (
    Cause,
    bad_value,
    invalid,
    required,
    too_long,
    unsupported,
)
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.policies.declared import check_binding, check_policy
from bot.sandbox.cluster.quantities import parse
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.workloadspecs import Check

_MEBIBYTE = 1024 * 1024
_SERVICES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def _pod(obj: Obj) -> Iterator[Cause]:
    yield from podspecs.check(obj.get("spec") or {}, "spec")


def _service(obj: Obj) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    if spec.get("type") == "ExternalName" and not spec.get("externalName"):
        yield required("spec.externalName")
    for index, port in enumerate(ports):
        at, number = f"spec.ports[{index}]", port.get("port", 0)
        if len(ports) > 1 and not port.get("name"):
            yield required(f"{at}.name")
        elif port.get("name"):
            yield from (bad_value(f"{at}.name", port["name"], why) for why in names.label(port["name"]))
        if not 0 < number < 65536:
            yield bad_value(f"{at}.port", number, "must be between 1 and 65535, inclusive")


def _claim(obj: Obj) -> Iterator[Cause]:
    modes = dig(obj, "spec", "accessModes", default=[])
    if not modes:
        yield required("spec.accessModes", "at least 1 access mode is required")
    for mode in modes:
        if mode not in _ACCESS:
            yield unsupported("spec.accessModes", mode, list(_ACCESS))
    size = dig(obj, "spec", "resources", "requests", "storage")
    if size is None:
        yield required("spec.resources[storage]")
    elif parse(size) <= 0:
        yield bad_value("spec.resources[storage]", size, "must be greater than zero")


def _keys(*fields: str, at: str = "") -> Check:
    def check(obj: Obj) -> Iterator[Cause]:
        size = 0
        for field in fields:
            for key, value in (obj.get(field) or {}).items():
                yield from (bad_value(f"{field}[{key}]", key, why) for why in names.config_key(key))
                size += len(str(value).encode())
        if size > _MEBIBYTE:
            yield too_long(at, _MEBIBYTE)

    return check


# Type of a Secret → the keys it must hold.
_SECRET_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


def _secret(obj: Obj) -> Iterator[Cause]:
    for key in _SECRET_KEYS.get(obj.get("type", ""), ()):
        if key not in (obj.get("data") or {}):
            yield required(f"data[{key}]")


def _budget(obj: Obj) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if "minAvailable" in spec and "maxUnavailable" in spec:
        shown = {"MinAvailable": spec["minAvailable"], "Selector": spec.get("selector")}
        shown |= {"MaxUnavailable": spec["maxUnavailable"], "UnhealthyPodEvictionPolicy": None}
        yield bad_value("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    if isinstance(spec.get("selector"), dict):
        yield from workloads.label_selector(spec["selector"], "spec.selector")


def _definition(obj: Obj) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    plural, versions = dig(spec, "names", "plural", default=""), spec.get("versions") or []
    if obj["metadata"]["name"] != f"{plural}.{spec.get('group', '')}":
        yield bad_value("metadata.name", obj["metadata"]["name"], 'must be spec.names.plural+"."+spec.group')
    if not spec.get("group"):
        yield required("spec.group")
    if spec.get("scope") not in ("Namespaced", "Cluster"):
        yield unsupported("spec.scope", spec.get("scope", ""), ["Cluster", "Namespaced"])
    for field in ("plural", "kind"):
        if not dig(spec, "names", field):
            yield required(f"spec.names.{field}")
    if sum(bool(version.get("storage")) for version in versions) != 1:
        yield bad_value(
            "spec.versions", [_version(v) for v in versions], "must have exactly one version marked as storage version"
        )
    for index, version in enumerate(versions):
        if not dig(version, "schema", "openAPIV3Schema"):
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required")


def _version(version: Obj) -> Obj:
    return {key: version[key] for key in ("name", "served", "storage") if key in version}


_NEGATIVE = workloads.not_negative
_REPLICATED = (_NEGATIVE("spec.replicas"), workloads.selector("deployment"), workloads.template("spec", "template"))
_READY = _NEGATIVE("spec.minReadySeconds", "spec.revisionHistoryLimit")
_ENDING = ("OnFailure", "Never")
_JOB_NUMBERS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")

CHECKS: dict[str, tuple[Check, ...]] = {
    "pods": (_pod,),
    "deployments.apps": (*_REPLICATED, workloads.deployment_strategy, _READY, workloads.progress_deadline),
    "replicasets.apps": (*_REPLICATED, _READY),
    "statefulsets.apps": (
        workloads.stateful_strategy,
        _NEGATIVE("spec.replicas"),
        workloads.selector("statefulset"),
        workloads.template("spec", "template"),
    ),
    "daemonsets.apps": (
        workloads.selector("daemonset", is_required=False),
        workloads.template("spec", "template"),
        workloads.daemon_strategy,
    ),
    "jobs.batch": (
        workloads.job,
        _NEGATIVE(*(f"spec.{name}" for name in _JOB_NUMBERS)),
        workloads.one_of("spec.completionMode", "NonIndexed", "Indexed"),
        workloads.template("spec", "template", restart=_ENDING),
    ),
    "cronjobs.batch": (
        workloads.schedule,
        _NEGATIVE("spec.startingDeadlineSeconds"),
        workloads.one_of("spec.concurrencyPolicy", "Allow", "Forbid", "Replace"),
        workloads.template("spec", "jobTemplate", "spec", "template", restart=_ENDING),
        _NEGATIVE("spec.successfulJobsHistoryLimit", "spec.failedJobsHistoryLimit"),
    ),
    "horizontalpodautoscalers.autoscaling": (autoscaler,),
    "resourcequotas": (quotaspecs.quota,),
    "limitranges": (quotaspecs.limit_range,),
    "services": (_service, workloads.one_of("spec.type", *_SERVICES)),
    "persistentvolumeclaims": (_claim,),
    "configmaps": (_keys("data", "binaryData"),),
    "secrets": (_keys("data", at="data"), _secret),
    "roles.rbac.authorization.k8s.io": (accessspecs.rules(namespaced=True),),
    "clusterroles.rbac.authorization.k8s.io": (accessspecs.rules(namespaced=False),),
    "rolebindings.rbac.authorization.k8s.io": (accessspecs.binding("Role", "ClusterRole"),),
    "clusterrolebindings.rbac.authorization.k8s.io": (accessspecs.binding("ClusterRole"),),
    "poddisruptionbudgets.policy": (_budget,),
    "customresourcedefinitions.apiextensions.k8s.io": (_definition,),
    "validatingadmissionpolicies.admissionregistration.k8s.io": (check_policy,),
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": (check_binding,),
}


def validate(kind: Kind, obj: Obj, old: Obj | None = None) -> None:
    """Raises a 422 Refusal naming every fault of the object."""
    head = obj["metadata"]
    causes = list(metadata.of_new(kind, head) if old is None else metadata.of_changed(head, old["metadata"]))
    if kind.custom:
        causes += customschema.validate(kind.served, obj)
    for check in CHECKS.get(kind.storage.resource, ()):
        causes += check(obj)
    if old is not None:
        causes += fixedfields.changed(kind, old, obj)
    if causes:
        raise invalid(kind.group, kind.kind, head["name"], causes)
