"""What people may do inside an environment.

To edit it: Kubernetes' own `edit`, less everything that holds the walls up. To view it: what of that can be read and is
no secret. RBAC can only add, so the rules are written out. Left out on purpose:

- writing network policies, quotas, limit ranges, roles, role bindings and service accounts, issuing tokens and
  impersonating: these are the walls;
- writing daemon sets, which would run on every node of the shared cluster and cannot be put to sleep;
- writing endpoints and endpoint slices, by which a Service leads to pods and nodes of others;
- writing what acts with an operator's own rights, and so would lend them: Flux's Kustomizations and HelmReleases, Argo
  CD's Applications, KEDA's TriggerAuthentications, Argo's analysis templates, gateways and reference grants;
- writing events and leases, which are what controllers say to each other;
- to whoever may only view: secrets, and everything that enters a container or forwards a port to it.
"""

from typing import Any, Final

_READ: Final = ("get", "list", "watch")
_WRITE: Final = ("create", "update", "patch", "delete", "deletecollection")
_CHANGE: Final = ("get", "update", "patch")

_SEEN: Final = (
    # API group, verbs, resources
    ("", ("get",), "namespaces pods/log pods/status"),
    ("", _READ, "pods services configmaps persistentvolumeclaims replicationcontrollers"),
    ("", _READ, "events resourcequotas limitranges serviceaccounts endpoints"),
    ("apps", _READ, "deployments statefulsets replicasets daemonsets controllerrevisions"),
    ("batch", _READ, "jobs cronjobs"),
    ("autoscaling", _READ, "horizontalpodautoscalers"),
    ("policy", _READ, "poddisruptionbudgets"),
    ("networking.k8s.io", _READ, "ingresses networkpolicies"),
    ("gateway.networking.k8s.io", _READ, "httproutes grpcroutes"),
    ("rbac.authorization.k8s.io", _READ, "roles rolebindings"),
    ("discovery.k8s.io", _READ, "endpointslices"),
    ("events.k8s.io", _READ, "events"),
    ("metrics.k8s.io", _READ, "pods"),
    ("keda.sh", _READ, "scaledobjects scaledjobs"),
    ("argoproj.io", _READ, "rollouts applications"),
    ("postgresql.cnpg.io", _READ, "clusters"),
    ("serving.knative.dev", _READ, "services revisions routes configurations"),
    ("kustomize.toolkit.fluxcd.io", _READ, "kustomizations"),
    ("helm.toolkit.fluxcd.io", _READ, "helmreleases"),
)
_WORKED: Final = (
    ("", _READ, "secrets"),
    ("", _WRITE, "pods services configmaps secrets persistentvolumeclaims replicationcontrollers"),
    ("", ("get", "create"), "pods/attach pods/exec pods/portforward pods/proxy services/proxy"),
    ("", ("create",), "pods/eviction"),
    ("", _CHANGE, "pods/ephemeralcontainers pods/resize replicationcontrollers/scale"),
    ("apps", _WRITE, "deployments statefulsets replicasets"),
    ("apps", _CHANGE, "deployments/scale statefulsets/scale replicasets/scale"),
    ("batch", _WRITE, "jobs cronjobs"),
    ("autoscaling", _WRITE, "horizontalpodautoscalers"),
    ("policy", _WRITE, "poddisruptionbudgets"),
    ("networking.k8s.io", _WRITE, "ingresses"),
    ("gateway.networking.k8s.io", _WRITE, "httproutes grpcroutes"),
    ("keda.sh", _WRITE, "scaledobjects scaledjobs"),
    ("argoproj.io", _WRITE, "rollouts"),
    ("argoproj.io", _CHANGE, "rollouts/scale"),
    ("postgresql.cnpg.io", _WRITE, "clusters"),
    ("serving.knative.dev", _WRITE, "services"),
)


def tenant_rules() -> list[dict[str, Any]]:
    """The rules of the ClusterRole of an environment's owner, and of whoever it is shared with to edit."""
    return [*view_rules(), *map(_rule, _WORKED)]


def view_rules() -> list[dict[str, Any]]:
    """The rules of the ClusterRole of whoever it is shared with to view."""
    return [*map(_rule, _SEEN)]


def _rule(row: tuple[str, tuple[str, ...], str]) -> dict[str, Any]:
    group, verbs, resources = row
    return {"apiGroups": [group], "resources": resources.split(), "verbs": list(verbs)}
