"""The namespace in which a GitOps tool keeps its objects, of which Berth may ask some to stand still."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from bot.cli.installing import install
from bot.rules.installation import access
from bot.seams.cluster import RESOURCES, AlreadyExists, Cluster
from tests.journeys.custom_kinds import install_custom_kinds
from tests.journeys.fleet import Fleet, Key

APPLICATION: Final = "Application.argoproj.io"
KUSTOMIZATION: Final = "Kustomization.kustomize.toolkit.fluxcd.io"
HELM_RELEASE: Final = "HelmRelease.helm.toolkit.fluxcd.io"
_MERGE: Final = "application/merge-patch+json"


@dataclass(frozen=True)
class GitopsHome:
    """One such namespace, as its people handle it."""

    admin: Cluster
    namespace: str = "argocd"

    def open(self) -> None:
        """Make it, with its kinds and Berth's rights in it."""
        install_custom_kinds(self.admin)
        with suppress(AlreadyExists):
            self.admin.call("POST", "/api/v1/namespaces", body={"metadata": {"name": self.namespace}})
        install(self.admin, access(gitops_namespaces=[self.namespace]))

    def keeps(self, kind: str, name: str, namespaces: Sequence[str]) -> None:
        """Make an object that says what to apply, and keeps a Deployment in each of these namespaces."""
        key: Key = (kind, name)
        Fleet(self.admin, self.namespace).make({key: None if kind == APPLICATION else False})
        self.says(key, namespaces)

    def says(self, key: Key, namespaces: Sequence[str]) -> None:
        """Let it tell what it keeps."""
        path = RESOURCES[key[0]].path(self.namespace, key[1])
        if key[0] == HELM_RELEASE:
            self.admin.call("PATCH", path, None, {"spec": {"targetNamespace": namespaces[0]}}, _MERGE)
        resources = [{"kind": "Deployment", "namespace": one, "name": "web"} for one in namespaces]
        inventory = [{"id": f"{one}_web_apps_Deployment", "v": "v1"} for one in namespaces]
        status = {"resources": resources} if key[0] == APPLICATION else {"inventory": {"entries": inventory}}
        self.admin.call("PATCH", f"{path}/status", None, {"status": status}, _MERGE)

    def states(self) -> dict[Key, Any]:
        """Whether each stands still, and how."""
        return Fleet(self.admin, self.namespace).states()

    def marks(self) -> dict[Key, Any]:
        """Berth's annotations that are left on any of them."""
        return Fleet(self.admin, self.namespace).marks()


MARKS: Final = {
    APPLICATION: "argocd.argoproj.io/instance",
    KUSTOMIZATION: "kustomize.toolkit.fluxcd.io/name",
    HELM_RELEASE: "helm.toolkit.fluxcd.io/name",
}


def followed(fleet: Fleet, key: Key, kind: str, name: str, home: str) -> None:
    """Let a workload bear the marks of what applies it."""
    label = MARKS[kind]
    labels = {label: name} | ({label.replace("/name", "/namespace"): home} if kind != APPLICATION else {})
    fleet.change(key, {"metadata": {"labels": labels}})
