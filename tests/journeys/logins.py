"""A company with a login of its own: how its people link it, as they do in Slack and a browser."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.config import HttpAddress
from tests.journeys.issuer import Browser, Issuer, Json
from tests.journeys.people import click, last, text_of
from tests.sandbox.slack.person import Person, until
from tests.world import Harbour, World, catalogue_of, launch, settings_for

ASKED = "Was that you?"


@contextmanager
def world_with(login: Issuer, port: Harbour, directory: Path, **changes: Any) -> Iterator[World]:
    """A company with this login; `changes` are keys of berth.yaml."""
    oidc = {"issuer": login.url, "client_id": "berth", "admin_groups": ["platform"]}
    catalogue = catalogue_of(directory, **{"identity": {"domains": ["harbour.example"], "oidc": oidc}} | changes)
    address = HttpAddress("127.0.0.1", _free_port())
    different = {
        "http_address": address,
        "public_url": f"http://{address}",
        "oidc_client_secret": SecretStr("a-client-secret"),
    }
    settings = settings_for(port, f"sqlite:///{directory / 'berth.sqlite'}").model_copy(update=different)
    found = World(port, launch(port, settings, catalogue))
    yield found
    found.berth.stop()


def claims(email: str, **more: Any) -> Json:
    """What the login says of somebody."""
    return {"email": email, "email_verified": True} | more


def link_of(world: World, who: Person) -> str:
    """The URL that /k8s link gives somebody."""
    found = re.search(r"<(http://[^|>]+)\|", text_of(world.says(who, "/k8s link")))
    assert found is not None
    return found[1]


def asked(world: World, who: Person) -> Json:
    """The question whether it was them."""
    world.settle()
    return until(lambda: [last(who, ASKED)], "the question")[0]


def links(world: World, who: Person, subject: str) -> None:
    """Somebody links the login that they have there, with the e-mail that Slack has of them."""
    with Browser() as browser:
        browser.goes(link_of(world, who), subject)
    click(who, asked(world, who), "That was me")
    linked = "You have linked"
    until(lambda: _works_until(world, who, linked), "the link")


def _works_until(world: World, who: Person, words: str) -> bool:
    world.work()
    return any(words in text_of(row) for row in who.sees(who.channel()["id"]))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
