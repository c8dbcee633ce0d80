"""The objects that install Berth on a cluster, as dict manifests in the order in which they are applied.

The roles are the rows of `bot.rules.powers` and nothing else, so what is granted is what the code sends. No object here
holds a secret: the Deployment refers to one that the operator makes.

None of them carries the label managed-by: berth. That label says "Berth made this namespace and may remove it", and
Berth must not be able to remove its own home.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.rules import words
from bot.rules.confinement import admission_policies
from bot.rules.powers import Power, Scope, powers
from bot.rules.tenant_role import tenant_rules, view_rules

Manifest = dict[str, Any]

HOME_ROLE: Final = "berth-home"
GITOPS_ROLE: Final = "berth-gitops"
CONFIGURATION: Final = "berth-config"
SECRET: Final = "berth"  # noqa: S105  the name of a Secret, not one
DATA: Final = "berth-data"
SECRET_KEYS: Final = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "BERTH_DATABASE_URL")

OPTIONAL_SECRET_KEYS: Final = ("BERTH_AUDIT_TOKEN", "BERTH_OIDC_CLIENT_SECRET", "BERTH_PUBLIC_URL")

_RBAC: Final = "rbac.authorization.k8s.io"
_PORT: Final = 8080
_USER: Final = 65532  # as in the Dockerfile
_LABELS: Final = {"app.kubernetes.io/name": "berth", "app.kubernetes.io/part-of": "berth"}
_RESTRICTED: Final = {"pod-security.kubernetes.io/enforce": "restricted"}


@dataclass(frozen=True)
class Installation:
    """How Berth is to run. `sqlite` keeps the database on a claim; otherwise the Secret names a PostgreSQL."""

    image: str = "berth:latest"
    slack_mode: str = "socket"
    sqlite: bool = False
    configuration: str = "{}\n"  # the text of berth.yaml


def access(
    scaled_kinds: Sequence[str] = (), gitops_namespaces: Sequence[str] = (), priority_classes: Sequence[str] = ()
) -> Iterator[Manifest]:
    """What Berth needs on every cluster it uses, also where it does not itself run.

    The namespaces where it may ask what follows a git to stand still are others' and have to be there. The
    PriorityClasses are those that environments may use.
    """
    yield {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": words.HOME_NAMESPACE, "labels": _LABELS | _RESTRICTED},
    }
    yield _object("v1", "ServiceAccount", words.BOT_SERVICE_ACCOUNT, automountServiceAccountToken=False)
    yield _cluster_role(words.CLUSTER_ROLE, power_rules(Scope.CLUSTER, scaled_kinds))
    yield _cluster_role(words.AGENT_ROLE, power_rules(Scope.ENVIRONMENT, scaled_kinds))
    yield _cluster_role(words.TENANT_ROLE, tenant_rules())
    yield _cluster_role(words.TENANT_VIEW_ROLE, view_rules())
    yield {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": words.CLUSTER_ROLE, "labels": _LABELS},
        **_bound("ClusterRole", words.CLUSTER_ROLE),
    }
    yield _object(f"{_RBAC}/v1", "Role", HOME_ROLE, rules=power_rules(Scope.HOME))
    yield _object(f"{_RBAC}/v1", "RoleBinding", HOME_ROLE, **_bound("Role", HOME_ROLE))
    for namespace in gitops_namespaces:
        role, binding = (_object(f"{_RBAC}/v1", kind, GITOPS_ROLE) for kind in ("Role", "RoleBinding"))
        for found in (role, binding):
            found["metadata"]["namespace"] = namespace
        yield role | {"rules": power_rules(Scope.GITOPS)}
        yield binding | _bound("Role", GITOPS_ROLE)
    yield from admission_policies(gitops_namespaces, priority_classes)


def bot(installation: Installation) -> Iterator[Manifest]:
    """What runs Berth itself, on the one cluster that is its home."""
    yield _object("v1", "ConfigMap", CONFIGURATION, data={"berth.yaml": installation.configuration})
    if installation.sqlite:
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        yield _object("v1", "PersistentVolumeClaim", DATA, spec=claim)
    yield _deployment(installation)
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    yield _object("v1", "Service", words.BERTH, spec={"selector": _LABELS, "ports": ports})


def power_rules(scope: Scope, scaled_kinds: Sequence[str] = ()) -> list[Manifest]:
    """The table's rows of one scope as RBAC rules."""
    return [_rule(power) for power in powers(scope, scaled_kinds)]


def _rule(power: Power) -> Manifest:
    names = {"resourceNames": list(power.names)} if power.names else {}
    return {"apiGroups": [power.group], "resources": [power.resource], "verbs": sorted(power.verbs), **names}


def _cluster_role(name: str, rules: list[Manifest]) -> Manifest:
    metadata = {"name": name, "labels": _LABELS}
    return {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules}


def _bound(kind: str, role: str) -> Manifest:
    """The reference to a role and the bot as its only subject."""
    subject = {"kind": "ServiceAccount", "name": words.BOT_SERVICE_ACCOUNT, "namespace": words.HOME_NAMESPACE}
    return {"roleRef": {"apiGroup": _RBAC, "kind": kind, "name": role}, "subjects": [subject]}


def _object(api_version: str, kind: str, name: str, **body: Any) -> Manifest:
    """An object of Berth's home namespace."""
    metadata = {"name": name, "namespace": words.HOME_NAMESPACE, "labels": _LABELS}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def _deployment(installation: Installation) -> Manifest:
    """One replica that is stopped before the next starts: two would write to one SQLite file."""
    pod = {
        "serviceAccountName": words.BOT_SERVICE_ACCOUNT,
        "automountServiceAccountToken": True,
        "enableServiceLinks": False,  # variables such as BERTH_PORT would look like settings
        "terminationGracePeriodSeconds": 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(installation)],
        "volumes": _volumes(installation),
    }
    spec = {
        "replicas": 1,
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": _LABELS},
        "template": {"metadata": {"labels": _LABELS}, "spec": pod},
    }
    return _object("apps/v1", "Deployment", words.BERTH, spec=spec)


def _container(installation: Installation) -> Manifest:
    return {
        "name": words.BERTH,
        "image": installation.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["berth", "run"],
        "env": _variables(installation),
        "resources": {"requests": {"cpu": "100m", "memory": "192Mi"}, "limits": {"memory": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/berth", "readOnly": True},
            {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108  private to the pod
            *([{"name": "data", "mountPath": "/var/lib/berth"}] if installation.sqlite else []),
        ],
        **_served(),
    }


def _served() -> Manifest:
    """The port and the probes: ready when Slack, the database and the HTTP server are."""
    return {
        "ports": [{"name": "http", "containerPort": _PORT}],
        "startupProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 2, "failureThreshold": 30},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10, "failureThreshold": 3},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 5},
    }


def _variables(installation: Installation) -> list[Manifest]:
    plain = {
        "BERTH_SLACK_MODE": installation.slack_mode,
        "BERTH_HTTP_ADDRESS": f":{_PORT}",
        "BERTH_CONFIG": "/etc/berth/berth.yaml",
    }
    if installation.sqlite:
        plain["BERTH_DATABASE_URL"] = "sqlite:////var/lib/berth/berth.sqlite"
    unneeded = {"SLACK_SIGNING_SECRET" if installation.slack_mode == "socket" else "SLACK_APP_TOKEN"}
    secret = [key for key in SECRET_KEYS if key not in unneeded | plain.keys()]
    return [
        *({"name": name, "value": value} for name, value in plain.items()),
        *(_from_secret(key, optional=False) for key in secret),
        *(_from_secret(key, optional=True) for key in OPTIONAL_SECRET_KEYS),
    ]


def _from_secret(key: str, *, optional: bool) -> Manifest:
    reference = {"name": SECRET, "key": key} | ({"optional": True} if optional else {})
    return {"name": key, "valueFrom": {"secretKeyRef": reference}}


def _volumes(installation: Installation) -> list[Manifest]:
    data = [{"name": "data", "persistentVolumeClaim": {"claimName": DATA}}] if installation.sqlite else []
    return [
        {"name": "config", "configMap": {"name": CONFIGURATION}},
        {"name": "scratch", "emptyDir": {}},
        *data,
    ]
