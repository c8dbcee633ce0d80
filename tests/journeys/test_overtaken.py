"""A message whose operation was overtaken says by what and by whom, and only the newest message has live buttons."""

import pytest

from bot.usecases.source import TIME
from tests.journeys.fleet import Fleet
from tests.journeys.people import buttons, click, direct, last, text_of
from tests.sandbox.slack.person import Json, Person
from tests.world import World


@pytest.fixture
def blue(company: World) -> World:
    """A company in which ada has a running environment `blue` with a web server. idle_after 4h, warned 15m before."""
    company.clock.move_to(12, "Europe/Berlin")  # by day nothing waits for a morning
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def messages(world: World) -> list[Json]:
    """What Berth told ada and left standing, oldest first."""
    return [row for row in direct(world.ada) if not row.get("ephemeral") and "blue" in text_of(row)]


def with_buttons(world: World) -> list[str]:
    """The first words of those messages that can still be clicked."""
    return [row["text"].split(".")[0] for row in messages(world) if buttons(row)]


def test_a_wake_that_somebody_else_overtakes_says_by_whom_and_loses_its_buttons(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    blue.says(blue.ada, "/k8s wake blue")
    blue.work()
    blue.says(blue.lin, "/k8s sleep blue")
    blue.settle()

    overtaken = last(blue.ada, "Overtaken")
    assert "`blue` was waking up, but not to the end." in text_of(overtaken)
    assert (
        f"Overtaken: put to sleep <!date^{int(blue.environment('blue').operation_at.timestamp())}" in overtaken["text"]
    )
    assert f"by <@{blue.lin.id}>." in overtaken["text"]
    assert buttons(overtaken) == {}
    assert with_buttons(blue) == ["`blue` is asleep; nothing was lost"]


def test_what_was_done_says_what_was_done_since_through_a_whole_life(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    blue.says(blue.ada, "/k8s wake blue")
    blue.settle()
    delete(blue, blue.ada)

    made, slept, woken, deleted = messages(blue)
    by = f"by <@{blue.ada.id}>"
    for message, was, then in ((made, "was made", "put to sleep"), (slept, "fell asleep", "woken")):
        assert f"`blue` {was}. Since then: {then}" in message["text"]
        assert by in message["text"]
    assert "`blue` was woken. Since then: deleted" in woken["text"]
    assert "is deleted" in deleted["text"]
    assert with_buttons(blue) == []


def test_what_time_does_takes_the_buttons_of_what_went_before_too(blue: World) -> None:
    blue.pass_time(hours=3, minutes=46)
    blue.pass_time(minutes=16)

    made = messages(blue)[0]
    assert "Since then: put to sleep" in made["text"]
    assert "by Berth: unused for 4h (the company's default)." in made["text"]
    assert with_buttons(blue) == [text for text in with_buttons(blue) if "Asleep since" in text]
    assert list(buttons(last(blue.ada, "Asleep since"))) == ["Wake"]


def test_what_stirred_in_a_sleep_has_no_buttons_once_it_is_over(blue: World) -> None:
    fleet = Fleet(blue.harbour.admin, blue.environment("blue").namespace)
    fleet.make({("Deployment", "db"): 1})
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    fleet.scale(("Deployment", "web"), 1)
    blue.tick()
    before = last(blue.ada, "the rest sleeps on")
    blue.says(blue.ada, "/k8s wake blue")
    blue.settle()

    after = last(blue.ada, "it was started again", "this was started again")
    assert "Wake" in buttons(before)
    assert "Since then: woken" in text_of(after)
    assert with_buttons(blue) == ["`blue` is awake"]


def test_a_message_that_is_told_what_came_is_not_told_again_what_comes_after_that(blue: World) -> None:
    for line in ("sleep", "wake", "sleep"):
        blue.says(blue.ada, f"/k8s {line} blue")
        blue.settle()

    versions = [n.version for n in blue.notices("blue") if n.kind == "progress"]
    blue.says(blue.ada, "/k8s wake blue")
    blue.settle()

    after = [n.version for n in blue.notices("blue") if n.kind == "progress"]
    assert after[: len(versions) - 1] == versions[:-1]


def test_an_old_button_answers_with_how_things_stand_today_and_todays_buttons(blue: World) -> None:
    old = blue.says(blue.ada, "/k8s status blue")  # a client that was never told of what came after
    blue.says(blue.lin, "/k8s sleep blue")
    blue.settle()

    click(blue.ada, old, "Sleep now")

    said = direct(blue.ada)[-1]
    assert "Nothing to do: `blue` is asleep. Asleep since" in said["text"]
    assert "Wakes when somebody asks." in said["text"]
    assert "Wake" in buttons(said)
    assert "Sleep now" not in buttons(said)


def test_an_old_button_of_what_was_deleted_says_by_whom_and_how_to_have_another(blue: World) -> None:
    old = blue.says(blue.ada, "/k8s status blue")
    delete(blue, blue.lin)

    click(blue.ada, old, "Sleep now")

    said = text_of(direct(blue.ada)[-1])
    assert f"blue no longer exists: it was deleted by <@{blue.lin.id}>." in said
    assert "`/k8s create blue` makes a new one" in said


def delete(world: World, who: Person) -> None:
    """Somebody deletes it, and that is done."""
    actor = world.berth.uses.people.identify("", who.id)
    world.berth.uses.environments.delete(actor, world.environment("blue").id, TIME)
    world.settle()
