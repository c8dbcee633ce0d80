"""Whom a mention, a name or an e-mail means is the same to every command, and nobody is taken for another."""

import pytest

from tests.journeys.people import modal, text_of
from tests.sandbox.slack.person import Person, until
from tests.world import World


@pytest.fixture
def namesakes(company: World) -> World:
    """Ada has `blue`. Lin and mio, whom Berth has met, call themselves robin; zoe it has never met."""
    company.harbour.control.post("/people", name="zoe", email="zoe@harbour.example", is_email_confirmed=True)
    company.says(company.ada, "/k8s create blue")
    for who in (company.lin, company.mio):
        company.says(who, "/k8s whoami")
        called(company, who, "robin")
    company.settle()
    return company


def called(world: World, who: Person, name: str) -> None:
    """Somebody calls themselves something else from now on, and Berth has heard of it."""
    world.harbour.control.post(f"/people/{who.id}", name=name)

    def heard() -> bool:
        world.tick()
        with world.berth.store.read() as records:
            return any(one.id == who.id for one in records.people.called(world.environment("blue").workspace_id, name))

    until(heard, f"the name {name}")


def answer(world: World, who: Person, line: str, said: str) -> str:
    """What is answered, be it in a window or as a message."""
    message = world.says(who, f"/k8s {line}")
    return text_of(message or modal(who, said))


@pytest.mark.parametrize(
    "line",
    [
        "share blue Robin",
        "transfer blue robin",
        "admin limits robin cpu=4",
        "admin audit Robin",
        "admin transfer Robin",
    ],
)
def test_a_name_of_several_is_refused_with_those_it_could_be(namesakes: World, line: str) -> None:
    who = namesakes.root if line.startswith("admin") else namesakes.ada

    said = answer(namesakes, who, line, "could be any of")

    assert "could be any of" in said
    assert f"<@{namesakes.lin.id}>" in said
    assert f"<@{namesakes.mio.id}>" in said
    assert "Mention them" in said


def test_whom_berth_has_never_met_can_be_limited_by_mention_and_by_e_mail(namesakes: World) -> None:
    zoe = namesakes.zoe

    by_mention = answer(namesakes, namesakes.root, f"admin limits <@{zoe.id}|zoe> environments=1", "")
    by_email = answer(namesakes, namesakes.root, "admin limits Zoe@harbour.example", "")

    assert f"<@{zoe.id}>" in by_mention
    assert f"0 of 1 environment, set by <@{namesakes.root.id}>" in by_email


@pytest.mark.parametrize(
    ("whom", "words"),
    [
        ("@U0NOBODYATALL", "Slack does not tell me who that is"),
        ("nobody@harbour.example", "Slack knows nobody here with the e-mail nobody@harbour.example"),
    ],
)
def test_whom_slack_does_not_know_is_not_limited(namesakes: World, whom: str, words: str) -> None:
    assert words in answer(namesakes, namesakes.root, f"admin limits {whom} cpu=4", words)


def test_who_calls_themselves_by_anothers_address_is_not_taken_for_them(namesakes: World) -> None:
    called(namesakes, namesakes.mio, "zoe@harbour.example")
    namesakes.harbour.control.post("/faults", method="users.lookupByEmail", status=503, times=9)

    said = answer(namesakes, namesakes.ada, "transfer blue zoe@harbour.example", "Slack did not tell me")

    assert "Slack did not tell me who that is" in said
    assert namesakes.environment("blue").owner_id == namesakes.ada.id
