"""After an environment was given to somebody else: their access and labels in the place of those before.

What stands on the cluster is remembered as `bound_owner_id`, so that a change of the owner is never lost: as long as
the two differ, every pass begins with this.
"""

from bot.reconcile.bindings import bind
from bot.reconcile.provision import limit, tenancy
from bot.reconcile.scene import Scene
from bot.rules import manifests
from bot.rules.words import LABEL_TEAM, Wanted
from store.tables import Environment


def changed_hands(environment: Environment) -> bool:
    """Whether the cluster still knows another owner."""
    bound = environment.bound_owner_id
    return bound is not None and bound != environment.owner_id and environment.wanted is not Wanted.DELETED


def hand_over(scene: Scene) -> None:
    """Take the former owner's access away first, then let everything name the new one. Raises ClusterError."""
    bind(scene)
    scene.hold()
    place = tenancy(scene)
    limit(scene, place)
    named = manifests.namespace(place)["metadata"]
    body = {key: named[key] for key in ("labels", "annotations")} | {"uid": scene.environment.namespace_uid}
    if place.team is None:
        body["labels"] = {**body["labels"], LABEL_TEAM: None}
    scene.cluster.patch("Namespace", scene.environment.namespace, None, {"metadata": body})
    with scene.commit() as (_, environment):
        environment.bound_owner_id = place.owner_id
