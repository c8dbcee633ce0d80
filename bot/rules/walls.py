"""What must stand in an environment's namespace, whether it does, and how it is put back. Pure.

Only what Berth itself has set is compared: what others add beside it (a tighter quota, an annotation) is theirs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from bot.rules.manifests import Manifest
from bot.rules.quantities import amount
from bot.rules.subjects import key_of
from bot.rules.words import BERTH

Object = Mapping[str, Any]

_ABSENT: Final[Mapping[str, Manifest]] = {
    "ResourceQuota": {"scopes": None, "scopeSelector": None},
    "NetworkPolicy": {"ingress": None, "egress": None},
    "LimitRange": {},
}
"""Fields of a spec that would weaken it, and that a patch takes away unless Berth sets them."""
_QUANTITY: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:m|[kMGTPE]|[KMGTPE]i|)", re.ASCII)
_ANY_POD: Final[Manifest] = {"matchLabels": None, "matchExpressions": None}


@dataclass(frozen=True)
class Change:
    """Something that is not as Berth made it: which object, what of it, and who did it when, as far as it tells."""

    kind: str
    name: str
    what: str
    by: str = ""
    at: str = ""
    version: str = ""  # of the object as it was found; nothing for one that is gone

    @property
    def word(self) -> str:
        """By which it is known what has to be put back."""
        return f"{self.kind}/{self.name}"


def compared(wanted: Manifest, found: Object) -> str:
    """What of an object is not as wanted, in a few words; nothing for one that is."""
    kind = wanted["kind"]
    if kind == "Namespace":
        return _labels(wanted["metadata"]["labels"], found["metadata"].get("labels") or {})
    return ", ".join(_spec(kind, wanted["spec"], found.get("spec") or {}))


def compared_binding(role: str, keys: AbstractSet[str], found: Object) -> str:
    """What of one of Berth's role bindings is not as wanted: this ClusterRole, for the subjects of these keys."""
    reference, subjects = found["roleRef"], {key_of(one) for one in found.get("subjects") or ()}
    if (reference["kind"], reference["name"]) != ("ClusterRole", role):
        return f"it refers to {reference['kind']} {reference['name']} instead of {role}"
    if subjects == keys:
        return ""
    said = [f"{key} was added" for key in sorted(subjects - keys)]
    return ", ".join([*said, *(f"{key} is gone" for key in sorted(keys - subjects))])


def mending(wanted: Manifest) -> Manifest:
    """The merge patch that puts an object back that is there."""
    kind, metadata = wanted["kind"], wanted["metadata"]
    body: Manifest = {"metadata": {"labels": metadata["labels"]}}
    if kind == "Namespace":
        return body
    spec = {**_ABSENT[kind], **wanted["spec"]}
    if kind == "NetworkPolicy":
        spec["podSelector"] = _ANY_POD
    return body | {"spec": spec}


def author(found: Object) -> tuple[str, str]:
    """Who last changed an object other than Berth, and when; nothing where its fields do not tell."""
    others = [
        (entry.get("time") or "", entry.get("manager") or "")
        for entry in found["metadata"].get("managedFields") or ()
        if entry.get("manager") != BERTH and not entry.get("subresource")
    ]
    at, by = max(others, default=("", ""))
    return by, at


def gives(binding: Object) -> str:
    """What a role binding gives to whom, in words."""
    reference = binding["roleRef"]
    subjects = [" ".join(key_of(one).split("/", 1)) for one in binding.get("subjects") or ()]
    return f"gives {reference['kind']} {reference['name']} to {', '.join(subjects) or 'nobody'}"


def opens(policy: Object) -> str:
    """What a network policy lets through beside what others do, in words: policies can only add."""
    spec = policy.get("spec") or {}
    said = [
        f"lets {way} {_peers(rules, key)}"
        for part, way, key in (("ingress", "in", "from"), ("egress", "out", "to"))
        if (rules := spec.get(part) or ())
    ]
    return " and ".join(said) or "lets nothing more through"


def _peers(rules: Iterable[Object], key: str) -> str:
    """Whom rules speak of; one without peers speaks of everybody."""
    peers = [peer for rule in rules for peer in rule.get(key) or [{}]]
    if any(not peer for peer in peers):
        return f"everything {key} anywhere"
    return f"what is {key} {', '.join(dict.fromkeys(map(_peer, peers)))}"


def _peer(peer: Object) -> str:
    if "ipBlock" in peer:
        return str(peer["ipBlock"].get("cidr", ""))
    namespaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
    where = "this namespace" if namespaces is None else _selected("namespaces", namespaces)
    return f"{_selected('pods', pods)} in {where}" if pods is not None else where


def _selected(what: str, selector: Object) -> str:
    labels = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    if selector.get("matchExpressions"):
        return f"certain {what}"
    return f"{what} with {' '.join(labels)}" if labels else f"all {what}"


def _labels(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    return ", ".join(
        f"label {name} is {found[name] or 'empty'} instead of {value}" if name in found else f"label {name} is gone"
        for name, value in wanted.items()
        if found.get(name) != value
    )


def _spec(kind: str, wanted: Manifest, found: Object) -> Iterator[str]:
    for name, value in wanted.items():
        there = found.get(name)
        if there == value:
            continue
        if isinstance(value, dict) and name == "hard":
            yield from _amounts(value, there or {})
        elif not _same(value, there):
            yield f"{name} was changed" if there else f"{name} is gone"
    yield from (f"{name} was added" for name in _ABSENT[kind] if name not in wanted and found.get(name))


def _amounts(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for name, most in wanted.items():
        there = found.get(name)
        if there is None:
            yield f"hard {name} is gone"
        elif not _equal(most, there):
            yield f"hard {name} is {there} instead of {most}"


def _same(wanted: Any, found: Any) -> bool:
    """Whether two values mean the same to the API server, which writes amounts its own way and drops what is empty."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(_same(wanted.get(key), found.get(key)) for key in wanted.keys() | found.keys())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_same, wanted, found))
    if isinstance(wanted, str) and isinstance(found, str):
        return _equal(wanted, found)
    return wanted == found or (not wanted and not found)


@cache
def _equal(one: str, other: str) -> bool:
    return one == other or (_number(one) is not None and _number(one) == _number(other))


def _number(text: str) -> Decimal | None:
    """A Kubernetes quantity as a number; None for what is none."""
    return amount(text) if _QUANTITY.fullmatch(text) else None
