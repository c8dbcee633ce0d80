"""Label and field selectors, from query strings and from objects, as predicates over stored objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.cluster import labelselectors
from bot.sandbox.cluster.errors import bad_request
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig

Match = Callable[[Obj], bool]


def _same(*fields: str) -> dict[str, str]:
    return {field: field for field in fields}


_NAMES = ("metadata.name", "metadata.namespace")
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_PLAIN = "field label not supported: {}"
# Resource → the fields it may be selected by, with their stored names, and the refusal of any other field.
# What is not named here is selected by name and namespace.
_FIELDS: dict[str, tuple[dict[str, str], str]] = {
    "pods": (
        _same(
            *_NAMES,
            *("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName"),
            *("spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"),
        )
        | {"spec.host": "spec.nodeName"},
        _PLAIN,
    ),
    "events": (
        _same(
            *_NAMES,
            *(f"involvedObject.{part}" for part in _INVOLVED),
            *("reason", "reportingComponent", "source", "type"),
        ),
        _PLAIN,
    ),
    "events.events.k8s.io": (
        _same(*_NAMES, "reason", "type")
        | {f"regarding.{part}": f"involvedObject.{part}" for part in _INVOLVED}
        | {"reportingController": "reportingComponent"},
        _PLAIN,
    ),
    "namespaces": (_same("metadata.name", "status.phase"), _PLAIN),
    "secrets": (_same(*_NAMES, "type"), _PLAIN),
    "nodes": (_same("metadata.name", "spec.unschedulable"), _PLAIN),
    "jobs.batch": (_same(*_NAMES, "status.successful"), 'field label "{}" not supported for batchv1.Job'),
    "services": (_same(*_NAMES, "spec.clusterIP", "spec.type"), _PLAIN),
    "replicasets.apps": (_same(*_NAMES, "status.replicas"), _PLAIN),
    "replicationcontrollers": (_same(*_NAMES, "status.replicas"), _PLAIN),
}
_OTHERS = (_same(*_NAMES), '"{}" is not a known field selector: only "metadata.name", "metadata.namespace"')
# What a field counts as when it is not set.
_UNSET = {"spec.unschedulable": "false", "spec.hostNetwork": "false", "status.successful": "0", "status.replicas": "0"}


def _selectable(kind: Kind) -> tuple[dict[str, str], str]:
    if kind.custom:
        return _same(*_NAMES if kind.namespaced else _NAMES[:1], *kind.selectable), _PLAIN
    return _FIELDS.get(kind.resource, _OTHERS)


def labels_match(selector: Obj | None, labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy a LabelSelector (matchLabels and matchExpressions); an absent selector matches nothing."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(
        _holds(labels.get(term["key"]), term["operator"].lower(), term.get("values", []))
        for term in selector.get("matchExpressions", [])
    )


def _holds(value: Any, operator: str, wanted: list[str]) -> bool:
    if operator == "exists":
        return value is not None
    if operator == "doesnotexist":
        return value is None
    if operator == "notin":
        return value not in wanted
    if operator in (">", "<"):
        number = int(value) if re.fullmatch(r"[+-]?\d+", value or "") else None
        bound = int(wanted[0])
        return number is not None and (number > bound if operator == ">" else number < bound)
    return value in wanted


def label_selector(text: str) -> Match:
    """The predicate of a labelSelector parameter: equality, set-based and existence terms."""
    terms = labelselectors.parse(text)
    return lambda obj: all(_holds(dig(obj, "metadata", "labels", key), how, wanted) for key, how, wanted in terms)


def _terms(text: str) -> list[str]:
    """The selector cut at its commas, but not at those a backslash escapes."""
    return [part for part in re.split(r"(?<!\\),", text) if part]


def field_selector(text: str, kind: Kind) -> Match:
    """The predicate of a fieldSelector parameter; a field the kind cannot be selected by is a 400."""
    known, refusal = _selectable(kind)
    terms: list[tuple[str, bool, str]] = []
    for part in _terms(text):
        found = re.fullmatch(r"(.*?)(!=|==|=)(.*)", part)
        if found is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        field, operator, value = found.groups()
        if field not in known:
            raise bad_request(refusal.format(field))
        terms.append((known[field], operator != "!=", re.sub(r"\\([\\,=])", r"\1", value)))
    return lambda obj: all((_field(obj, field) == value) is wanted for field, wanted, value in terms)


def _field(obj: Obj, field: str) -> str:
    if field == "source":
        return str(dig(obj, "source", "component", default=dig(obj, "reportingComponent", default="")))
    value: Any = dig(obj, *field.split("."), default=_UNSET.get(field, ""))
    return str(value).lower() if isinstance(value, bool) else str(value)


def both(one: Match | None, other: Match | None) -> Match | None:
    if one is None or other is None:
        return one or other
    return lambda obj: one(obj) and other(obj)
