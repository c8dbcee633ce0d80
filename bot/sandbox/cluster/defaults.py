"""The values the API server fills in before it stores an object, per kind.

A default is set only where the field is absent. What a person would notice in ``kubectl get -o yaml`` is here; what
nobody reads is not.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from typing import Any

from bot.sandbox.cluster.quantities import canonicalize
from bot.sandbox.cluster.shapes import Obj, dig

Default = Callable[[Obj], None]


def fill(target: Obj, values: Obj) -> Obj:
    """Sets the absent fields and answers the target."""
    for key, value in values.items():
        target.setdefault(key, value)
    return target


def _image_policy(image: str) -> str:
    name = image.rpartition("/")[2]
    tagged = ":" in name or "@" in name
    return "Always" if not tagged or name.endswith(":latest") else "IfNotPresent"


def _container(container: Obj) -> None:
    fill(container, {"resources": {}, "terminationMessagePath": "/dev/termination-log"})
    fill(container, {"terminationMessagePolicy": "File", "imagePullPolicy": _image_policy(container.get("image", ""))})
    for port in container.get("ports", ()):
        fill(port, {"protocol": "TCP"})
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(container.get(probe), dict):
            _probe(container[probe])
    for variable in container.get("env", ()):
        reference = dig(variable, "valueFrom", "fieldRef")
        if reference:
            fill(reference, {"apiVersion": "v1"})
    resources = container["resources"]
    if isinstance(resources.get("limits"), dict):
        resources["requests"] = {**resources["limits"], **resources.get("requests", {})}


def _probe(probe: Obj) -> None:
    fill(probe, {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3})
    if "httpGet" in probe:
        fill(probe["httpGet"], {"path": "/", "scheme": "HTTP"})


_VOLUME_DEFAULTS: dict[str, Obj] = {
    "configMap": {"defaultMode": 420},
    "secret": {"defaultMode": 420},
    "projected": {"defaultMode": 420},
    "downwardAPI": {"defaultMode": 420},
    "hostPath": {"type": ""},
}


def _volume(volume: Obj) -> None:
    sources = [key for key in volume if key != "name"]
    if not sources:
        volume["emptyDir"] = {}
    for source in sources:
        if isinstance(volume[source], dict):
            fill(volume[source], _VOLUME_DEFAULTS.get(source, {}))


def pod_spec(spec: Obj, *, restart: str = "Always") -> None:
    for group in ("containers", "initContainers"):
        for container in spec.get(group) or ():
            _container(container)
    for volume in spec.get("volumes") or ():
        _volume(volume)
    fill(spec, {"restartPolicy": restart, "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst"})
    fill(spec, {"securityContext": {}, "schedulerName": "default-scheduler"})
    if "serviceAccountName" in spec:
        spec.setdefault("serviceAccount", spec["serviceAccountName"])
    elif "serviceAccount" in spec:
        spec["serviceAccountName"] = spec["serviceAccount"]


def _template(spec: Obj) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    pod_spec(template.setdefault("spec", {}))


def _pod(obj: Obj) -> None:
    pod_spec(obj["spec"])
    fill(obj["spec"], {"enableServiceLinks": True})


def _deployment(obj: Obj) -> None:
    spec = obj["spec"]
    _template(spec)
    fill(spec, {"replicas": 1, "strategy": {}, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
    fill(spec["strategy"], {"type": "RollingUpdate"})
    if spec["strategy"]["type"] == "RollingUpdate":
        fill(spec["strategy"].setdefault("rollingUpdate", {}), {"maxUnavailable": "25%", "maxSurge": "25%"})


def _replica_set(obj: Obj) -> None:
    _template(obj["spec"])
    fill(obj["spec"], {"replicas": 1})


def _replication_controller(obj: Obj) -> None:
    _replica_set(obj)
    fill(obj["spec"], {"selector": dict(dig(obj, "spec", "template", "metadata", "labels", default={}))})


def _stateful_set(obj: Obj) -> None:
    spec = obj["spec"]
    _template(spec)
    fill(spec, {"replicas": 1, "podManagementPolicy": "OrderedReady", "updateStrategy": {}, "revisionHistoryLimit": 10})
    fill(spec["updateStrategy"], {"type": "RollingUpdate"})
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        fill(spec["updateStrategy"].setdefault("rollingUpdate", {}), {"partition": 0})
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    fill(retention, {"whenDeleted": "Retain", "whenScaled": "Retain"})
    for claim in spec.get("volumeClaimTemplates") or ():
        fill(claim, {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "status": {"phase": "Pending"}})
        fill(claim.setdefault("spec", {}), {"volumeMode": "Filesystem"})


def _daemon_set(obj: Obj) -> None:
    spec = obj["spec"]
    _template(spec)
    fill(spec, {"updateStrategy": {}, "revisionHistoryLimit": 10})
    fill(spec["updateStrategy"], {"type": "RollingUpdate"})
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        fill(spec["updateStrategy"].setdefault("rollingUpdate", {}), {"maxUnavailable": 1, "maxSurge": 0})
    obj["metadata"].setdefault("annotations", {}).setdefault("deprecated.daemonset.template.generation", "1")


def _job(obj: Obj) -> None:
    spec = obj["spec"]
    _template(spec)
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    fill(spec, {"parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False})
    fill(spec, {"manualSelector": False, "podReplacementPolicy": "TerminatingOrFailed"})


def _cron_job(obj: Obj) -> None:
    spec = obj["spec"]
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    _template(template.setdefault("spec", {}))
    fill(spec, {"concurrencyPolicy": "Allow", "suspend": False})
    fill(spec, {"successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1})


def _autoscaler(obj: Obj) -> None:
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    fill(obj["spec"], {"minReplicas": 1, "metrics": [{"type": "Resource", "resource": cpu}]})


def _service(obj: Obj) -> None:
    spec = obj["spec"]
    fill(spec, {"sessionAffinity": "None", "type": "ClusterIP"})
    if spec["type"] == "ExternalName":
        return
    for port in spec.get("ports") or ():
        fill(port, {"protocol": "TCP", "targetPort": port.get("port")})
        if spec["type"] in ("NodePort", "LoadBalancer"):
            fill(port, {"nodePort": 30000 + secrets.randbelow(2767)})
    fill(spec, {"internalTrafficPolicy": "Cluster"})
    if spec["type"] != "ClusterIP":
        fill(spec, {"externalTrafficPolicy": "Cluster"})
    if spec["type"] == "LoadBalancer":
        fill(spec, {"allocateLoadBalancerNodePorts": True})


def _claim(obj: Obj) -> None:
    fill(obj["spec"], {"volumeMode": "Filesystem"})


def _volume_object(obj: Obj) -> None:
    fill(obj["spec"], {"volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Retain"})


def _secret(obj: Obj) -> None:
    plain: Obj = obj.pop("stringData", None) or {}
    if plain:
        coded = {key: base64.b64encode(str(text).encode()).decode() for key, text in plain.items()}
        obj["data"] = {**obj.get("data", {}), **coded}
    obj.setdefault("type", "Opaque")


def _limit_range(obj: Obj) -> None:
    for limit in dig(obj, "spec", "limits", default=[]):
        if limit.get("type") == "Container":
            default, largest = limit.get("default", {}), limit.get("max", {})
            given = {**largest, **default}
            if given:
                limit["default"] = given
            request = {**limit.get("min", {}), **limit.get("defaultRequest", {})}
            wanted = {**given, **request}
            if wanted:
                limit["defaultRequest"] = wanted


def _network_policy(obj: Obj) -> None:
    spec = obj["spec"]
    spec.setdefault("podSelector", {})
    types = ["Ingress"] + (["Egress"] if spec.get("egress") else [])
    fill(spec, {"policyTypes": types})
    for rule in [*spec.get("ingress", ()), *spec.get("egress", ())]:
        for port in rule.get("ports", ()):
            fill(port, {"protocol": "TCP"})


def _namespace(obj: Obj) -> None:
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")


def _binding(obj: Obj) -> None:
    reference = obj.get("roleRef")
    if isinstance(reference, dict):
        fill(reference, {"apiGroup": "rbac.authorization.k8s.io"})
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            fill(subject, {"apiGroup": "rbac.authorization.k8s.io"})


def _match_resources(resources: Obj) -> None:
    fill(resources, {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}})
    for rule in [*(resources.get("resourceRules") or ()), *(resources.get("excludeResourceRules") or ())]:
        fill(rule, {"scope": "*"})


def _policy(obj: Obj) -> None:
    spec = obj.setdefault("spec", {})
    fill(spec, {"failurePolicy": "Fail"})
    if isinstance(spec.get("matchConstraints"), dict):
        _match_resources(spec["matchConstraints"])


def _policy_binding(obj: Obj) -> None:
    if isinstance(dig(obj, "spec", "matchResources"), dict):
        _match_resources(obj["spec"]["matchResources"])
    constraints = obj["spec"].get("matchConstraints")
    if isinstance(constraints, dict):
        fill(constraints, {"namespaceSelector": {}, "objectSelector": {}, "matchPolicy": "Equivalent"})
        for rule in constraints.get("resourceRules", ()):
            fill(rule, {"scope": "*"})


def _definition(obj: Obj) -> None:
    names = dig(obj, "spec", "names", default={})
    fill(names, {"singular": str(names.get("kind", "")).lower(), "listKind": f"{names.get('kind', '')}List"})
    fill(obj["spec"], {"conversion": {"strategy": "None"}})


DEFAULTS: dict[str, Default] = {
    "pods": _pod,
    "deployments.apps": _deployment,
    "replicasets.apps": _replica_set,
    "replicationcontrollers": _replication_controller,
    "statefulsets.apps": _stateful_set,
    "daemonsets.apps": _daemon_set,
    "jobs.batch": _job,
    "cronjobs.batch": _cron_job,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "services": _service,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume_object,
    "secrets": _secret,
    "limitranges": _limit_range,
    "networkpolicies.networking.k8s.io": _network_policy,
    "namespaces": _namespace,
    "rolebindings.rbac.authorization.k8s.io": _binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _binding,
    "validatingadmissionpolicies.admissionregistration.k8s.io": _policy,
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": _policy_binding,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
}


def set_defaults(resource: str, obj: Obj) -> None:
    """Fills in the kind's defaults; an object too broken to take them is left for validation to refuse."""
    default = DEFAULTS.get(resource)
    if default is not None and (isinstance(obj.get("spec"), dict) or resource in _WITHOUT_SPEC):
        default(obj)
    canonicalize({key: value for key, value in obj.items() if key in ("spec", "status")})


_WITHOUT_SPEC: frozenset[Any] = frozenset(
    {"secrets", "namespaces", *(name for name in DEFAULTS if name.endswith("bindings.rbac.authorization.k8s.io"))}
)
