"""Every right that Berth has on a cluster, said once.

The cluster seam sends no request that this table does not name; `berth manifests` prints the roles that follow from it;
`berth doctor` asks the API server for each of its rows. So a right that the code needs cannot be missing from the
manifests, and none is asked for that the code does not use.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.rules.gitops import TOOLS
from bot.rules.manifests import PEOPLE_ROLES
from bot.rules.words import (
    AGENT_BINDING,
    AGENT_ROLE,
    ISOLATION,
    ISOLATION_ALLOWED,
    LIMITS,
    QUOTA,
    SLEEP_QUOTA,
    TENANT_ROLE,
    TENANT_VIEW_ROLE,
)
from bot.rules.workloads import KINDS, Kind


class Scope(Enum):
    """Where a right holds."""

    CLUSTER = "cluster-wide, by the ClusterRole `berth`"
    ENVIRONMENT = "in each environment's namespace, by the ClusterRole `berth-agent` that Berth binds to itself there"
    GITOPS = "in each of a cluster's gitops_namespaces, by the Role `berth-gitops`"
    HOME = "in Berth's own namespace, by the Role `berth-home`"


@dataclass(frozen=True)
class Power:
    """Verbs on one resource (`plural` or `plural/subresource`) of one API group ("" is core)."""

    scope: Scope
    group: str
    resource: str
    verbs: frozenset[str]
    names: tuple[str, ...] = ()  # resourceNames; empty: any


def _power(scope: Scope, group: str, resource: str, verbs: str, names: Sequence[str] = ()) -> Power:
    return Power(scope, group, resource, frozenset(verbs.split()), tuple(names))


def _verbs(kind: Kind) -> str:
    """Templates bring the common kinds; the others are only put to sleep and woken."""
    return "create patch" if kind.key in ("Deployment", "StatefulSet", "CronJob") else "patch"


_BINDABLE = (AGENT_ROLE, TENANT_ROLE, TENANT_VIEW_ROLE)
# What is made by server-side apply is known by its name, so that a right to make it can be limited to names.
_BINDINGS = (AGENT_BINDING, *PEOPLE_ROLES)

POWERS: tuple[Power, ...] = (
    _power(Scope.CLUSTER, "", "namespaces", "get list create patch delete"),
    _power(Scope.CLUSTER, "", "nodes", "list"),  # what a cluster has to give; without it admins do not see that
    _power(Scope.CLUSTER, "rbac.authorization.k8s.io", "rolebindings", "list"),
    _power(Scope.CLUSTER, "rbac.authorization.k8s.io", "rolebindings", "create patch delete", _BINDINGS),
    _power(Scope.CLUSTER, "rbac.authorization.k8s.io", "clusterroles", "bind", _BINDABLE),
    _power(Scope.CLUSTER, "", "pods", "list"),
    _power(Scope.CLUSTER, "", "persistentvolumeclaims", "list"),
    _power(Scope.CLUSTER, "", "services", "list"),
    _power(Scope.CLUSTER, "", "resourcequotas", "list"),
    _power(Scope.CLUSTER, "", "limitranges", "list"),
    _power(Scope.CLUSTER, "networking.k8s.io", "networkpolicies", "list"),
    _power(Scope.CLUSTER, "batch", "jobs", "list"),
    _power(Scope.CLUSTER, "autoscaling", "horizontalpodautoscalers", "list"),
    *(_power(Scope.CLUSTER, kind.group, kind.plural, "list") for kind in KINDS.values()),
    _power(Scope.ENVIRONMENT, "", "pods", "delete"),
    _power(Scope.ENVIRONMENT, "metrics.k8s.io", "pods", "list"),  # what they use; without it that is not shown
    _power(Scope.ENVIRONMENT, "", "resourcequotas", "create patch", (QUOTA, SLEEP_QUOTA)),
    _power(Scope.ENVIRONMENT, "", "resourcequotas", "delete", (SLEEP_QUOTA,)),
    _power(Scope.ENVIRONMENT, "", "limitranges", "create patch", (LIMITS,)),
    _power(Scope.ENVIRONMENT, "networking.k8s.io", "networkpolicies", "create patch", (ISOLATION, ISOLATION_ALLOWED)),
    _power(Scope.ENVIRONMENT, "", "services", "create patch"),
    _power(Scope.ENVIRONMENT, "", "configmaps", "list create patch"),
    *(_power(Scope.ENVIRONMENT, kind.group, kind.plural, _verbs(kind)) for kind in KINDS.values()),
    _power(Scope.ENVIRONMENT, "batch", "cronjobs/status", "patch"),
    *(_power(Scope.GITOPS, KINDS[key].group, KINDS[key].plural, "get patch") for key in sorted(TOOLS)),
    _power(Scope.HOME, "", "serviceaccounts", "create"),
    _power(Scope.HOME, "", "secrets", "create delete"),
    _power(Scope.HOME, "", "serviceaccounts/token", "create"),
)


def powers(scope: Scope, scaled_kinds: Sequence[str] = ()) -> Iterator[Power]:
    """The rows of one scope, in the table's order, and those that configured kinds (`widgets.example.com`) add."""
    return (power for power in (*POWERS, *_scaling(scaled_kinds)) if power.scope is scope)


def may_send(verb: str, group: str, resource: str, scaled_kinds: Sequence[str] = ()) -> bool:
    """Whether any row of the table, in any scope, names this verb on this resource."""
    rows = (*POWERS, *_scaling(scaled_kinds))
    return any(verb in p.verbs and (p.group, p.resource) == (group, resource) for p in rows)


def _scaling(scaled_kinds: Sequence[str]) -> Iterator[Power]:
    """What custom kinds need: RBAC cannot say "whatever has a scale", so each is named."""
    if scaled_kinds:
        definitions = ("apiextensions.k8s.io", "customresourcedefinitions")
        yield _power(Scope.CLUSTER, *definitions, "get", sorted(scaled_kinds))
    for name in scaled_kinds:
        plural, _, group = name.partition(".")
        yield _power(Scope.CLUSTER, group, plural, "list")
        yield _power(Scope.ENVIRONMENT, group, plural, "patch")
