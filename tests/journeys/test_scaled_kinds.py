"""Custom kinds with a scale subresource sleep where an admin has named them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.cli.installing import install
from bot.rules.installation import access
from bot.rules.words import QUOTA, SLEEP_QUOTA, Phase
from bot.seams.cluster import Cluster
from tests.journeys.custom_kinds import WIDGETS, install_definition
from tests.journeys.fleet import Fleet
from tests.journeys.people import last, text_of
from tests.world import Harbour, World, catalogue_of, launch, world

KIND: Final = "widgets.example.com"
Json = dict[str, Any]


@pytest.fixture
def named(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company whose cluster has widgets, which its berth.yaml names; Ada's environment blue."""
    install_definition(port.admin, WIDGETS)
    install(port.admin, access([KIND]))
    clusters = [{"name": "main", "scaled_kinds": [KIND]}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as found:
        found.says(found.ada, "/k8s create blue")
        found.settle()
        yield found


def _make(world: World, name: str, spec: Json) -> None:
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}
    world.harbour.admin.call("POST", _path(world), {"fieldManager": "kubectl"}, body)


def _path(world: World) -> str:
    return f"/apis/example.com/v1/namespaces/{world.environment('blue').namespace}/widgets"


def _specs(world: World) -> dict[str, Json]:
    found = world.harbour.admin.call("GET", _path(world))["items"]
    return {widget["metadata"]["name"]: widget.get("spec", {}) for widget in found}


def test_a_named_kind_sleeps_by_its_definition_s_path_and_wakes_as_it_was(named: World) -> None:
    before = {"big": {"size": {"pods": 3, "cpu": 1}}, "free": {"size": {"cpu": 1}}, "parked": {"size": {"pods": 0}}}
    for name, spec in before.items():
        _make(named, name, spec)

    named.says(named.ada, "/k8s sleep blue")
    named.settle()
    assert named.environment("blue").phase is Phase.SLEEPING
    assert {name: spec["size"]["pods"] for name, spec in _specs(named).items()} == dict.fromkeys(before, 0)
    named.says(named.ada, "/k8s wake blue")
    named.settle()

    assert _specs(named) == before


def test_a_sleep_waits_until_a_named_kind_says_that_its_pods_are_gone(named: World) -> None:
    _make(named, "big", {"size": {"pods": 3}})
    _count(named.harbour.admin, named, 3)

    named.says(named.ada, "/k8s sleep blue")
    named.berth.passes.engine.work_one()
    named.berth.passes.engine.work_one()
    assert named.environment("blue").phase is Phase.FALLING_ASLEEP
    _count(named.harbour.admin, named, 0)
    named.settle()

    assert named.environment("blue").phase is Phase.SLEEPING


def _count(admin: Cluster, world: World, pods: int) -> None:
    body = {"status": {"pods": pods}}
    admin.call("PATCH", f"{_path(world)}/big/status", None, body, "application/merge-patch+json")


def test_a_kind_that_nobody_named_is_left_alone(company: World) -> None:
    install_definition(company.harbour.admin, WIDGETS)
    company.says(company.ada, "/k8s create blue")
    company.settle()
    _make(company, "big", {"size": {"pods": 3}})

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert _specs(company) == {"big": {"size": {"pods": 3}}}


def test_a_kind_that_is_named_before_its_rights_are_granted_keeps_nothing_from_sleeping(
    port: Harbour, tmp_path: Path
) -> None:
    install_definition(port.admin, WIDGETS)
    clusters = [{"name": "main", "scaled_kinds": [KIND]}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as company:
        company.says(company.ada, "/k8s create blue")
        company.settle()
        fleet = Fleet(port.admin, company.environment("blue").namespace)
        fleet.make({("Deployment", "web"): 2})

        company.says(company.ada, "/k8s sleep blue")
        company.settle()

        assert fleet.quotas() == {QUOTA, SLEEP_QUOTA}
        assert fleet.states() == {("Deployment", "web"): 0}


def test_what_slept_of_a_kind_that_is_no_longer_named_is_told_at_the_wake(named: World, tmp_path: Path) -> None:
    _make(named, "big", {"size": {"pods": 3}})
    named.says(named.ada, "/k8s sleep blue")
    named.settle()

    named.berth.stop()
    named.berth = launch(named.harbour, named.berth.settings, catalogue_of(tmp_path, clusters=[{"name": "main"}]))
    named.says(named.ada, "/k8s wake blue")
    named.settle()

    assert "Widget.example.com big cannot be woken" in text_of(last(named.ada, "`blue` is awake"))


def test_a_named_kind_that_is_started_again_is_noticed(named: World) -> None:
    _make(named, "big", {"size": {"pods": 3}})
    _make(named, "small", {"size": {"pods": 1}})
    named.says(named.ada, "/k8s sleep blue")
    named.settle()

    body = {"spec": {"size": {"pods": 2}}}
    path = f"{_path(named)}/big"
    named.harbour.admin.call("PATCH", path, {"fieldManager": "kubectl"}, body, "application/merge-patch+json")
    named.tick()

    assert "Widget big was started again by kubectl" in text_of(last(named.ada, "the rest sleeps on"))
