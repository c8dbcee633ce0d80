"""Making quota and limit range follow the size, whatever else is going on with the environment.

The quota binds new pods only: what runs is never stopped by it, and what would not fit is told.
"""

from decimal import Decimal

from bot.reconcile.annotate import account
from bot.reconcile.provision import tenancy
from bot.reconcile.scene import Scene, is_outgrown
from bot.rules import manifests
from bot.rules.catalogue import Size
from bot.rules.quantities import GIB, amount, bytes_plainly, plainly
from bot.rules.words import Phase
from bot.seams.cluster import ClusterError, Object, parse_quantity
from store.tables import UsageSpan


def follow_size(scene: Scene) -> None:
    """Apply quota and limit range of the size that is wanted, where others stand. Raises ClusterError, Overtaken."""
    if not is_outgrown(scene.environment):
        return
    place = tenancy(scene)
    try:
        quota = scene.cluster.apply(manifests.quota(place))
        scene.cluster.apply(manifests.limit_range(place))
        account(scene)
    except ClusterError as error:
        with scene.commit() as (records, environment):
            records.notices.change(environment.resize_key or "", scene.now, {"problem": str(error)})
        raise
    with scene.commit() as (records, environment):
        environment.size_applied = place.size.name
        if environment.size != place.size.name:
            return  # somebody wants yet another one meanwhile, and its message tells
        span = records.usage.open_span(environment.id)
        asleep = environment.phase is Phase.SLEEPING
        too_much = _asked_awake(place.size, span) if asleep and span is not None else _over(quota)
        done = {"state": "done", "problem": None, "too_much": too_much}
        records.notices.change(environment.resize_key or "", scene.now, done)


def _over(quota: Object) -> list[str]:
    """What is used of a quota beyond what it allows now: the API server counts it itself."""
    hard, used = quota["spec"]["hard"], quota.get("status", {}).get("used", {})
    return [
        f"{used[name]} of {name}, and the size has {hard[name]}"
        for name in hard
        if name in used and parse_quantity(used[name]) > parse_quantity(hard[name])
    ]


def _asked_awake(size: Size, span: UsageSpan) -> list[str]:
    """What was requested when it fell asleep, and would not fit into the size."""
    pairs = (
        ("CPU", Decimal(str(span.cpu)), amount(size.cpu), plainly),
        ("memory", Decimal(str(span.memory_gib)) * GIB, amount(size.memory), bytes_plainly),
        ("GPU", Decimal(str(span.gpu)), Decimal(size.gpu), plainly),
        ("storage", Decimal(str(span.storage_gib)) * GIB, amount(size.storage), bytes_plainly),
    )
    return [f"{shown(asks)} {what}, and the size has {shown(has)}" for what, asks, has, shown in pairs if asks > has]
