"""Teams that are made of Slack's user groups follow them, and do without where there are none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.rules.words import Role
from tests.journeys.people import modal, text_of
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, harbour, world

pytestmark = pytest.mark.slow

TEAMS: list[dict[str, Any]] = [
    {"name": "docks", "user_group": "@payments", "lead_user_group": "@platform", "channel": "#payments"},
    {"name": "quays", "user_group": "@quays"},
]


@pytest.fixture
def company(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company whose teams are user groups."""
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=TEAMS, admins=[]) as found:
        found.berth.passes.user_groups.refresh()
        yield found


def teams(world: World, name: str) -> dict[str, Role]:
    actor = world.berth.uses.people.actor_of("", getattr(world, name).id)
    assert actor is not None
    return dict(actor.teams)


def test_who_is_in_a_user_group_is_in_its_team_and_sees_what_is_the_teams(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()

    assert company.environment("blue").team == "docks"
    assert "blue" in text_of(company.says(company.lin, "/k8s list team"))
    assert "that you may see" in text_of(company.says(company.mio, "/k8s status blue"))
    assert (teams(company, "lin"), teams(company, "root")) == ({"docks": Role.MEMBER}, {"docks": Role.LEAD})


def test_a_mention_of_a_user_group_means_its_team(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()

    shared = text_of(company.says(company.ada, "/k8s share blue @payments edit"))
    unknown = text_of(company.says(company.ada, "/k8s share blue @nobodys"))

    assert "`blue` is shared with team docks to edit" in shared
    assert "Or name a team: docks, quays. A user group of Slack is one only where berth.yaml says so." in unknown


def test_admins_see_which_group_of_berth_yaml_slack_does_not_show(port: Harbour, tmp_path: Path) -> None:
    wrong = [{**TEAMS[0], "user_group": "@paiments"}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=wrong) as company:
        company.berth.passes.user_groups.refresh()
        company.root.does("command", channel=company.root.channel()["id"], text="/k8s admin")
        said = text_of(modal(company.root, "*What fails*"))

    assert "Slack shows no user group @paiments, of which berth.yaml makes a team" in said
    assert "@platform" not in said


def test_a_change_of_a_group_is_followed_when_slack_tells_it(company: World) -> None:
    before = teams(company, "mio")
    company.harbour.control.post("/usergroups", handle="payments", users=[company.mio.id])

    until(lambda: teams(company, "mio") == {"docks": Role.MEMBER}, "membership")
    company.harbour.control.post("/usergroups", handle="quays", users=[company.ada.id, company.mio.id])
    until(lambda: teams(company, "mio") == {"docks": Role.MEMBER, "quays": Role.MEMBER}, "membership of a new group")
    company.harbour.control.post("/usergroups", handle="payments", disabled=True)
    until(lambda: teams(company, "mio") == {"quays": Role.MEMBER}, "the end of a disabled group")

    assert before == {}
    assert teams(company, "ada") == {"quays": Role.MEMBER}


@pytest.mark.parametrize("error", ["unknown_method", "missing_scope", "paid_teams_only"])
def test_where_user_groups_cannot_be_read_what_was_read_counts_for_a_day(company: World, error: str) -> None:
    company.harbour.control.post("/faults", method="usergroups.list", error=error, times=100)

    assert company.berth.passes.user_groups.refresh() == frozenset()
    assert teams(company, "ada") == {"docks": Role.MEMBER}
    company.clock.advance(hours=25)
    assert teams(company, "ada") == {}
    assert "What you create belongs to no team" in text_of(company.says(company.ada, "/k8s whoami"))


def test_a_workspace_without_user_groups_is_served_all_the_same(tmp_path: Path) -> None:
    without = frozenset({"usergroups.list", "usergroups.users.list"})
    with (
        harbour(tmp_path, None, without=without) as port,
        world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=TEAMS) as company,
    ):
        company.berth.passes.user_groups.refresh()
        company.says(company.ada, "/k8s create blue")
        company.settle()

        assert company.environment("blue").team is None


def deeds(world: World, name: str) -> list[str]:
    """What was done to an environment, by the audit log."""
    with world.berth.store.read() as records:
        return [event.action for event in records.audit.of_environment(world.environment(name).id)]


def test_who_leaves_a_user_group_has_left_its_team(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    company.harbour.control.post("/usergroups", handle="payments", users=[company.lin.id])
    until(lambda: teams(company, "ada") == {}, "the end of a membership")

    company.berth.passes.leaving.look_at_due()

    assert "lose owner" in deeds(company, "blue")


@pytest.mark.parametrize("error", ["missing_scope", "internal_error"])
def test_nobody_has_left_a_team_whose_user_group_cannot_be_read(company: World, error: str) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    company.harbour.control.post("/faults", method="usergroups.list", error=error, times=100)
    company.clock.advance(hours=26)
    company.berth.passes.user_groups.refresh()

    looked_at = company.berth.passes.leaving.look_at_due()

    assert looked_at > 0
    assert teams(company, "ada") == {}
    assert "lose owner" not in deeds(company, "blue")
