"""Pod Security: the namespace's ``enforce`` level, baseline or restricted, as rows of what each forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.errors import forbidden
from bot.sandbox.cluster.shapes import Obj, dig

_LABEL = "pod-security.kubernetes.io/enforce"
_CAPABILITIES = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
_SYSCTLS = frozenset(
    {
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
        *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports"),
        *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
        *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    }
)
_SELINUX_TYPES = frozenset({"container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
_PROBES = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
Fault = Callable[[Obj], str]


def _containers(spec: Obj) -> list[Obj]:
    return [*spec.get("initContainers", ()), *spec.get("containers", ()), *spec.get("ephemeralContainers", ())]


def _named(names: list[str], word: str = "container") -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"{word}{'s' if len(names) > 1 else ''} {quoted}" if names else ""


def _where(spec: Obj, wrong: Callable[[Obj], Any]) -> list[str]:
    return [container["name"] for container in _containers(spec) if wrong(container)]


def _security(container: Obj, *path: str) -> Any:
    return dig(container, "securityContext", *path)


def _host_namespaces(spec: Obj) -> str:
    used = [f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    return f"host namespaces ({', '.join(used)})" if used else ""


def _privileged(spec: Obj) -> str:
    names = _where(spec, lambda c: _security(c, "privileged"))
    return f"privileged ({_named(names)} must not set securityContext.privileged=true)" if names else ""


def _added(container: Obj, allowed: frozenset[str]) -> list[str]:
    return [name for name in _security(container, "capabilities", "add") or () if name not in allowed]


def _capabilities(spec: Obj) -> str:
    names = _where(spec, lambda c: _added(c, _CAPABILITIES))
    if not names:
        return ""
    added = sorted({f'"{name}"' for container in _containers(spec) for name in _added(container, _CAPABILITIES)})
    told = f"{_named(names)} must not include {', '.join(added)} in securityContext.capabilities.add"
    return f"non-default capabilities ({told})"


def _host_path(spec: Obj) -> str:
    names = [volume["name"] for volume in spec.get("volumes", ()) if "hostPath" in volume]
    return f"hostPath volumes ({_named(names, 'volume')})" if names else ""


def _host_ports(spec: Obj) -> str:
    names = _where(spec, lambda c: any(port.get("hostPort") for port in c.get("ports", ())))
    if not names:
        return ""
    ports = sorted({p["hostPort"] for c in _containers(spec) for p in c.get("ports", ()) if p.get("hostPort")})
    uses = "uses hostPort" if len(names) == 1 else "use hostPorts"
    return f"hostPort ({_named(names)} {uses} {', '.join(map(str, ports))})"


def _volume_types(spec: Obj) -> str:
    wrong = [(v["name"], key) for v in spec.get("volumes", ()) for key in v if key != "name" and key not in _VOLUMES]
    if not wrong:
        return ""
    names, sorts = [name for name, _ in wrong], sorted({f'"{sort}"' for _, sort in wrong})
    verb = "uses restricted volume type" if len(names) == 1 else "use restricted volume types"
    return f"restricted volume types ({_named(names, 'volume')} {verb} {', '.join(sorts)})"


def _hosts(container: Obj) -> set[str]:
    return {dig(container, *path, way, "host") or "" for path in _PROBES for way in ("httpGet", "tcpSocket")} - {""}


def _host_probes(spec: Obj) -> str:
    names = sorted(_where(spec, _hosts))
    if not names:
        return ""
    hosts = sorted(set().union(*map(_hosts, _containers(spec))))
    uses, word = "uses" if len(names) == 1 else "use", f"probe or lifecycle host{'s' if len(hosts) > 1 else ''}"
    quoted = ", ".join(f'"{host}"' for host in hosts)
    return f"probe or lifecycle host ({_named(names)} {uses} {word} {quoted})"


def _setters(spec: Obj, of: Callable[[Obj], list[str]]) -> tuple[str, str]:
    """Who sets something wrong in a security context, and what: the pod, and containers by name."""
    pod, names = of(spec), _where(spec, of)
    who = [*(["pod"] if pod else []), *([_named(names)] if names else [])]
    wrong = sorted({*pod, *(value for container in _containers(spec) for value in of(container))})
    return " and ".join(who), ", ".join(f'"{value}"' for value in wrong)


def _odd(allowed: frozenset[str], *path: str) -> Callable[[Obj], list[str]]:
    def of(holder: Obj) -> list[str]:
        value = _security(holder, *path)
        return [str(value)] if value and value not in allowed else []

    return of


def _proc_mount(spec: Obj) -> str:
    names = _where(spec, _odd(frozenset({"Default"}), "procMount"))
    told = f'{_named(names)} must not set securityContext.procMount to "Unmasked"'
    return f"procMount ({told})" if names and spec.get("hostUsers") is not False else ""


def _unconfined(spec: Obj) -> str:
    who, what = _setters(spec, _odd(frozenset({"RuntimeDefault", "Localhost"}), "seccompProfile", "type"))
    return f"seccompProfile ({who} must not set securityContext.seccompProfile.type to {what})" if who else ""


def _app_armor(spec: Obj) -> str:
    who, what = _setters(spec, _odd(frozenset({"RuntimeDefault", "Localhost"}), "appArmorProfile", "type"))
    told = f"{who} must not set AppArmor profile type to {what}"
    return f"forbidden AppArmor profile ({told})" if who else ""


def _selinux(spec: Obj) -> str:
    who, what = _setters(spec, _odd(_SELINUX_TYPES, "seLinuxOptions", "type"))
    return f"seLinuxOptions ({who} set forbidden securityContext.seLinuxOptions: type {what})" if who else ""


def _host_process(spec: Obj) -> str:
    who, _ = _setters(spec, _odd(frozenset(), "windowsOptions", "hostProcess"))
    return f"hostProcess ({who} must not set securityContext.windowsOptions.hostProcess=true)" if who else ""


def _sysctls(spec: Obj) -> str:
    named = [one["name"] for one in _security(spec, "sysctls") or () if one["name"] not in _SYSCTLS]
    return f"forbidden sysctls ({', '.join(named)})" if named else ""


def _escalation(spec: Obj) -> str:
    names = _where(spec, lambda c: _security(c, "allowPrivilegeEscalation") is not False)
    told = f"{_named(names)} must set securityContext.allowPrivilegeEscalation=false"
    return f"allowPrivilegeEscalation != false ({told})" if names else ""


def _dropped(spec: Obj) -> str:
    names = _where(spec, lambda c: "ALL" not in (_security(c, "capabilities", "drop") or ()))
    told = f'{_named(names)} must set securityContext.capabilities.drop=["ALL"]'
    return f"unrestricted capabilities ({told})" if names else ""


def _non_root(spec: Obj) -> str:
    whole = dig(spec, "securityContext", "runAsNonRoot")
    names = _where(
        spec, lambda c: not (whole if _security(c, "runAsNonRoot") is None else _security(c, "runAsNonRoot"))
    )
    told = f"pod or {_named(names)} must set securityContext.runAsNonRoot=true"
    return f"runAsNonRoot != true ({told})" if names else ""


def _root_user(spec: Obj) -> str:
    names = _where(spec, lambda c: _security(c, "runAsUser") == 0)
    if dig(spec, "securityContext", "runAsUser") == 0:
        return "runAsUser=0 (pod must not set runAsUser=0)"
    return f"runAsUser=0 ({_named(names)} must not set runAsUser=0)" if names else ""


def _seccomp(spec: Obj) -> str:
    allowed = ("RuntimeDefault", "Localhost")
    whole = dig(spec, "securityContext", "seccompProfile", "type")
    names = _where(spec, lambda c: (_security(c, "seccompProfile", "type") or whole) not in allowed)
    told = f'pod or {_named(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return f"seccompProfile ({told})" if names else ""


_BOTH: tuple[Fault, ...] = (_app_armor, _host_probes, _proc_mount, _selinux, _sysctls, _host_process)
_BASELINE: tuple[Fault, ...] = (
    *(_host_namespaces, _privileged, _capabilities, _host_path, _host_ports, _unconfined),
    *_BOTH,
)
_RESTRICTED: tuple[Fault, ...] = (
    *(_host_namespaces, _privileged, _escalation, _dropped, _volume_types, _non_root, _root_user, _seccomp),
    _host_ports,
    *_BOTH,
)
LEVELS: dict[str, tuple[Fault, ...]] = {"privileged": (), "baseline": _BASELINE, "restricted": _RESTRICTED}


def violations(level: str, spec: Obj) -> Iterator[str]:
    """What a pod spec does that a level forbids, in the server's words."""
    return filter(None, (fault(spec) for fault in LEVELS.get(level, ())))


def pod_security(world: World, review: Review) -> None:
    """Refuses new pods, and containers added to them, that violate the level their namespace enforces."""
    if review.kind.resource != "pods" or review.new is None:
        return
    if (review.operation, review.subresource) not in (("CREATE", ""), ("UPDATE", "ephemeralcontainers")):
        return
    labels = ((world.namespace(review.namespace) or {}).get("metadata") or {}).get("labels", {})
    level = labels.get(_LABEL, "privileged")
    found = list(violations(level, review.new["spec"]))
    if found:
        version = labels.get(f"{_LABEL}-version", "latest")
        raise forbidden(review.kind, review.name, f'violates PodSecurity "{level}:{version}": {", ".join(found)}')
