"""Whose an object is, by the marks that GitOps tools leave on it."""

from typing import Any

import pytest

from bot.rules.gitops import Follower, Tool, advice, follower, obeys_annotation, shared_with

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "argocd.argoproj.io/instance"


def an_object(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    metadata = {"name": "web", "namespace": "env-blue-1", "labels": labels, "annotations": annotations}
    return {"metadata": {key: value for key, value in metadata.items() if value is not None}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (an_object(), None),
        (an_object({"app.kubernetes.io/instance": "shop"}), None),  # Helm's own, which nothing follows
        (an_object({INSTANCE: "shop"}), Follower(Tool.APPLICATION, "shop")),
        (an_object({INSTANCE: ""}), None),
        (
            an_object(annotations={TRACKING: "shop:apps/Deployment:env-blue-1/web"}),
            Follower(Tool.APPLICATION, "shop"),
        ),
        (
            an_object(annotations={TRACKING: "team-a_shop:apps/Deployment:env-blue-1/web"}),
            Follower(Tool.APPLICATION, "shop", "team-a"),
        ),
        # An id that was copied from another object says nothing of this one.
        (an_object(annotations={TRACKING: "shop:apps/Deployment:env-blue-1/other"}), None),
        (an_object(annotations={TRACKING: "shop:apps/Deployment:elsewhere/web"}), None),
        (an_object(annotations={TRACKING: "nonsense"}), None),
        (an_object(annotations={TRACKING: ""}), None),
        (
            an_object(
                {"kustomize.toolkit.fluxcd.io/name": "shop", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
            ),
            Follower(Tool.KUSTOMIZATION, "shop", "flux-system"),
        ),
        (
            an_object({"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "flux-system"}),
            Follower(Tool.HELM_RELEASE, "shop", "flux-system"),
        ),
    ],
)
def test_what_an_object_follows_is_read_off_its_marks(found: dict[str, Any], expected: Follower | None) -> None:
    assert follower(found) == expected


def test_only_what_flux_s_kustomizations_apply_is_asked_by_its_own_annotation() -> None:
    assert obeys_annotation(an_object({"kustomize.toolkit.fluxcd.io/name": "shop"}))
    assert not obeys_annotation(an_object({"helm.toolkit.fluxcd.io/name": "shop"}))
    assert not obeys_annotation(an_object({INSTANCE: "shop"}))
    assert not obeys_annotation(an_object())


def test_each_tool_s_people_are_told_once_what_to_change_in_it() -> None:
    argo, helm = Follower(Tool.APPLICATION, "shop"), Follower(Tool.HELM_RELEASE, "db", "flux-system")

    said = advice([argo, argo, helm])

    assert said.count("Argo CD's Application shop: add to its ignoreDifferences") == 1
    assert "RespectIgnoreDifferences=true" in said
    assert "Flux's HelmRelease db in flux-system: add to its spec.driftDetection.ignore" in said


def test_where_nobody_knows_the_tool_the_advice_still_says_what_to_do() -> None:
    assert "ignoreDifferences" in advice([])


SHOP = Follower(Tool.APPLICATION, "shop", "argocd")
KUSTOMIZATION = Follower(Tool.KUSTOMIZATION, "shop", "flux-system")
RELEASE = Follower(Tool.HELM_RELEASE, "shop", "flux-system")


def resources(*kept: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": "shop", "namespace": "argocd"}, "status": {"resources": list(kept)}}


def inventory(*ids: str, **spec: str) -> dict[str, Any]:
    entries = [{"id": one, "v": "v1"} for one in ids]
    metadata = {"name": "shop", "namespace": "flux-system"}
    return {"metadata": metadata, "spec": spec, "status": {"inventory": {"entries": entries}}}


@pytest.mark.parametrize(
    ("by", "found"),
    [
        (SHOP, resources({"kind": "Deployment", "namespace": "env-a", "name": "web"})),
        (
            SHOP,
            resources(
                {"kind": "Namespace", "name": "env-a"}, {"kind": "Deployment", "namespace": "env-a", "name": "web"}
            ),
        ),
        (KUSTOMIZATION, inventory("env-a_web_apps_Deployment", "_env-a__Namespace")),
        (RELEASE, inventory(targetNamespace="env-a")),
        (RELEASE, inventory("env-a_web_apps_Deployment", targetNamespace="env-a")),
    ],
)
def test_what_keeps_one_namespace_alone_is_shared_with_nobody(by: Follower, found: dict[str, Any]) -> None:
    assert shared_with(by, found, "env-a") == ""


@pytest.mark.parametrize(
    ("by", "found", "why"),
    [
        (
            SHOP,
            resources(
                {"kind": "Deployment", "namespace": "env-a", "name": "web"},
                {"kind": "Deployment", "namespace": "production", "name": "web"},
            ),
            "keeps production too",
        ),
        (SHOP, resources({"kind": "ClusterRole", "name": "admin"}), "keeps ClusterRole admin too"),
        (SHOP, resources(), "does not tell what it keeps"),
        (SHOP, {"metadata": {"name": "shop"}}, "does not tell what it keeps"),
        (KUSTOMIZATION, inventory("env-a_web_apps_Deployment", "env-b_web_apps_Deployment"), "keeps env-b too"),
        (
            KUSTOMIZATION,
            inventory("_admin_rbac.authorization.k8s.io_ClusterRole"),
            "keeps ClusterRole admin too",
        ),
        (KUSTOMIZATION, inventory(), "does not tell what it keeps"),
        (RELEASE, inventory(), "keeps flux-system too"),
        (RELEASE, inventory("env-b_web_apps_Deployment", targetNamespace="env-a"), "keeps env-b too"),
    ],
)
def test_what_keeps_others_too_or_does_not_tell_is_shared(by: Follower, found: dict[str, Any], why: str) -> None:
    said = shared_with(by, found, "env-a")

    assert f"{by} {why}, so it was not asked to stand still" in said
    assert "To let this sleep" in said
