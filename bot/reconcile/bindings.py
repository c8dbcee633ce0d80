"""The bindings that give people access, made to say what the owner and the grants say.

Counted, not remembered: every change of who has access raises `access_wanted`, and the bindings have followed when
`access_done` is what it was when they were worked out. A kill in between leaves it lower, and the next pass goes on.
"""

from contextlib import suppress

from bot.reconcile.scene import Scene
from bot.rules import manifests
from bot.rules.manifests import Manifest, Place
from bot.seams.cluster import NotFound, Refused
from bot.usecases.holders import Bound, bound_of, written
from store.tables import Environment


def bind(scene: Scene) -> None:
    """Let every binding of people name whom it should. Raises ClusterError, Overtaken, ClaimLost."""
    version, subjects = _wanted(scene)
    place = place_of(scene.environment)
    for name, some in subjects.items():
        scene.hold()
        if some:
            put(scene, manifests.people_binding(place, name, some))
        elif version:  # before the first change there is none that could have to go
            with suppress(NotFound):
                scene.cluster.delete("RoleBinding", name, place.namespace)
    with scene.commit() as (_, environment):
        environment.access_done, environment.bound = version, written(subjects)


def place_of(environment: Environment) -> Place:
    """The environment as its objects name it."""
    return Place(
        environment_id=environment.id,
        name=environment.name,
        namespace=environment.namespace,
        owner_id=environment.owner_id,
        owner_email=environment.owner_email,
        team=environment.team,
    )


def put(scene: Scene, manifest: Manifest) -> None:
    """Apply a binding; one that refers to another role cannot be changed, and is made anew."""
    try:
        scene.cluster.apply(manifest)
    except Refused:
        metadata = manifest["metadata"]
        with suppress(NotFound):
            scene.cluster.delete("RoleBinding", metadata["name"], metadata["namespace"])
        scene.cluster.apply(manifest)


def _wanted(scene: Scene) -> tuple[int, Bound]:
    with scene.store.read() as records:
        now = records.environments.get(scene.environment.id) or scene.environment
        try:
            return now.access_wanted, bound_of(records, scene.catalogue, scene.clock, now)
        except KeyError as error:
            raise Refused(f"cluster {error} is no longer configured in berth.yaml") from error
