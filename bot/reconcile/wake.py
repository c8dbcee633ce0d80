"""Waking an environment: the guard goes first, then everything Berth put to sleep gets its original back, exactly.

What somebody changed meanwhile stays as they want it; what nobody remembers is named, so that a person can decide. What
is started, and when, is for `bot.reconcile.starting` to say.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.reconcile.objects import Key, Sleeper, entries, miss_nothing_asleep, note, place, sleepers, workloads
from bot.reconcile.outside import leave, with_asked
from bot.reconcile.readiness import start_running, tell_waiting
from bot.reconcile.refusals import Refusals
from bot.reconcile.scene import Again, Outcome, Scene
from bot.reconcile.starting import Rousing, choose, let_others_go_on
from bot.rules.journal import Decision, Entry, wake
from bot.rules.words import SLEEP_QUOTA, JournalState, Phase
from bot.rules.workloads import CronJob
from bot.seams.cluster import Conflict, Forbidden, NotFound, Refused
from store.tables import new_id

_POLL = timedelta(seconds=2)


def wake_up(scene: Scene) -> Outcome:
    """Take the next steps towards being awake. Raises ClusterError, Overtaken, ClaimLost."""
    begun = _begin(scene)
    if begun or not _is_under_way(scene):
        with suppress(NotFound):
            scene.cluster.delete("ResourceQuota", SLEEP_QUOTA, scene.environment.namespace)
    # Every kind, in each pass: where the journal was lost, it tells only of what was woken so far.
    seen = with_asked(scene, workloads(scene, passing_over=bool(entries(scene))))
    found, known = seen.own, sleepers(scene, seen.own, seen.unreadable)
    let_others_go_on(scene, known)
    # What starts others by itself is set free after what it starts.
    rousings = [
        Rousing(one, wake(one.kind, one.found, one.remembered, one.name))
        for one in reversed(sleepers(scene, found, seen.unreadable))
    ]
    _record(scene, [one for one in rousings if one.decision.patch is None])
    chosen = choose(scene, found, [one for one in rousings if one.decision.patch is not None])
    _restore_all(scene, chosen.now)
    if chosen.now:
        return Again(scene.settling)
    if chosen.waiting:
        tell_waiting(scene, found, chosen)
        return Again(_POLL)
    miss_nothing_asleep(scene, seen)
    held = (key for key in sorted(seen.unreadable) if key[0] not in seen.unlisted)
    return start_running(scene, found, [*chosen.remarks, *map(_held_fast, held), *seen.unlisted.values()])


def _held_fast(key: Key) -> str:
    """What is told of what was asked to stand still, and cannot be set free."""
    return f"{key[0]} {key[1]} stands still: Berth may not touch it any more. `berth manifests` grants it again"


def _is_under_way(scene: Scene) -> bool:
    """Whether something was woken already, for which the guard had to go first."""
    return any(entry.state is JournalState.RESTORED for entry in entries(scene).values())


def _begin(scene: Scene) -> bool:
    if scene.environment.phase is Phase.WAKING:
        return False
    with scene.commit() as (records, environment):
        environment.sleep_cycle = environment.sleep_cycle or new_id()  # what only the objects remember is noted by it
        scene.enter(records, environment, Phase.WAKING)
        scene.tell(records, environment)
    return True


def _restore_all(scene: Scene, rousings: Sequence[Rousing]) -> None:
    """Send each its patch. One that is refused keeps none of the others asleep: it is told, and tried again."""
    restored: list[Rousing] = []
    refusals = Refusals("woken")
    for one in rousings:
        with refusals.apart(one.sleeper.label):
            if _restore(scene, one):
                restored.append(one)
    _record(scene, restored)
    refusals.raise_any()


def _restore(scene: Scene, rousing: Rousing) -> bool:
    """Send an object its patch. False where it was changed since it was read: the next pass judges it anew."""
    scene.hold()
    try:
        _send(scene, rousing.sleeper, rousing.decision)
    except (Conflict, NotFound):
        return False
    except (Forbidden, Refused):
        if "/" not in rousing.sleeper.name:
            raise
        leave(scene, rousing.sleeper)
        return False
    return True


def _send(scene: Scene, sleeper: Sleeper, decision: Decision) -> None:
    """Send an object's patch; a schedule's controller is told first that no run was missed meanwhile."""
    namespace, name = place(scene, sleeper.name)
    address = (sleeper.kind.key, name, namespace)
    patch = decision.patch or {}
    if isinstance(sleeper.kind, CronJob) and decision.after is JournalState.RESTORED:
        caught_up = scene.cluster.patch(*address, _on(sleeper, sleeper.kind.caught_up(scene.now)), "status")
        patch = _at(patch, caught_up["metadata"]["resourceVersion"])
    scene.cluster.patch(*address, patch)


def _on(sleeper: Sleeper, patch: Mapping[str, Any]) -> dict[str, Any]:
    return _at(patch, (sleeper.found or {})["metadata"]["resourceVersion"])


def _at(patch: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The patch, conditional on that version of the object."""
    return {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": version}}


def _record(scene: Scene, rousings: Iterable[Rousing]) -> None:
    """Write what became of them. Killed before, the next pass finds them as they should be, and writes the same."""
    known = entries(scene)
    lines = [replace(one, sleeper=replace(one.sleeper, entry=known.get(one.key))) for one in rousings]
    news = [one for one in lines if _is_news(one)]
    if news:
        with scene.commit() as (records, _):
            for one in news:
                note(records, scene, one.sleeper, _entry(one.sleeper, one.decision), one.decision.note)


def _is_news(rousing: Rousing) -> bool:
    entry, decision = rousing.sleeper.entry, rousing.decision
    if entry is None:
        return decision.patch is not None or bool(decision.note)
    return entry.state is not decision.after or bool(decision.note)


def _entry(sleeper: Sleeper, decision: Decision) -> Entry:
    uid = sleeper.entry.uid if sleeper.entry is not None else (sleeper.found or {})["metadata"]["uid"]
    return Entry(uid, decision.original, decision.after, sleeper.entry.reverts if sleeper.entry else 0)
