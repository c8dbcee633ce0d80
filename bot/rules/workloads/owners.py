"""Whose an object is: its controller, as far as that is believed.

Anybody may write into an object that another one is its controller. Of the kinds that this house knows, one is believed
to be so only of what it really makes; whatever else claims it has none, or it would run on while its owner sleeps. What
a kind makes that nobody here knows is for its operator to say.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.rules.workloads.kind import Kind, Object

POD: Final = "Pod"

_MAKES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("Deployment", "apps"): frozenset({"ReplicaSet"}),
    ("StatefulSet", "apps"): frozenset({POD}),
    ("ReplicaSet", "apps"): frozenset({POD}),
    ("ReplicationController", ""): frozenset({POD}),
    ("DaemonSet", "apps"): frozenset({POD}),
    ("CronJob", "batch"): frozenset({"Job"}),
    ("Job", "batch"): frozenset({POD}),
    ("Rollout", "argoproj.io"): frozenset({"ReplicaSet"}),
    ("ScaledObject", "keda.sh"): frozenset({"HorizontalPodAutoscaler"}),
    ("ScaledJob", "keda.sh"): frozenset({"Job"}),
    ("Cluster", "postgresql.cnpg.io"): frozenset({POD, "Job"}),
    ("Revision", "serving.knative.dev"): frozenset({"Deployment"}),  # which goes to zero when nobody asks for it
    # These apply what a git says, and are the controllers of nothing.
    ("Application", "argoproj.io"): frozenset(),
    ("Kustomization", "kustomize.toolkit.fluxcd.io"): frozenset(),
    ("HelmRelease", "helm.toolkit.fluxcd.io"): frozenset(),
}
"""By name and group of a kind: the keys of the kinds whose objects its controller makes, and is the owner of."""


def controller(key: str, found: Object) -> Mapping[str, Any] | None:
    """The owner reference of the controller of an object of that kind, or None."""
    claimed: Mapping[str, Any] | None = next(
        (owner for owner in found["metadata"].get("ownerReferences") or () if owner.get("controller")), None
    )
    if claimed is None:
        return None
    makes = _MAKES.get(_kind(claimed))
    return claimed if makes is None or key in makes else None


def controlled(key: str, found: Object) -> bool:
    """Whether another object is the controller of an object of that kind, whose business it then is."""
    return controller(key, found) is not None


def sleeps_with(owner: Mapping[str, Any], kinds: Mapping[str, Kind]) -> bool:
    """Whether what that owner makes rests when the owner does; an operator that nobody knows keeps its own running."""
    return _kind(owner) in _MAKES or any(_kind(owner) == (kind.name, kind.group) for kind in kinds.values())


def _kind(owner: Mapping[str, Any]) -> tuple[str, str]:
    """Name and group of the kind of an owner."""
    return str(owner.get("kind")), str(owner.get("apiVersion", "")).rpartition("/")[0]
