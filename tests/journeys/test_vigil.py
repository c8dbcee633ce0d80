"""What stirs in an environment that sleeps is noticed, told and, but for what follows a git, left as it is."""

import pytest
from sqlalchemy import insert

from bot.rules.words import ANNOTATION_NEVER_SLEEP, Phase, Wanted
from bot.rules.workloads import KINDS
from store.tables import Environment, Pause
from tests.journeys.fleet import Fleet, Key
from tests.journeys.operators import self_healing, write
from tests.journeys.people import buttons, direct, last, text_of
from tests.store.rows import environment
from tests.world import World

WEB: Key = ("Deployment", "web")


@pytest.fixture
def fleet(company: World) -> Fleet:
    """Ada's environment blue."""
    company.says(company.ada, "/k8s create blue")
    company.settle()
    return Fleet(company.harbour.admin, company.environment("blue").namespace)


def test_what_a_person_starts_in_a_sleeping_environment_stays_and_is_told_once(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2, ("Deployment", "db"): 1})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    fleet.scale(WEB, 3)
    for _ in range(4):
        company.tick()

    assert company.environment("blue").phase is Phase.SLEEPING
    assert fleet.states() == {WEB: 3, ("Deployment", "db"): 0}
    assert fleet.quotas() == {"berth"}  # the guard would keep its pods away
    told = [text_of(one) for one in direct(company.ada) if "was started again by kubectl" in text_of(one)]
    assert len([one for one in told if "the rest sleeps on" in one]) == 1
    assert "Wake" in buttons(last(company.ada, "the rest sleeps on"))


def test_what_was_at_rest_by_itself_and_is_started_runs_and_is_told_once(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2, ("Deployment", "parked"): 0})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    fleet.scale(("Deployment", "parked"), 1)
    for _ in range(3):
        company.tick()

    assert fleet.states() == {WEB: 0, ("Deployment", "parked"): 1}
    assert fleet.quotas() == {"berth"}
    told = [one for one in direct(company.ada) if "the rest sleeps on" in text_of(one)]
    assert len(told) == 1
    assert "Deployment parked was started by kubectl" in text_of(told[0])
    company.says(company.ada, "/k8s wake blue")
    company.settle()
    fleet.assert_awake({WEB: 2, ("Deployment", "parked"): 1})


def test_what_a_person_started_is_not_changed_by_wake_and_the_rest_is_as_it_was(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2, ("Deployment", "db"): 1})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    fleet.scale(WEB, 3)
    company.tick()

    company.says(company.ada, "/k8s wake blue")
    company.settle()

    fleet.assert_awake({WEB: 3, ("Deployment", "db"): 1})


def test_status_says_what_does_not_sleep_with_the_rest_and_why(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2, ("Deployment", "db"): 1})
    fleet.change(("Deployment", "db"), {"metadata": {"annotations": {ANNOTATION_NEVER_SLEEP: "true"}}})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    self_healing(fleet, WEB, 2)()
    company.tick()

    said = text_of(company.says(company.ada, "/k8s status blue"))

    assert "Deployment db is marked never to sleep" in said
    assert "Deployment web was started again 1 time by argocd-controller" in said
    company.says(company.ada, "/k8s wake blue")
    company.settle()
    assert "was started again" not in text_of(company.says(company.ada, "/k8s status blue"))


def test_an_operator_that_scales_back_up_is_named_and_not_fought(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2, ("Deployment", "api"): 1})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    write(fleet, WEB, {"spec": {"replicas": 2}}, "redis-operator")
    company.tick()
    company.tick()

    assert fleet.states() == {WEB: 2, ("Deployment", "api"): 0}
    assert fleet.quotas() == {"berth"}
    said = text_of(last(company.ada, "the rest sleeps on"))
    assert "Deployment web was started again by redis-operator, and is left to it" in said


def test_what_is_started_by_hand_altogether_is_awake_and_told(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    write(fleet, WEB, {"spec": {"replicas": 2}}, "kubectl-scale")
    company.tick()
    company.tick()

    assert company.environment("blue").phase is Phase.RUNNING
    fleet.assert_awake({WEB: 2})
    said = text_of(last(company.ada, "It is awake again"))
    assert "Deployment web was started again by kubectl-scale" in said


def test_what_is_new_in_a_sleeping_environment_sleeps_too_and_wakes_as_it_was_made(
    company: World, fleet: Fleet
) -> None:
    fleet.make({WEB: 2})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    fleet.make({("Deployment", "late"): 3})
    company.tick()
    company.tick()
    fleet.assert_asleep()
    assert "Deployment late is new and sleeps too" in text_of(last(company.ada, "is new in what sleeps"))
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    fleet.assert_awake({WEB: 2, ("Deployment", "late"): 3})


def test_while_an_admin_has_paused_time_nothing_is_put_to_rest_again(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    workspace = company.environment("blue").workspace_id
    with company.berth.store.begin() as records:
        records.pauses.begin(Pause(workspace_id=workspace, by="U1", at=company.clock.now()))

    self_healing(fleet, WEB, 2)()
    company.tick()

    assert fleet.states() == {WEB: 2}


def test_what_stays_awake_by_its_mark_is_looked_at_once_and_left(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})
    fleet.change(WEB, {"metadata": {"annotations": {ANNOTATION_NEVER_SLEEP: "true"}}})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert company.berth.passes.vigil.watch_all() == 0


def test_what_runs_already_when_it_is_seen_first_is_not_stopped(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})
    fleet.change(WEB, {"metadata": {"annotations": {ANNOTATION_NEVER_SLEEP: "true"}}})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    fleet.make({("Deployment", "late"): 1})
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.settle()
    company.tick()

    assert fleet.states() == {WEB: 2, ("Deployment", "late"): 1}
    assert "Deployment late is new and stays awake" in text_of(last(company.ada, "is new in what sleeps"))


def test_what_vanishes_while_asleep_is_told_of_when_it_wakes(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2, ("Deployment", "old"): 1})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    fleet.make({("StatefulSet", "late"): 1})  # taken in, and put to rest
    company.tick()
    assert fleet.states()["StatefulSet", "late"] == 0

    for kind, name in (("Deployment", "old"), ("StatefulSet", "late")):
        fleet.remove((kind, name))
    company.says(company.ada, "/k8s wake blue")
    company.settle()

    assert fleet.states() == {WEB: 2}
    told = text_of(last(company.ada, "is awake"))
    assert "*Exceptions*\n• Deployment old was deleted while asleep" in told
    assert "StatefulSet late was deleted while asleep" in told


def test_where_nothing_sleeps_no_cluster_is_asked(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})

    assert _requests_of_a_watch(company) == 0


@pytest.mark.slow
def test_a_watch_over_five_thousand_costs_as_many_requests_as_one_over_ten(company: World, fleet: Fleet) -> None:
    fleet.make({WEB: 2})
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    _let_sleep(company, 0, 10)
    few = _requests_of_a_watch(company)
    _let_sleep(company, 10, 5_000)

    many = _requests_of_a_watch(company)

    assert many == few <= len(KINDS)


def _let_sleep(company: World, first: int, end: int) -> None:
    """That many environments more sleep, as far as the store knows."""
    cluster = company.environment("blue").cluster
    asleep = {"phase": Phase.SLEEPING, "wanted": Wanted.SLEEPING, "sleep_cycle": "c1", "cluster": cluster}
    rows = [environment(f"n{number}", workspace_id="T9", **asleep).model_dump() for number in range(first, end)]
    with company.berth.store.transaction(writes=True) as connection:
        connection.execute(insert(Environment), rows)


def _requests_of_a_watch(company: World) -> int:
    assert company.harbour.sandbox is not None
    log = company.harbour.sandbox.requests
    before = len(log.entries())
    assert company.berth.passes.vigil.watch_all() == 0
    return len(log.entries()) - before
