"""What stands between a well-formed, permitted write and the store: a row of checks, each with one concern.

A check sees a :class:`Review` and either returns, changes the new object (the mutating ones) or raises a Refusal. It
never writes to the store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.cluster.errors import Cause, forbidden, not_found
from bot.sandbox.cluster.identity import User
from bot.sandbox.cluster.kinds import Kind, Kinds
from bot.sandbox.cluster.preparing import random_suffix
from bot.sandbox.cluster.rbac import GROUP, Rbac
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Store


@dataclass(slots=True)
class Review:
    """One write about to happen. ``new`` is None for DELETE, ``old`` for CREATE.

    ``place``, a namespace and a name, says of which object a subresource is whose own body does not tell.
    """

    operation: str
    kind: Kind
    user: User
    new: Obj | None
    old: Obj | None
    subresource: str = ""
    dry_run: bool = False
    warnings: list[str] | None = None
    place: tuple[str, str] | None = None

    @property
    def metadata(self) -> Obj:
        found: Obj = (self.new or self.old or {})["metadata"]
        return found

    @property
    def name(self) -> str:
        return self.place[1] if self.place else str(self.metadata.get("name", ""))

    @property
    def asked_name(self) -> str:
        """The name as the request gave it: none where the server has only just made one up."""
        name, begun = self.name, self.metadata.get("generateName", "") if self.operation == "CREATE" else ""
        made_up = bool(begun) and name.startswith(begun[:58]) and len(name) == len(begun[:58]) + _SUFFIX
        return "" if made_up else name

    @property
    def namespace(self) -> str:
        return self.place[0] if self.place else str(self.metadata.get("namespace", ""))

    @property
    def is_namespace(self) -> bool:
        return self.kind.resource == "namespaces"


_SUFFIX = 5  # letters that end a name which the server makes up


@dataclass(slots=True)
class World:
    """What checks may look at."""

    store: Store
    kinds: Kinds
    rbac: Rbac

    def kind(self, group: str, plural: str) -> Kind:
        return self.kinds.named(group, plural)

    def namespace(self, name: str) -> Obj | None:
        entry = self.store.get(self.kind("", "namespaces"), "", name)
        return entry.obj if entry else None


Plugin = Callable[[World, Review], None]


def namespace_lifecycle(world: World, review: Review) -> None:
    """Nothing is made in a namespace that is not there or is going away."""
    if review.operation != "CREATE" or not review.namespace:
        return
    namespace = world.namespace(review.namespace)
    if namespace is None:
        raise not_found(world.kind("", "namespaces"), review.namespace)
    if namespace["metadata"].get("deletionTimestamp"):
        name = review.namespace
        gone = Cause("metadata.namespace", f"namespace {name} is being terminated", "NamespaceTerminating")
        why = f"unable to create new content in namespace {name} because it is being terminated"
        raise forbidden(review.kind, review.name, why, [gone])


_PROTECTED_NAMESPACES = ("default", "kube-system", "kube-public")


def protected_namespaces(_: World, review: Review) -> None:
    if review.operation == "DELETE" and review.kind.resource == "namespaces" and review.name in _PROTECTED_NAMESPACES:
        raise forbidden(review.kind, review.name, "this namespace may not be deleted")


def privilege_escalation(world: World, review: Review) -> None:
    """Roles and bindings grant only what their writer holds or may bind."""
    if review.new is None or review.kind.group != GROUP or review.user.is_admin or review.subresource:
        return
    if review.kind.plural in ("roles", "clusterroles"):
        if review.old is None or review.old.get("rules") != review.new.get("rules"):
            world.rbac.check_role(review.user, review.kind, review.new)
    else:
        world.rbac.check_binding(review.user, review.kind, review.new)


_TOLERATIONS = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("not-ready", "unreachable")
]
_PREEMPTS = "PreemptLowerPriority"
_ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"


def _account_volume(name: str) -> Obj:
    fields = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources: list[Obj] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [fields]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}


def service_account(world: World, review: Review) -> None:
    """A new pod gets its account, the account's token volume and default tolerations."""
    if review.operation != "CREATE" or review.kind.resource != "pods" or review.new is None:
        return
    spec = review.new["spec"]
    spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = spec["serviceAccountName"]
    name = spec["serviceAccountName"]
    account = world.store.get(world.kind("", "serviceaccounts"), review.namespace, name)
    if account is None:
        looked = f"error looking up service account {review.namespace}/{name}"
        raise forbidden(review.kind, review.name, f'{looked}: serviceaccount "{name}" not found')
    if spec.get("automountServiceAccountToken", account.obj.get("automountServiceAccountToken", True)):
        _mount_account(spec)
    known = {toleration.get("key") for toleration in spec.get("tolerations", ())}
    missing = [dict(toleration) for toleration in _TOLERATIONS if toleration["key"] not in known]
    if missing:
        spec["tolerations"] = [*spec.get("tolerations", ()), *missing]


def _mount_account(spec: Obj) -> None:
    volume = f"kube-api-access-{random_suffix()}"
    if any(str(v.get("name", "")).startswith("kube-api-access-") for v in spec.get("volumes", ())):
        return
    spec["volumes"] = [*spec.get("volumes", ()), _account_volume(volume)]
    for container in [*spec.get("initContainers", ()), *spec.get("containers", ())]:
        mounts = container.get("volumeMounts", [])
        if not any(mount.get("mountPath") == _ACCOUNT_PATH for mount in mounts):
            container["volumeMounts"] = [*mounts, {"name": volume, "readOnly": True, "mountPath": _ACCOUNT_PATH}]


def priority(world: World, review: Review) -> None:
    """A new pod gets the priority of its PriorityClass, or of the cluster's default one, whose name it then bears."""
    if review.operation != "CREATE" or review.kind.resource != "pods" or review.new is None:
        return
    spec, classes = review.new["spec"], world.kind("scheduling.k8s.io", "priorityclasses")
    if not spec.get("priorityClassName"):
        defaults = [entry.obj for entry in world.store.scan(classes) if entry.obj.get("globalDefault")]
        if not defaults:
            spec |= {"priority": 0, "preemptionPolicy": _PREEMPTS}
            return
        spec["priorityClassName"] = min(defaults, key=lambda one: int(one["value"]))["metadata"]["name"]
    found = world.store.get(classes, "", spec["priorityClassName"])
    if found is None:
        why = f"no PriorityClass with name {spec['priorityClassName']} was found"
        raise forbidden(review.kind, review.name, why)
    spec |= {"priority": found.obj["value"], "preemptionPolicy": found.obj.get("preemptionPolicy", _PREEMPTS)}


def storage_class(world: World, review: Review) -> None:
    """A new claim without a class gets the cluster's default one."""
    if review.operation == "CREATE" and review.kind.resource == "persistentvolumeclaims" and review.new is not None:
        for entry in world.store.scan(world.kind("storage.k8s.io", "storageclasses")):
            if dig(entry.metadata, "annotations", "storageclass.kubernetes.io/is-default-class") == "true":
                review.new["spec"].setdefault("storageClassName", entry.name)


@dataclass(frozen=True)
class Admission:
    """The checks in order: those that may change the object, then those that only look."""

    world: World
    mutating: tuple[Plugin, ...]
    validating: tuple[Plugin, ...]

    def mutate(self, review: Review) -> None:
        for plugin in self.mutating:
            plugin(self.world, review)

    def check(self, review: Review) -> None:
        for plugin in self.validating:
            plugin(self.world, review)
