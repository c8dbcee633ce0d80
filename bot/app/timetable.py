"""Which pass runs how often."""

from collections.abc import Callable
from datetime import timedelta

from bot.app.foundation import Foundation, Nudge
from bot.app.passes import Passes
from bot.cluster_watch import ClusterWatch
from bot.reconcile.takeover import take_over
from bot.scheduler import Pass, Timetable
from bot.usecases import UseCases

_WATCH = timedelta(seconds=3)  # of the world: how long a dead replica's work waits
_CLUSTER_WATCH = timedelta(minutes=1)  # of the world
_GROUPS = timedelta(hours=1)  # of the world: how old what events of user groups did not tell may be


def timetable(on: Foundation, uses: UseCases, passes: Passes, watch: ClusterWatch, nudge: Nudge) -> Timetable:
    """All of it; what finds work to be done nudges those who do it."""
    lasting, often = on.clock.lasting, timedelta(seconds=20)
    timed = [
        Pass("lifetimes", _then(nudge, passes.lifetimes.judge_due), often),
        Pass("leaving", _then(nudge, passes.leaving.look_at_due, passes.orphans.settle_due), often),
        Pass("access", _then(nudge, passes.access.end_due), often),
        Pass("drift", _then(nudge, passes.drift.look_at_all), timedelta(minutes=2)),
        Pass("vigil", _then(nudge, passes.vigil.watch_all), timedelta(minutes=2)),
        Pass("metering", passes.metering.meter_all, timedelta(minutes=5)),
        Pass("bulk", uses.bulk.carry_on_all, often),
        Pass("readings", passes.readings.read_all, timedelta(minutes=5)),
        Pass("digests", passes.digests.say_due, timedelta(minutes=5)),
        Pass("requests", uses.carrying_out.settle_due, often),
        Pass("budgets", passes.budgets.warn_due, timedelta(minutes=5)),
        Pass("user groups", passes.user_groups.refresh, lasting(_GROUPS)),
        Pass("forgetting", passes.forgetting.forget, timedelta(hours=1)),
        Pass("clusters", watch.look, lasting(_CLUSTER_WATCH), everywhere=True),
    ]
    # Where several processes share the work: each says that it lives, and takes over from those that do not.
    if on.store.is_shared:
        take = _then(nudge, lambda: take_over(on.store))
        timed.append(Pass("takeover", take, lasting(_WATCH), everywhere=True))
    return Timetable(timed, on.store.lead, on.clock)


def _then(nudge: Nudge, *looks: Callable[[], object]) -> Callable[[], None]:
    """A pass that looks, and nudges if any of its looks has found something."""

    def run() -> None:
        found = [look() for look in looks]
        if any(found):
            nudge()

    return run
