"""Ending a sleep that is not to be: it is undone again and again, or somebody has woken everything without Berth."""

from collections.abc import Sequence

from bot.reconcile.scene import Outcome, Scene, Settled
from bot.reconcile.stirring import AWAKE, UNDONE, Stir, tell
from bot.reconcile.voice import Voice
from bot.rules.gitops import advice, follower
from bot.rules.words import BERTH, Wanted
from bot.seams.cluster import Object
from bot.usecases import intents
from bot.usecases.intents import Deed
from bot.usecases.sleep import answer_warning, woken_by_time
from bot.usecases.source import TIME

_UNDONE = "its sleep was undone again and again"


def give_up(scene: Scene, undone: Sequence[tuple[Object, str]]) -> Outcome:
    """Want the environment awake again, and tell its owner why and what to change; `undone`: objects, each with why."""
    now = scene.now
    why = [said for _, said in undone]
    instead = advice(known for found, _ in undone if (known := follower(found)) is not None)
    with scene.commit() as (records, environment):
        before = intents.picture(environment)
        answer_warning(records, environment, now, woken_by_time(now, _UNDONE))
        tell(Voice(scene.catalogue, scene.clock), records, environment, Stir(UNDONE, why, instead))
        scene.tell(records, environment, problem=f"{'; '.join(why)}. I gave up and wake the rest", given_up=True)
        intents.order(environment, intents.by_time(Wanted.RUNNING, _UNDONE), now)
        if environment.never_sleep_reason is None:
            environment.never_sleep_reason, environment.never_sleep_by = _UNDONE, BERTH
        intents.audit(records, environment, before, Deed("wake", BERTH, TIME, now, reason=f"{'; '.join(why)}"))
    return Settled()


def let_wake(scene: Scene, started: Sequence[str]) -> Outcome:
    """Want the environment awake: somebody has started all that slept in it, by hand."""
    now, reason = scene.now, "all that slept in it was started by hand"
    with scene.commit() as (records, environment):
        before = intents.picture(environment)
        answer_warning(records, environment, now, woken_by_time(now, reason))
        tell(Voice(scene.catalogue, scene.clock), records, environment, Stir(AWAKE, started))
        intents.order(environment, intents.by_time(Wanted.RUNNING, reason), now)
        environment.last_activity_at = now
        environment.last_activity_by, environment.last_activity_what = "somebody", "started all that slept in it"
        intents.audit(records, environment, before, Deed("wake", BERTH, TIME, now, reason=reason))
    return Settled()
