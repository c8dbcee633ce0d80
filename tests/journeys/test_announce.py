"""An admin tells something to every owner on a cluster, and sees who got it."""

from datetime import timedelta

import pytest

from tests.journeys.people import direct, last, modal, text_of
from tests.sandbox.slack.person import until
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def owners(company: World) -> World:
    """Ada has `blue` and `green`, mio has `red`; lin has none."""
    for who, name in ((company.ada, "blue"), (company.ada, "green"), (company.mio, "red")):
        company.says(who, f"/k8s create {name}")
    company.settle()
    return company


def announce(world: World, line: str) -> str:
    """What the admin is shown, who then agrees."""
    world.root.does("command", channel=world.root.channel()["id"], text=f"/k8s admin announce {line}")
    view = modal(world.root, "would be told this")
    world.root.does("submit", view_id=view["id"])
    until(lambda: _written(world), "the messages")
    return text_of(view)


def _written(world: World) -> bool:
    """Whether a message to each owner waits to be delivered, and the plan for the next look at them."""
    with world.berth.store.read() as records:
        due = [plan.due_at for plan in records.bulk.going_on(world.environment("red").workspace_id)]
    soon = world.clock.now() + timedelta(seconds=30)
    return bool(due) and all(at is not None and world.clock.now() < at < soon for at in due)


def look_again(world: World) -> None:
    world.settle()
    world.clock.advance(seconds=20)
    world.berth.uses.bulk.carry_on_all()
    world.settle()


def test_every_owner_is_told_once_and_nobody_else_and_no_channel_is_mentioned(owners: World) -> None:
    said = """see <https://wiki.example|the wiki> — don't "panic"; run `kubectl get pods` 'now'"""
    shown = announce(owners, f"main Upgrade at 8 & 9 <!channel|@channel> <!here> *now*, ask <@U012ABCDEF|x>\n{said}")
    look_again(owners)

    told = [row for row in direct(owners.ada) if "Upgrade at 8" in text_of(row)]
    assert "*2 people would be told this.*" in shown
    assert len(told) == 1
    assert "Upgrade at 8 &amp; 9" in text_of(told[0])
    assert "<!" not in text_of(told[0])
    assert "ask <@U012ABCDEF" in text_of(told[0])
    assert f"\n{said}" in text_of(told[0])
    assert "tells this to everybody who has one there" in text_of(told[0])
    assert "You have an environment on `main`" in text_of(last(owners.mio, "Upgrade at 8"))
    assert not [row for row in direct(owners.lin) if "Upgrade" in text_of(row)]
    assert "2 of 2 told" in text_of(last(owners.root, " of 2 told"))


def test_who_could_not_be_reached_is_named_in_the_end(owners: World) -> None:
    announce(owners, "all Hello")
    owners.berth.passes.outbox.deliver_one()  # how far it is, to the admin
    owners.harbour.control.post("/faults", method="chat.postMessage", error="user_disabled")
    look_again(owners)

    said = text_of(last(owners.root, " of 2 told"))
    assert "1 of 2 told" in said
    assert "1 was left" in said
    assert "Slack says user_disabled" in said


def test_without_words_or_owners_nothing_is_told(company: World) -> None:
    said = text_of(company.says(company.root, "/k8s admin announce all"))
    company.root.does("command", channel=company.root.channel()["id"], text="/k8s admin announce all hello")

    assert "Which words?" in said
    assert "Nobody has an environment there" in text_of(modal(company.root, "Nobody has"))
