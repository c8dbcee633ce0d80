"""Whose and where a new environment is, for who is in several teams or has several clusters to choose from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.people import modal, text_of
from tests.world import Harbour, World, world

TEAMS = [
    {"name": name, "members": ["ada@harbour.example", {"email": lead, "role": "lead"}]}
    for name, lead in (("payments", "lin@harbour.example"), ("search", "mio@harbour.example"))
]
CLUSTERS = [{"name": "main"}, {"name": "spare", "context": "main"}]


@pytest.fixture
def wide(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Ada is in two teams, and there are two clusters, which are one by two names."""
    changes = {"teams": TEAMS, "clusters": CLUSTERS, "limits": {"teams": {"search": {"environments": 1}}}}
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **changes) as found:
        yield found


def where(world: World, name: str) -> tuple[str | None, str]:
    environment = world.environment(name)
    return environment.team, environment.cluster


def test_without_a_word_it_is_the_first_of_each_and_with_one_it_is_that(wide: World) -> None:
    wide.says(wide.ada, "/k8s create blue")
    wide.says(wide.ada, "/k8s create green team=search cluster=spare")

    assert (where(wide, "blue"), where(wide, "green")) == (("payments", "main"), ("search", "spare"))
    assert "green" in text_of(wide.says(wide.ada, "/k8s list team"))


def test_a_team_that_one_is_not_in_is_refused_with_those_one_is(wide: World) -> None:
    said = text_of(wide.says(wide.mio, "/k8s create red team=payments"))

    assert "You are not in team “payments”" in said
    assert "search" in said


def test_the_limits_of_the_team_that_is_named_count_and_the_wish_keeps_it(wide: World) -> None:
    wide.says(wide.ada, "/k8s create blue team=search")
    said = text_of(wide.says(wide.ada, "/k8s create green team=search"))
    wide.says(wide.ada, "/k8s create green")

    assert "team search may have at most 1 environment" in said.replace("Team", "team")
    assert where(wide, "green") == ("payments", "main")


def test_the_form_asks_for_both_where_there_is_a_choice(wide: World) -> None:
    wide.says(wide.ada, "/k8s create team=search")
    form = modal(wide.ada, "Lives for")
    wide.ada.does("submit", view_id=form["id"], values={"name": {"value": "blue"}})
    modal(wide.ada, "blue")

    assert where(wide, "blue") == ("search", "main")
