"""What follows a git, and how it and sleep get along."""

import pytest

from bot.rules.words import BERTH, Phase
from tests.journeys.custom_kinds import install_custom_kinds
from tests.journeys.fleet import Fleet, Json, Key, workload
from tests.journeys.operators import apply, at_work, found, kustomize, self_healing
from tests.journeys.people import last, text_of
from tests.sandbox.slack.person import until
from tests.world import World

WEB: Key = ("Deployment", "web")
RECONCILE = "kustomize.toolkit.fluxcd.io/reconcile"


@pytest.fixture
def fleet(company: World) -> Fleet:
    """Ada's environment blue."""
    company.says(company.ada, "/k8s create blue")
    company.settle()
    return Fleet(company.harbour.admin, company.environment("blue").namespace)


def _by_flux(**annotations: str) -> Json:
    manifest = workload("Deployment", "web", 2)
    labels = {"kustomize.toolkit.fluxcd.io/name": "shop", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    return manifest | {"metadata": {"name": "web", "labels": labels, "annotations": annotations}}


def _sleep_in_vain(company: World) -> None:
    """Put blue to sleep, and let time go on until Berth has given up."""
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    def given_up() -> bool:
        company.tick()
        return company.environment("blue").phase is Phase.RUNNING

    until(given_up, "the end of a sleep in vain")


def test_what_heals_itself_within_a_second_is_given_up_after_three_times_and_told_what_to_change(
    company: World, fleet: Fleet
) -> None:
    fleet.make({WEB: 2, ("Deployment", "db"): 1})
    fleet.change(WEB, {"metadata": {"labels": {"argocd.argoproj.io/instance": "shop"}}})

    with at_work(self_healing(fleet, WEB, 2)):
        _sleep_in_vain(company)

    environment = company.environment("blue")
    assert environment.phase is Phase.RUNNING
    assert environment.never_sleep_by == BERTH
    fleet.assert_awake({WEB: 2, ("Deployment", "db"): 1})
    said = text_of(last(company.ada, "does not stay asleep"))
    assert "Deployment web was started again 3 times by argocd-controller" in said
    assert "Argo CD's Application shop: add to its ignoreDifferences the jsonPointers /spec/replicas" in said


def test_what_heals_itself_slowly_is_put_to_rest_again_twice_and_then_given_up(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    heal = self_healing(fleet, WEB, 2)
    phases, states = [], []

    for _ in range(3):
        heal()
        company.tick()
        phases.append(company.environment("blue").phase)
        states.append(fleet.states()[WEB])

    assert phases == [Phase.SLEEPING, Phase.SLEEPING, Phase.RUNNING]
    assert states == [0, 0, 2]


def test_what_time_may_no_more_put_to_sleep_still_sleeps_when_asked(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})
    with at_work(self_healing(fleet, WEB, 2)):
        _sleep_in_vain(company)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert company.environment("blue").phase is Phase.SLEEPING
    fleet.assert_asleep()


@pytest.mark.parametrize("before", [{}, {RECONCILE: "enabled"}, {RECONCILE: "disabled"}], ids=["no", "enabled", "off"])
def test_flux_is_asked_on_the_workload_itself_and_what_stood_there_is_restored(
    company: World, fleet: Fleet, before: dict[str, str]
) -> None:
    apply(fleet.admin, fleet.namespace, _by_flux())
    fleet.change(WEB, {"metadata": {"annotations": before}})

    with at_work(kustomize(fleet, _by_flux())):
        company.says(company.ada, "/k8s sleep blue")
        company.settle()
        company.tick()
        assert company.environment("blue").phase is Phase.SLEEPING
        assert fleet.states() == {WEB: 0}
        assert found(fleet, WEB)["metadata"]["annotations"][RECONCILE] == "disabled"
        company.says(company.ada, "/k8s wake blue")
        company.settle()

    fleet.assert_awake({WEB: 2})
    left = {
        name: value for name, value in found(fleet, WEB)["metadata"].get("annotations", {}).items() if "flux" in name
    }
    assert left == before


def test_a_person_s_change_while_flux_was_asked_stands_and_flux_is_free_again(company: World, fleet: Fleet) -> None:
    apply(fleet.admin, fleet.namespace, _by_flux())
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    fleet.scale(WEB, 5)
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    fleet.assert_awake({WEB: 5})
    assert RECONCILE not in found(fleet, WEB)["metadata"].get("annotations", {})


def test_every_gitops_object_of_the_namespace_is_asked_in_its_own_way(company: World, fleet: Fleet) -> None:
    install_custom_kinds(fleet.admin)
    asked: dict[Key, str | bool | None] = {
        ("Application.argoproj.io", "shop"): None,
        ("Application.argoproj.io", "halted"): "true",
        ("Kustomization.kustomize.toolkit.fluxcd.io", "shop"): False,
        ("Kustomization.kustomize.toolkit.fluxcd.io", "halted"): True,
        ("HelmRelease.helm.toolkit.fluxcd.io", "shop"): False,
        ("HelmRelease.helm.toolkit.fluxcd.io", "halted"): True,
    }
    fleet.make(asked)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    application = found(fleet, ("Application.argoproj.io", "shop"))
    assert application["metadata"]["annotations"]["argocd.argoproj.io/skip-reconcile"] == "true"
    for kind in ("Kustomization.kustomize.toolkit.fluxcd.io", "HelmRelease.helm.toolkit.fluxcd.io"):
        assert found(fleet, (kind, "shop"))["spec"]["suspend"] is True
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    fleet.assert_awake(asked)
