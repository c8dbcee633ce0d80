"""The kinds of workloads that sleep, as one table: how each is put to sleep, woken, verified and described.

What is asked to stand still first (autoscalers, GitOps) has the rank FIRST. Knative services are left alone: they go
to zero by themselves, and what they run is theirs. Jobs and bare pods do not sleep; `bot.rules.business` says how they
keep an environment awake.
"""

from collections.abc import Mapping

from bot.rules.workloads.kind import (
    FIRST,
    Field,
    Kind,
    Object,
    Original,
    Readiness,
    is_being_deleted,
    is_marked,
)
from bot.rules.workloads.owners import POD, controlled, controller, sleeps_with
from bot.rules.workloads.scaled import (
    CustomScaled,
    Scaled,
    StatefulSet,
    custom_replicas,
    custom_scaled,
    replicas,
)
from bot.rules.workloads.switched import (
    CronJob,
    DaemonSet,
    Hibernated,
    ScaledObject,
    Switched,
    annotation,
    custom_suspend,
    node_selector,
    suspend,
)

__all__ = [
    "FIRST",
    "KINDS",
    "POD",
    "CronJob",
    "CustomScaled",
    "Field",
    "Kind",
    "Object",
    "Original",
    "Readiness",
    "controlled",
    "controller",
    "custom_scaled",
    "is_being_deleted",
    "is_marked",
    "replicas",
    "sleeps_with",
]

_PAUSED = annotation("autoscaling.keda.sh/paused", "true")

KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        # Asked to stand still first, each in its own documented way.
        ScaledObject("ScaledObject", "keda.sh", "v1alpha1", "scaledobjects", _PAUSED, FIRST, optional=True),
        Switched("ScaledJob", "keda.sh", "v1alpha1", "scaledjobs", _PAUSED, FIRST, optional=True),
        Switched(
            *("Application", "argoproj.io", "v1alpha1", "applications"),
            annotation("argocd.argoproj.io/skip-reconcile", "true"),
            FIRST,
            optional=True,
        ),
        Switched(
            *("Kustomization", "kustomize.toolkit.fluxcd.io", "v1", "kustomizations"),
            custom_suspend(),
            FIRST,
            optional=True,
        ),
        Switched(
            *("HelmRelease", "helm.toolkit.fluxcd.io", "v2", "helmreleases"), custom_suspend(), FIRST, optional=True
        ),
        # What runs pods.
        Scaled("Deployment", "apps", "v1", "deployments", replicas()),
        StatefulSet("StatefulSet", "apps", "v1", "statefulsets", replicas()),
        Scaled("ReplicaSet", "apps", "v1", "replicasets", replicas()),
        Scaled("ReplicationController", "", "v1", "replicationcontrollers", replicas()),
        DaemonSet("DaemonSet", "apps", "v1", "daemonsets", node_selector()),
        CronJob("CronJob", "batch", "v1", "cronjobs", suspend()),
        Scaled("Rollout", "argoproj.io", "v1alpha1", "rollouts", custom_replicas(), optional=True),
        Hibernated(
            *("Cluster", "postgresql.cnpg.io", "v1", "clusters"),
            annotation("cnpg.io/hibernation", "on"),
            optional=True,
        ),
    )
}
