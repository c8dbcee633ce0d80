"""What may not change once an object is there."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.cluster.errors import Cause, bad_value, forbidden_field
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, dig

# Fields that may not change once set: path, and the words of the refusal.
_IMMUTABLE = "field is immutable"
_FIXED: dict[str, tuple[tuple[str, ...], ...]] = {
    "deployments.apps": (("spec", "selector"),),
    "replicasets.apps": (("spec", "selector"),),
    "daemonsets.apps": (("spec", "selector"),),
    "jobs.batch": (("spec", "completions"), ("spec", "selector"), ("spec", "template"), ("spec", "completionMode")),
    "storageclasses.storage.k8s.io": (("provisioner",), ("parameters",), ("reclaimPolicy",)),
    "secrets": (("type",),),
    "resourcequotas": (("spec", "scopes"),),
    "customresourcedefinitions.apiextensions.k8s.io": (("spec", "group"), ("spec", "scope"), ("spec", "names", "kind")),
}


# Of these specs only the named fields may change once the object is there; the refusal names them.
_ONLY: dict[str, tuple[tuple[str, ...], str]] = {
    "statefulsets.apps": (
        (
            *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
            *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
        ),
        (
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
            "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        ),
    ),
    "pods": (
        (
            *("containers", "initContainers", "ephemeralContainers", "activeDeadlineSeconds", "tolerations"),
            *("terminationGracePeriodSeconds", "schedulingGates"),
        ),
        (
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
            "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
        ),
    ),
    "persistentvolumeclaims": (
        ("resources", "volumeAttributesClassName", "volumeName"),
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ),
}


def _only(kind: Kind, old: Obj, new: Obj) -> Iterator[Cause]:
    free, told = _ONLY.get(kind.resource, ((), ""))
    before, after = old.get("spec", {}), new.get("spec", {})
    if told and any(before.get(key) != after.get(key) for key in {*before, *after} - set(free)):
        yield forbidden_field("spec", told)


def changed(kind: Kind, old: Obj, new: Obj) -> Iterator[Cause]:
    """Every change of what may not change."""
    yield from _only(kind, old, new)
    for path in _FIXED.get(kind.resource, ()):
        if dig(old, *path) != dig(new, *path):
            yield bad_value(".".join(path), dig(new, *path), _IMMUTABLE)
    if kind.plural in ("rolebindings", "clusterrolebindings") and old.get("roleRef") != new.get("roleRef"):
        shown = {"apiGroup": "APIGroup", "kind": "Kind", "name": "Name"}
        given = {word: new.get("roleRef", {}).get(key, "") for key, word in shown.items()}
        yield bad_value("roleRef", given, "cannot change roleRef")
    if old.get("immutable") is True:
        if not new.get("immutable"):
            yield forbidden_field("immutable", "field is immutable when `immutable` is set")
        if old.get("data") != new.get("data"):
            yield forbidden_field("data", "field is immutable when `immutable` is set")
