"""What of an environment that wakes may be started now, and what waits: for others of its own, or for its turn.

A workload waits for those that its annotation names, and for a place among those that are being started on its cluster.
Both waits have an end: what is not ready after a while no longer keeps others waiting, and that is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.reconcile.objects import Key, Sleeper, entries, note
from bot.reconcile.scene import Scene
from bot.rules.journal import Decision, Entry
from bot.rules.order import WakeOrder, label, wake_order
from bot.rules.words import JournalState
from bot.rules.workloads import FIRST
from bot.seams.cluster import Object
from store.tables import JournalEntry

_PATIENCE: Final = timedelta(minutes=2)  # with one that was started and is not ready
_ASKS_AGAIN: Final = timedelta(seconds=20)  # whoever waits for a turn has asked again by then, or waits no longer


@dataclass(frozen=True)
class Rousing:
    """One object of an environment that wakes, and what is to become of it."""

    sleeper: Sleeper
    decision: Decision

    @property
    def key(self) -> Key:
        """Its kind's key and its name."""
        return self.sleeper.kind.key, self.sleeper.name

    @property
    def starts(self) -> bool:
        """Whether its patch starts it, and not only tidies up."""
        restored = self.decision.after is JournalState.RESTORED
        return restored and self.sleeper.found is not None and self.sleeper.kind.at_rest(self.sleeper.found)

    @property
    def counts(self) -> bool:
        """Whether it needs a turn."""
        return self.starts and self.sleeper.kind.runs_pods


@dataclass(frozen=True)
class Chosen:
    """What to start now; what waits, each with why; and what is to be told at the end."""

    now: Sequence[Rousing]
    waiting: Mapping[Key, str]
    remarks: Sequence[str] = ()


def let_others_go_on(scene: Scene, sleepers: Iterable[Sleeper]) -> None:
    """Give back the turns of what is ready."""
    ready = [one.entry.id for one in sleepers if one.entry is not None and one.entry.starting_until and _is_up(one)]
    if ready:
        with scene.commit() as (records, environment):
            for entry_id in ready:
                if (entry := records.journal.get(entry_id)) is not None:
                    entry.starting_until = None
            records.turns.next_are_due(environment.cluster, scene.now)


def _is_up(sleeper: Sleeper) -> bool:
    if sleeper.found is None:
        return True
    return not sleeper.kind.at_rest(sleeper.found) and sleeper.kind.readiness(sleeper.found).complete


def choose(scene: Scene, found: Mapping[Key, Object], rousings: Sequence[Rousing]) -> Chosen:
    """Which of the patches are to be sent now. Takes a turn for each that starts pods."""
    order = wake_order(found)
    held = _held_back(scene, found, order, rousings)
    able = [one for one in rousings if one.key not in held and one.sleeper.kind.rank != FIRST]
    may, before = _take_turns(scene, [one for one in able if one.counts])
    held |= {one.key: _in_line(before) for one in able if one.counts and one.key not in may}
    now = [one for one in able if one.key not in held]
    if not held:
        now += [one for one in rousings if one.sleeper.kind.rank == FIRST]
    remarks = [*order.ignored, *_impatient(scene, found, order)]
    return Chosen(now, held, remarks)


def _held_back(
    scene: Scene, found: Mapping[Key, Object], order: WakeOrder, rousings: Sequence[Rousing]
) -> dict[Key, str]:
    """Those that have to wait for others of their own, with what they wait for in words."""
    asleep = {one.key for one in rousings if one.starts}
    held: dict[Key, str] = {}
    for key in sorted(asleep):
        before = sorted(order.before(key))
        asked = asleep - {one for one in before if _had_its_turn(scene, one)}
        awaited = [one for one in before if one in asked or _is_on_its_way(scene, found, one)]
        if awaited:
            held[key] = f"waits for {' and '.join(map(label, awaited))}"
    return held


def _had_its_turn(scene: Scene, key: Key) -> bool:
    """Whether its turn is over: where it still is at rest then, the cluster has refused to start it."""
    entry = entries(scene).get(key)
    return entry is not None and entry.starting_until is not None and entry.starting_until <= scene.now


def _is_on_its_way(scene: Scene, found: Mapping[Key, Object], key: Key) -> bool:
    """Whether it is not ready, and patience with it has not ended."""
    if scene.cluster.kinds[key[0]].readiness(found[key]).complete:
        return False
    return scene.now - _started_at(scene, key) < scene.clock.lasting(_PATIENCE)


def _started_at(scene: Scene, key: Key) -> datetime:
    entry = entries(scene).get(key)
    started = entry is not None and entry.state is JournalState.RESTORED
    return max(entry.at, scene.environment.operation_at) if entry and started else scene.environment.operation_at


def _impatient(scene: Scene, found: Mapping[Key, Object], order: WakeOrder) -> list[str]:
    """Those that were started though what they wait for was not ready, as far as it still is not."""
    kinds = scene.cluster.kinds
    awaited_all = {key for awaited in order.after.values() for key in awaited}
    late = {key for key in awaited_all if not kinds[key[0]].readiness(found[key]).complete}
    return [
        f"{label(key)} was started though {label(other)} was not ready"
        for key, awaited in sorted(order.after.items())
        for other in sorted(awaited & late)
        if not kinds[key[0]].at_rest(found[key])
    ]


def _take_turns(scene: Scene, wanted: Sequence[Rousing]) -> tuple[frozenset[Key], int]:
    """Which of them may be started now, in their order, and how many others come before the rest."""
    if not wanted and not scene.environment.waiting_starts:
        return frozenset(), 0
    known, now = entries(scene), scene.now
    mine = [one for one in wanted if _has_turn(known.get(one.key), now)]
    others = [one for one in wanted if one not in mine]
    limit = scene.catalogue.cluster(scene.environment.cluster).wakes_at_once
    with scene.commit() as (records, environment):
        turn = records.turns.ask(environment, len(others), limit, now)
        given = [*mine, *others[: turn.may_start]]
        for one in given:
            entry = Entry((one.sleeper.found or {})["metadata"]["uid"], one.decision.original, JournalState.ASLEEP)
            kept = records.journal.get(known[one.key].id) if one.key in known else None
            kept = kept or note(records, scene, one.sleeper, entry)
            kept.starting_until = now + scene.clock.lasting(_PATIENCE)
        environment.waiting_starts = len(wanted) - len(given)
        environment.waits_until = now + scene.clock.lasting(_ASKS_AGAIN)
    return frozenset(one.key for one in given), turn.before


def _has_turn(entry: JournalEntry | None, now: datetime) -> bool:
    return entry is not None and entry.starting_until is not None and entry.starting_until > now


def _in_line(before: int) -> str:
    return f"waiting for its turn ({before} before it)" if before else "waiting for its turn, which is next"
