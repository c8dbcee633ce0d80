"""Putting an environment to sleep: journal first, then one conditional patch an object, then the guard.

The order matters. Every original is committed before the first change. What would start others again is asked to stand
still before them. Each object's patch carries how to wake it and its rest together, on the resourceVersion that was
journalled. The quota that holds the namespace down comes last but one, and only where nothing that may start pods stays
awake, so that a refusal half-way leaves workloads that still can restart.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.reconcile.autoscalers import zeros_of_autoscalers
from bot.reconcile.footprints import footprint
from bot.reconcile.giving_up import give_up, let_wake
from bot.reconcile.objects import (
    Found,
    Key,
    Sleeper,
    belonging,
    entries,
    miss_nothing_asleep,
    note,
    notes,
    place,
    sleepers,
    workloads,
)
from bot.reconcile.outside import leave, with_appliers
from bot.reconcile.refusals import Refusals
from bot.reconcile.scene import Again, Concluded, Outcome, Scene
from bot.reconcile.staying import Staying, leaves_running, what_stays
from bot.reconcile.stirring import NEW, STARTED, Stir, tell
from bot.reconcile.voice import Voice
from bot.rules import manifests
from bot.rules.costs import Footprint
from bot.rules.journal import Decision, Entry, fall_asleep
from bot.rules.order import wake_order
from bot.rules.words import SLEEP_QUOTA, JournalState, Phase
from bot.rules.workloads import FIRST
from bot.seams.cluster import Conflict, Forbidden, NotFound, Object, Refused
from bot.usecases.sleep import answer_warning
from store.journal import SETTLED
from store.records import Records
from store.tables import Environment, new_id

_POLL = timedelta(seconds=1)
_SLOW, _SLOWEST = timedelta(seconds=5), timedelta(minutes=1)
_SOON = timedelta(minutes=2)
_STILL_WITHIN = timedelta(seconds=15)  # how long to wait until an autoscaler says that it stands still


@dataclass(frozen=True)
class Plan:
    """What is to become of one object that was found."""

    sleeper: Sleeper
    found: Object
    decision: Decision

    @property
    def was_asleep(self) -> bool:
        """Whether it had been at rest in this sleep, and is now left as it is."""
        return self.decision.after is JournalState.KEPT and self.sleeper.entry is not None


@dataclass(frozen=True)
class Beginning:
    """What the first commit of a sleep begins: its cycle, of which something may be settled already, and its meter."""

    turned_round: bool  # a wake was under way: its cycle goes on, and begins afresh for what it had settled
    cycle: str
    requested: Footprint


def put_to_sleep(scene: Scene) -> Outcome:
    """Take the next steps towards sleep. Raises ClusterError, Overtaken, ClaimLost."""
    beginning = _begin(scene)
    # Every kind, in each pass: what is new since the last one sleeps too.
    found = with_appliers(scene, workloads(scene, passing_over=_waited_long(scene)))
    miss_nothing_asleep(scene, found)
    known = sleepers(scene, found.own, found.unreadable)
    plans = [plan for sleeper in known if (plan := _plan(scene, sleeper, found.spared)) is not None]
    plans = _with_zeros_told(scene, plans)
    _journal(scene, plans, found.foreign, beginning)
    if any(plan.decision.gives_up for plan in plans):
        return give_up(scene, [(plan.found, plan.decision.note) for plan in plans if plan.decision.gives_up])
    if scene.environment.slept_at is not None and _is_awake_again(plans):
        return let_wake(scene, [plan.decision.note for plan in plans if plan.decision.note and plan.was_asleep])
    if beginning is None:
        _tell_what_stirred(scene, plans)
    return _carry_out_all(scene, found, plans) or _finish(scene, found)


def _waited_long(scene: Scene) -> bool:
    return scene.now - scene.environment.operation_at > scene.clock.lasting(_SOON)


def _begin(scene: Scene) -> Beginning | None:
    """The cycle in which everything is planned, if it is not under way; it is committed with what is planned."""
    environment = scene.environment
    if environment.phase is Phase.FALLING_ASLEEP:
        return None
    turned_round = environment.phase is Phase.WAKING and environment.sleep_cycle is not None
    if turned_round:
        scene.journal = {key: entry for key, entry in entries(scene).items() if entry.state not in SETTLED}
    else:
        environment.sleep_cycle, scene.journal = new_id(), {}
    return Beginning(turned_round, environment.sleep_cycle or "", footprint(scene.lists))


def _enter(scene: Scene, records: Records, environment: Environment, beginning: Beginning) -> None:
    """Enter the phase with a cycle."""
    if beginning.turned_round:
        records.journal.forget_settled(environment.id, beginning.cycle)
    else:
        scene.meter(records, environment, True, beginning.requested)
    environment.sleep_cycle = beginning.cycle
    scene.enter(records, environment, Phase.FALLING_ASLEEP)
    scene.tell(records, environment)


def _plan(scene: Scene, sleeper: Sleeper, spared: Mapping[Key, str]) -> Plan | None:
    if sleeper.found is None:
        return None
    why = spared.get((sleeper.kind.key, sleeper.name), "")
    if why and not sleeper.kind.at_rest(sleeper.found):
        kept = Decision(JournalState.KEPT, sleeper.kind.original(sleeper.found), note=why)
        return Plan(sleeper, sleeper.found, kept)
    cycle = scene.environment.sleep_cycle or ""
    return Plan(sleeper, sleeper.found, fall_asleep(sleeper.kind, sleeper.found, sleeper.remembered, cycle))


def _with_zeros_told(scene: Scene, plans: Sequence[Plan]) -> list[Plan]:
    """The plans, with what is to be told of workloads that their autoscaler has scaled to zero."""
    new = [plan.sleeper for plan in plans if plan.sleeper.entry is None and plan.decision.after is JournalState.KEPT]
    at_zero = [sleeper for sleeper in new if sleeper.found is not None and sleeper.kind.at_rest(sleeper.found)]
    told = zeros_of_autoscalers(scene, at_zero)
    return [
        replace(plan, decision=replace(plan.decision, note=told[plan.sleeper.label]))
        if plan.sleeper in at_zero and plan.sleeper.label in told
        else plan
        for plan in plans
    ]


def _in_order(scene: Scene, found: Mapping[Key, Object], plans: Sequence[Plan], changes: Sequence[Plan]) -> list[Plan]:
    """Those of the changes that need not wait until what depends on them has stopped, or have waited long enough."""
    order = wake_order(found)
    if not order.after or _waited_long(scene):
        return list(changes)
    running = {
        (plan.sleeper.kind.key, plan.sleeper.name)
        for plan in plans
        if plan.decision.after is JournalState.ASLEEP and not plan.sleeper.kind.stopped(plan.found)
    }
    return [plan for plan in changes if not order.behind((plan.sleeper.kind.key, plan.sleeper.name)) & running]


def _journal(scene: Scene, plans: Sequence[Plan], foreign: Mapping[Key, Object], beginning: Beginning | None) -> None:
    """Commit every original before the first change, and what is left to others; with it, that a sleep begins.

    Where all that is new is that things rest as planned, and nothing is to be changed or waited for, the commit that
    ends the pass says so too.
    """
    lines = [line for line in (*_left_to_others(scene, foreign), *map(_line, plans)) if not _is_written(line)]
    ends = not any(plan.decision.patch for plan in plans) and _stand_still(scene, plans)
    if beginning is not None or (lines and not (ends and all(map(_confirms, lines)))):
        with scene.commit() as (records, environment):
            if beginning is not None:
                _enter(scene, records, environment, beginning)
            for line in lines:
                note(records, scene, *line)


Line = tuple[Sleeper, Entry, str]  # of the journal: of what object, what it holds, and what is told of it


def _left_to_others(scene: Scene, foreign: Mapping[Key, Object]) -> Iterator[Line]:
    known = entries(scene)
    for key, found in foreign.items():
        kind = scene.cluster.kinds[key[0]]
        entry = Entry(found["metadata"]["uid"], kind.original(found), JournalState.KEPT)
        yield Sleeper(kind, key[1], found, known.get(key)), entry, f"{kind.describe(found)} {belonging(kind, found)}"


def _line(plan: Plan) -> Line:
    decision = plan.decision
    state = JournalState.PLANNED if decision.patch else decision.after
    entry = Entry(plan.found["metadata"]["uid"], decision.original, state, decision.reverts)
    return plan.sleeper, entry, decision.note


def _is_written(line: Line) -> bool:
    sleeper, entry, said = line
    kept = sleeper.entry
    return kept is not None and sleeper.remembered == entry and (not said or said == kept.note)


def _confirms(line: Line) -> bool:
    """Whether a line says no more than that an object rests as planned."""
    sleeper, entry, said = line
    was_planned = sleeper.remembered == replace(entry, state=JournalState.PLANNED)
    return was_planned and entry.state is JournalState.ASLEEP and not said


def _is_awake_again(plans: Sequence[Plan]) -> bool:
    """Whether all that slept was started again, by somebody who woke the namespace without Berth."""
    slept = [
        plan for plan in plans if plan.sleeper.entry is not None and plan.sleeper.entry.state is JournalState.ASLEEP
    ]
    return bool(slept) and all(plan.was_asleep and not plan.sleeper.kind.at_rest(plan.found) for plan in slept)


def _tell_what_stirred(scene: Scene, plans: Sequence[Plan]) -> None:
    """Tell, once, what somebody started again of a sleep that had begun, which is theirs now, and what is new."""
    started = [plan.decision.note for plan in plans if plan.decision.note and plan.was_asleep]
    had_slept = scene.environment.slept_at is not None
    new = [
        f"{plan.sleeper.kind.describe(plan.found)} is new and sleeps too"
        for plan in plans
        if had_slept and plan.sleeper.entry is None and plan.decision.patch
    ]
    for stir in (Stir(STARTED, started), Stir(NEW, new)):
        if stir.what:
            with scene.commit() as (records, environment):
                tell(Voice(scene.catalogue, scene.clock), records, environment, stir)


def _carry_out_all(scene: Scene, found: Found, plans: Sequence[Plan]) -> Outcome | None:
    """Send the patches that are due now; None where none is left. Raises what the cluster refuses, after all others.

    What is refused of what would start others again is not waited for longer than what does not say that it obeys.
    """
    refusals = Refusals("put to sleep")
    first = [plan for plan in plans if plan.decision.patch and plan.sleeper.kind.rank == FIRST]
    if _send(scene, first, refusals):
        refusals.raise_any()
        return Again(scene.settling)
    if not _stand_still(scene, plans):
        refusals.raise_any()
        return Again(_POLL)
    then = [plan for plan in plans if plan.decision.patch and plan.sleeper.kind.rank != FIRST]
    now = _in_order(scene, found.own, plans, then)
    _send(scene, now, refusals)
    refusals.raise_any()
    return Again(scene.settling if now else _POLL) if then else None


def _send(scene: Scene, plans: Sequence[Plan], refusals: Refusals) -> bool:
    """Send each its patch; whether any was not refused."""
    before = len(refusals.gathered)
    for plan in plans:
        with refusals.apart(plan.sleeper.label):
            _carry_out(scene, plan.sleeper, plan.decision.patch or {})
    return len(plans) > len(refusals.gathered) - before


def _carry_out(scene: Scene, sleeper: Sleeper, patch: Mapping[str, Any]) -> None:
    """Send an object's patch. Where it was changed since it was read, the next pass reads and judges it again."""
    scene.hold()
    namespace, name = place(scene, sleeper.name)
    try:
        with suppress(Conflict, NotFound):
            scene.cluster.patch(sleeper.kind.key, name, namespace, patch)
    except (Forbidden, Refused):
        if namespace == scene.environment.namespace:
            raise
        leave(scene, sleeper)


def _stand_still(scene: Scene, plans: Sequence[Plan]) -> bool:
    """Whether what would start others again has said that it stands still, or has had long enough to."""
    if scene.now - scene.environment.operation_at > scene.clock.lasting(_STILL_WITHIN):
        return True
    asked = [plan for plan in plans if plan.sleeper.kind.rank == FIRST and plan.decision.after is JournalState.ASLEEP]
    return all(plan.sleeper.kind.stopped(plan.found) for plan in asked)


def _finish(scene: Scene, found: Found) -> Outcome:
    """Asleep once all that sleeps has stopped, and held down unless something stays awake."""
    known = sleepers(scene, found.own, found.unreadable)
    rested = [sleeper for sleeper in known if sleeper.found is not None and sleeper.kind.at_rest(sleeper.found)]
    running = [sleeper.label for sleeper in rested if sleeper.entry is not None and not _has_stopped(sleeper)]
    confirmed = [sleeper for sleeper in rested if sleeper.entry and sleeper.entry.state is JournalState.PLANNED]
    if running:
        return _wait(scene, running, confirmed)
    staying = what_stays(scene)
    scene.hold()
    if staying.may_start_pods or leaves_running(scene, found):
        with suppress(NotFound):
            scene.cluster.delete("ResourceQuota", SLEEP_QUOTA, scene.environment.namespace)
    else:
        scene.cluster.apply(manifests.sleep_quota(scene.environment.namespace, len(staying.pods)))
    _fall_asleep(scene, staying, [*staying.told(scene), *map(_unread, found.unlisted.values())], confirmed)
    return Concluded()


def _has_stopped(sleeper: Sleeper) -> bool:
    return sleeper.kind.rank == FIRST or (sleeper.found is not None and sleeper.kind.stopped(sleeper.found))


def _mark(records: Records, scene: Scene, confirmed: Sequence[Sleeper]) -> None:
    """Mark as asleep what the cluster shows at rest."""
    if confirmed:
        ids = [sleeper.entry.id for sleeper in confirmed if sleeper.entry is not None]
        records.journal.mark(ids, JournalState.ASLEEP, scene.now)


def _unread(why: str) -> str:
    return f"{why}. What there is of it was not put to sleep"


def _fall_asleep(scene: Scene, staying: Staying, running_on: Sequence[str], confirmed: Sequence[Sleeper]) -> None:
    running = {pod["metadata"]["name"] for pod in staying.pods}
    ended = [f"Pod {name}" for name in scene.environment.stops_pods if name not in running]
    said = [text for entry, text in notes(scene) if entry.state is JournalState.KEPT]
    left = [*said, *dict.fromkeys(running_on)]
    with scene.conclude() as (records, environment):
        _mark(records, scene, confirmed)
        records.journal.forget_before(environment.id, environment.sleep_cycle or "")
        scene.meter(records, environment, False, None)
        scene.enter(records, environment, Phase.SLEEPING)
        environment.slept_at, environment.awake_since = environment.slept_at or scene.now, None
        environment.deadline_at = environment.deadline_rule = None
        answer_warning(records, environment, scene.now, _news(environment) | {"left": left, "ended": ended})
        environment.check_at = scene.now  # when it wakes, or has slept for too long, has to be judged
        environment.condition, environment.attempts = None, 0
        scene.tell(records, environment, left=left, ended=ended)


def _news(environment: Environment) -> dict[str, Any]:
    """What the warning that went before becomes."""
    slept_at = environment.slept_at.isoformat() if environment.slept_at else ""
    by, reason = environment.operation_by, environment.operation_reason
    return {"kind": "asleep", "by": by, "reason": reason, "at": slept_at}


def _wait(scene: Scene, running: Sequence[str], confirmed: Sequence[Sleeper]) -> Outcome:
    if confirmed:
        with scene.commit() as (records, _):
            _mark(records, scene, confirmed)
    waited = scene.now - scene.environment.operation_at
    if waited < scene.clock.lasting(_SOON):
        return Again(_POLL)
    with scene.commit() as (records, environment):
        environment.condition = f"not stopped yet: {', '.join(running)}"
        scene.tell(records, environment)
    return Again(min(max(_SLOW, waited / 60), _SLOWEST))
