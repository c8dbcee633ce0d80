"""Environments whose very namespace somebody deleted: believed, no longer metered, and told to their owner."""

from datetime import datetime

import structlog

from bot.clock import Clock
from bot.reconcile.scene import enter
from bot.rules.words import BERTH, Phase, Wanted, command
from bot.seams.cluster import Cluster, NotFound
from bot.usecases import intents
from bot.usecases.farewell import bid_farewell
from bot.usecases.intents import Deed
from bot.usecases.news import about
from bot.usecases.sleep import end_warnings
from bot.usecases.source import TIME
from store.database import Store
from store.records import Records
from store.tables import Environment

log = structlog.get_logger()


def is_gone(cluster: Cluster, environment: Environment) -> bool:
    """Whether that very namespace is gone; one that only lost its labels still holds what its owner made.

    Raises ClusterError.
    """
    try:
        found = cluster.get("Namespace", environment.namespace)
    except NotFound:
        return True
    if found["metadata"]["uid"] != environment.namespace_uid:
        return True
    if found["metadata"].get("deletionTimestamp"):
        return False  # on its way out
    log.warning("a namespace refuses, or has lost its labels", cluster=cluster.name, namespace=environment.namespace)
    return False


def believe_gone(store: Store, clock: Clock, environment_id: str) -> None:
    """End what has no namespace any more, and tell its owner."""
    now = clock.now()
    with store.begin() as records:
        current = records.environments.lock(environment_id)
        if current is None or current.phase in (Phase.DELETED, Phase.DELETING, Phase.PROVISIONING):
            return
        before, reason = intents.picture(current), "its namespace was deleted on the cluster"
        end_warnings(records, current, now)
        intents.order(current, intents.by_time(Wanted.DELETED, reason), now)
        intents.audit(records, current, before, Deed("delete", BERTH, TIME, now, reason))
        current.check_at = None
        if _asked_outside(records, current):  # which has to be set free before the journal is forgotten
            enter(records, current, Phase.DELETING, now)
            _tell(records, current, now)
            return
        current.due_at = None
        enter(records, current, Phase.DELETED, now)
        records.journal.forget(current.id)
        bid_farewell(records, clock, current)
        span = records.usage.open_span(current.id)
        if span is not None:
            span.ended_at = now
        _tell(records, current, now)


def _asked_outside(records: Records, environment: Environment) -> bool:
    return any("/" in entry.name for entry in records.journal.of_cycle(environment.id, environment.sleep_cycle or ""))


def _tell(records: Records, environment: Environment, now: datetime) -> None:
    text = (
        f"The namespace {environment.namespace} of your environment {environment.name} was deleted on cluster "
        f"{environment.cluster}, not by me. Make a new one with {command(f'create {environment.name}')}."
    )
    key = f"vanished:{environment.id}"
    records.notices.say(about(environment, key, "notice", {"text": text}, [environment.owner_id], now))
