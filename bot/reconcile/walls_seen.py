"""What a cluster shows of the walls and bindings of its environments: what is not as it was made, what was added.

One list a kind for the whole cluster; a page is compared as it comes, and dropped.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Final

import structlog

from bot.reconcile.mending import walls
from bot.rules import manifests
from bot.rules.catalogue import Catalogue
from bot.rules.manifests import PEOPLE_ROLES, Manifest, Place, Tenancy
from bot.rules.subjects import key_of
from bot.rules.walls import Change, author, compared, compared_binding, gives, opens
from bot.rules.words import AGENT_BINDING, AGENT_ROLE, BERTH, LABEL_MANAGED_BY
from bot.seams.cluster import Cluster, NotFound, Object
from store.environments import Standing

log = structlog.get_logger()

_OURS: Final = f"{LABEL_MANAGED_BY}={BERTH}"
_WALLS: Final = ("ResourceQuota", "LimitRange", "NetworkPolicy")
_ADDABLE: Final = frozenset({"NetworkPolicy"})  # one more of these takes the others' effect away
_BINDINGS: Final = frozenset({AGENT_BINDING, *PEOPLE_ROLES})
_ASKED: Final = 20  # namespaces that seem gone, and are asked for one by one in a pass
_BOT: Final = frozenset(key_of(subject) for subject in manifests.agent_binding(Place(*("",) * 5, None))["subjects"])


@dataclass
class Findings:
    """What was found of one environment: what is not as it was made, and what others have added."""

    standing: Standing
    changes: list[Change] = field(default_factory=list)
    added: dict[str, str] = field(default_factory=dict)  # by uid and contents: what it is and gives

    @property
    def is_news(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.changes) or set(self.added) != set(self.standing.added)


class Look:
    """One look at a cluster's walls and bindings."""

    def __init__(self, cluster: Cluster, catalogue: Catalogue, standing: Sequence[Standing]) -> None:
        self._cluster = cluster
        self._catalogue = catalogue
        self._ingress = next(s.ingress_namespaces for s in catalogue.clusters if s.name == cluster.name)
        self._found = {one.namespace: Findings(one) for one in standing}
        self._present: set[str] = set()
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._wanted = cache(self._walls_of_size)

    def findings(self) -> Iterable[Findings]:
        """What was found of each environment whose namespace is there. Raises ClusterError."""
        for found in self._cluster.each("Namespace", selector=_OURS):
            self._namespace(found)
        gone = [one for name, one in self._found.items() if name not in self._present]
        if len(gone) == len(self._found) > 1:
            log.error("none of the environments is on the cluster, which is not believed", cluster=self._cluster.name)
            return []
        for kind in _WALLS:
            for found in self._cluster.each(kind, selector="" if kind in _ADDABLE else _OURS):
                self._wall(kind, found)
        for found in self._cluster.each("RoleBinding"):
            self._binding(found)
        for name in self._present:
            self._missing(self._found[name])
        self._unlabelled(gone[:_ASKED])
        return self._found.values()

    def _namespace(self, found: Object) -> None:
        metadata = found["metadata"]
        mine = self._found.get(metadata["name"])
        if mine is None or metadata["uid"] != mine.standing.namespace_uid or metadata.get("deletionTimestamp"):
            return
        self._present.add(metadata["name"])
        wanted = manifests.labels(self._place(mine.standing))
        labels = metadata.get("labels") or {}
        if any(labels.get(name) != value for name, value in wanted.items()):
            self._note(mine, "Namespace", {"kind": "Namespace", "metadata": {"labels": wanted}}, found)

    def _wall(self, kind: str, found: Object) -> None:
        metadata = found["metadata"]
        mine = self._found.get(metadata["namespace"])
        if mine is None or metadata["namespace"] not in self._present:
            return
        word = f"{kind}/{metadata['name']}"
        wanted = self._wanted(mine.standing.size).get(word)
        if wanted is not None:
            self._seen[metadata["namespace"]].add(word)
            self._note(mine, metadata["name"], wanted, found)
        elif kind in _ADDABLE:
            _note_added(mine, kind, opens(found), found)

    def _binding(self, found: Object) -> None:
        metadata = found["metadata"]
        mine = self._found.get(metadata["namespace"])
        if mine is None or metadata["namespace"] not in self._present:
            return
        name = metadata["name"]
        if name not in _BINDINGS:
            _note_added(mine, "RoleBinding", gives(found), found)
            return
        self._seen[metadata["namespace"]].add(f"RoleBinding/{name}")
        what = _compared_binding(name, found, mine.standing.bound)
        if what:
            self._add(mine, "RoleBinding", name, what, found)

    def _missing(self, mine: Findings) -> None:
        seen = self._seen[mine.standing.namespace]
        named = {f"RoleBinding/{word.partition(' ')[0]}" for word in mine.standing.bound}
        for word in sorted({*self._wanted(mine.standing.size), *named, f"RoleBinding/{AGENT_BINDING}"} - seen):
            kind, _, name = word.partition("/")
            mine.changes.append(Change(kind, name, "it was deleted"))

    def _unlabelled(self, gone: Iterable[Findings]) -> None:
        """Those that have lost the label by which Berth may touch them: only an admin can put it back."""
        for mine in gone:
            try:
                found = self._cluster.get("Namespace", mine.standing.namespace)
            except NotFound:
                continue  # the metering pass finds that out
            metadata = found["metadata"]
            if metadata["uid"] == mine.standing.namespace_uid and not metadata.get("deletionTimestamp"):
                mine.added[f"{metadata['uid']}:unlabelled"] = _unlabelled(metadata["name"]) + _whose(found)

    def _note(self, mine: Findings, name: str, wanted: Manifest, found: Object) -> None:
        what = compared(wanted, found)
        if what:
            self._add(mine, wanted["kind"], "" if wanted["kind"] == "Namespace" else name, what, found)

    def _add(self, mine: Findings, kind: str, name: str, what: str, found: Object) -> None:
        by, at = author(found)
        mine.changes.append(Change(kind, name, what, by, at, found["metadata"].get("resourceVersion") or ""))

    def _walls_of_size(self, size: str) -> Mapping[str, Manifest]:
        """What must stand in a namespace of that size, but for labels; nothing for one that is no longer configured."""
        try:
            configured = self._catalogue.size(size)
        except KeyError:
            return {}
        place = Tenancy(*("",) * 5, None, "", configured, None, self._ingress)
        return {word: one for word, one in walls(place).items() if one["kind"] in _WALLS}

    def _place(self, one: Standing) -> manifests.Place:
        return manifests.Place(one.id, one.name, one.namespace, one.owner_id, one.owner_email, one.team)


def _compared_binding(name: str, found: Object, words: Sequence[str]) -> str:
    """What of one of Berth's own bindings is not as it was last made; `words` are those of `Environment.bound`."""
    if name == AGENT_BINDING:
        return compared_binding(AGENT_ROLE, _BOT, found)
    keys = {key for binding, _, key in (word.partition(" ") for word in words) if binding == name}
    return compared_binding(PEOPLE_ROLES[name], keys, found)


def _note_added(mine: Findings, kind: str, effect: str, found: Object) -> None:
    metadata = found["metadata"]
    digest = sha256(effect.encode()).hexdigest()[:8]
    mine.added[f"{metadata['uid']}:{digest}"] = f"{kind} {metadata['name']} {effect}{_whose(found)}"


def _unlabelled(namespace: str) -> str:
    label = f"{LABEL_MANAGED_BY}={BERTH}"
    return (
        f"Namespace {namespace} has lost the label {label}, without which I may not touch it. "
        f"An admin can put it back: kubectl label namespace {namespace} {label}"
    )


def _whose(found: Object) -> str:
    by, _ = author(found)
    return f" (by {by})" if by else ""
