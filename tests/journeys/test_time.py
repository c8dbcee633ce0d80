"""What time does: warnings before sleep and before the end, sleep at the deadline, reaping, the weekly digest."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.rules.words import Phase, Wanted
from bot.sandbox.cluster import Fault
from tests.journeys.people import buttons, click, direct, last, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.world import Harbour, World, world

pytestmark = pytest.mark.cluster
MERGE = "application/merge-patch+json"


@pytest.fixture
def blue(company: World) -> World:
    """A company in which ada has a running environment `blue` with a web server. idle_after 4h, warned 15m before.

    It is noon where she is, so that nothing waits for a morning.
    """
    company.clock.move_to(12, "Europe/Berlin")
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


@pytest.fixture
def warned(blue: World) -> World:
    """The same, unused until the warning."""
    blue.pass_time(hours=3, minutes=46)
    return blue


def warning(who: Person) -> Json:
    return last(who, "Going to sleep soon", "Sleep warning")


def phase(world: World) -> Phase:
    return world.environment("blue").phase


def test_nothing_is_said_while_it_is_used(blue: World) -> None:
    blue.pass_time(hours=3)

    assert not [n for n in blue.notices("blue") if n.kind == "idle_warning"]


def test_the_owner_is_warned_with_when_why_and_what_and_buttons(warned: World) -> None:
    said = warning(warned.ada)

    assert "falls asleep" in said["text"]
    assert "Deployment web" in text_of(said)
    assert f"<@{warned.ada.id}>" in text_of(said)
    assert {"Keep awake 2h", "Keep awake 4h", "Sleep now"} <= set(buttons(said))
    assert phase(warned) is Phase.RUNNING


def test_it_falls_asleep_at_the_deadline_and_the_warning_becomes_the_news(warned: World) -> None:
    before = len(direct(warned.ada))
    warned.pass_time(minutes=16)

    assert phase(warned) is Phase.SLEEPING
    assert len(direct(warned.ada)) == before
    assert "Put to sleep" in text_of(warning(warned.ada))
    assert set(buttons(warning(warned.ada))) == {"Wake"}


def test_the_wake_button_of_the_news_wakes_it(warned: World) -> None:
    warned.pass_time(minutes=16)

    click(warned.ada, warning(warned.ada), "Wake")
    warned.settle()

    assert phase(warned) is Phase.RUNNING


def test_keep_awake_answers_the_warning_for_that_long(warned: World) -> None:
    click(warned.ada, warning(warned.ada), "Keep awake 2h")
    warned.settle()
    answered = warning(warned.ada)
    warned.pass_time(hours=1, minutes=40)
    still = phase(warned)

    assert "Kept awake" in text_of(answered)
    assert f"<@{warned.ada.id}>" in text_of(answered)
    assert buttons(answered) == {}
    assert still is Phase.RUNNING


def test_each_deadline_is_warned_of_anew(warned: World) -> None:
    click(warned.ada, warning(warned.ada), "Keep awake 4h")
    warned.settle()
    warned.pass_time(hours=3, minutes=50)
    second = warning(warned.ada)
    warned.pass_time(minutes=16)

    assert "falls asleep" in second["text"]
    assert len([n for n in warned.notices("blue") if n.kind == "idle_warning"]) == 2
    assert phase(warned) is Phase.SLEEPING


def test_sleep_now_from_the_warning_sleeps_now(warned: World) -> None:
    click(warned.ada, warning(warned.ada), "Sleep now")
    warned.settle()

    assert phase(warned) is Phase.SLEEPING
    assert f"<@{warned.ada.id}>" in text_of(last(warned.ada, "Put to sleep"))


def test_a_second_click_is_answered_sensibly(warned: World) -> None:
    stale = warning(warned.ada)
    click(warned.ada, stale, "Sleep now")
    click(warned.ada, stale, "Sleep now")
    warned.settle()

    assert phase(warned) is Phase.SLEEPING
    assert len([n for n in warned.notices("blue") if n.facts.get("operation") == "sleep"]) == 1


def test_buttons_work_after_a_restart(warned: World) -> None:
    warned.restart()

    click(warned.ada, warning(warned.ada), "Keep awake 4h")
    warned.settle()

    assert "Kept awake" in text_of(warning(warned.ada))


def test_a_change_by_a_person_after_the_warning_keeps_it_awake_and_is_told(warned: World) -> None:
    where = warned.environment("blue").namespace
    body = {"spec": {"replicas": 2}}
    manager = {"fieldManager": "kubectl-scale"}
    warned.harbour.admin.call("PATCH", f"/apis/apps/v1/namespaces/{where}/deployments/web", manager, body, MERGE)
    if warned.harbour.sandbox is None:
        pytest.skip("a real cluster's clock cannot be moved, so its managedFields are of the past here")

    warned.pass_time(minutes=16)

    assert phase(warned) is Phase.RUNNING
    assert "kubectl-scale" in text_of(last(warned.ada, "stays awake"))


def test_a_warning_that_cannot_be_delivered_stops_the_deadline(blue: World) -> None:
    fault = {"method": "chat.postMessage", "status": 200, "error": "channel_not_found", "times": 100}
    blue.harbour.control.post("/faults", **fault)

    blue.pass_time(hours=4)
    blue.pass_time(hours=9)

    assert phase(blue) is Phase.RUNNING


def test_a_warning_the_owner_cannot_get_goes_to_the_team(company: World) -> None:
    company.harbour.control.post("/faults", method="conversations.open", status=200, error="user_disabled", times=100)
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()

    company.pass_time(hours=3, minutes=46)
    there = company.lin.sees(company.lin.channel("channel", "payments")["id"])
    company.pass_time(minutes=16)

    assert "falls asleep" in text_of(there[-1])
    assert phase(company) is Phase.SLEEPING


def test_a_slack_that_refuses_the_blocks_still_tells_the_words(blue: World) -> None:
    blue.harbour.control.post("/faults", method="chat.postMessage", status=200, error="invalid_blocks", times=1)

    blue.pass_time(hours=3, minutes=46)

    assert "falls asleep" in last(blue.ada, "falls asleep")["text"]


def test_a_cluster_that_cannot_be_read_keeps_everything_awake(warned: World) -> None:
    if warned.harbour.sandbox is None:
        pytest.skip("a real cluster cannot be told to fail")
    warned.harbour.sandbox.faults.add(Fault(verb="list", resource="deployments", status=500, times=None))
    warned.clock.advance(hours=5)
    warned.berth.passes.lifetimes.judge_due()
    warned.work()

    assert phase(warned) is Phase.RUNNING


def test_the_end_is_announced_three_times_and_then_comes(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    said = []
    for wait in ({"days": 5}, {"hours": 46}, {"minutes": 90}):
        blue.pass_time(**wait)
        said.append(last(blue.ada, "ends")["ts"])
    blue.pass_time(minutes=31)
    blue.pass_time(days=2, hours=23)
    in_grace = phase(blue)
    blue.pass_time(hours=2)

    assert len(set(said)) == 3
    assert in_grace is Phase.SLEEPING
    assert phase(blue) is Phase.DELETED
    assert "Deleted" in text_of(last(blue.ada, "*End*"))


def test_what_is_awake_at_its_end_sleeps_and_one_click_restores_it(blue: World) -> None:
    blue.says(blue.ada, "/k8s extend blue 7d")
    for wait in ({"days": 5, "hours": 1}, {"hours": 46}, {"minutes": 80}, {"minutes": 40}):
        blue.pass_time(**wait)
    ended = phase(blue)
    click(blue.ada, last(blue.ada, "has come to its end"), "Restore")
    blue.settle()
    blue.pass_time(days=3, hours=1)

    assert ended is Phase.SLEEPING
    assert phase(blue) is not Phase.DELETED
    assert "Restored by" in text_of(last(blue.ada, "*End*"))


@pytest.fixture
def forgotten(tmp_path: Path, port: Harbour) -> Iterator[World]:
    """Ada's `blue`, which would live for 90 days, has been asleep for twelve."""
    forever = {"ttl": {"default": "90d", "longest": "90d"}}
    port.clock.move_to(12, "Europe/Berlin")
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **forever) as company:
        company.says(company.ada, "/k8s create blue")
        company.settle()
        company.says(company.ada, "/k8s sleep blue")
        company.settle()
        company.pass_time(days=12, hours=1)
        yield company


def test_what_sleeps_for_a_fortnight_ends_too(forgotten: World) -> None:
    warned = text_of(last(forgotten.ada, "Its time is nearly over"))
    for wait in ({"hours": 46}, {"minutes": 80}, {"minutes": 40}):
        forgotten.pass_time(**wait)

    assert "asleep for 14d" in warned
    assert "has come to its end" in text_of(last(forgotten.ada, "has come to its end"))
    forgotten.says(forgotten.ada, "/k8s wake blue")
    forgotten.settle()
    forgotten.pass_time(days=4)
    assert phase(forgotten) is not Phase.DELETED


def test_what_sleeps_for_a_fortnight_can_be_kept_with_one_click(forgotten: World) -> None:
    click(forgotten.ada, last(forgotten.ada, "Its time is nearly over"), "Keep 1 more week")
    forgotten.settle()
    answered = text_of(last(forgotten.ada, "End warning"))
    forgotten.pass_time(days=6)
    kept = forgotten.environment("blue").delete_at
    for wait in ({"days": 1}, {"hours": 46}, {"minutes": 80}, {"minutes": 40}):
        forgotten.pass_time(**wait)

    assert "Extended until" in answered
    assert kept is None
    assert phase(forgotten) is Phase.SLEEPING
    assert forgotten.environment("blue").delete_at is not None


def test_the_end_can_be_put_off_with_one_click(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    end = blue.environment("blue").expires_at
    blue.pass_time(days=5)
    click(blue.ada, last(blue.ada, "ends"), "Keep 1 more day")
    blue.settle()

    later = blue.environment("blue").expires_at
    assert end is not None
    assert later is not None
    assert later - end >= timedelta(hours=23)
    assert "Extended" in text_of(last(blue.ada, "End warning"))


def test_a_namespace_deleted_by_hand_is_believed_and_told(blue: World) -> None:
    blue.harbour.admin.call("DELETE", f"/api/v1/namespaces/{blue.environment('blue').namespace}")

    def noticed() -> bool:
        blue.tick()
        return phase(blue) is Phase.DELETED

    until(noticed, "that the namespace is gone", seconds=60)
    assert "was deleted on cluster" in last(blue.ada, "was deleted")["text"]


def test_who_puts_to_sleep_what_somebody_deleted_is_told_so(blue: World) -> None:
    blue.harbour.admin.call("DELETE", f"/api/v1/namespaces/{blue.environment('blue').namespace}")
    blue.settle()

    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    assert phase(blue) is Phase.DELETED
    assert "was deleted on cluster" in last(blue.ada, "was deleted")["text"]
    assert not [row for row in direct(blue.ada) if "serviceaccount" in text_of(row)]


@pytest.fixture
def monday(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company whose teams are told of their week in half an hour from now, in the team's own time."""
    berlin = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days=7, minutes=59)
    due = {"digest": {"weekday": berlin.strftime("%A").lower(), "hour": berlin.hour}}
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **due) as found:
        yield found


def test_each_team_hears_weekly_what_it_cost_and_what_sleep_saved(monday: World) -> None:
    monday.says(monday.ada, "/k8s create blue template=web")
    monday.settle()
    monday.says(monday.ada, "/k8s extend blue 7d")
    monday.pass_time(days=3)
    monday.says(monday.ada, "/k8s sleep blue")
    monday.settle()
    monday.pass_time(days=2)
    monday.says(monday.ada, "/k8s extend blue 7d")

    monday.pass_time(days=2, hours=1)
    monday.tick()

    digests = [m for m in monday.lin.sees(monday.lin.channel("channel", "payments")["id"]) if "payments" in text_of(m)]
    assert len(digests) == 1
    assert "blue" in text_of(digests[0])
    assert "saved" in text_of(digests[0]).lower()
    assert "USD" in text_of(digests[0])


def test_costs_are_requests_times_prices_times_hours_and_sleep_saves(blue: World) -> None:
    blue.says(blue.ada, "/k8s extend blue 7d")
    blue.tick()
    blue.pass_time(hours=10)
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    blue.pass_time(hours=30)

    report = blue.berth.uses.costs.environment(
        blue.berth.uses.people.identify("", blue.ada.id), blue.environment("blue").id
    )
    with blue.berth.store.read() as records:
        footprint = records.usage.open_span(blue.environment("blue").id)
    line, prices = report.lines[0], report.prices["main"]
    assert footprint is not None
    assert footprint.cpu > 0
    rate = footprint.cpu * float(prices.cpu_core_hour) + footprint.memory_gib * float(prices.memory_gib_hour)
    assert float(line.cost) == pytest.approx(rate * 10, rel=0.02)
    assert float(line.saved) == pytest.approx(rate * 30, rel=0.02)
    assert line.asleep == pytest.approx(timedelta(hours=30), abs=timedelta(minutes=5))


def test_the_grace_begins_when_somebody_can_know_of_it(blue: World) -> None:
    blue.says(blue.ada, "/k8s extend blue 7d")
    for wait in ({"days": 5, "hours": 1}, {"hours": 46}, {"minutes": 80}):
        blue.pass_time(**wait)
    blue.clock.advance(minutes=40)
    blue.berth.passes.lifetimes.judge_due()
    for method in ("chat.postMessage", "conversations.open"):
        blue.harbour.control.post("/faults", method=method, error="internal_error", times=None)

    for _ in range(13):
        blue.clock.advance(hours=6)
        blue.berth.passes.lifetimes.judge_due()
    unheard = blue.environment("blue").wanted
    blue.harbour.control.http.delete("/faults").raise_for_status()
    blue.pass_time(minutes=16)
    blue.pass_time(days=2, hours=23)
    heard = last(blue.ada, "has come to its end")
    in_grace = blue.environment("blue").wanted
    blue.pass_time(hours=2)

    assert (unheard, in_grace) == (Wanted.SLEEPING, Wanted.SLEEPING)
    assert "Restore" in buttons(heard)
    assert phase(blue) is Phase.DELETED
