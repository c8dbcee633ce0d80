"""Making an environment: namespace, limits, access, template. Each step can be repeated; none adopts the foreign."""

from collections.abc import Callable
from datetime import timedelta

from bot.reconcile.bindings import bind, place_of
from bot.reconcile.objects import workloads
from bot.reconcile.readiness import start_running
from bot.reconcile.scene import Again, Outcome, Scene
from bot.rules import manifests
from bot.rules.catalogue import Template
from bot.rules.manifests import Tenancy
from bot.rules.names import namespace_name
from bot.rules.words import LABEL_ENVIRONMENT, LABEL_MANAGED_BY, Step
from bot.rules.workloads import KINDS, Kind
from bot.seams.cluster import AlreadyExists, Refused

_NAMES_TRIED = 5


def provision(scene: Scene) -> Outcome:
    """Take every step that is not done yet. Raises ClusterError, Overtaken, ClaimLost."""
    for step in Step:
        if step not in scene.environment.steps:
            outcome = _STEPS[step](scene)
            if outcome is not None:
                return outcome
            _done(scene, step)
    return start_running(scene, workloads(scene, _brought(scene)).own)


def _brought(scene: Scene) -> list[Kind]:
    """The kinds of workloads that the template brings: there is nothing else yet to wait for."""
    kinds = {manifest["kind"] for manifest in _configured(scene).manifests}
    return [kind for kind in KINDS.values() if kind.key in kinds]


def _done(scene: Scene, step: Step) -> None:
    with scene.commit() as (records, environment):
        environment.steps = [*environment.steps, step.value]
        environment.attempts, environment.condition = 0, None
        scene.tell(records, environment)


def tenancy(scene: Scene) -> Tenancy:
    """The environment as its manifests need it. Raises Refused for a size that is no longer configured."""
    environment = scene.environment
    try:
        size = scene.catalogue.size(environment.size)
        spec = scene.catalogue.cluster(environment.cluster)
    except KeyError as error:
        raise Refused(f"{error} is no longer configured in berth.yaml") from error
    return Tenancy(
        **vars(place_of(environment)),
        template=environment.template,
        size=size,
        expires_at=environment.expires_at,
        ingress_namespaces=spec.ingress_namespaces,
        ingress_domain=spec.ingress_domain,
    )


def _namespace(scene: Scene) -> Outcome | None:
    place = tenancy(scene)
    wanted = manifests.namespace(place)
    try:
        found = scene.cluster.create(wanted)
    except AlreadyExists:
        found = scene.cluster.get("Namespace", scene.environment.namespace)
        if found["metadata"].get("labels", {}).get(LABEL_ENVIRONMENT) != scene.environment.id:
            return _rename(scene, found["metadata"].get("labels", {}))
    with scene.commit() as (_, environment):
        environment.namespace_uid = found["metadata"]["uid"]
        environment.bound_owner_id = place.owner_id
    return None


def _rename(scene: Scene, labels: dict[str, str]) -> Outcome:
    """The namespace is somebody else's: leave it alone and take another name."""
    taken = scene.environment.namespace
    names = [namespace_name(scene.environment.name, scene.environment.id, tried) for tried in range(_NAMES_TRIED)]
    following = names[names.index(taken) + 1 :]
    if not following:
        whose = "another environment" if LABEL_MANAGED_BY in labels else "somebody else"
        raise Refused(f"namespace {taken} exists on {scene.cluster.name} and belongs to {whose}; it was not touched")
    with scene.commit() as (_, environment):
        environment.namespace = following[0]
    return Again(timedelta(0))


def _limits(scene: Scene) -> Outcome | None:
    limit(scene, tenancy(scene))
    return None


def limit(scene: Scene, place: Tenancy) -> None:
    """Berth's own rights in the namespace, its limits and its isolation; can be repeated. Raises ClusterError."""
    scene.cluster.apply(manifests.agent_binding(place))  # Berth's own rights here, before it uses them
    scene.cluster.apply(manifests.quota(place))
    scene.cluster.apply(manifests.limit_range(place))
    for policy in manifests.network_policies(place):
        scene.cluster.apply(policy)
    with scene.commit() as (_, environment):
        environment.size_applied = place.size.name


def _access(scene: Scene) -> Outcome | None:
    bind(scene)
    return None


def _template(scene: Scene) -> Outcome | None:
    for manifest in manifests.templated(tenancy(scene), _configured(scene).manifests):
        try:
            scene.cluster.apply(manifest)
        except Refused as error:
            template = scene.environment.template
            raise Refused(f"template {template} is wrong, and who keeps berth.yaml has to mend it: {error}") from error
    return None


def _configured(scene: Scene) -> Template:
    try:
        return scene.catalogue.template(scene.environment.template)
    except KeyError as error:
        raise Refused(f"template {error} is no longer configured in berth.yaml") from error


_STEPS: dict[Step, Callable[[Scene], Outcome | None]] = {
    Step.NAMESPACE: _namespace,
    Step.LIMITS: _limits,
    Step.ACCESS: _access,
    Step.TEMPLATE: _template,
}
