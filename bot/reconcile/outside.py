"""What applies an environment from a git and stands in another namespace, where a cluster's `gitops_namespaces` let
Berth ask it to stand still.

The objects inside tell by their tool's marks what applies them. It is asked only where all that it keeps is in this
environment: what keeps others too would leave these as they are meanwhile. The journal knows it as `namespace/name`.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

import structlog

from bot.reconcile.objects import Found, Key, Sleeper, entries, note, place
from bot.reconcile.scene import Scene
from bot.rules.gitops import Follower, follower, shared_with
from bot.rules.journal import Entry, wake
from bot.rules.words import ANNOTATION_CYCLE, JournalState
from bot.seams.cluster import Forbidden, NotFound, Object
from store.tables import JournalEntry

log = structlog.get_logger()

_ASKED = (JournalState.PLANNED, JournalState.ASLEEP)


def with_appliers(scene: Scene, inside: Found) -> Found:
    """What sleeps, with what applies it from outside, and why some of that is not asked. Raises ClusterError."""
    named, known = _named(scene, inside), _known(entries(scene).values())
    read = _read(scene, known | named.keys())
    news = {key: found for key, found in read.items() if found is not None and key not in known}
    spared = {key: shared_with(named[key], found, scene.environment.namespace) for key, found in news.items()}
    spared |= {key: why for key, why in _ambiguous(named, news).items() if not spared[key]}
    return _joined(inside, read, {key: why for key, why in spared.items() if why})


def with_asked(scene: Scene, inside: Found) -> Found:
    """What wakes, with what stands outside: by the journal, or by its own marks where that is lost."""
    known = {key for key in entries(scene) if "/" in key[1]}
    read = _read(scene, known | _named(scene, inside).keys())
    ours = {key: found for key, found in read.items() if key in known or found is None or _is_marked(found)}
    return _joined(inside, ours, {})


def leave(scene: Scene, sleeper: Sleeper) -> None:
    """Write that something outside is left as it is, because the cluster does not let Berth change it."""
    kept = entries(scene).get((sleeper.kind.key, sleeper.name))
    found = sleeper.found or {}
    original = kept.original if kept is not None else sleeper.kind.original(found)
    entry = Entry(found["metadata"]["uid"], original, JournalState.KEPT)
    told = f"{sleeper.label} may not be changed by Berth and stays as it is: `berth manifests` grants the right"
    with scene.commit() as (records, _):
        note(records, scene, replace(sleeper, entry=kept), entry, told)


def let_go_outside(scene: Scene) -> None:
    """Give back what was asked outside for an environment that is no more. Raises ClusterError.

    What may not be touched any more is left, and told in the log.
    """
    for entry in entries(scene).values():
        key = (entry.kind, entry.name)
        found = _read(scene, _known([entry])).get(key, {})
        if found is None:
            log.warning("no right to set free what a deleted environment had asked to stand still", what=entry.name)
        elif found:
            kind = scene.cluster.kinds[entry.kind]
            decision = wake(kind, found, Entry(entry.uid, entry.original, entry.state), entry.name)
            if decision.patch is not None:
                scene.hold()
                namespace, name = place(scene, entry.name)
                with suppress(NotFound):
                    scene.cluster.patch(entry.kind, name, namespace, decision.patch)


def _known(journal: Iterable[JournalEntry]) -> set[Key]:
    """What stands outside and was asked, by the journal."""
    return {(entry.kind, entry.name) for entry in journal if "/" in entry.name and entry.state in _ASKED}


def _named(scene: Scene, inside: Found) -> Mapping[Key, Follower]:
    """What the objects inside name as what applies them, as far as it may be asked: where it is, or may be."""
    allowed = [one for one in scene.cluster.gitops_namespaces if one != scene.environment.namespace]
    named: dict[Key, Follower] = {}
    for found in inside.own.values() if allowed else ():
        by = follower(found)
        if by is not None:
            places = allowed if by.namespace is None else [one for one in allowed if one == by.namespace]
            named |= {(by.tool.key, f"{one}/{by.name}"): replace(by, namespace=one) for one in places}
    return named


def _ambiguous(named: Mapping[Key, Follower], found: Iterable[Key]) -> Mapping[Key, str]:
    """Those of which there are several by that name, and the marks do not say which is meant."""
    places: dict[tuple[str, str], list[Key]] = {}
    for key in found:
        places.setdefault((key[0], named[key].name), []).append(key)
    return {
        key: f"{named[key]} was not asked to stand still: there are several of that name"
        for keys in places.values()
        if len(keys) > 1
        for key in keys
    }


def _read(scene: Scene, keys: Iterable[Key]) -> dict[Key, Object | None]:
    """Those that are there; None for what may not be read. Raises ClusterError."""
    read: dict[Key, Object | None] = {}
    for kind, name in sorted(keys):
        namespace, bare = place(scene, name)
        try:
            found = scene.cluster.get(kind, bare, namespace)
        except NotFound:
            continue
        except Forbidden:
            read[kind, name] = None
        else:
            if not scene.cluster.kinds[kind].is_going(found):
                read[kind, name] = found
    return read


def _joined(inside: Found, read: Mapping[Key, Object | None], spared: Mapping[Key, str]) -> Found:
    own = {**inside.own, **{key: found for key, found in read.items() if found is not None}}
    hidden = inside.unreadable | {key for key, found in read.items() if found is None}
    return replace(inside, own=own, spared=spared, unreadable=hidden)


def _is_marked(found: Object) -> bool:
    return ANNOTATION_CYCLE in (found["metadata"].get("annotations") or {})
