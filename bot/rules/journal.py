"""What to do with one object when its environment falls asleep or wakes: decisions over object and journal entry.

The rules, in short: an original is remembered before the first change and set once a cycle; 0 never overwrites N; wake
restores only what Berth put to sleep and nobody changed since; where nobody remembers, a person is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.rules.managers import follows_git, is_person
from bot.rules.words import ANNOTATION_CYCLE, JournalState
from bot.rules.workloads import Kind, Object, Original

REVERTS = 3
"""How often Berth lets what follows a git start a workload again before it gives the whole sleep up."""


@dataclass(frozen=True)
class Entry:
    """What the journal holds of an object, as far as decisions need it."""

    uid: str
    original: Original
    state: JournalState
    reverts: int = 0  # how often something that follows a git has started it again


@dataclass(frozen=True)
class Decision:
    """What the journal has to hold first, and the patch to send then, if any.

    `after` is the entry's state once the patch is confirmed (or at once, where there is none).
    """

    after: JournalState
    original: Original
    patch: Mapping[str, Any] | None = None
    note: str = ""
    reverts: int = 0

    @property
    def gives_up(self) -> bool:
        """Whether the sleep of the whole environment is not to be."""
        return self.reverts >= REVERTS


def fall_asleep(kind: Kind, found: Object, entry: Entry | None, cycle: str) -> Decision:
    """What to do with an object of an environment that falls asleep."""
    if entry is not None and entry.uid != found["metadata"]["uid"]:
        entry = None  # another object of the same name
    if kind.at_rest(found):
        return _already_at_rest(kind, found, entry)
    if entry is not None and _was_put_to_rest(found, entry, cycle) and not kind.rested_by_berth(found):
        return _started_again(kind, found, entry, cycle)
    if entry is not None and entry.state is JournalState.KEPT:
        return _left_running(kind, found, entry)
    if objection := kind.objection(found):
        return Decision(JournalState.KEPT, kind.original(found), note=f"{kind.label(found)} {objection}")
    reverts = entry.reverts if entry is not None else 0
    # Once it has slept in this cycle, what it runs at now is not what it slept with.
    original = entry.original if entry is not None and reverts else kind.original(found)
    patch = kind.sleep_patch(found, _mark(cycle, reverts), original)
    return Decision(JournalState.ASLEEP, original, patch, reverts=reverts)


def _mark(cycle: str, reverts: int) -> str:
    """What an object is marked with: another mark each time that it is put to rest again."""
    return f"{cycle}.{reverts}" if reverts else cycle


def was_started(kind: Kind, entry: Entry) -> bool:
    """Whether an object that runs now was at rest, by the journal: because Berth put it to rest, or by itself."""
    return entry.state is JournalState.ASLEEP or (entry.state is JournalState.KEPT and not kind.runs(entry.original))


def _left_running(kind: Kind, found: Object, entry: Entry) -> Decision:
    """What is not put to rest stays as it is. What was at rest by itself and is started now is told once."""
    if not was_started(kind, entry):
        return Decision(JournalState.KEPT, entry.original, reverts=entry.reverts)
    note = f"{kind.label(found)} was started by {_writers(kind, found)}"
    return Decision(JournalState.KEPT, kind.original(found), note=note)


def _writers(kind: Kind, found: Object) -> str:
    return ", ".join(sorted(kind.field.writers(found))) or "somebody"


def _was_put_to_rest(found: Object, entry: Entry, cycle: str) -> bool:
    """Whether our patch went through. Its mark tells where it was undone before anybody could confirm it.

    What runs and was last written by Berth itself was woken, and a sleep came before that could be noted.
    """
    marked = found["metadata"].get("annotations", {}).get(ANNOTATION_CYCLE) == _mark(cycle, entry.reverts)
    return entry.state is JournalState.ASLEEP or (entry.state is JournalState.PLANNED and marked)


def arrive(kind: Kind, found: Object) -> Decision:
    """What to do with an object that is new in an environment that sleeps. What has begun to run is not stopped."""
    ready = kind.readiness(found).ready
    if objection := kind.objection(found):
        return Decision(JournalState.KEPT, kind.original(found), note=f"{kind.label(found)} is new, and {objection}")
    if ready > 0:
        return Decision(JournalState.KEPT, kind.original(found), note=f"{kind.label(found)} is new and stays awake")
    return Decision(JournalState.PLANNED, kind.original(found), note=f"{kind.label(found)} is new and sleeps too")


def _started_again(kind: Kind, found: Object, entry: Entry, cycle: str) -> Decision:
    """A person's wish stands, and an operator is not fought. What follows a git means nothing by it: it is put to rest
    again, some times."""
    writers = kind.field.writers(found)
    by = _writers(kind, found)
    if not any(map(follows_git, writers)):
        left = "" if not writers or any(map(is_person, writers)) else ", and is left to it"
        return Decision(JournalState.KEPT, entry.original, note=f"{kind.label(found)} was started again by {by}{left}")
    reverts = entry.reverts + 1
    note = f"{kind.label(found)} was started again {reverts} {'time' if reverts == 1 else 'times'} by {by}"
    if reverts >= REVERTS:
        return Decision(JournalState.KEPT, entry.original, note=note, reverts=reverts)
    patch = kind.sleep_patch(found, _mark(cycle, reverts), entry.original)
    return Decision(JournalState.ASLEEP, entry.original, patch, note, reverts)


def _already_at_rest(kind: Kind, found: Object, entry: Entry | None) -> Decision:
    told = kind.told_by(found)
    if ANNOTATION_CYCLE in found["metadata"].get("annotations", {}) and told is not None and kind.runs(told):
        remembered = entry.original if entry is not None and kind.runs(entry.original) else told
        return Decision(JournalState.ASLEEP, remembered, reverts=entry.reverts if entry is not None else 0)
    # Where nothing tells who put it to rest, what is remembered is not replaced by what is found.
    if entry is not None and kind.runs(entry.original) and not kind.rested_by_another(found):
        return Decision(JournalState.ASLEEP, entry.original, reverts=entry.reverts)
    return Decision(JournalState.KEPT, kind.original(found))


def wake(kind: Kind, found: Object | None, entry: Entry | None, name: str = "") -> Decision:
    """What to do with an object (None: it is gone) of an environment that wakes, which the journal knows by `name`."""
    if found is None or (entry is not None and entry.uid != found["metadata"]["uid"]):
        return _gone(kind, found, entry, name)
    remembered = _remembered(kind, found, entry)
    if remembered is None or not kind.runs(remembered):
        return _unremembered(kind, found, entry)
    if entry is not None and entry.state in (JournalState.KEPT, JournalState.RESTORED):
        return _left(kind, found, entry.state, remembered)
    if kind.at_rest(found):
        return _rouse(kind, found, remembered)
    if kind.runs_as(found, remembered):
        return _left(kind, found, JournalState.RESTORED, remembered)
    note = f"{kind.describe(found)} was changed while asleep and stays as it is"
    return _left(kind, found, JournalState.KEPT, remembered, note)


def _gone(kind: Kind, found: Object | None, entry: Entry | None, name: str) -> Decision:
    """What is no more is told of once, if it would run now and had not been woken before it went."""
    told = entry is None or entry.state in (JournalState.GONE, JournalState.RESTORED)
    if entry is None or told or not kind.runs(entry.original):
        return Decision(JournalState.GONE, entry.original if entry is not None else {})
    again = "" if found is None else ", and made anew; the new one stays as it is"
    return Decision(JournalState.GONE, entry.original, note=f"{kind.name} {name} was deleted while asleep{again}")


def _remembered(kind: Kind, found: Object, entry: Entry | None) -> Original | None:
    if entry is not None and kind.runs(entry.original):
        return entry.original
    return kind.told_by(found)


def _unremembered(kind: Kind, found: Object, entry: Entry | None) -> Decision:
    known = entry is not None
    note = "" if known or not kind.at_rest(found) else f"{kind.describe(found)}: nobody remembers what it was"
    return Decision(JournalState.KEPT, kind.original(found), note=note)


def _rouse(kind: Kind, found: Object, remembered: Original) -> Decision:
    """It gets its original back, unless somebody started it and put it at rest again: then that is their wish."""
    if not kind.rested_by_another(found):
        return Decision(JournalState.RESTORED, remembered, kind.wake_patch(found, remembered))
    ours = kind.bears_marks(found, remembered)
    note = f"{kind.describe(found)} was put at rest by somebody while asleep and stays so"
    patch = kind.clean_patch(found, remembered) if ours else None
    return Decision(JournalState.KEPT, kind.original(found), patch, note)


def _left(kind: Kind, found: Object, state: JournalState, original: Original, note: str = "") -> Decision:
    ours = kind.bears_marks(found, original) and not kind.at_rest(found)
    return Decision(state, original, kind.clean_patch(found, original) if ours else None, note)
