"""Who writes to objects, by the field manager that the API server notes: people, machines, and what follows a git.

Doubt means a person: a manager that is not known to be a machine counts as one.
"""

from typing import Final

from bot.rules.words import BERTH

GITOPS: Final = frozenset(
    {"argocd-controller", "argocd-application-controller", "kustomize-controller", "helm-controller"}
)
"""Managers that put back what a git says, as often as it is changed."""

_MACHINES: Final = GITOPS | {
    BERTH,
    "kube-controller-manager",
    "kube-scheduler",
    "kube-apiserver",
    "kubelet",
    "cloud-controller-manager",
    "keda",
    "keda-operator",
    "rollouts-controller",
    "cloudnative-pg",
    "vpa-recommender",
    "vpa-updater",
    "manager",  # what operators made by the usual kit call themselves
    "PrometheusOperator",
}
_OF_MACHINES: Final = ("-operator", "-controller")
"""How machines' names end by custom."""


def is_person(manager: str) -> bool:
    """Whether a field manager is, as far as is known, somebody at work."""
    return manager not in _MACHINES and not manager.endswith(_OF_MACHINES)


def follows_git(manager: str) -> bool:
    """Whether a field manager puts back what a git says."""
    return manager in GITOPS
