"""How names, labels and keys are formed, and the server's words for those that are not.

Each function answers the complaints about one value; an empty list means that it is good.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Rule = Callable[[str], list[str]]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_PORT = re.compile(r"[a-z0-9-]+")

LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL_1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_CONFIG_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


def _formed(pattern: re.Pattern[str], rule: str, longest: int) -> Rule:
    def check(value: str) -> list[str]:
        long = [f"must be no more than {longest} characters"] if len(value) > longest else []
        return long + ([] if pattern.fullmatch(value) else [rule])

    return check


label = _formed(_LABEL, LABEL_RULE, 63)
label_1035 = _formed(_LABEL_1035, _LABEL_1035_RULE, 63)
subdomain = _formed(_SUBDOMAIN, _SUBDOMAIN_RULE, 253)
cron_job = _formed(_SUBDOMAIN, _SUBDOMAIN_RULE, 52)


def path_segment(value: str) -> list[str]:
    """Roles and bindings take any name that can stand in a path."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{mark}'" for mark in ("/", "%") if mark in value]


def label_value(value: str) -> list[str]:
    long = ["must be no more than 63 bytes"] if len(value.encode()) > 63 else []
    return long + ([] if _LABEL_VALUE.fullmatch(value) else [_LABEL_VALUE_RULE])


def label_key(value: str) -> list[str]:
    """A label's or annotation's key, or a finalizer: a name, maybe after a DNS subdomain and a slash."""
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        return [
            f"a valid label key {_KEY_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    faults: list[str] = []
    if slash and not prefix:
        faults.append("prefix part must be non-empty")
    elif slash:
        faults += [
            f"prefix part {why.replace('characters', 'bytes') if len(prefix) > 253 else why}"
            for why in subdomain(prefix)
        ]
    if not name:
        faults.append("name part must be non-empty")
    elif len(name.encode()) > 63:
        faults.append("name part must be no more than 63 bytes")
    return faults + ([] if _QUALIFIED.fullmatch(name) else [f"name part {_KEY_RULE}"])


def config_key(value: str) -> list[str]:
    """A key of a ConfigMap's or Secret's data, which may become a file's name."""
    long = ["must be no more than 253 characters"] if len(value) > 253 else []
    rule = [] if _CONFIG_KEY.fullmatch(value) else [_CONFIG_KEY_RULE]
    path = [f"must not be '{value}'"] if value in (".", "..") else ["must not start with '..'"] * value.startswith("..")
    return long + rule + path


def port_name(value: str) -> list[str]:
    """A port's IANA service name."""
    faults = ["must be no more than 15 characters"] if len(value) > 15 else []
    if not _PORT.fullmatch(value):
        faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        faults.append("must contain at least one letter (a-z)")
    if "--" in value:
        faults.append("must not contain consecutive hyphens")
    if value[:1] == "-" or value[-1:] == "-":
        faults.append("must not begin or end with a hyphen")
    return faults


# How a resource's names are formed. What is not named here is a subdomain.
_OF_RESOURCE: dict[str, Rule] = {
    "namespaces": label,
    "services": label_1035,
    "cronjobs.batch": cron_job,
    "statefulsets.apps": label,
    **{
        f"{kind}.rbac.authorization.k8s.io": path_segment
        for kind in ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
    },
}


def of_resource(resource: str) -> Rule:
    """The rule for the names of ``deployments.apps`` and the like."""
    return _OF_RESOURCE.get(resource, subdomain)
