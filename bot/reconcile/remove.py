"""Deleting an environment: its very namespace, by uid, and nothing else; done when the cluster no longer has it."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from bot.reconcile.outside import let_go_outside
from bot.reconcile.scene import Again, Outcome, Scene, Settled
from bot.rules.words import BERTH, LABEL_ENVIRONMENT, LABEL_MANAGED_BY, Phase
from bot.seams.cluster import Conflict, NotFound, Object, Refused
from bot.usecases.farewell import bid_farewell

_POLL = timedelta(seconds=1)
_SLOW = timedelta(seconds=15)
_SOON = timedelta(minutes=2)
_PAUSED_RECHECK = timedelta(hours=2)  # at the latest: who lets time go on has it looked at at once


def remove(scene: Scene) -> Outcome:
    """Take the next step towards the end. Raises ClusterError, Overtaken, ClaimLost."""
    if scene.environment.phase is not Phase.DELETING:
        if _is_paused(scene):
            return Again(_PAUSED_RECHECK)
        with scene.commit() as (records, environment):
            scene.enter(records, environment, Phase.DELETING)
            scene.tell(records, environment)
    found = _ours(scene)
    if found is None:
        return _gone(scene)
    if not found["metadata"].get("deletionTimestamp"):
        if _is_paused(scene):
            return Again(_PAUSED_RECHECK)
        with suppress(NotFound, Conflict):
            scene.cluster.delete("Namespace", scene.environment.namespace, uid=found["metadata"]["uid"])
    return _wait(scene, found)


def _is_paused(scene: Scene) -> bool:
    """Whether time alone wants it gone while an admin has stopped what time does."""
    if scene.environment.operation_by != BERTH:
        return False
    with scene.commit() as (records, environment):
        paused = records.pauses.reason(environment.workspace_id)
        environment.condition = f"not deleted now: {paused}" if paused else None
        scene.tell(records, environment)
    return bool(paused)


def _ours(scene: Scene) -> Object | None:
    """The namespace, if it is this environment's; the one of the same name that somebody else made is none of ours."""
    try:
        found = scene.cluster.get("Namespace", scene.environment.namespace)
    except NotFound:
        return None
    if found["metadata"].get("labels", {}).get(LABEL_ENVIRONMENT) == scene.environment.id:
        return found
    if found["metadata"]["uid"] != scene.environment.namespace_uid:
        return None
    raise Refused(
        f"namespace {scene.environment.namespace} has lost the labels by which I may delete it: an admin can put back "
        f"{LABEL_MANAGED_BY}={BERTH} and {LABEL_ENVIRONMENT}={scene.environment.id}"
    )


def _gone(scene: Scene) -> Outcome:
    let_go_outside(scene)
    with scene.commit() as (records, environment):
        scene.enter(records, environment, Phase.DELETED)
        environment.check_at = environment.deadline_at = environment.awake_since = None
        environment.condition = None
        records.journal.forget(environment.id)
        bid_farewell(records, scene.clock, environment)
        span = records.usage.open_span(environment.id)
        if span is not None:
            span.ended_at = scene.now
        scene.tell(records, environment)
    return Settled()


def _wait(scene: Scene, found: Object) -> Outcome:
    slow = scene.now - scene.environment.operation_at > scene.clock.lasting(_SOON)
    if slow:
        with scene.commit() as (records, environment):
            environment.condition = _stuck(found)
            scene.tell(records, environment)
    return Again(_SLOW if slow else _POLL)


def _stuck(found: dict[str, Any]) -> str:
    """What a namespace that does not go says of itself, by its conditions."""
    conditions = found.get("status", {}).get("conditions", ())
    said = [c["message"] for c in conditions if c.get("status") == "True" and c.get("message")]
    return "; ".join(said) or "the namespace is still terminating"
