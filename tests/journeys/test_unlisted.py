"""A custom kind that the cluster fails to list, as where its conversion webhook is down, holds up nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.cli.installing import install
from bot.rules.installation import access
from bot.rules.words import Phase
from bot.sandbox.cluster.faults import Fault
from tests.journeys.custom_kinds import WIDGETS, install_custom_kinds, install_definition
from tests.journeys.fleet import Fleet, Key
from tests.journeys.people import last, text_of
from tests.world import Harbour, World, world

KIND: Final = "widgets.example.com"
_MERGE: Final = "application/merge-patch+json"
BOT: Final = "system:serviceaccount:berth:berth"
WEB: Key = ("Deployment", "web")
UNREAD: Final = "Widget.example.com cannot be read"


@pytest.fixture
def company(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company whose cluster has widgets, which its berth.yaml names; Ada's environment blue."""
    install_definition(port.admin, WIDGETS)
    install_custom_kinds(port.admin)
    install(port.admin, access([KIND]))
    clusters = [{"name": "main", "scaled_kinds": [KIND]}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as found:
        found.says(found.ada, "/k8s create blue")
        found.settle()
        yield found


@pytest.fixture
def fleet(company: World) -> Fleet:
    """What runs in blue: two of a Deployment."""
    fleet = Fleet(company.harbour.admin, company.environment("blue").namespace)
    fleet.make({WEB: 2})
    return fleet


def _widgets(fleet: Fleet) -> str:
    return f"/apis/example.com/v1/namespaces/{fleet.namespace}/widgets"


def _make_widget(fleet: Fleet) -> None:
    spec = {"size": {"pods": 3}}
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "big"}, "spec": spec}
    fleet.admin.call("POST", _widgets(fleet), {"fieldManager": "kubectl"}, body)


def _pods(fleet: Fleet) -> Any:
    return fleet.admin.call("GET", f"{_widgets(fleet)}/big")["spec"]["size"]["pods"]


def _break(company: World, resource: str = "widgets") -> Fault:
    assert company.harbour.sandbox is not None
    return company.harbour.sandbox.faults.add(Fault(user=BOT, verb="list", resource=resource, status=500, times=None))


def _repair(company: World) -> None:
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.faults.clear()
    company.clock.advance(minutes=5)
    company.settle()


def _work(company: World, minutes: int) -> None:
    for _ in range(minutes * 6):
        company.work()
        company.clock.advance(seconds=10)


def test_a_wake_passes_over_a_kind_of_which_nothing_slept(company: World, fleet: Fleet) -> None:
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    _break(company)
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING
    fleet.assert_awake({WEB: 2})
    assert UNREAD in text_of(last(company.ada, "`blue` is awake"))


def test_a_wake_of_what_slept_of_such_a_kind_wakes_the_rest_first_and_then_that(company: World, fleet: Fleet) -> None:
    _make_widget(fleet)
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    _break(company)
    company.says(company.ada, "/k8s wake blue")
    _work(company, 1)
    meanwhile = text_of(last(company.ada, "`blue` is waking"))
    woken = (fleet.states(), _pods(fleet), company.environment("blue").phase)
    _repair(company)

    assert woken == ({WEB: 2}, 0, Phase.WAKING)
    assert UNREAD in meanwhile
    assert company.environment("blue").phase is Phase.RUNNING
    assert _pods(fleet) == 3
    assert "deleted" not in text_of(last(company.ada, "`blue` is awake"))


def test_a_wake_by_the_objects_alone_waits_for_every_kind(company: World, fleet: Fleet) -> None:
    _make_widget(fleet)
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    with company.berth.store.transaction(writes=True) as connection:
        connection.exec_driver_sql("DELETE FROM journal_entry")

    _break(company)
    company.says(company.ada, "/k8s wake blue")
    _work(company, 1)
    waiting = company.environment("blue").phase
    _repair(company)

    assert waiting is Phase.WAKING
    assert (fleet.states(), _pods(fleet)) == ({WEB: 2}, 3)


def test_a_sleep_goes_on_without_such_a_kind_after_a_while_and_says_so(company: World, fleet: Fleet) -> None:
    _make_widget(fleet)
    _break(company)

    company.says(company.ada, "/k8s sleep blue")
    _work(company, 1)
    at_first = fleet.states()
    _work(company, 4)

    assert at_first == {WEB: 2}
    assert company.environment("blue").phase is Phase.SLEEPING
    assert (fleet.states(), _pods(fleet)) == ({WEB: 0}, 3)
    assert fleet.quotas() == {"berth"}  # the guard would keep its pods away
    assert f"{UNREAD}: " in text_of(last(company.ada, "`blue` is asleep"))


def test_a_sleep_that_had_begun_with_such_a_kind_does_not_end_before_it_is_read(company: World, fleet: Fleet) -> None:
    _make_widget(fleet)
    company.says(company.ada, "/k8s sleep blue")
    company.berth.passes.engine.work_one()

    _break(company)
    _work(company, 5)
    meanwhile = company.environment("blue").phase
    _repair(company)

    assert meanwhile is Phase.FALLING_ASLEEP
    assert company.environment("blue").phase is Phase.SLEEPING


def test_what_stirs_beside_such_a_kind_is_noticed(company: World, fleet: Fleet) -> None:
    fleet.make({("Deployment", "db"): 1})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    _break(company)
    fleet.scale(WEB, 3)
    company.berth.passes.vigil.watch_all()
    _work(company, 5)

    assert "Deployment web was started again by kubectl" in text_of(last(company.ada, "the rest sleeps on"))
    assert company.environment("blue").phase is Phase.SLEEPING


def test_what_of_such_a_kind_ran_on_is_told_once_it_can_be_read(company: World, fleet: Fleet) -> None:
    _make_widget(fleet)
    fleet.admin.call("PATCH", f"{_widgets(fleet)}/big/status", None, {"status": {"pods": 3}}, _MERGE)
    _break(company)
    company.says(company.ada, "/k8s sleep blue")
    _work(company, 5)

    _repair(company)
    company.tick()

    assert "Widget big is new and stays awake" in text_of(last(company.ada, "is new in what sleeps"))
    assert (fleet.states(), _pods(fleet)) == ({WEB: 0}, 3)


def test_time_puts_nothing_to_sleep_that_it_cannot_see(company: World, fleet: Fleet) -> None:
    _break(company)

    for _ in range(6):
        company.pass_time(hours=1)

    assert company.environment("blue").phase is Phase.RUNNING
    assert fleet.states() == {WEB: 2}


def test_a_kind_of_kubernetes_itself_is_waited_for(company: World, fleet: Fleet) -> None:
    _break(company, "statefulsets")

    company.says(company.ada, "/k8s sleep blue")
    _work(company, 5)
    waiting = company.environment("blue").phase
    _repair(company)

    assert waiting is Phase.RUNNING
    assert company.environment("blue").phase is Phase.SLEEPING
