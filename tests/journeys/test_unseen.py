"""Nobody learns by asking what others have; only that a name is taken cannot be kept from who wants it."""

import pytest

from bot.rules.words import Phase
from handlers.grammar import COMMANDS, Kind
from tests.journeys.people import buttons, text_of
from tests.world import World

BY_NAME = [row.word for row in COMMANDS if any(one.kind is Kind.ENVIRONMENT for one in row.arguments)]


@pytest.fixture
def blue(company: World) -> World:
    """A company in which ada of payments has an environment `blue`, and mio of search has `red`."""
    company.says(company.ada, "/k8s create blue")
    company.says(company.mio, "/k8s create red")
    company.settle()
    return company


def test_what_a_stranger_may_not_see_is_answered_as_what_does_not_exist_by_every_command(blue: World) -> None:
    for word in BY_NAME:
        more = " 4h" if word == "extend" else ""
        there = blue.says(blue.mio, f"/k8s {word} blue{more}")
        nowhere = blue.says(blue.mio, f"/k8s {word} glue{more}")

        assert text_of(there).replace("blue", "glue") == text_of(nowhere), word
        assert list(buttons(there)) == list(buttons(nowhere)), word
        assert blue.ada.id not in text_of(there), word
    blue.settle()
    assert blue.environment("blue").phase is Phase.RUNNING
    assert {"status", "sleep", "wake", "delete", "connect", "why", "cost"} <= set(BY_NAME)


def test_teammates_leads_and_admins_are_told_of_it(blue: World) -> None:
    for who in (blue.lin, blue.root):
        assert "`blue` is running" in text_of(blue.says(who, "/k8s status blue"))


def test_a_teammate_is_told_whose_it_is_where_they_may_see_but_not_do(blue: World) -> None:
    refused = text_of(blue.says(blue.lin, "/k8s connect blue"))

    assert f"`blue` belongs to <@{blue.ada.id}>: only its owner" in refused
    assert "may connect to it." in refused


def test_a_name_that_is_taken_is_refused_to_all_and_by_whom_it_is_told_to_who_may_see_it(blue: World) -> None:
    stranger = text_of(blue.says(blue.mio, "/k8s create blue"))
    teammate = text_of(blue.says(blue.lin, "/k8s create blue"))

    assert "The name blue is taken." in stranger
    assert "blue-2 is free." in stranger
    assert blue.ada.id not in stranger
    assert f"The name blue is taken by <@{blue.ada.id}>." in teammate
