"""Admins stop and restart what time does; others are told who can."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.words import Phase, Wanted
from bot.sandbox.cluster import Fault
from tests.journeys.people import buttons, direct, last, text_of
from tests.journeys.test_approvals import channel
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, world

PAUSED = "All sleeping and deleting is paused by"


@pytest.fixture
def fleet(company: World) -> World:
    """Ada has `blue`, mio has `red`, both running. idle_after 4h, warned 15m before."""
    company.clock.move_to(12, "Europe/Berlin")  # by day nothing waits for a morning
    company.says(company.ada, "/k8s create blue template=web")
    company.says(company.mio, "/k8s create red")
    company.settle()
    return company


def phase(world: World, name: str = "blue") -> Phase:
    return world.environment(name).phase


def says(world: World, line: str) -> str:
    return text_of(world.says(world.root, f"/k8s {line}"))


@pytest.mark.parametrize("line", ["admin pause", "admin resume"])
def test_others_are_told_who_can(fleet: World, line: str) -> None:
    said = text_of(fleet.says(fleet.lin, f"/k8s {line}"))

    assert "only admins may do that" in said
    assert "Ask an admin: " in said
    assert phase(fleet) is Phase.RUNNING


def test_a_pause_is_told_to_each_team_and_to_the_other_admins_and_its_message_becomes_its_end(
    port: Harbour, tmp_path: Path
) -> None:
    admins = ["root@harbour.example", "lin@harbour.example"]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, admins=admins) as company:
        company.clock.move_to(12, "America/New_York")  # where lin is, whom it would else be told in the morning
        company.says(company.lin, "/k8s whoami")
        first = says(company, "admin pause the storage is being moved")
        again = says(company, "admin pause")
        company.settle()
        rooms = [(company.lin, channel(company.lin)), (company.mio, channel(company.mio, "search"))]
        told = [text_of(row) for who, room in rooms for row in who.sees(room)]
        to_admin = text_of(last(company.lin, "has paused"))
        says(company, "admin resume")
        company.settle()

        paused = f"<@{company.root.id}> has paused all sleeping and deleting"
        assert first == again
        assert sum(paused in text for text in told) == 2
        assert paused in to_admin
        assert "the storage is being moved" in to_admin
        for rows in (*(who.sees(room) for who, room in rooms), direct(company.lin)):
            assert [text_of(row).count("Time goes on since") for row in rows if "ime goes on" in text_of(row)] == [2]
        assert not [row for row in direct(company.root) if "has paused" in text_of(row)]


def test_while_time_is_paused_nothing_sleeps_and_why_status_and_home_say_so(fleet: World) -> None:
    said = says(fleet, "admin pause the storage is being moved")
    fleet.pass_time(hours=5)
    fleet.pass_time(hours=5)
    fleet.ada.does("open_home", tab="home")
    until(lambda: fleet.ada.home() is not None, "the Home")

    assert PAUSED in said
    assert phase(fleet) is Phase.RUNNING
    assert not [n for n in fleet.notices("blue") if n.kind == "idle_warning"]
    for shown in (
        text_of(fleet.says(fleet.ada, "/k8s why blue")),
        text_of(fleet.says(fleet.ada, "/k8s status blue")),
        text_of(fleet.says(fleet.ada, "/k8s list")),
        text_of(fleet.ada.home() or {}),
    ):
        assert f"paused by <@{fleet.root.id}>: the storage is being moved" in shown


def test_a_warning_that_is_out_is_answered_by_the_pause(fleet: World) -> None:
    fleet.pass_time(hours=3, minutes=46)
    says(fleet, "admin pause")
    fleet.settle()
    answered = last(fleet.ada, "Sleep warning")
    fleet.pass_time(minutes=30)

    assert "all sleeping and deleting is paused" in text_of(answered)
    assert buttons(answered) == {}
    assert phase(fleet) is Phase.RUNNING


def test_after_a_short_pause_nothing_sleeps_without_a_fresh_warning(fleet: World) -> None:
    fleet.pass_time(hours=3, minutes=46)
    says(fleet, "admin pause")
    said = says(fleet, "admin resume")
    fleet.settle()
    fleet.pass_time(minutes=16)
    still = phase(fleet)
    warned = last(fleet.ada, "Going to sleep soon")
    fleet.pass_time(minutes=16)

    assert "warned anew" in said
    assert still is Phase.RUNNING
    assert "Sleep now" in buttons(warned)
    assert phase(fleet) is Phase.SLEEPING


def test_a_deadline_that_passed_during_the_pause_is_warned_of_anew_before_it_counts(fleet: World) -> None:
    fleet.pass_time(hours=3, minutes=46)
    says(fleet, "admin pause")
    fleet.pass_time(minutes=40)  # past the deadline, but not so long that it would be warned of anew anyway
    says(fleet, "admin resume")
    resumed = fleet.clock.now()
    fleet.tick()
    still = phase(fleet)
    warned = last(fleet.ada, "Going to sleep soon")
    deadline = fleet.environment("blue").deadline_at
    fleet.pass_time(minutes=16)

    assert still is Phase.RUNNING
    assert {"Keep awake 2h", "Sleep now"} <= set(buttons(warned))
    assert deadline is not None
    assert deadline - resumed >= timedelta(minutes=15)
    assert phase(fleet) is Phase.SLEEPING


def test_after_a_long_pause_nothing_ends_without_a_fresh_warning(fleet: World) -> None:
    fleet.says(fleet.ada, "/k8s sleep blue")
    fleet.settle()
    for wait in ({"days": 5}, {"hours": 46}, {"minutes": 90}):
        fleet.pass_time(**wait)
    says(fleet, "admin pause")
    fleet.pass_time(days=2)
    says(fleet, "admin resume")
    fleet.tick()
    in_time = fleet.environment("blue").delete_at
    told = last(fleet.ada, "Its time is nearly over")
    fleet.pass_time(minutes=31)

    assert in_time is None
    assert "ends" in text_of(told)
    assert fleet.environment("blue").delete_at is not None


def test_who_was_in_their_grace_has_all_of_it_after_a_pause(fleet: World) -> None:
    fleet.says(fleet.ada, "/k8s sleep blue")
    fleet.settle()
    for wait in ({"days": 5}, {"hours": 46}, {"minutes": 90}, {"minutes": 31}):
        fleet.pass_time(**wait)
    says(fleet, "admin pause")
    fleet.pass_time(days=30)
    says(fleet, "admin resume")
    fleet.pass_time(days=2, hours=23)
    still = phase(fleet)
    fleet.pass_time(hours=2)

    assert still is Phase.SLEEPING
    assert phase(fleet) is Phase.DELETED


def test_resuming_what_was_not_paused_says_so(fleet: World) -> None:
    assert "Nothing was paused." in says(fleet, "admin resume")


def test_pause_and_resume_are_audited_with_before_and_after(fleet: World) -> None:
    says(fleet, "admin pause moving")
    says(fleet, "admin resume")

    everybody = "SELECT action, before, after FROM audit_event WHERE environment_id IS NULL ORDER BY at"
    with fleet.berth.store.transaction() as connection:
        events = [(action, before, after) for action, before, after in connection.exec_driver_sql(everybody)]
    assert [action for action, _, _ in events] == ["pause", "resume"]
    assert ["moving" in text for _, *states in events for text in states] == [False, True, True, False]


def test_a_sleep_that_time_has_ordered_and_nobody_begun_is_taken_back(fleet: World) -> None:
    fleet.pass_time(hours=3, minutes=46)
    fleet.clock.advance(minutes=16)
    fleet.berth.passes.lifetimes.judge_due()
    ordered = fleet.environment("blue").wanted

    says(fleet, "admin pause the storage is being moved")
    fleet.settle()

    assert ordered is Wanted.SLEEPING
    assert (phase(fleet), fleet.environment("blue").wanted) == (Phase.RUNNING, Wanted.RUNNING)


def test_a_deletion_that_time_has_ordered_waits_until_time_goes_on(fleet: World) -> None:
    assert fleet.harbour.sandbox is not None
    says(fleet, "admin extend until=1h blue")
    ended(fleet)
    fleet.harbour.sandbox.faults.add(Fault(resource="namespaces", verb="delete", status=503, times=2))
    fleet.berth.passes.lifetimes.judge_due()
    fleet.berth.passes.engine.work_one()
    ordered = fleet.environment("blue").wanted

    says(fleet, "admin pause the storage is being moved")
    for _ in range(3):
        fleet.pass_time(minutes=6)
    paused = phase(fleet)
    says(fleet, "admin resume")
    fleet.pass_time(minutes=6)

    assert ordered is Wanted.DELETED
    assert paused is not Phase.DELETED
    assert phase(fleet) is Phase.DELETED


def ended(world: World) -> None:
    """Let blue come to its end, and its grace go by, up to the moment in which it is judged."""
    while world.environment("blue").delete_at is None:
        world.pass_time(hours=12)
    world.clock.advance(days=3, minutes=1)
