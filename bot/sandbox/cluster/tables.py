"""The columns ``kubectl get`` shows, as the server computes them: one row of functions per kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.cluster import jsonpaths
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig

Cell = Callable[[Obj, datetime], Any]
Column = tuple[str, str, int, Cell]


def age(text: str | None, now: datetime) -> str:
    """A duration as kubectl prints it: 14s, 3m5s, 2h, 4d3h, 2y10d."""
    if not text:
        return "<unknown>"
    then = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    seconds = max(0, int((now - then).total_seconds()))
    for limit, large, unit, small, small_unit in _AGES:
        if limit is None or seconds < limit:
            rest = seconds % large // small if small else 0
            return f"{seconds // large}{unit}" + (f"{rest}{small_unit}" if rest else "")
    raise AssertionError("the last row has no limit")


_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400
# Up to so many seconds: the large unit, and the small one shown beside it.
_AGES: tuple[tuple[int | None, int, str, int, str], ...] = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (None, _YEAR, "y", _DAY, "d"),
)


def _at(*path: str, default: Any = "<none>") -> Cell:
    return lambda obj, _: dig(obj, *path, default=default)


def _count(*path: str) -> Cell:
    return lambda obj, _: len(dig(obj, *path, default=()))


def _age(obj: Obj, now: datetime) -> str:
    return age(dig(obj, "metadata", "creationTimestamp"), now)


def _name(obj: Obj, _: datetime) -> str:
    return str(obj["metadata"]["name"])


def _selector(*path: str) -> Cell:
    def cell(obj: Obj, _: datetime) -> str:
        selector = dig(obj, *path, default={})
        pairs = selector.get("matchLabels", selector)
        return ",".join(f"{key}={value}" for key, value in pairs.items() if isinstance(value, str)) or "<none>"

    return cell


def _of_containers(field: str, *path: str) -> Cell:
    return lambda obj, _: ",".join(c.get(field, "") for c in dig(obj, *path, default=()))


def _pod_ready(obj: Obj, _: datetime) -> str:
    statuses = dig(obj, "status", "containerStatuses", default=[])
    return f"{sum(bool(s.get('ready')) for s in statuses)}/{len(obj['spec'].get('containers', ()))}"


def _pod_status(obj: Obj, _: datetime) -> str:
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for status in dig(obj, "status", "containerStatuses", default=[]):
        reason = dig(status, "state", "waiting", "reason") or dig(status, "state", "terminated", "reason")
        if reason:
            return str(reason)
    return str(dig(obj, "status", "reason") or dig(obj, "status", "phase", default="Unknown"))


def _restarts(obj: Obj, _: datetime) -> str:
    return str(sum(s.get("restartCount", 0) for s in dig(obj, "status", "containerStatuses", default=[])))


def _ready_of(wanted: str = "replicas") -> Cell:
    return lambda obj, _: f"{dig(obj, 'status', 'readyReplicas', default=0)}/{dig(obj, 'spec', wanted, default=0)}"


def _ports(obj: Obj, _: datetime) -> str:
    def one(port: Obj) -> str:
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        return f"{port['port']}{node}/{port.get('protocol', 'TCP')}"

    return ",".join(one(port) for port in dig(obj, "spec", "ports", default=())) or "<none>"


def _used(part: str) -> Cell:
    prefix = "limits." if part == "limits" else ""

    def cell(obj: Obj, _: datetime) -> str:
        hard, used = dig(obj, "status", "hard", default={}), dig(obj, "status", "used", default={})
        names = sorted(name for name in hard if name.startswith("limits.") is bool(prefix))
        return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in names)

    return cell


def _last_seen(obj: Obj, now: datetime) -> str:
    return age(obj.get("lastTimestamp") or obj.get("eventTime") or obj["metadata"].get("creationTimestamp"), now)


def _regarding(obj: Obj, _: datetime) -> str:
    return f"{dig(obj, 'involvedObject', 'kind', default='').lower()}/{dig(obj, 'involvedObject', 'name', default='')}"


def _role(obj: Obj, _: datetime) -> str:
    return f"{obj['roleRef']['kind']}/{obj['roleRef']['name']}"


def _target(obj: Obj, _: datetime) -> str:
    return f"{dig(obj, 'spec', 'scaleTargetRef', 'kind')}/{dig(obj, 'spec', 'scaleTargetRef', 'name')}"


def _targets(obj: Obj, _: datetime) -> str:
    """What an autoscaler aims at; what is there now is not measured here."""
    told = [_aim(metric) for metric in dig(obj, "spec", "metrics", default=())]
    return ", ".join(told) or "<none>"


def _aim(metric: Obj) -> str:
    source = metric.get(metric["type"][:1].lower() + metric["type"][1:]) or {}
    target, name = source.get("target", {}), source.get("name", "")
    if "averageUtilization" in target:
        return f"{name}: <unknown>/{target['averageUtilization']}%"
    amount = target.get("averageValue", target.get("value", "<auto>"))
    return f"{name}: <unknown>/{amount}" if name else f"<unknown>/{amount}"


def _claimed(obj: Obj, _: datetime) -> str:
    claim = dig(obj, "spec", "claimRef", default={})
    return f"{claim['namespace']}/{claim['name']}" if claim else ""


def _job_lasted(obj: Obj, now: datetime) -> str:
    began, ended = dig(obj, "status", "startTime"), dig(obj, "status", "completionTime")
    until = datetime.strptime(ended, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if ended else now
    return age(began, until) if began else ""


def _job_status(obj: Obj, _: datetime) -> str:
    conditions = {c["type"] for c in dig(obj, "status", "conditions", default=()) if c["status"] == "True"}
    return next((word for word in ("Complete", "Failed", "Suspended") if word in conditions), "Running")


def _job_done(obj: Obj, _: datetime) -> str:
    return f"{dig(obj, 'status', 'succeeded', default=0)}/{dig(obj, 'spec', 'completions', default=1)}"


def _node_status(obj: Obj, _: datetime) -> str:
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in dig(obj, "status", "conditions", default=()))
    return "Ready" if ready else "NotReady"


def _string(name: str, cell: Cell, priority: int = 0) -> Column:
    return (name, "string", priority, cell)


def _number(name: str, *path: str) -> Column:
    return (name, "integer", 0, _at(*path, default=0))


_AGE: Column = ("Age", "string", 0, _age)
_TEMPLATE = ("spec", "template", "spec", "containers")
_SHAPE: tuple[Column, ...] = (
    _string("Containers", _of_containers("name", *_TEMPLATE), 1),
    _string("Images", _of_containers("image", *_TEMPLATE), 1),
)

# Columns between Name and the end; kinds without a row show Name and Age.
_COLUMNS: dict[str, tuple[Column, ...]] = {
    "pods": (
        *(_string("Ready", _pod_ready), _string("Status", _pod_status), _string("Restarts", _restarts), _AGE),
        *(_string("IP", _at("status", "podIP"), 1), _string("Node", _at("spec", "nodeName"), 1)),
        *(_string("Nominated Node", _at("status", "nominatedNodeName"), 1), _string("Readiness Gates", _at("-"), 1)),
    ),
    "deployments.apps": (
        *(_string("Ready", _ready_of()), _number("Up-to-date", "status", "updatedReplicas")),
        *(_number("Available", "status", "availableReplicas"), _AGE, *_SHAPE),
        _string("Selector", _selector("spec", "selector"), 1),
    ),
    "replicasets.apps": (
        *(_number("Desired", "spec", "replicas"), _number("Current", "status", "replicas")),
        *(_number("Ready", "status", "readyReplicas"), _AGE, *_SHAPE),
        _string("Selector", _selector("spec", "selector"), 1),
    ),
    "statefulsets.apps": (_string("Ready", _ready_of()), _AGE, *_SHAPE),
    "daemonsets.apps": (
        *(
            _number("Desired", "status", "desiredNumberScheduled"),
            _number("Current", "status", "currentNumberScheduled"),
        ),
        *(_number("Ready", "status", "numberReady"), _number("Up-to-date", "status", "updatedNumberScheduled")),
        _number("Available", "status", "numberAvailable"),
        *(_string("Node Selector", _selector("spec", "template", "spec", "nodeSelector")), _AGE, *_SHAPE),
    ),
    "jobs.batch": (
        *(_string("Status", _job_status), _string("Completions", _job_done), _string("Duration", _job_lasted)),
        *(_AGE, *_SHAPE, _string("Selector", _selector("spec", "selector"), 1)),
    ),
    "poddisruptionbudgets.policy": (
        *(_string("Min Available", _at("spec", "minAvailable", default="N/A")),),
        *(_string("Max Unavailable", _at("spec", "maxUnavailable", default="N/A")),),
        *(_number("Allowed Disruptions", "status", "disruptionsAllowed"), _AGE),
    ),
    "replicationcontrollers": (
        *(_number("Desired", "spec", "replicas"), _number("Current", "status", "replicas")),
        *(_number("Ready", "status", "readyReplicas"), _AGE, *_SHAPE),
        _string("Selector", _selector("spec", "selector"), 1),
    ),
    "persistentvolumes": (
        *(_string("Capacity", _at("spec", "capacity", "storage", default="")),),
        *(_string("Access Modes", lambda o, _: ",".join(dig(o, "spec", "accessModes", default=()))),),
        *(_string("Reclaim Policy", _at("spec", "persistentVolumeReclaimPolicy", default="")),),
        *(_string("Status", _at("status", "phase", default="")), _string("Claim", _claimed)),
        *(_string("StorageClass", _at("spec", "storageClassName", default="")), _AGE),
    ),
    "storageclasses.storage.k8s.io": (
        *(_string("Provisioner", _at("provisioner")), _string("ReclaimPolicy", _at("reclaimPolicy", default="Delete"))),
        *(_string("VolumeBindingMode", _at("volumeBindingMode", default="Immediate")),),
        *(_string("AllowVolumeExpansion", lambda o, _: str(bool(o.get("allowVolumeExpansion"))).lower()), _AGE),
    ),
    "customresourcedefinitions.apiextensions.k8s.io": (_string("Created At", _at("metadata", "creationTimestamp")),),
    "cronjobs.batch": (
        *(_string("Schedule", _at("spec", "schedule")), _string("Timezone", _at("spec", "timeZone"))),
        *(_string("Suspend", lambda o, _: str(dig(o, "spec", "suspend", default=False))),),
        *(("Active", "integer", 0, _count("status", "active")),),
        *(
            _string(
                "Last Schedule", lambda o, now: age(t, now) if (t := dig(o, "status", "lastScheduleTime")) else "<none>"
            ),
        ),
        _AGE,
    ),
    "services": (
        *(_string("Type", _at("spec", "type")), _string("Cluster-IP", _at("spec", "clusterIP"))),
        *(_string("External-IP", _at("spec", "externalName")), _string("Port(s)", _ports), _AGE),
        _string("Selector", _selector("spec", "selector"), 1),
    ),
    "namespaces": (_string("Status", _at("status", "phase")), _AGE),
    "nodes": (
        *(_string("Status", _node_status), _string("Roles", _at("-")), _AGE),
        _string("Version", _at("status", "nodeInfo", "kubeletVersion")),
    ),
    "configmaps": (("Data", "integer", 0, _count("data")), _AGE),
    "secrets": (_string("Type", _at("type")), ("Data", "integer", 0, _count("data")), _AGE),
    "serviceaccounts": (("Secrets", "integer", 0, _count("secrets")), _AGE),
    "resourcequotas": (_string("Request", _used("requests")), _string("Limit", _used("limits")), _AGE),
    "limitranges": (_string("Created At", _at("metadata", "creationTimestamp")),),
    "events": (
        *(_string("Last Seen", _last_seen), _string("Type", _at("type")), _string("Reason", _at("reason"))),
        *(_string("Object", _regarding), _string("Message", _at("message"))),
    ),
    "persistentvolumeclaims": (
        *(_string("Status", _at("status", "phase")), _string("Volume", _at("spec", "volumeName", default=""))),
        _string("Capacity", _at("status", "capacity", "storage", default="")),
        _string("Access Modes", lambda o, _: ",".join(dig(o, "status", "accessModes", default=()))),
        *(_string("StorageClass", _at("spec", "storageClassName", default="")), _AGE),
    ),
    "networkpolicies.networking.k8s.io": (_string("Pod-Selector", _selector("spec", "podSelector")), _AGE),
    "ingresses.networking.k8s.io": (
        _string("Class", _at("spec", "ingressClassName")),
        _string("Hosts", lambda o, _: ",".join(r.get("host", "*") for r in dig(o, "spec", "rules", default=())) or "*"),
        *(_string("Address", _at("-", default="")), _string("Ports", _at("-", default="80")), _AGE),
    ),
    "horizontalpodautoscalers.autoscaling": (
        *(_string("Reference", _target), _string("Targets", _targets)),
        *(_number("MinPods", "spec", "minReplicas"), _number("MaxPods", "spec", "maxReplicas")),
        *(_number("Replicas", "status", "currentReplicas"), _AGE),
    ),
    "roles.rbac.authorization.k8s.io": (_string("Created At", _at("metadata", "creationTimestamp")),),
    "clusterroles.rbac.authorization.k8s.io": (_string("Created At", _at("metadata", "creationTimestamp")),),
    "rolebindings.rbac.authorization.k8s.io": (_string("Role", _role), _AGE),
    "clusterrolebindings.rbac.authorization.k8s.io": (_string("Role", _role), _AGE),
    "leases.coordination.k8s.io": (_string("Holder", _at("spec", "holderIdentity")), _AGE),
}


def _row(kind: Kind) -> tuple[Column, ...]:
    printed = kind.served.get("additionalPrinterColumns")
    if printed:
        return tuple(_printed(column) for column in printed)
    return _COLUMNS.get(kind.storage.resource, (_AGE,))


def _printed(column: Obj) -> Column:
    """A column as a definition describes it: a path, and the type its cell is shown as."""
    path, sort = column["jsonPath"], column["type"]

    def cell(obj: Obj, now: datetime) -> Any:
        value = next(iter(jsonpaths.find(path, obj)), None)
        return None if value is None else _SHOWN[sort](value, now) if sort in _SHOWN else value

    return (column["name"], sort, column.get("priority", 0), cell)


_SHOWN: dict[str, Callable[[Any, datetime], Any]] = {
    "date": lambda value, now: age(str(value), now),
    "string": lambda value, _: value if isinstance(value, str) else json.dumps(value, separators=(",", ":")),
    "integer": lambda value, _: int(value) if isinstance(value, int | float) else None,
    "boolean": lambda value, _: value if isinstance(value, bool) else None,
}


def columns(kind: Kind) -> list[Obj]:
    """The Table's columnDefinitions."""
    head: Obj = {
        "name": "Name",
        "type": "string",
        "format": "name",
        "description": "Name of the object.",
        "priority": 0,
    }
    rest = [
        {"name": name, "type": sort, "format": "", "description": f"{name} of the object.", "priority": priority}
        for name, sort, priority, _ in _row(kind)
    ]
    return [head, *rest]


def row(kind: Kind, obj: Obj, now: datetime) -> list[Any]:
    """One object's cells."""
    return [_name(obj, now), *(cell(obj, now) for _, _, _, cell in _row(kind))]
