"""An e-mail changes in Slack, so that nothing proves any more who somebody is: what follows, and how it is mended."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.words import EDIT_BINDING, OWNER_BINDING, VIEW_BINDING, Phase
from store.tables import OidcLink
from tests.journeys.people import direct, last, modal, text_of
from tests.journeys.reach import connected
from tests.journeys.test_audit_view import audited
from tests.journeys.test_sharing import bindings
from tests.journeys.test_tokens import OIDC, subjects
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, world

LOST = "I do not know who you are any more"
RULES = {"domains": ["harbour.example"], "plus_addresses": "same"}


@pytest.fixture
def blue(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Ada, of team payments, shares her `blue` with mio to edit; mio has `red`."""
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, identity=RULES) as company:
        company.says(company.ada, "/k8s create blue template=web")
        company.says(company.mio, "/k8s create red")
        company.settle()
        company.says(company.ada, "/k8s share blue mio@harbour.example edit")
        company.settle()
        yield company


def becomes(world: World, name: str, email: str) -> None:
    """Somebody's e-mail changes in Slack, and Berth has heard the event and looked."""
    world.harbour.control.post(f"/people/{name}", email=email)
    until(lambda: due(world, name), f"the news of {name}")
    looked(world)


def due(world: World, name: str) -> bool:
    with world.berth.store.read() as records:
        return world.people[name].id in {one.id for one in records.people.to_check(world.clock.now(), 100)}


def looked(world: World) -> None:
    world.berth.passes.leaving.look_at_due()
    world.settle()


def told(world: World, name: str) -> list[str]:
    return [text_of(row) for row in direct(world.people[name]) if LOST in text_of(row)]


@pytest.mark.parametrize("email", ["mio@elsewhere.example", "ada+x@harbour.example", "m\u0456o@harbour.example"])
def test_who_loses_their_identity_is_told_once_and_what_was_shared_is_not_in_force(
    blue: World, tmp_path: Path, email: str
) -> None:
    mios = connected(blue, blue.mio, "blue", tmp_path)
    becomes(blue, "mio", email)
    refused = mios.lists("pods")
    for _ in range(2):
        blue.pass_time(hours=25)

    [said] = told(blue, "mio")
    assert f"`blue` of <@{blue.ada.id}>" in said
    assert "`red`" in said
    assert "/k8s admin map" in said
    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id]}
    assert refused == 403
    status = text_of(blue.says(blue.ada, "/k8s status blue"))
    assert "Not in force now: nothing proves who they are" in status
    assert "lose identity" in text_of(audited(blue, "admin audit @mio"))


@pytest.mark.parametrize("email", ["mio@elsewhere.example", "ada+x@harbour.example"])
def test_what_they_own_is_theirs_on_and_neither_sleeps_nor_ends_for_it(blue: World, tmp_path: Path, email: str) -> None:
    mios = connected(blue, blue.mio, "red", tmp_path)

    becomes(blue, "mio", email)

    with blue.berth.store.read() as records:
        assert records.orphans.of(blue.environment("red").id) is None
    assert blue.environment("red").phase is Phase.RUNNING
    assert mios.lists("pods") == 200


def test_what_mends_it_puts_everything_in_force_again_and_says_so(blue: World) -> None:
    becomes(blue, "mio", "mio@elsewhere.example")
    blue.says(blue.root, "/k8s admin map @mio mio@harbour.example")
    modal(blue.root, "mio@harbour.example")
    looked(blue)

    assert bindings(blue)[EDIT_BINDING] == [blue.mio.id]
    assert not told(blue, "mio")
    assert "mio@harbour.example" in text_of(last(blue.mio, "I know again who you are"))
    assert "Not in force" not in text_of(blue.says(blue.ada, "/k8s status blue"))
    assert "find identity again" in text_of(audited(blue, "admin audit @mio"))


def test_what_no_event_told_is_found_out_by_their_next_command(blue: World) -> None:
    blue.harbour.control.post("/people/mio", email="mio@elsewhere.example")
    until(lambda: due(blue, "mio"), "the news of mio")
    with blue.berth.store.begin() as records:  # as if it had not come
        mio = records.people.get(blue.environment("blue").workspace_id, blue.mio.id)
        assert mio is not None
        mio.check_at = blue.clock.now() + timedelta(hours=20)

    assert "cannot know who you are" in text_of(blue.says(blue.mio, "/k8s list"))
    looked(blue)

    assert len(told(blue, "mio")) == 1


def test_whoever_has_nothing_here_hears_nothing(blue: World) -> None:
    blue.harbour.control.post("/people/lin", email="lin@elsewhere.example")
    blue.says(blue.lin, "/k8s list")
    looked(blue)

    assert not told(blue, "lin")


@pytest.mark.parametrize("claim", ["email", "sub"])
def test_by_an_issuer_too_a_share_is_not_in_force_and_what_they_own_is_theirs(
    port: Harbour, tmp_path: Path, claim: str
) -> None:
    issuer = OIDC["oidc"]["issuer_url"]
    login = {**RULES, "oidc": {"issuer": issuer, "client_id": "berth"}}
    clusters = [{"name": "main", "access": "oidc", "oidc": OIDC["oidc"] | {"username_claim": claim}}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, identity=login, clusters=clusters) as company:
        company.says(company.ada, "/k8s create blue")
        company.says(company.mio, "/k8s create red")
        company.settle()
        with company.berth.store.begin() as records:
            workspace, who = company.environment("red").workspace_id, company.mio.id
            link = OidcLink(workspace_id=workspace, person_id=who, issuer=issuer, subject="m1", email="mio@old.example")
            link.at, link.groups = company.clock.now(), []
            records.identities.keep_link(link)
        company.says(company.ada, "/k8s share blue mio@harbour.example view")
        company.tick()
        shared, name = subjects(company, VIEW_BINDING), f"oidc:{'m1' if claim == 'sub' else 'mio@harbour.example'}"

        becomes(company, "mio", "mio@elsewhere.example")

        assert shared == [name]
        assert subjects(company, VIEW_BINDING) == []
        assert list(company.environment("red").bound) == [f"{OWNER_BINDING} User/{name}"]
