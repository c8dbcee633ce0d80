"""Whoever answers for a team hears what they must, by whatever they are known: berth.yaml, a user group, the login."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.rules.words import NoticeState, Phase
from store.tables import Notice
from tests.journeys import issuer as issuers
from tests.journeys.logins import claims, links, world_with
from tests.journeys.people import buttons, click, direct, last, text_of
from tests.sandbox.slack.person import Person, until
from tests.world import Harbour, World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:authlib.jose"),
]

GONE = "Environments without an owner"
BY_USER_GROUP = [{"name": "docks", "user_group": "@payments", "lead_user_group": "@platform"}]
BY_LOGIN = [{"name": "docks", "members": [{"email": "ada@harbour.example"}], "lead_oidc_groups": ["leads"]}]
LEADS_EXEMPT = {"sleep": {"never_sleep": "lead"}}


@contextmanager
def by_user_group(port: Harbour, directory: Path, **changes: Any) -> Iterator[World]:
    """Ada's team, of which root is a lead, because they are in a user group of Slack; mio is the admin."""
    told: dict[str, Any] = {"teams": BY_USER_GROUP, "admins": ["mio@harbour.example"], **LEADS_EXEMPT, **changes}
    with world(port, f"sqlite:///{directory / 'berth.sqlite'}", directory, **told) as found:
        found.berth.passes.user_groups.refresh()
        yield found


@contextmanager
def by_login(port: Harbour, directory: Path, **changes: Any) -> Iterator[World]:
    """The same, because the company's login says so."""
    told: dict[str, Any] = {"teams": BY_LOGIN, "admins": ["mio@harbour.example"], **LEADS_EXEMPT, **changes}
    with (
        issuers.issuer(sam=claims("root@harbour.example", groups=["leads"])) as login,
        world_with(login, port, directory, **told) as found,
    ):
        links(found, found.root, "sam")
        yield found


KNOWN_BY = pytest.mark.parametrize("known", [by_user_group, by_login])


def creates(world: World, who: Person, name: str = "blue") -> None:
    world.clock.move_to(12, "Europe/Berlin")
    world.berth.passes.user_groups.refresh()  # what was read is believed for a day
    world.says(who, f"/k8s create {name} template=web")
    world.settle()


def leaves(world: World, name: str) -> None:
    """Somebody is deactivated, and all that follows at once has happened."""
    who = getattr(world, name).id
    world.harbour.control.post(f"/people/{name}", deleted=True)
    until(lambda: _is_due(world, who), "the news of it")
    world.tick()


def _is_due(world: World, person_id: str) -> bool:
    with world.berth.store.read() as records:
        return person_id in {person.id for person in records.people.to_check(world.clock.now(), 100)}


def heard(who: Person, words: str) -> bool:
    return any(words in text_of(row) for row in direct(who))


@KNOWN_BY
def test_a_lead_hears_who_left_and_can_take_over(port: Harbour, tmp_path: Path, known: Any) -> None:
    with known(port, tmp_path) as company:
        creates(company, company.ada)
        leaves(company, "ada")
        told = last(company.root, GONE)
        click(company.root, told, "Take over blue")
        company.settle()

        assert "Take over blue" in buttons(told)
        assert company.environment("blue").owner_id == company.root.id
        assert not heard(company.mio, GONE)


@KNOWN_BY
def test_who_may_not_exempt_is_sent_to_that_lead_who_may(port: Harbour, tmp_path: Path, known: Any) -> None:
    with known(port, tmp_path) as company:
        creates(company, company.ada)
        company.pass_time(hours=3, minutes=46)
        warned = last(company.ada, "Never sleep it…", "falls asleep")
        click(company.ada, warned, "Never sleep it…")
        refused = text_of([row for row in direct(company.ada) if row.get("ephemeral")][-1])
        root = company.berth.uses.people.identify("", company.root.id)

        assert f"Ask <@{company.root.id}> or an admin" in refused
        assert company.berth.uses.exemptions.check(root, company.environment("blue").id).name == "blue"


@KNOWN_BY
def test_where_the_only_lead_has_left_the_admins_are_asked(port: Harbour, tmp_path: Path, known: Any) -> None:
    with known(port, tmp_path) as company:
        company.says(company.root, "/k8s whoami")
        creates(company, company.ada)
        leaves(company, "root")
        before = len(direct(company.root))
        leaves(company, "ada")

        assert heard(company.mio, GONE)
        assert len(direct(company.root)) == before


@KNOWN_BY
def test_a_team_without_a_channel_has_its_week_told_to_its_lead(port: Harbour, tmp_path: Path, known: Any) -> None:
    soon = datetime.now(ZoneInfo("UTC")) + timedelta(days=7, minutes=59)
    digest = {"weekday": soon.strftime("%A").lower(), "hour": soon.hour}
    with known(port, tmp_path, digest=digest, sleep={"never_sleep": "lead", "idle_after": "5d"}) as company:
        company.says(company.ada, "/k8s create blue template=web")
        company.settle()
        company.tick()
        company.pass_time(days=6, hours=20)
        company.berth.passes.user_groups.refresh()
        company.pass_time(hours=5)
        company.tick()

        assert len([row for row in direct(company.root) if "docks" in text_of(row) and "USD" in text_of(row)]) == 1
        assert not heard(company.mio, "USD")


def test_what_concerns_nobody_who_is_left_is_kept_for_whoever_comes(port: Harbour, tmp_path: Path) -> None:
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=[], admins=[]) as company:
        creates(company, company.ada)
        creates(company, company.lin, "green")
        leaves(company, "ada")
        company.pass_time(hours=3)
        company.says(company.lin, "/k8s status green")

        told = {notice.state for notice in _left(company)}
        assert told == {NoticeState.UNDELIVERABLE}
        assert company.environment("blue").phase is Phase.RUNNING
        assert company.environment("green").phase is Phase.RUNNING


def _left(world: World) -> list[Notice]:
    with world.berth.store.read() as records:
        known = records.orphans.of(world.environment("blue").id)
        notice = records.notices.keyed(known.notice_key) if known is not None else None
    return [notice] if notice is not None else []


def test_an_admin_by_the_login_is_named_and_told_of_what_only_admins_are(port: Harbour, tmp_path: Path) -> None:
    with (
        issuers.issuer(sam=claims("root@harbour.example", groups=["platform"])) as login,
        world_with(login, port, tmp_path, teams=[], admins=[]) as company,
    ):
        before = text_of(company.says(company.ada, "/k8s admin pause"))
        links(company, company.root, "sam")
        refused = text_of(company.says(company.ada, "/k8s admin pause"))
        creates(company, company.ada)
        leaves(company, "ada")

        assert "Ask an admin: whoever is in the group platform of the company login." in before
        assert f"Ask an admin: <@{company.root.id}>." in refused
        assert heard(company.root, GONE)
