"""Whoever asks why is told what happens next, when, by which rule, and what keeps it awake; and so it happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.outlook import Event, Outlook
from bot.rules.words import ANNOTATION_NEVER_SLEEP, Phase, Wanted
from bot.sandbox.cluster import Fault
from bot.usecases.intents import by_time, order
from bot.usecases.source import TIME
from store.tables import Environment
from tests.journeys.fleet import Fleet
from tests.journeys.people import buttons, click, direct, last, text_of
from tests.sandbox.slack.person import Json
from tests.world import Harbour, World, world

BOT = "system:serviceaccount:berth:berth"
SLACK = timedelta(minutes=2)  # delivery, and the pass's own pace


@pytest.fixture
def blue(company: World) -> World:
    """A company in which ada has a running environment `blue` with a web server. idle_after 4h, warned 15m before."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def why(world: World) -> str:
    return text_of(world.says(world.ada, "/k8s why blue"))


def outlook(world: World) -> Outlook:
    ada = world.berth.uses.people.identify("", world.ada.id)
    return world.berth.uses.outlooks.of(ada, world.environment("blue"))


def phase(world: World) -> Phase:
    return world.environment("blue").phase


@contextmanager
def changing(world: World) -> Iterator[Environment]:
    """The row of `blue`, to be changed as some pass would have."""
    with world.berth.store.begin() as records:
        row = records.environments.lock(world.environment("blue").id)
        assert row is not None
        yield row


def working(world: World, *, times: int, seconds: int = 2) -> None:
    """What is due is done a few times, with a little time between."""
    for _ in range(times):
        world.work()
        world.clock.advance(seconds=seconds)


def broken(world: World, fault: Fault) -> None:
    """From now on the cluster fails so."""
    assert world.harbour.sandbox is not None
    world.harbour.sandbox.faults.add(fault)


def test_an_awake_one_is_told_when_it_sleeps_by_which_rule_and_what_last_kept_it_awake(blue: World) -> None:
    said = why(blue)

    assert "Falls asleep" in said
    assert "unused for 4h (the company's default)" in said
    assert f"by <@{blue.ada.id}>" in said
    assert "/k8s create" in said
    assert "goes before every rule" in said


def test_the_status_tells_it_before_any_warning_is_out(blue: World) -> None:
    said = blue.says(blue.ada, "/k8s status blue")

    assert "Falls asleep" in said["text"]
    assert "unused for 4h" in said["text"]
    assert "Why?" in buttons(said)


def test_the_button_of_the_status_asks_why(blue: World) -> None:
    click(blue.ada, blue.says(blue.ada, "/k8s status blue"), "Why?")

    assert any("The rules that apply" in text_of(row) for row in direct(blue.ada))


def test_it_sleeps_when_it_was_foreseen_before_and_after_the_warning(blue: World) -> None:
    first = outlook(blue).when(Event.SLEEP)
    blue.pass_time(hours=3, minutes=46)
    warned = outlook(blue).when(Event.SLEEP)
    told = why(blue)
    blue.pass_time(minutes=16)

    assert first is not None
    assert warned is not None
    assert abs(warned.at - first.at) < SLACK
    assert abs(blue.environment("blue").operation_at - warned.at) < SLACK
    assert warned.rule in told
    assert phase(blue) is Phase.SLEEPING


def test_one_kept_awake_is_told_so_and_by_which_rule_it_sleeps_then(blue: World) -> None:
    blue.says(blue.ada, "/k8s extend blue 9h")

    coming = outlook(blue).when(Event.SLEEP)

    assert coming is not None
    assert coming.at - blue.clock.now() > timedelta(hours=8, minutes=59)
    assert "kept awake until then, and by then unused for 4h" in why(blue)


def test_a_busy_one_is_told_what_goes_on_without_asking_the_cluster(blue: World) -> None:
    make_a_job(blue)
    blue.pass_time(hours=4)
    broken(blue, Fault(status=500, times=None))

    said = why(blue)

    assert "Job import is running" in said
    assert "If that were over now" in said


def test_an_exempt_one_is_told_by_what_it_never_sleeps(blue: World) -> None:
    with changing(blue) as row:
        row.never_sleep_reason, row.never_sleep_by = "the demo at noon", blue.ada.id

    assert "Does not fall asleep by itself: it is exempt from sleep: the demo at noon." in why(blue)


def test_a_sleeping_one_is_told_when_and_why_it_fell_asleep_and_when_it_ends(blue: World) -> None:
    blue.pass_time(hours=3, minutes=46)
    blue.pass_time(minutes=16)

    said = why(blue)

    assert "is asleep since" in said
    assert "because of time: unused for 4h (the company's default)" in said
    assert "Wakes when somebody asks." in said
    assert "Ends" in said


def test_one_that_somebody_put_to_sleep_is_told_who(blue: World) -> None:
    blue.says(blue.lin, "/k8s sleep blue")
    blue.settle()

    assert f"by <@{blue.lin.id}>" in why(blue)


def test_one_in_its_grace_is_told_when_it_is_deleted(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    for wait in ({"days": 5}, {"hours": 46}, {"minutes": 90}, {"minutes": 31}):
        blue.pass_time(**wait)
    gone = blue.environment("blue").delete_at

    coming = outlook(blue).when(Event.DELETE)

    assert gone is not None
    assert coming is not None
    assert coming.at == gone
    assert "Is deleted" in why(blue)


def test_one_being_made_is_told_how_far_it_is_and_what_comes_once_it_runs(company: World) -> None:
    company.says(company.ada, "/k8s create blue")

    said = why(company)

    assert "`blue` is being set up since" in said
    assert f"by <@{company.ada.id}>" in said
    assert "Step 1 of 4 is being done: namespace." in said
    assert "Once it runs: Falls asleep" in said
    assert "unused for 4h (the company's default)" in said
    assert "`/k8s delete blue` gives it up" in said


def test_one_whose_making_fails_is_told_what_is_wrong_when_it_is_tried_again_and_at_last_what_to_do(
    company: World,
) -> None:
    broken(company, Fault(verb="create", resource="limitranges", status=500, times=None))
    broken(company, Fault(verb="patch", resource="limitranges", status=500, times=None))
    company.says(company.ada, "/k8s create blue")
    working(company, times=3, seconds=5)

    said = why(company)

    assert "Step 2 of 4 is being done: limits." in said
    assert "What is not ready, and why" in said
    assert "Next try <!date" in said


def test_one_that_could_not_be_made_is_told_so_and_what_to_do(blue: World) -> None:
    with changing(blue) as row:
        row.phase, row.condition = Phase.FAILED, "cannot patch resource limitranges"

    said = blue.says(blue.ada, "/k8s why blue")

    assert "Nothing before somebody asks: its making was given up." in text_of(said)
    assert "Ends <!date" in text_of(said)
    assert "cannot patch resource limitranges" in text_of(said)
    assert "`/k8s wake blue` tries again" in text_of(said)
    assert "Try again" in buttons(said)


def test_one_that_wakes_is_told_what_is_not_ready_and_why_and_when_it_sleeps_again(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    fleet = Fleet(blue.harbour.admin, blue.environment("blue").namespace)
    containers = [{"name": "web", "image": "does-not-exist:1"}]
    fleet.change(("Deployment", "web"), {"spec": {"template": {"spec": {"containers": containers}}}})
    with changing(blue) as row:  # time wakes it: there is no message that follows it
        order(row, by_time(Wanted.RUNNING, "its working hours have begun"), blue.clock.now())
        row.last_wakes = [30.0]
    working(blue, times=8)

    said = why(blue)

    assert "`blue` is waking up since" in said
    assert "because of time: its working hours have begun" in said
    assert "0/1 ready." in said
    assert "what is not after 3 minutes is told" in said
    assert "As a rule that is so by <!date" in said
    assert "Deployment web has 0 of 1 pods ready: its image cannot be pulled" in said
    assert "Once it is awake: Falls asleep" in said
    assert "What last kept it awake" in said
    blue.settle()
    assert "What is not ready, and why" in why(blue)
    assert blue.environment("blue").missing == []


def test_one_that_falls_asleep_is_told_what_is_not_at_rest_and_what_comes_after(blue: World) -> None:
    broken(blue, Fault(user=BOT, verb="patch", resource="deployments", status=500, times=None))
    blue.says(blue.lin, "/k8s sleep blue")
    working(blue, times=3)

    said = blue.says(blue.ada, "/k8s why blue")

    assert "`blue` is falling asleep since" in text_of(said)
    assert f"by <@{blue.lin.id}>" in text_of(said)
    assert "0/1 at rest." in text_of(said)
    assert "Deployment web is not at rest yet" in text_of(said)
    assert "Next try <!date" in text_of(said)
    assert "Once it is asleep: Wakes when somebody asks." in text_of(said)
    assert "Wake" in buttons(said)


def test_what_stays_awake_while_the_rest_sleeps_is_told_as_that_and_not_as_trouble(blue: World) -> None:
    fleet = Fleet(blue.harbour.admin, blue.environment("blue").namespace)
    fleet.make({("Deployment", "cache"): 1})
    fleet.change(("Deployment", "cache"), {"metadata": {"annotations": {ANNOTATION_NEVER_SLEEP: "true"}}})
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    said = why(blue)

    assert "*What does not simply sleep*\n• Deployment cache is marked never to sleep" in said
    assert "What is not ready" not in said


def test_one_that_goes_is_told_that_and_what_can_be_done_after(blue: World) -> None:
    ada = blue.berth.uses.people.identify("", blue.ada.id)
    blue.berth.uses.environments.delete(ada, blue.environment("blue").id, TIME)

    said = why(blue)

    assert "It is gone once the cluster has removed its namespace" in said
    assert "`/k8s create blue` makes a new one once it is gone" in said


def test_while_an_admin_has_paused_time_it_is_told_by_whom_and_what_would_come_without(blue: World) -> None:
    blue.says(blue.root, "/k8s admin pause moving the storage")

    said = why(blue)
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    asleep = why(blue)

    paused = f"ll sleeping and deleting is paused by <@{blue.root.id}>: moving the storage."
    assert paused in said
    assert "If time went on now: Falls asleep" in said
    assert "`/k8s admin resume`" in said
    assert paused in asleep
    assert "If time went on now: Ends" in asleep


def test_a_stranger_is_not_told(blue: World) -> None:
    assert "There is no environment “blue” that you may see." in text_of(blue.says(blue.mio, "/k8s why blue"))


@pytest.fixture
def shifts(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company whose hours end soon after now and begin again a day later, by the company's default."""
    now = port.clock.now()
    begin, end = now - timedelta(hours=1), now + timedelta(hours=2)
    hours = f"daily {begin:%H:%M}-{end:%H:%M} UTC"
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, sleep={"working_hours": hours}) as found:
        found.says(found.ada, "/k8s create blue template=web")
        found.settle()
        yield found


def test_it_wakes_in_the_morning_when_it_was_foreseen(shifts: World) -> None:
    evening = outlook(shifts).when(Event.SLEEP)
    assert evening is not None
    shifts.pass_time(hours=1, minutes=50)
    shifts.pass_time(minutes=16)
    asleep, morning = phase(shifts), outlook(shifts).when(Event.WAKE)
    assert morning is not None
    said = why(shifts)
    to_wait = morning.at - shifts.clock.now()
    shifts.pass_time(seconds=to_wait.total_seconds() - 60)
    before = phase(shifts)
    shifts.pass_time(seconds=90)

    assert "outside its working hours (the company's default)" in evening.rule
    assert asleep is Phase.SLEEPING
    assert "Wakes" in said
    assert before is Phase.SLEEPING
    assert phase(shifts) is Phase.RUNNING


def make_a_job(world: World) -> None:
    where = world.environment("blue").namespace
    fleet = Fleet(world.harbour.admin, where)
    image = "example.com/does-not-exist"  # so that it does not end by itself
    pod: Json = {"containers": [{"name": "main", "image": image}]}
    body = {"metadata": {"name": "import"}, "spec": {"template": {"spec": pod | {"restartPolicy": "Never"}}}}
    fleet.admin.call("POST", f"/apis/batch/v1/namespaces/{where}/jobs", {"fieldManager": "kubectl"}, body)
    if world.harbour.sandbox is not None:
        world.harbour.sandbox.settle()


def test_the_warning_that_is_out_is_the_one_that_is_explained(blue: World) -> None:
    blue.pass_time(hours=3, minutes=46)

    assert "unused for 4h (the company's default)" in text_of(last(blue.ada, "Going to sleep soon"))
    assert "unused for 4h (the company's default)" in why(blue)
