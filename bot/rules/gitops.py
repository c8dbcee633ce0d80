"""Which GitOps tool keeps an object as a git says, by the marks that the tool itself leaves on what it applies.

The tools' own objects usually live in other namespaces, where Berth has rights only if a cluster's `gitops_namespaces`
say so. Flux can be asked on the workload itself to leave it alone; Argo CD and Flux's HelmReleases cannot, so where
their objects may not be asked, their people are told what to change.

Sources: Argo CD, "Resource Tracking"; Flux, "Kustomization" (controlling the apply behaviour of resources) and
kustomize-controller#484 (the annotation is obeyed on the object in the cluster too).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

RECONCILE: Final = "kustomize.toolkit.fluxcd.io/reconcile"
"""The annotation by which kustomize-controller is asked to leave one object alone."""
DISABLED: Final = "disabled"

_TRACKING: Final = "argocd.argoproj.io/tracking-id"
_INSTANCE: Final = "argocd.argoproj.io/instance"


class Tool(StrEnum):
    """What applies a git, by the kind of object that says what to apply."""

    APPLICATION = "Argo CD's Application"
    KUSTOMIZATION = "Flux's Kustomization"
    HELM_RELEASE = "Flux's HelmRelease"

    @property
    def key(self) -> str:
        """The key of the kind of its objects."""
        return _KEYS[self]


_KEYS: Final = {
    Tool.APPLICATION: "Application.argoproj.io",
    Tool.KUSTOMIZATION: "Kustomization.kustomize.toolkit.fluxcd.io",
    Tool.HELM_RELEASE: "HelmRelease.helm.toolkit.fluxcd.io",
}
TOOLS: Final = frozenset(_KEYS.values())
"""The keys of the kinds of objects that say what to apply from a git."""


_FLUX: Final = {
    Tool.KUSTOMIZATION: "kustomize.toolkit.fluxcd.io",
    Tool.HELM_RELEASE: "helm.toolkit.fluxcd.io",
}
_ADVICE: Final = {
    Tool.APPLICATION: (
        "add to its ignoreDifferences the jsonPointers /spec/replicas (for CronJobs /spec/suspend), and "
        "RespectIgnoreDifferences=true to its syncOptions"
    ),
    Tool.KUSTOMIZATION: "take spec.replicas (for CronJobs spec.suspend) out of its manifests",
    Tool.HELM_RELEASE: (
        "add to its spec.driftDetection.ignore the paths /spec/replicas (for CronJobs /spec/suspend), or take them "
        "out of its chart's templates"
    ),
}


@dataclass(frozen=True)
class Follower:
    """What applies an object from a git: one object of a tool. `namespace` is None where the marks do not tell it."""

    tool: Tool
    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.tool} {self.name}{where}"

    @property
    def advice(self) -> str:
        """What its people must change so that it lets a workload sleep."""
        return f"{self}: {_ADVICE[self.tool]}"


def follower(found: Mapping[str, Any]) -> Follower | None:
    """What applies this object from a git; None where nothing is known to."""
    return _argo(found["metadata"]) or _flux(found["metadata"])


def obeys_annotation(found: Mapping[str, Any]) -> bool:
    """Whether what applies this object leaves it alone if the object's own annotation says so."""
    known = follower(found)
    return known is not None and known.tool is Tool.KUSTOMIZATION


def shared_with(by: Follower, found: Mapping[str, Any], namespace: str) -> str:
    """Why this object, which says what to apply, is not to be asked to stand still for one namespace alone; empty where
    all that it keeps is in there. What does not tell what it keeps may keep anything."""
    kept = _kept(by.tool, found)
    others = sorted({one for one in kept if one not in (namespace, f"Namespace {namespace}")})
    if kept and not others:
        return ""
    what = f"keeps {', '.join(others)} too" if kept else "does not tell what it keeps"
    return f"{by} {what}, so it was not asked to stand still. To let this sleep, {_ADVICE[by.tool]}"


def _kept(tool: Tool, found: Mapping[str, Any]) -> set[str]:
    """The namespaces in which it keeps something, and what it keeps outside of any, as `ClusterRole admin`."""
    spec, status = found.get("spec") or {}, found.get("status") or {}
    if tool is Tool.APPLICATION:
        return {one.get("namespace") or f"{one.get('kind')} {one.get('name')}" for one in status.get("resources") or ()}
    entries = (status.get("inventory") or {}).get("entries") or ()
    kept = {_of_inventory(str(entry.get("id", ""))) for entry in entries}
    if tool is Tool.HELM_RELEASE:
        kept.add(str(spec.get("targetNamespace") or found["metadata"].get("namespace")))
    return kept


def _of_inventory(written: str) -> str:
    """By Flux's `<namespace>_<name>_<group>_<kind>`."""
    namespace, _, rest = written.partition("_")
    return namespace or f"{rest.rpartition('_')[2]} {rest.split('_')[0]}"


def advice(followers: Iterable[Follower]) -> str:
    """What to change in which tool; in general words where none is known."""
    known = sorted({one.advice for one in followers})
    return "; ".join(known) if known else f"in the tool that follows your git: {_ADVICE[Tool.APPLICATION]}"


def _argo(metadata: Mapping[str, Any]) -> Follower | None:
    """By `<app>:<group>/<Kind>:<namespace>/<name>`, or by the label. An id that names another object was copied."""
    app, _, tracked = _of(metadata, "annotations").get(_TRACKING, "").partition(":")
    itself = f"{metadata.get('namespace', '')}/{metadata['name']}"
    if app and tracked.rpartition(":")[2] == itself:
        namespace, _, name = app.rpartition("_")
        return Follower(Tool.APPLICATION, name, namespace or None)
    label = _of(metadata, "labels").get(_INSTANCE)
    return Follower(Tool.APPLICATION, label) if label else None


def _flux(metadata: Mapping[str, Any]) -> Follower | None:
    labels = _of(metadata, "labels")
    return next(
        (
            Follower(tool, labels[f"{group}/name"], labels.get(f"{group}/namespace"))
            for tool, group in _FLUX.items()
            if labels.get(f"{group}/name")
        ),
        None,
    )


def _of(metadata: Mapping[str, Any], part: str) -> Mapping[str, str]:
    return metadata.get(part) or {}
