"""People settle when an environment is to be awake, are told what applies and by whose rule, and so it happens."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.words import ANNOTATION_NEVER_SLEEP, Phase
from bot.sandbox.cluster.faults import Fault
from tests.journeys.fleet import Fleet
from tests.journeys.people import buttons, click, direct, last, text_of
from tests.world import COMPANY, Harbour, World, world

HOURS = "weekdays 08:00-19:00 Europe/Berlin"


@pytest.fixture
def blue(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Ada, whose team works on weekdays from 8 to 19 in Berlin, has a running environment `blue`."""
    payments, search = COMPANY["teams"]
    teams = [payments | {"sleep": {"working_hours": HOURS}}, search]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=teams) as found:
        found.says(found.ada, "/k8s create blue")
        found.settle()
        yield found


def says(world: World, line: str) -> str:
    return text_of(world.says(world.ada, f"/k8s schedule blue {line}".strip()))


def settled(world: World) -> str | None:
    return world.environment("blue").working_hours


def test_what_applies_is_told_with_whose_rule_and_how_to_change_it(blue: World) -> None:
    said = says(blue, "")

    assert f"Working hours: `{HOURS}`, wakes in the morning (team payments)" in said
    assert "unused for 4h (the company's default)" in said
    assert "/k8s schedule blue weekdays 08:00-19:00" in said
    assert "/k8s schedule blue off 2026-12-24" in said


def test_its_own_hours_go_before_the_team_s_and_off_removes_them(blue: World) -> None:
    said = says(blue, "weekdays 09:00–17:30 Europe/Berlin holidays=DE-BY stay-asleep")
    own = settled(blue)
    removed = says(blue, "off")

    assert own == "weekdays 09:00-17:30 Europe/Berlin holidays=DE-BY stay-asleep"
    assert "stays asleep until asked (set for this environment)" in said
    assert settled(blue) is None
    assert f"`{HOURS}`, wakes in the morning (team payments)" in removed


def test_hours_without_a_zone_are_in_the_person_s(blue: World) -> None:
    says(blue, "mon-fri 9:00-17:00")
    zone = blue.berth.uses.people.identify("", blue.ada.id).tz

    assert settled(blue) == f"weekdays 09:00-17:00 {zone}"


def test_an_exception_from_the_team_s_hours_copies_them_first_and_says_so(blue: World) -> None:
    said = says(blue, "off 2027-12-24")
    also = says(blue, "on 2027-11-28 10:00-18:00")

    assert "The hours of team payments were copied to it" in said
    assert "copied" not in also
    assert settled(blue) == f"{HOURS}; off 2027-12-24; on 2027-11-28 10:00-18:00"


def test_its_own_idle_time_within_limits_and_back(blue: World) -> None:
    said = says(blue, "idle 8h")
    seconds = blue.environment("blue").idle_after_s
    back = says(blue, "idle default")

    assert "Falls asleep when unused for 8h (set for this environment)" in said
    assert seconds == 8 * 3600
    assert "unused for 4h (the company's default)" in back


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("weekdays 9-5", "9-5"),
        ("weekdys 08:00-19:00", "did you mean"),
        ("weekdays 08:00-19:00 Europe/Berln", "did you mean Europe/Berlin?"),
        ("off christmas", "is not a date"),
        ("off 2020-12-24", "over already"),
        ("idle", "is not a duration"),
        ("idle 5m", "shorter than may be chosen, 30m"),
        ("idle 60d", "longer than may be chosen, 7d"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed_and_changes_nothing(blue: World, line: str, words: str) -> None:
    said = says(blue, line)

    assert words in said
    assert f"You typed `/k8s schedule blue {line}`" in said
    assert settled(blue) is None
    assert blue.environment("blue").idle_after_s is None


def test_only_its_owner_a_lead_or_an_admin_may(blue: World) -> None:
    refused = text_of(blue.says(blue.mio, "/k8s schedule blue off"))
    allowed = text_of(blue.says(blue.lin, "/k8s schedule blue idle 2h"))

    assert "There is no environment “blue” that you may see." in refused
    assert "Settled for `blue`" in allowed


def test_every_change_is_audited_with_before_and_after(blue: World) -> None:
    says(blue, "daily 08:00-19:00 UTC")
    says(blue, "idle 2h")
    says(blue, "idle 2h")

    with blue.berth.store.read() as records:
        events = [e for e in records.audit.of_environment(blue.environment("blue").id) if e.action == "schedule"]
    assert [(e.before["working_hours"], e.after["working_hours"]) for e in events] == [
        (None, "daily 08:00-19:00 UTC"),
        ("daily 08:00-19:00 UTC", "daily 08:00-19:00 UTC"),
    ]
    assert [e.after["idle_after_s"] for e in events] == [None, 7200]
    assert {e.actor for e in events} == {blue.ada.id}


def test_the_new_hours_are_those_it_sleeps_by_and_a_warning_that_is_out_is_answered(blue: World) -> None:
    says(blue, "daily 00:00-24:00 UTC")
    blue.pass_time(hours=3, minutes=46)
    warned = blue.environment("blue").deadline_at
    says(blue, "idle 8h")
    blue.settle()
    answered = text_of(last(blue.ada, "Sleep warning"))
    blue.pass_time(minutes=20)
    still = blue.environment("blue").phase
    blue.pass_time(hours=3, minutes=50)
    blue.pass_time(minutes=16)

    assert warned is not None
    assert "changed when it is to be awake" in answered
    assert still is Phase.RUNNING
    assert blue.environment("blue").phase is Phase.SLEEPING


def test_hours_given_to_one_that_sleeps_wake_it_when_they_begin(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    begin = blue.clock.now() + timedelta(hours=1)
    says(blue, f"daily {begin:%H:%M}-{begin + timedelta(hours=8):%H:%M} UTC")
    blue.tick()
    before = blue.environment("blue").phase

    blue.pass_time(hours=1, minutes=1)

    assert before is Phase.SLEEPING
    assert blue.environment("blue").phase is Phase.RUNNING


def _begins_in_an_hour(world: World) -> None:
    begin = world.clock.now() + timedelta(hours=1)
    says(world, f"daily {begin:%H:%M}-{begin + timedelta(hours=8):%H:%M} UTC")


def test_what_cannot_be_put_to_rest_all_night_is_awake_in_the_morning_all_the_same(blue: World) -> None:
    fleet, sandbox = Fleet(blue.harbour.admin, blue.environment("blue").namespace), blue.harbour.sandbox
    assert sandbox is not None
    fleet.make({("Deployment", "web"): 1, ("StatefulSet", "db"): 1})
    _begins_in_an_hour(blue)

    sandbox.faults.add(Fault(verb="patch", resource="statefulsets", status=500, times=None))
    blue.says(blue.ada, "/k8s sleep blue")
    blue.work()
    blue.berth.passes.lifetimes.judge_due()
    assert blue.environment("blue").phase is Phase.FALLING_ASLEEP
    assert fleet.states() == {("Deployment", "web"): 0, ("StatefulSet", "db"): 1}
    blue.clock.advance(hours=1)
    blue.berth.passes.lifetimes.judge_due()
    blue.settle()

    assert blue.environment("blue").phase is Phase.RUNNING
    assert fleet.states() == {("Deployment", "web"): 1, ("StatefulSet", "db"): 1}


@pytest.mark.parametrize("first", ["the workers", "the pass over time"])
def test_a_sleep_that_nobody_was_there_to_carry_out_ends_with_the_morning(blue: World, first: str) -> None:
    _begins_in_an_hour(blue)
    blue.says(blue.ada, "/k8s sleep blue")
    blue.clock.advance(hours=2)

    if first == "the workers":
        blue.settle()
    blue.tick()

    assert blue.environment("blue").phase is Phase.RUNNING


def test_nobody_is_told_in_the_morning_of_what_never_slept(blue: World) -> None:
    fleet = Fleet(blue.harbour.admin, blue.environment("blue").namespace)
    fleet.make({("Deployment", "cache"): 1, ("Deployment", "web"): 1})
    fleet.change(("Deployment", "cache"), {"metadata": {"annotations": {ANNOTATION_NEVER_SLEEP: "true"}}})
    _begins_in_an_hour(blue)
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    blue.pass_time(hours=1, minutes=1)

    assert blue.environment("blue").phase is Phase.RUNNING
    assert not [row for row in direct(blue.ada) if "`blue` is awake" in text_of(row) and not row.get("ephemeral")]


def test_what_is_not_as_it_was_in_the_morning_is_told(blue: World) -> None:
    fleet = Fleet(blue.harbour.admin, blue.environment("blue").namespace)
    fleet.make({("Deployment", "api"): 1, ("Deployment", "web"): 1})
    _begins_in_an_hour(blue)
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    fleet.remove(("Deployment", "api"))

    blue.pass_time(hours=1, minutes=1)

    assert "Deployment api was deleted while asleep" in text_of(last(blue.ada, "`blue` is awake"))


def test_the_button_beside_why_shows_the_schedule(blue: World) -> None:
    said = blue.says(blue.ada, "/k8s why blue")
    assert {"Status", "Schedule"} <= set(buttons(said))

    click(blue.ada, said, "Schedule")

    assert any("Change it" in text_of(row) for row in direct(blue.ada))
