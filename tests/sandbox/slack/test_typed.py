"""What reaches the app of what a person typed after a command, by its `should_escape`."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt import App

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import OpenSlack, manifest_with
from tests.sandbox.slack.person import Control, Person

COMMANDS = [
    {"command": "/escaped", "description": "x", "should_escape": True},
    {"command": "/plain", "description": "x"},
]


@pytest.fixture
def slack(open_slack: OpenSlack) -> SandboxSlack:
    """A workspace with a command of either kind."""
    manifest: dict[str, Any] = manifest_with()
    manifest["features"]["slash_commands"] = COMMANDS
    return open_slack(manifest=manifest)


@pytest.fixture
def ids(control: Control, lin: Person, ada: Person) -> dict[str, str]:
    """Identifiers by what they stand for."""
    general = ada.channel("channel", "general")["id"]
    group = control.post("/usergroups", handle="oncall", users=["lin"])["usergroup"]["id"]
    return {"lin": lin.id, "general": general, "oncall": group}


TYPED = [
    ("share blue @lin", "share blue <@{lin}|lin>"),
    ("share blue @Lin, now", "share blue <@{lin}|lin>, now"),
    ("@nobody me@lin.example", "@nobody me@lin.example"),
    ("post #general not#general #nowhere", "post <#{general}|general> not#general #nowhere"),
    ("tell @oncall @here", "tell <!subteam^{oncall}|@oncall> <!here>"),
    ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
    ("get https://x.example/a?b=1&c=2", "get <https://x.example/a?b=1&amp;c=2>"),
    ("share <@{lin}|whatever> <#{general}>", "share <@{lin}|lin> <#{general}|general>"),
]


@pytest.mark.parametrize(("typed", "arrives"), TYPED)
def test_a_command_that_asks_for_it_gets_references_and_escaped_text(
    live: App, control: Control, ada: Person, ids: dict[str, str], typed: str, arrives: str
) -> None:
    live.command("/escaped")(lambda ack: ack())

    ada.does("command", channel="general", text=f"/escaped {typed.format(**ids)}")

    assert control.payloads("/escaped")[0]["payload"]["text"] == arrives.format(**ids)


def test_any_other_command_gets_the_text_as_it_was_typed(
    live: App, control: Control, ada: Person, ids: dict[str, str]
) -> None:
    live.command("/plain")(lambda ack: ack())

    ada.does("command", channel="general", text="/plain @lin & #general <b>")
    ada.does("command", channel="general", text="/plain <@{lin}|lin> in <#{general}|general>".format(**ids))

    texts = [row["payload"]["text"] for row in control.payloads("/plain")]
    assert texts == ["@lin & #general <b>", "@lin in #general"]
