"""Who Slack users are taken for, and who is taken for nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.people import text_of
from tests.world import Harbour, World, world


@pytest.fixture
def strict(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company that accepts its own domain alone, and takes second addresses for the first."""
    rules = {"domains": ["harbour.example"], "plus_addresses": "same"}
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, identity=rules) as found:
        yield found


@pytest.mark.parametrize("email", ["r\u043e\u043et@harbour.example", "r0ot@harbour.example"])
def test_who_only_looks_like_an_admin_is_nobody(strict: World, email: str) -> None:
    strict.harbour.control.post("/people/ada", email=email)

    refused = strict.says(strict.ada, "/k8s admin pause")
    strict.says(strict.root, "/k8s admin resume")

    assert "cannot know who you are" in text_of(refused)
    assert "/k8s admin map" in text_of(refused)
    assert "Nothing was paused" in text_of(strict.says(strict.root, "/k8s admin resume"))


@pytest.mark.parametrize("email", ["ADA@Harbour.example", "ada+second@harbour.example"])
def test_two_slack_users_never_become_one_person(strict: World, email: str) -> None:
    strict.harbour.control.post("/people/mio", email=email)
    strict.says(strict.ada, "/k8s create blue")
    strict.settle()

    refused = strict.says(strict.mio, "/k8s list")

    assert f"<@{strict.ada.id}>" in text_of(refused)
    assert "two cannot be one" in text_of(refused)
    assert "blue" in text_of(strict.says(strict.ada, "/k8s list"))


def test_the_address_of_somebody_who_has_left_is_free_for_a_new_account(strict: World) -> None:
    strict.says(strict.ada, "/k8s whoami")
    strict.harbour.control.post("/people/mio", email="ada@harbour.example")
    strict.harbour.control.post("/people/ada", deleted=True)
    strict.clock.advance(minutes=6)

    assert "ada@harbour.example" in text_of(strict.says(strict.mio, "/k8s whoami"))


def test_whoever_is_refused_is_shown_what_was_looked_at_and_why_it_does_not_do(strict: World) -> None:
    strict.harbour.control.post("/people/ada", email="ada@elsewhere.example")

    said = text_of(strict.says(strict.ada, "/k8s whoami"))

    assert "cannot know who you are" in said
    assert "How I would know" in said
    for way in ("mapping", "ada@elsewhere.example", "(harbour.example)"):
        assert way in said.replace("Mapping", "mapping")


def test_a_login_that_is_not_configured_is_not_advised(strict: World) -> None:
    assert "None is configured here" in text_of(strict.says(strict.ada, "/k8s unlink"))


def test_another_domain_is_refused_with_those_that_are_accepted(strict: World) -> None:
    strict.harbour.control.post("/people/ada", email="ada@elsewhere.example")

    assert "(harbour.example)" in text_of(strict.says(strict.ada, "/k8s list"))
