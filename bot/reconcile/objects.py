"""The objects of an environment that sleep, matched with what the journal holds of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.reconcile.scene import Scene
from bot.rules.journal import Entry
from bot.rules.words import JournalState
from bot.rules.workloads import FIRST, Kind, controller, sleeps_with
from bot.seams.cluster import Busy, Object
from store.records import Records
from store.tables import JournalEntry

Key = tuple[str, str]  # the key of a kind, and a name

_AT_REST: Final = (JournalState.PLANNED, JournalState.ASLEEP)


@dataclass(frozen=True)
class Sleeper:
    """One object, or the memory of one: what the cluster shows and what the journal holds, either of which may lack."""

    kind: Kind
    name: str
    found: Object | None
    entry: JournalEntry | None

    @property
    def label(self) -> str:
        """Its kind and name."""
        return f"{self.kind.name} {self.name}"

    @property
    def remembered(self) -> Entry | None:
        """The journal's entry as the rules want it."""
        kept = self.entry
        return Entry(kept.uid, kept.original, kept.state, kept.reverts) if kept is not None else None


@dataclass(frozen=True)
class Found:
    """What the lists of a namespace showed: what sleeps, and what belongs to a controller that cannot."""

    own: Mapping[Key, Object]
    foreign: Mapping[Key, Object]
    spared: Mapping[Key, str] = field(default_factory=dict)  # of `own`, outside: why it is not asked to stand still
    unreadable: frozenset[Key] = frozenset()  # outside, where Berth has no right to read it; and of `unlisted`
    unlisted: Mapping[str, str] = field(default_factory=dict)  # what is told of kinds that the cluster cannot list


def workloads(scene: Scene, kinds: Iterable[Kind] | None = None, *, passing_over: bool = False) -> Found:
    """Everything in the namespace that sleeps, has no controller of its own and is to stay: one list a kind.

    `passing_over`: custom kinds that the cluster itself fails to list, as where their conversion webhook is down, are
    left out and named. Raises ClusterError.
    """
    own: dict[Key, Object] = {}
    foreign: dict[Key, Object] = {}
    unlisted: dict[str, str] = {}
    for kind in scene.cluster.kinds.values() if kinds is None else kinds:
        try:
            listed = scene.lists.of(kind.key)
        except Busy as error:
            if error.retry_after is not None or not (passing_over and kind.optional):
                raise
            unlisted[kind.key] = f"{kind.key} cannot be read: {error}"
            continue
        for found in listed:
            if kind.is_going(found):
                continue
            owner = controller(kind.key, found)
            if owner is None:
                own[kind.key, found["metadata"]["name"]] = found
            elif kind.rank != FIRST and not sleeps_with(owner, scene.cluster.kinds) and not kind.at_rest(found):
                foreign[kind.key, found["metadata"]["name"]] = found
    hidden = frozenset(key for key in entries(scene) if key[0] in unlisted) if unlisted else frozenset[Key]()
    return Found(own, foreign, unreadable=hidden, unlisted=unlisted)


def miss_nothing_asleep(scene: Scene, found: Found) -> None:
    """Raises Busy where something sleeps, by the journal, of a kind that the cluster cannot list."""
    asleep = {key[0] for key, entry in entries(scene).items() if entry.state in _AT_REST}
    missed = [why for kind, why in found.unlisted.items() if kind in asleep]
    if missed:
        raise Busy("; ".join(missed))


def belonging(kind: Kind, found: Object) -> str:
    """Whose an object is, in words that follow its name."""
    owner = controller(kind.key, found) or {}
    return f"belongs to {owner.get('kind')} {owner.get('name')}, which keeps it running"


def place(scene: Scene, name: str) -> tuple[str, str]:
    """The namespace and the bare name of what the journal calls `name`: outside of the environment it has both."""
    namespace, _, bare = name.rpartition("/")
    return namespace or scene.environment.namespace, bare


def sleepers(scene: Scene, found: Mapping[Key, Object], unreadable: frozenset[Key] = frozenset()) -> list[Sleeper]:
    """The objects found, and those only the journal remembers: what must stand still first, first.

    Not those that could not be read: nobody knows what they are.
    """
    journal = {key: entry for key, entry in entries(scene).items() if key not in unreadable}
    kinds = scene.cluster.kinds
    remembered = (key for key in journal if key[0] in kinds and scene.cluster.knows(key[0]))
    keys = sorted({*found, *remembered}, key=lambda key: (kinds[key[0]].rank, key))
    return [Sleeper(kinds[kind], name, found.get((kind, name)), journal.get((kind, name))) for kind, name in keys]


def entries(scene: Scene) -> Mapping[Key, JournalEntry]:
    """The journal of the present cycle."""
    cycle = scene.environment.sleep_cycle
    if cycle is None:
        return {}
    if scene.journal is None:
        with scene.store.read() as records:
            found = records.journal.of_cycle(scene.environment.id, cycle)
        scene.journal = {(entry.kind, entry.name): entry for entry in found}
    return scene.journal


def unknown(scene: Scene) -> list[str]:
    """What the journal holds of kinds that are no longer known on the cluster, so that nobody can wake it."""
    kinds = scene.cluster.kinds
    return [
        f"{kind} {name} cannot be woken: the cluster does not know the kind, or scaled_kinds in berth.yaml lacks it"
        for (kind, name), entry in sorted(entries(scene).items())
        if not (kind in kinds and scene.cluster.knows(kind)) and entry.state in _AT_REST
    ]


def notes(scene: Scene) -> Iterator[tuple[JournalEntry, str]]:
    """What the journal of the present cycle has to say of single objects."""
    return ((entry, entry.note) for _, entry in sorted(entries(scene).items()) if entry.note)


def note(records: Records, scene: Scene, sleeper: Sleeper, entry: Entry, said: str = "") -> JournalEntry:
    """Write what the journal has to hold of an object."""
    known = records.journal.get(sleeper.entry.id) if sleeper.entry is not None else None
    if known is None:
        known = JournalEntry(
            environment_id=scene.environment.id,
            cycle=scene.environment.sleep_cycle or "",
            kind=sleeper.kind.key,
            name=sleeper.name,
            uid=entry.uid,
            original=entry.original,
            state=entry.state,
            reverts=entry.reverts,
            note=said,
            at=scene.now,
        )
    else:
        known.uid, known.original, known.state, known.at = entry.uid, entry.original, entry.state, scene.now
        known.reverts, known.note = entry.reverts, said or known.note
    records.journal.add(known)
    return known
