"""Applying the installation to a cluster with an administrator's credentials: for the demo and the tests.

The bot itself never does this; it has no right to. On a real cluster people pipe `berth manifests` into kubectl.
"""

from collections.abc import Iterable
from datetime import timedelta

from bot.rules.installation import Manifest
from bot.rules.words import BOT_SERVICE_ACCOUNT, HOME_NAMESPACE
from bot.seams.cluster import Cluster

_APPLY = "application/apply-patch+yaml"
_MANAGER = {"fieldManager": "kubectl", "force": "true"}


def install(administrator: Cluster, manifests: Iterable[Manifest]) -> None:
    """Server-side apply every object, in order. Raises ClusterError."""
    for manifest in manifests:
        administrator.call("PATCH", _path(manifest), _MANAGER, manifest, _APPLY)


def bot_token(administrator: Cluster, lifetime: timedelta) -> str:
    """A token of the bot's own account, which can do what the manifests grant and nothing else. Raises ClusterError."""
    path = f"/api/v1/namespaces/{HOME_NAMESPACE}/serviceaccounts/{BOT_SERVICE_ACCOUNT}/token"
    spec = {"expirationSeconds": int(lifetime.total_seconds())}
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return str(administrator.call("POST", path, body=request)["status"]["token"])


def _path(manifest: Manifest) -> str:
    """Where an object lives, by the rule that all of the installation's kinds follow for their plural."""
    version, metadata = manifest["apiVersion"], manifest["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    namespace = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    kind = manifest["kind"].lower()
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{root}{namespace}/{plural}/{metadata['name']}"
