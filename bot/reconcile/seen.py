"""What a cluster shows of environments that are to be judged: who used them, what goes on, and what sleep would stop.

Clusters are read sparingly: a constant number of lists for all environments that are due, and single namespaces only
where one seems unused. What cannot be read is no sign of anything; who asked decides what that means.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from bot.rules.activity import Activity, newest, written_by_people
from bot.rules.agenda import GRACE
from bot.rules.business import deploy_times, job_at_work, outlives_its_environment, rolling_out
from bot.rules.workloads import FIRST, Kind, controlled
from bot.seams.cluster import Cluster, ClusterError, Forbidden, Object
from store.tables import Environment

log = structlog.get_logger()

_OBSERVED: Final = ("Job", "Service", "PersistentVolumeClaim")  # beside what sleeps
_OBSERVED_INSIDE: Final = ("ConfigMap", "Pod")  # too many, or of others none of our business, to be listed for all
_ROLLED_OUT: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
_FEW: Final = 3  # environments up to which their namespaces are read instead of the whole cluster

Listed = list[tuple[str, Object]]
Suspect = Callable[[Environment, "Seen"], bool]


@dataclass(frozen=True)
class Seen:
    """What a cluster shows of one environment.

    `busy` is what must not be interrupted; `stops` and `keeps` what sleep would stop, and what it would leave running,
    of that `pods` the names of those that nothing could bring back. `ahead` is a sign of use that a clock dates after
    the present.
    """

    activity: Activity | None = None
    ahead: Activity | None = None
    busy: Sequence[str] = ()
    stops: Sequence[str] = ()
    keeps: Sequence[str] = ()
    pods: Sequence[str] = ()
    volumes: Sequence[str] = ()
    deployed_at: datetime | None = None


# What objects raise that are not shaped as their kind should be: clusters hold whatever people have put there.
_ODD: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@dataclass(frozen=True)
class Look:
    """One look at the environments of a cluster: of those that are `suspected` to be unused it is read in full."""

    suspected: Suspect
    now: datetime


def look(cluster: Cluster, environments: Sequence[Environment], how: Look) -> Mapping[str, Seen]:
    """What the cluster shows, by namespace. Raises ClusterError."""
    objects = _listed(cluster, [environment.namespace for environment in environments])
    return {each.namespace: _look_at(cluster, each, objects[each.namespace], how) for each in environments}


def _look_at(cluster: Cluster, environment: Environment, found: Listed, how: Look) -> Seen:
    """What it shows of one; of one that is odd, or cannot be read in full, that this is so, and so it stays awake."""
    shown = Seen()
    try:
        shown = _seen(cluster.kinds, found, how.now)
        if how.suspected(environment, shown):
            return _seen(cluster.kinds, [*found, *_inside(cluster, environment.namespace)], how.now)
    except ClusterError as error:
        return replace(shown, busy=[*shown.busy, f"what is in it could not be read ({error})"])
    except _ODD:  # one environment must not leave the others unseen
        log.exception("an environment shows what cannot be understood", id=environment.id)
        return Seen(busy=["what is in it could not be understood"])
    return shown


def _listed(cluster: Cluster, namespaces: Sequence[str]) -> Mapping[str, Listed]:
    objects: dict[str, Listed] = defaultdict(list)
    wanted = frozenset(namespaces)
    places: Sequence[str | None] = namespaces if len(namespaces) <= _FEW else [None]
    for kind in (*cluster.kinds, *_OBSERVED):
        for place in places:
            for found in cluster.each(kind, place):
                if found["metadata"]["namespace"] in wanted:
                    objects[found["metadata"]["namespace"]].append((kind, found))
    return objects


def _inside(cluster: Cluster, namespace: str) -> Iterator[tuple[str, Object]]:
    for kind in _OBSERVED_INSIDE:
        try:
            yield from ((kind, found) for found in cluster.list(kind, namespace))
        except Forbidden:
            return  # the namespace is going, or gone, and our right in it with it


def _seen(kinds: Mapping[str, Kind], objects: Listed, now: datetime) -> Seen:
    signs = [sign for kind, found in objects for sign in written_by_people(found, kind)]
    own = [(kind, found) for kind, found in objects if not controlled(kind, found)]
    awake = [
        (kind, found)
        for kind, found in own
        if kind in kinds and kinds[kind].rank != FIRST and _runs(kinds[kind], found)
    ]
    alone = [found["metadata"]["name"] for kind, found in own if kind == "Pod" and outlives_its_environment(found)]
    return Seen(
        activity=newest(sign for sign in signs if sign.at <= now),
        ahead=newest(sign for sign in signs if sign.at > now),
        busy=list(_business(objects)),
        stops=[kinds[kind].describe(found) for kind, found in awake if not kinds[kind].objection(found)],
        keeps=[*_marked(kinds, awake), *(f"Pod {name} has no controller that could bring it back" for name in alone)],
        pods=alone,
        volumes=[_volume(found) for kind, found in objects if kind == "PersistentVolumeClaim"],
        deployed_at=_deployed_at([found for kind, found in own if kind in kinds], now),
    )


def _runs(kind: Kind, found: Object) -> bool:
    return not (kind.at_rest(found) or kind.is_going(found))


def _deployed_at(workloads: Sequence[Object], now: datetime) -> datetime | None:
    """The newest change; one dated further ahead than its grace lasts says nothing, or it would never be over."""
    times = [at for found in workloads for at in deploy_times(found) if at <= now + GRACE]
    return max(times, default=None)


def _business(objects: Listed) -> Iterator[str]:
    for kind, found in objects:
        name = found["metadata"]["name"]
        if kind == "Job" and job_at_work(found):
            yield f"Job {name} is running"
        elif kind in _ROLLED_OUT and rolling_out(found):
            yield f"{kind} {name} is rolling out"


def _marked(kinds: Mapping[str, Kind], awake: Listed) -> list[str]:
    return [f"{kinds[kind].label(found)} {why}" for kind, found in awake if (why := kinds[kind].objection(found))]


def _volume(claim: Object) -> str:
    return f"{claim['metadata']['name']} {claim['spec']['resources']['requests']['storage']}"
