"""What may be wrong with a pod's spec, by itself or in a workload's template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.cluster import names
from bot.sandbox.cluster.errors import Cause, bad_value, duplicate, go_value, required, unsupported
from bot.sandbox.cluster.quantities import parse
from bot.sandbox.cluster.shapes import Obj

_STANDARD = frozenset({"cpu", "memory", "ephemeral-storage", "storage"})
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = frozenset({"exec", "httpGet", "tcpSocket", "grpc"})
# Field of a pod's spec → the values it takes.
_CHOICES: dict[str, list[str]] = {
    "restartPolicy": ["Always", "OnFailure", "Never"],
    "dnsPolicy": ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
}
_PULL_POLICIES = ["Always", "IfNotPresent", "Never"]
_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"]
_EVERYTHING = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'


def check(spec: Obj, field: str) -> Iterator[Cause]:
    """Every fault of a pod's spec that stands at a field: volumes first, then containers, then the rest."""
    yield from _volumes(spec.get("volumes") or [], f"{field}.volumes")
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    seen: set[str] = set()
    if not spec.get("containers"):
        yield required(f"{field}.containers")
    for group in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(group) or ()):
            at = f"{field}.{group}[{index}]"
            yield from _container(container, at, volumes)
            if container.get("name") in seen:
                yield duplicate(f"{at}.name", container["name"])
            seen.add(container.get("name", ""))
    for name, known in _CHOICES.items():
        if spec.get(name, known[0]) not in known:
            yield unsupported(f"{field}.{name}", spec[name], known)
    account = spec.get("serviceAccountName")
    if account:
        yield from (bad_value(f"{field}.serviceAccountName", account, why) for why in names.subdomain(account))
    for index, toleration in enumerate(spec.get("tolerations") or ()):
        yield from _toleration(toleration, f"{field}.tolerations[{index}]")


def _volumes(volumes: list[Obj], field: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        name = volume.get("name", "")
        if not name:
            yield required(f"{field}[{index}].name")
        else:
            yield from (bad_value(f"{field}[{index}].name", name, why) for why in names.label(name))
        if name in seen:
            yield duplicate(f"{field}[{index}].name", name)
        seen.add(name)


def _container(container: Obj, at: str, volumes: set[Any]) -> Iterator[Cause]:
    name, policy = container.get("name"), container.get("imagePullPolicy", "Always")
    if not name:
        yield required(f"{at}.name")
    else:
        yield from (bad_value(f"{at}.name", name, why) for why in names.label(name))
    if not container.get("image"):
        yield required(f"{at}.image")
    for check_part, part in _PARTS:
        yield from check_part(container.get(part) or [], f"{at}.{part}")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        yield from _mount(mount, f"{at}.volumeMounts[{index}]", volumes)
    for probe in _PROBES:
        if isinstance(container.get(probe), dict) and not _HANDLERS & set(container[probe]):
            yield required(f"{at}.{probe}", "must specify a handler type")
    if policy not in _PULL_POLICIES:
        yield unsupported(f"{at}.imagePullPolicy", policy, _PULL_POLICIES)
    yield from _resources(container.get("resources") or {}, f"{at}.resources")


def _ports(ports: list[Obj], field: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, port in enumerate(ports):
        at, name, number = f"{field}[{index}]", port.get("name", ""), port.get("containerPort", 0)
        if name:
            yield from (bad_value(f"{at}.name", name, why) for why in names.port_name(name))
            if name in seen:
                yield duplicate(f"{at}.name", name)
            seen.add(name)
        if not number:
            yield required(f"{at}.containerPort")
        elif not 0 < number < 65536:
            yield bad_value(f"{at}.containerPort", number, "must be between 1 and 65535, inclusive")
        if port.get("protocol", "TCP") not in ("TCP", "UDP", "SCTP"):
            yield unsupported(f"{at}.protocol", port["protocol"], ["SCTP", "TCP", "UDP"])


def _variables(variables: list[Obj], field: str) -> Iterator[Cause]:
    for index, variable in enumerate(variables):
        at, name = f"{field}[{index}]", variable.get("name", "")
        if not name:
            yield required(f"{at}.name")
        elif "=" in name or not (name.isascii() and name.isprintable()):
            why = "a valid environment variable name must consist only of printable ASCII characters other than '='"
            yield bad_value(f"{at}.name", name, why)
        if variable.get("valueFrom") and variable.get("value"):
            yield bad_value(f"{at}.valueFrom", "", "may not be specified when `value` is not empty")


_PARTS: tuple[tuple[Callable[[list[Obj], str], Iterator[Cause]], str], ...] = ((_ports, "ports"), (_variables, "env"))


def _mount(mount: Obj, at: str, volumes: set[Any]) -> Iterator[Cause]:
    if not mount.get("name"):
        yield required(f"{at}.name")
    elif mount["name"] not in volumes:
        yield Cause(f"{at}.name", f"Not found: {go_value(mount['name'])}", "FieldValueNotFound")
    if not mount.get("mountPath"):
        yield required(f"{at}.mountPath")


def _resources(resources: Obj, field: str) -> Iterator[Cause]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for part, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            yield from _amount(name, amount, f"{field}.{part}[{name}]")
    for name, request in requests.items():
        if name in limits and parse(request) > parse(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            yield bad_value(f"{field}.requests", request, why)


def _amount(name: str, amount: Any, at: str) -> Iterator[Cause]:
    if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
        yield bad_value(at, name, "must be a standard resource type or fully qualified")
        yield bad_value(at, name, "must be a standard resource for containers")
    if parse(amount) < 0:
        yield bad_value(at, amount, "must be greater than or equal to 0")


def _toleration(toleration: Obj, at: str) -> Iterator[Cause]:
    key, operator = toleration.get("key"), toleration.get("operator", "Equal")
    if key:
        yield from (bad_value(f"{at}.key", key, why) for why in names.label_key(key))
    elif operator != "Exists":
        yield bad_value(f"{at}.operator", toleration.get("operator", ""), _EVERYTHING)
    if operator not in ("Equal", "Exists"):
        yield unsupported(f"{at}.operator", operator, ["Equal", "Exists"])
    elif operator == "Exists" and toleration.get("value"):
        yield bad_value(f"{at}.operator", toleration["value"], "value must be empty when `operator` is 'Exists'")
    if toleration.get("effect", _EFFECTS[0]) not in ("", *_EFFECTS):
        yield unsupported(f"{at}.effect", toleration["effect"], _EFFECTS)
