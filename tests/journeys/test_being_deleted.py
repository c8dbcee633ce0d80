"""What somebody has deleted, and something still holds, neither sleeps nor wakes, and keeps nothing from doing so."""

import pytest

from bot.rules.words import Phase
from tests.journeys.fleet import Fleet, Key, State
from tests.journeys.operators import found
from tests.journeys.people import last, text_of
from tests.world import World

WEB: Key = ("Deployment", "web")
GOING: dict[Key, State] = {("Deployment", "old"): 1, ("StatefulSet", "old"): 1, ("DaemonSet", "old"): None}


@pytest.fixture
def fleet(fleet: Fleet) -> Fleet:
    """Ada's environment blue, in which one runs that is to stay."""
    fleet.make({WEB: 2})
    return fleet


def _delete(company: World, fleet: Fleet, key: Key) -> None:
    """Delete what a finalizer holds, which nobody will ever take away."""
    fleet.change(key, {"metadata": {"finalizers": ["example.com/held"]}})
    fleet.remove(key)
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.settle()


@pytest.mark.parametrize("key", GOING, ids=lambda key: key[0])
def test_what_is_being_deleted_keeps_nothing_awake(company: World, fleet: Fleet, key: Key) -> None:
    fleet.make({key: GOING[key]})
    _delete(company, fleet, key)

    for _ in range(6):
        company.pass_time(hours=1)

    assert company.environment("blue").phase is Phase.SLEEPING
    assert found(fleet, WEB)["spec"]["replicas"] == 0


@pytest.mark.parametrize("key", GOING, ids=lambda key: key[0])
def test_what_is_being_deleted_is_not_put_to_sleep_and_its_pods_are_told(
    company: World, fleet: Fleet, key: Key
) -> None:
    fleet.make({key: GOING[key]})
    _delete(company, fleet, key)
    before = found(fleet, key)["spec"]

    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    company.tick()

    assert company.environment("blue").phase is Phase.SLEEPING
    assert found(fleet, key)["spec"] == before
    assert "keeps its pods running" in text_of(last(company.ada, "`blue` is asleep"))
    assert fleet.quotas() == {"berth"}  # the guard would keep them away


def test_what_is_deleted_while_it_sleeps_is_not_woken_and_told(company: World, fleet: Fleet) -> None:
    old: Key = ("StatefulSet", "old")
    fleet.make({old: 1})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    _delete(company, fleet, old)

    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert company.environment("blue").condition is None
    assert found(fleet, WEB)["spec"]["replicas"] == 2
    assert found(fleet, old)["spec"]["replicas"] == 0
    assert "StatefulSet old was deleted while asleep" in text_of(last(company.ada, "`blue` is awake"))


def test_what_stands_still_and_is_deleted_is_set_free_all_the_same(company: World, fleet: Fleet) -> None:
    shop: Key = ("Application.argoproj.io", "shop")
    fleet.make({shop: None})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    _delete(company, fleet, shop)
    asked = found(fleet, shop)["metadata"]["annotations"]["argocd.argoproj.io/skip-reconcile"]

    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert asked == "true"
    assert "argocd.argoproj.io/skip-reconcile" not in (found(fleet, shop)["metadata"].get("annotations") or {})
