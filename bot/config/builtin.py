"""What Berth brings along, so that an empty berth.yaml works: one cluster, three sizes, two templates."""

from typing import Any, Final

from bot.rules.catalogue import ClusterSpec, Size, Template

CLUSTERS: Final = (ClusterSpec("main"),)

SIZES: Final = (
    Size("s", cpu="2", memory="4Gi", storage="10Gi", pods=20),
    Size("m", cpu="4", memory="8Gi", storage="50Gi", pods=40),
    Size("l", cpu="8", memory="16Gi", storage="100Gi", pods=80),
)

_LABELS: Final = {"app.kubernetes.io/name": "web"}
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Your environment</title>
<h1>Your environment is up</h1>
<p>This page comes from the ConfigMap <code>web</code>. Change it, or replace the Deployment with your own image.</p>
</html>
"""

_CONTAINER: Final[dict[str, Any]] = {
    "name": "web",
    "image": "docker.io/nginxinc/nginx-unprivileged:1.29-alpine",
    "ports": [{"name": "http", "containerPort": 8080}],
    "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
    "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
    "volumeMounts": [
        {"name": "page", "mountPath": "/usr/share/nginx/html", "readOnly": True},
        {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108  a path inside the container, private to its pod
    ],
}

_WEB: Final[tuple[dict[str, Any], ...]] = (
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"index.html": _PAGE}},
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": _LABELS},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _LABELS},
            "template": {
                "metadata": {"labels": _LABELS},
                "spec": {
                    "automountServiceAccountToken": False,
                    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [_CONTAINER],
                    "volumes": [{"name": "page", "configMap": {"name": "web"}}, {"name": "scratch", "emptyDir": {}}],
                },
            },
        },
    },
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "labels": _LABELS},
        "spec": {"selector": _LABELS, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    },
)

TEMPLATES: Final = (
    Template("blank", "An empty environment: bring your own manifests."),
    Template("web", "A small web server with its page in a ConfigMap, behind a Service.", _WEB),
)
