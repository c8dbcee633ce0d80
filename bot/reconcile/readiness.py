"""The last step of a making and of a wake: waiting until all is ready, and saying what is not and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from bot.reconcile.autoscalers import stuck_autoscalers
from bot.reconcile.footprints import footprint
from bot.reconcile.objects import Key, entries, sleepers, unknown, workloads
from bot.reconcile.scene import Again, Outcome, Scene, Settled
from bot.reconcile.starting import Chosen
from bot.rules.obstacles import PATIENCE, obstacle
from bot.rules.order import label
from bot.rules.words import JournalState, Phase
from bot.rules.workloads import Kind, Readiness
from bot.seams.cluster import Object
from bot.usecases.progress import say_progress
from store.tables import Environment, JournalEntry

_POLL, _LONGEST_POLL = timedelta(milliseconds=500), timedelta(seconds=5)
_QUICK = timedelta(seconds=5)  # within which nobody asks why something is not ready yet
_LOOK_AGAIN = timedelta(seconds=45)  # at what had not begun again: autoscalers look every 15 s
_NOT_AS_IT_WAS = frozenset({JournalState.KEPT, JournalState.GONE})
_REMEMBERED = 9  # wakes whose durations are kept


@dataclass(frozen=True)
class Progress:
    """How many workloads run as wanted, and which do not."""

    ready: int
    missing: Mapping[Key, Readiness]

    @property
    def wanted(self) -> int:
        """How many are to run."""
        return self.ready + len(self.missing)


def start_running(scene: Scene, found: Mapping[Key, Object], remarks: Sequence[str] = ()) -> Outcome:
    """Running once all is ready, or once waiting longer would hide what is missing."""
    progress = _progress(scene.cluster.kinds, found)
    waited = scene.now - _started_at(scene)
    if progress.missing and waited < scene.clock.lasting(PATIENCE):
        reasons = waited >= scene.clock.lasting(_QUICK)
        _tell(scene, f"{progress.ready}/{progress.wanted}", _missing(scene, progress, found if reasons else {}))
        return Again(min(_POLL + waited / 10, _LONGEST_POLL))
    missing = "; ".join(_missing(scene, progress, found))
    still = [] if scene.environment.phase is not Phase.WAKING or missing else stuck_autoscalers(scene)
    requested = footprint(scene.lists)
    left, news = [*_left(scene), *unknown(scene)], _has_news(scene)
    with scene.commit() as (records, environment):
        if environment.phase is Phase.WAKING and not missing:
            _remember(environment, (scene.now - environment.operation_at).total_seconds())
        scene.enter(records, environment, Phase.RUNNING)
        environment.awake_since = environment.check_at = scene.now
        environment.slept_at, environment.attempts, environment.waiting_starts = None, 0, 0
        environment.ready, environment.missing = None, []
        lost = "; ".join(unknown(scene))
        environment.condition = missing or "; ".join(one.waiting for one in still) or lost or None
        scene.meter(records, environment, True, requested)
        records.turns.next_are_due(environment.cluster, scene.now)
        ready = f"{progress.ready}/{progress.wanted}" if progress.wanted else None
        if missing or news:  # nobody is told of a wake that time began, unless something is not as it was
            say_progress(records, environment, scene.now)
        scene.tell(records, environment, ready=ready, left=left, missing=[], remarks=list(remarks))
    return Again(scene.clock.lasting(_LOOK_AGAIN)) if still else Settled()


def tell_waiting(scene: Scene, found: Mapping[Key, Object], chosen: Chosen) -> None:
    """Say how far a wake is of which something is not yet started, and why."""
    started = {key: item for key, item in found.items() if key not in chosen.waiting}
    progress = _progress(scene.cluster.kinds, started)
    waiting = [f"{label(key)} {why}" for key, why in sorted(chosen.waiting.items())]
    ready = f"{progress.ready}/{progress.wanted + len(waiting)}"
    _tell(scene, ready, [*_missing(scene, progress, {}), *waiting])


def trouble(scene: Scene) -> str | None:
    """What of a running environment is not ready now, and why; None where all is."""
    found = workloads(scene).own
    progress = _progress(scene.cluster.kinds, found)
    missing = _missing(scene, progress, found)
    return "; ".join(missing or [one.advice for one in stuck_autoscalers(scene)]) or None


def _tell(scene: Scene, ready: str, missing: Sequence[str]) -> None:
    facts: dict[str, Any] = {"ready": ready, "missing": list(missing)}
    known = scene.environment.last_wakes
    if known and scene.environment.phase is Phase.WAKING:
        facts["usual_s"] = median(known)
    with scene.commit() as (records, environment):
        environment.ready, environment.missing = ready, list(missing)
        scene.tell(records, environment, **facts)


def _started_at(scene: Scene) -> datetime:
    """When the last workload of the operation was started."""
    at = [entry.at for entry in entries(scene).values() if entry.state is JournalState.RESTORED]
    return max([scene.environment.operation_at, *at])


def _remember(environment: Environment, seconds: float) -> None:
    environment.last_wakes = [*environment.last_wakes, round(seconds, 1)][-_REMEMBERED:]


def _progress(kinds: Mapping[str, Kind], found: Mapping[Key, Object]) -> Progress:
    states = {key: kinds[key[0]].readiness(item) for key, item in found.items()}
    wanted = {key: state for key, state in states.items() if state.wanted}
    missing = {key: state for key, state in wanted.items() if not state.complete}
    return Progress(len(wanted) - len(missing), missing)


def _missing(scene: Scene, progress: Progress, found: Mapping[Key, Object]) -> list[str]:
    """What is not ready, in words; and why, of those that are given as found."""
    pods = scene.lists.afterwards("Pod") if progress.missing and found else []
    kinds = scene.cluster.kinds
    return [
        _one_missing(key, state, _why(kinds[key[0]], found.get(key), pods)) for key, state in progress.missing.items()
    ]


def _why(kind: Kind, found: Object | None, pods: Iterable[Object]) -> str:
    return obstacle(kind, found, pods) if found is not None else ""


def _one_missing(key: Key, state: Readiness, why: str) -> str:
    told = f"{label(key)} has {max(0, state.ready)} of {state.wanted} pods ready"
    return f"{told}: {why}" if why else told


def _left(scene: Scene) -> list[str]:
    return [entry.note for entry in _not_as_it_was(scene)]


def _has_news(scene: Scene) -> bool:
    """Whether this wake has found something to tell; what stayed awake was told when the rest fell asleep."""
    return bool(unknown(scene)) or any(entry.at >= scene.environment.operation_at for entry in _not_as_it_was(scene))


def _not_as_it_was(scene: Scene) -> list[JournalEntry]:
    return [
        sleeper.entry
        for sleeper in sleepers(scene, {})
        if sleeper.entry is not None and sleeper.entry.state in _NOT_AS_IT_WAS and sleeper.entry.note
    ]
