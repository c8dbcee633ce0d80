"""What makes an object invalid, as 422 causes in the server's words. Checks are rows: a kind and its functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.sandbox.cluster import customschema, metadata, names, podspecs
from bot.sandbox.cluster import workloadspecs as workloads
from bot.sandbox.cluster.errors import (
    Cause,
    bad_value,
    forbidden_field,
    invalid,
    required,
    too_long,
    unsupported,
)
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.quantities import parse
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.workloadspecs import Check

_MEBIBYTE = 1024 * 1024
_SERVICES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_METRICS = {sort.lower(): sort for sort in ("ContainerResource", "External", "Object", "Pods", "Resource")}
_UNQUALIFIED = "must be a standard resource type or fully qualified"


def _pod(obj: Obj) -> Iterator[Cause]:
    yield from podspecs.check(obj.get("spec") or {}, "spec")


def _autoscaler(obj: Obj) -> Iterator[Cause]:
    spec = obj["spec"]
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    if least < 1:
        yield bad_value("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield bad_value("spec.maxReplicas", most, "must be greater than 0")
    if most < least:
        yield bad_value("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    for field in ("kind", "name"):
        if not dig(spec, "scaleTargetRef", field):
            yield required(f"spec.scaleTargetRef.{field}")
    for index, metric in enumerate(spec.get("metrics") or ()):
        yield from _metric(metric, f"spec.metrics[{index}]")
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in spec.get("metrics", ())):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden_field("spec.metrics", why)


def _metric(metric: Obj, at: str) -> Iterator[Cause]:
    sort = metric.get("type", "")
    if not sort:
        yield required(f"{at}.type", "must specify a metric source type")
    if sort not in _METRICS.values():
        yield unsupported(f"{at}.type", sort, list(_METRICS.values()))
    field = sort[:1].lower() + sort[1:]
    if field not in metric:
        yield required(f"{at}.{field}", "must populate information for the given metric source")
    target = dig(metric, "resource", "target", default={})
    if "resource" in metric and not {"averageUtilization", "averageValue"} & set(target):
        why = "must set either a target raw value or a target utilization"
        yield required(f"{at}.resource.target.averageUtilization", why)


def _quota(obj: Obj) -> Iterator[Cause]:
    for name, amount in dig(obj, "spec", "hard", default={}).items():
        at = f"spec.hard[{name}]"
        if not _is_quota_name(name):
            yield bad_value(at, name, _UNQUALIFIED)
            yield bad_value(at, name, "must be a standard resource for quota")
        yield from _amount(amount, at)


_QUOTA_NAMES = frozenset(
    {
        *("cpu", "memory", "ephemeral-storage", "storage", "pods", "services", "replicationcontrollers"),
        *("resourcequotas", "secrets", "configmaps", "persistentvolumeclaims"),
    }
)


def _is_quota_name(name: str) -> bool:
    head = name.partition(".")[0]
    return (
        "/" in name
        or name in _QUOTA_NAMES
        or head in ("requests", "limits", "services")
        or name.startswith("hugepages-")
    )


def _amount(amount: Any, at: str) -> Iterator[Cause]:
    if parse(amount) < 0:
        yield bad_value(at, amount, "must be greater than or equal to 0")


def _limit_range(obj: Obj) -> Iterator[Cause]:
    for index, limit in enumerate(dig(obj, "spec", "limits", default=[])):
        at, least, most = f"spec.limits[{index}]", limit.get("min") or {}, limit.get("max") or {}
        for name in sorted({*least, *most}):
            if name in least and name in most and parse(least[name]) > parse(most[name]):
                why = f"min value {least[name]} is greater than max value {most[name]}"
                yield bad_value(f"{at}.min[{name}]", least[name], why)
        default, request = limit.get("default") or {}, limit.get("defaultRequest") or {}
        for name in sorted({*default} & {*request}):
            if parse(request[name]) > parse(default[name]):
                why = f"default request value {request[name]} is greater than default limit value {default[name]}"
                yield bad_value(f"{at}.defaultRequest[{name}]", request[name], why)


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


def _rules(*, namespaced: bool) -> Check:
    def check(obj: Obj) -> Iterator[Cause]:
        for index, rule in enumerate(obj.get("rules") or ()):
            at, urls = f"rules[{index}]", rule.get("nonResourceURLs") or []
            if not rule.get("verbs"):
                yield required(f"{at}.verbs", "verbs must contain at least one value")
            if urls and namespaced:
                why = "namespaced rules cannot apply to non-resource URLs"
                yield bad_value(f"{at}.nonResourceURLs", urls, why)
            if urls and (rule.get("apiGroups") or rule.get("resources")):
                why = "rules cannot apply to both regular resources and non-resource URLs"
                yield bad_value(f"{at}.nonResourceURLs", urls, why)
            if not urls:
                for field, word in (("apiGroups", "api group"), ("resources", "resource")):
                    if not rule.get(field):
                        yield required(f"{at}.{field}", f"resource rules must supply at least one {word}")

    return check


_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def _binding(*roles: str) -> Check:
    def check(obj: Obj) -> Iterator[Cause]:
        reference = obj.get("roleRef") or {}
        if reference.get("apiGroup", _GROUP) != _GROUP:
            yield unsupported("roleRef.apiGroup", reference["apiGroup"], [_GROUP])
        if reference.get("kind") not in roles:
            yield unsupported("roleRef.kind", reference.get("kind", ""), list(roles))
        if not reference.get("name"):
            yield required("roleRef.name")
        for index, subject in enumerate(obj.get("subjects") or ()):
            yield from _subject(subject, f"subjects[{index}]")

    return check


def _subject(subject: Obj, at: str) -> Iterator[Cause]:
    if not subject.get("name"):
        yield required(f"{at}.name")
    if subject.get("kind") not in _SUBJECTS:
        yield unsupported(f"{at}.kind", subject.get("kind", ""), list(_SUBJECTS))
    elif subject["kind"] == "ServiceAccount" and not subject.get("namespace"):
        yield required(f"{at}.namespace")


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
    "horizontalpodautoscalers.autoscaling": (_autoscaler,),
    "resourcequotas": (_quota,),
    "limitranges": (_limit_range,),
    "services": (_service, workloads.one_of("spec.type", *_SERVICES)),
    "persistentvolumeclaims": (_claim,),
    "configmaps": (_keys("data", "binaryData"),),
    "secrets": (_keys("data", at="data"), _secret),
    "roles.rbac.authorization.k8s.io": (_rules(namespaced=True),),
    "clusterroles.rbac.authorization.k8s.io": (_rules(namespaced=False),),
    "rolebindings.rbac.authorization.k8s.io": (_binding("Role", "ClusterRole"),),
    "clusterrolebindings.rbac.authorization.k8s.io": (_binding("ClusterRole"),),
    "poddisruptionbudgets.policy": (_budget,),
    "customresourcedefinitions.apiextensions.k8s.io": (_definition,),
}

# Fields that may not change once set: path, and the words of the refusal.
IMMUTABLE = "field is immutable"
FIXED: dict[str, tuple[tuple[str, ...], ...]] = {
    "deployments.apps": (("spec", "selector"),),
    "replicasets.apps": (("spec", "selector"),),
    "daemonsets.apps": (("spec", "selector"),),
    "jobs.batch": (("spec", "completions"), ("spec", "selector"), ("spec", "template"), ("spec", "completionMode")),
    "storageclasses.storage.k8s.io": (("provisioner",), ("parameters",), ("reclaimPolicy",)),
    "secrets": (("type",),),
    "resourcequotas": (("spec", "scopes"),),
    "customresourcedefinitions.apiextensions.k8s.io": (("spec", "group"), ("spec", "scope"), ("spec", "names", "kind")),
}


# Of these specs only the named fields may change once the object is there; the refusal names them.
_ONLY: dict[str, tuple[tuple[str, ...], str]] = {
    "statefulsets.apps": (
        (
            *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
            *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
        ),
        (
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
            "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        ),
    ),
    "pods": (
        (
            *("containers", "initContainers", "ephemeralContainers", "activeDeadlineSeconds", "tolerations"),
            *("terminationGracePeriodSeconds", "schedulingGates"),
        ),
        (
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
            "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
        ),
    ),
    "persistentvolumeclaims": (
        ("resources", "volumeAttributesClassName", "volumeName"),
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ),
}


def _only(kind: Kind, old: Obj, new: Obj) -> Iterator[Cause]:
    free, told = _ONLY.get(kind.resource, ((), ""))
    before, after = old.get("spec", {}), new.get("spec", {})
    if told and any(before.get(key) != after.get(key) for key in {*before, *after} - set(free)):
        yield forbidden_field("spec", told)


def _fixed(kind: Kind, old: Obj, new: Obj) -> Iterator[Cause]:
    yield from _only(kind, old, new)
    for path in FIXED.get(kind.resource, ()):
        if dig(old, *path) != dig(new, *path):
            yield bad_value(".".join(path), dig(new, *path), IMMUTABLE)
    if kind.plural in ("rolebindings", "clusterrolebindings") and old.get("roleRef") != new.get("roleRef"):
        shown = {"apiGroup": "APIGroup", "kind": "Kind", "name": "Name"}
        given = {word: new.get("roleRef", {}).get(key, "") for key, word in shown.items()}
        yield bad_value("roleRef", given, "cannot change roleRef")
    if old.get("immutable") is True:
        if not new.get("immutable"):
            yield forbidden_field("immutable", "field is immutable when `immutable` is set")
        if old.get("data") != new.get("data"):
            yield forbidden_field("data", "field is immutable when `immutable` is set")


def validate(kind: Kind, obj: Obj, old: Obj | None = None) -> None:
    """Raises a 422 Refusal naming every fault of the object."""
    head = obj["metadata"]
    causes = list(metadata.of_new(kind, head) if old is None else metadata.of_changed(head, old["metadata"]))
    if kind.custom:
        causes += customschema.validate(kind.served, obj)
    for check in CHECKS.get(kind.storage.resource, ()):
        causes += check(obj)
    if old is not None:
        causes += _fixed(kind, old, obj)
    if causes:
        raise invalid(kind.group, kind.kind, head["name"], causes)


def check_micro_time(value: str) -> str:
    """Go's complaint about a MicroTime it cannot read, or nothing."""
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        rest = value[10:] if re.match(r"\d{4}-\d\d-\d\d", value) else value
        layout = "2006-01-02T15:04:05.000000Z07:00"
        wanted = "T" if rest is not value and not rest.startswith("T") else "2006" if rest is value else "Z07:00"
        if rest.startswith("T"):
            wanted, rest = ".000000", rest[9:]
        return f'parsing time "{value}" as "{layout}": cannot parse "{rest}" as "{wanted}"'
    return ""
