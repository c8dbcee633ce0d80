"""Putting back what somebody changed by hand of what Berth made: exactly those objects, and nothing else."""

from contextlib import suppress

from bot.reconcile.bindings import bind, put
from bot.reconcile.provision import tenancy
from bot.reconcile.scene import Scene
from bot.rules import manifests
from bot.rules.manifests import PEOPLE_ROLES, Manifest, Tenancy
from bot.rules.walls import mending
from bot.rules.words import AGENT_BINDING
from bot.seams.cluster import Conflict, NotFound, Refused


def walls(place: Tenancy) -> dict[str, Manifest]:
    """What must stand in a namespace beside the bindings of people, by the word of each: `ResourceQuota/berth`."""
    made = [
        manifests.agent_binding(place),  # first: by it Berth may put back the others
        manifests.namespace(place),
        manifests.quota(place),
        manifests.limit_range(place),
        *manifests.network_policies(place),
    ]
    return {f"{one['kind']}/{_name(one)}": one for one in made}


def mend(scene: Scene) -> None:
    """Put back what is named in `mend`. Raises ClusterError, Overtaken, ClaimLost."""
    named = list(scene.environment.mend)
    for word, wanted in walls(tenancy(scene)).items():
        if word in named:
            scene.hold()
            _restore(scene, wanted)
    if any(word.removeprefix("RoleBinding/") in PEOPLE_ROLES for word in named):
        bind(scene)
    with scene.commit() as (_, environment):
        environment.mend = [word for word in environment.mend if word not in named]


def _restore(scene: Scene, wanted: Manifest) -> None:
    kind, metadata = wanted["kind"], wanted["metadata"]
    if kind == "Namespace":
        body = mending(wanted)
        body["metadata"]["uid"] = scene.environment.namespace_uid
        with suppress(NotFound, Conflict, Refused):  # it is gone, or another one's: metering finds that out
            scene.cluster.patch(kind, metadata["name"], None, body)
    elif metadata["name"] == AGENT_BINDING:
        put(scene, wanted)
    else:
        try:
            scene.cluster.patch(kind, metadata["name"], metadata["namespace"], mending(wanted))
        except NotFound:
            scene.cluster.apply(wanted)


def _name(manifest: Manifest) -> str:
    """The namespace itself has no need of its name: there is one."""
    return "" if manifest["kind"] == "Namespace" else str(manifest["metadata"]["name"])
