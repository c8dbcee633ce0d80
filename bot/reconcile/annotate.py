"""Keeping the namespace's own account of its environment true, from which Berth's memory could be rebuilt."""

from contextlib import suppress

from bot.reconcile.provision import tenancy
from bot.reconcile.readiness import trouble
from bot.reconcile.scene import Outcome, Scene, Settled
from bot.rules import manifests
from bot.rules.words import ANNOTATION_INGRESS_DOMAIN, LABEL_TEAM, Phase
from bot.seams.cluster import Conflict, NotFound, Refused


def annotate(scene: Scene) -> Outcome:
    """Write the annotations anew, and look whether what was wrong still is. Raises ClusterError."""
    account(scene)
    if scene.environment.attempts or scene.environment.condition:
        _look_again(scene)
    return Settled()


def account(scene: Scene) -> None:
    """Write the annotations anew, onto that very namespace. Raises ClusterError.

    A merge patch, because server-side apply would make a namespace that somebody has deleted.
    """
    told = manifests.namespace(tenancy(scene))["metadata"]
    labels = {LABEL_TEAM: None} | told["labels"]
    annotations = {ANNOTATION_INGRESS_DOMAIN: None} | told["annotations"]
    body = {"metadata": {"uid": scene.environment.namespace_uid, "annotations": annotations, "labels": labels}}
    # It is gone, or another one has its name (a uid of another is Invalid): the metering pass finds that out.
    with suppress(NotFound, Conflict, Refused):
        scene.cluster.patch("Namespace", scene.environment.namespace, None, body)


def _look_again(scene: Scene) -> None:
    """A trouble that is over is no longer the environment's condition; one that goes on is told as it is now."""
    now = trouble(scene) if scene.environment.phase is Phase.RUNNING else None
    with scene.commit() as (records, environment):
        environment.attempts, environment.condition = 0, now
        scene.tell(records, environment)
