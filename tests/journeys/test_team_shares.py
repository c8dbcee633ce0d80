"""What is shared with a team ends within a minute for who leaves it, by whatever made them a member."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.rules.words import Role
from tests.journeys import issuer as issuers
from tests.journeys.logins import claims, link_of, links, world_with
from tests.journeys.people import click, last
from tests.journeys.reach import Reach, connected
from tests.sandbox.slack.person import until
from tests.world import COMPANY, Harbour, World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:authlib.jose"),
]

DOCKS: dict[str, Any] = {"name": "docks", "members": ["ada@harbour.example"]}
PASS_SECONDS = 20  # between two runs of the quickest timed pass


def shared(world: World, directory: Path) -> Reach:
    """Ada has shared `blue` with team quays, and mio, who is in it, uses it."""
    world.says(world.ada, "/k8s create blue template=web")
    world.settle()
    world.says(world.ada, "/k8s share blue quays edit")
    world.settle()
    reach = connected(world, world.mio, "blue", directory)
    assert reach.lists("secrets") == 200
    return reach


def teams(world: World) -> dict[str, Role]:
    actor = world.berth.uses.people.actor_of("", world.mio.id)
    assert actor is not None
    return dict(actor.teams)


def test_who_leaves_a_user_group_loses_it_with_the_event(port: Harbour, tmp_path: Path) -> None:
    told = [DOCKS, {"name": "quays", "user_group": "@search"}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=told) as company:
        company.berth.passes.user_groups.refresh()
        mios = shared(company, tmp_path)

        company.harbour.control.post("/usergroups", handle="search", users=[company.lin.id])
        until(lambda: teams(company) == {}, "the end of a membership")
        company.settle()

        assert mios.lists("secrets") == 403


def test_who_has_it_by_another_grant_keeps_it(port: Harbour, tmp_path: Path) -> None:
    told = [DOCKS, {"name": "quays", "user_group": "@search"}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=told) as company:
        company.berth.passes.user_groups.refresh()
        mios = shared(company, tmp_path)
        company.says(company.ada, f"/k8s share blue <@{company.mio.id}> view")
        company.settle()

        company.harbour.control.post("/usergroups", handle="search", users=[company.lin.id])
        until(lambda: teams(company) == {}, "the end of a membership")
        company.settle()

        assert (mios.lists("pods"), mios.lists("secrets")) == (200, 403)


def test_who_logs_in_without_the_group_loses_it_with_the_next_look(port: Harbour, tmp_path: Path) -> None:
    told = [DOCKS, {"name": "quays", "oidc_groups": ["quays"]}]
    with (
        issuers.issuer(mio=claims("mio@harbour.example", groups=["quays"])) as login,
        world_with(login, port, tmp_path, teams=told) as company,
        issuers.Browser() as browser,
    ):
        links(company, company.mio, "mio")
        mios = shared(company, tmp_path)
        login.says("mio", **claims("mio@harbour.example", groups=[]))

        browser.goes(link_of(company, company.mio), "mio")
        company.work()
        click(company.mio, last(company.mio, "Was that you?"), "That was me")
        until(lambda: teams(company) == {}, "the end of a membership")
        company.berth.passes.leaving.look_at_due()
        company.settle()

        assert mios.lists("secrets") == 403


def test_who_is_taken_out_of_berth_yaml_loses_it_when_it_is_read(port: Harbour, tmp_path: Path) -> None:
    told = [DOCKS, {"name": "quays", "members": ["mio@harbour.example"]}, *COMPANY["teams"]]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=told) as company:
        mios = shared(company, tmp_path)
        before = company.berth.uses.catalogue
        company.berth.stop()

        changed = replace(
            before, teams=[replace(one, members={}) if one.name == "quays" else one for one in before.teams]
        )
        company.berth = build(company.berth.settings, changed, company.clock)
        company.berth.start()

        until(lambda: mios.lists("secrets") == 403, "the end of access", seconds=PASS_SECONDS - 5)
