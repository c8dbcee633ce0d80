"""Shortcuts, global and on messages, and the response URLs a form's selects bring."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import OpenSlack, manifest_with
from tests.sandbox.slack.person import Control, Json, Person

SHORTCUTS = [
    {"name": "New", "type": "global", "callback_id": "new", "description": "Makes one"},
    {"name": "Keep", "type": "message", "callback_id": "keep", "description": "Keeps it"},
]


@pytest.fixture
def slack(open_slack: OpenSlack) -> SandboxSlack:
    """A workspace whose app has two shortcuts."""
    manifest = manifest_with()
    manifest["features"]["shortcuts"] = SHORTCUTS
    return open_slack(manifest=manifest)


@pytest.fixture
def got(live: App) -> list[Json]:
    """The payloads of its shortcuts."""
    payloads: list[Json] = []

    @live.shortcut("new")
    @live.shortcut("keep")
    def listener(ack: Ack, body: Json) -> None:
        ack()
        payloads.append(body)

    return payloads


def test_a_global_shortcut_opens_a_modal_with_its_trigger(got: list[Json], client: WebClient, ada: Person) -> None:
    assert ada.does("shortcut", callback_id="new") == {"ok": True}

    assert (got[0]["type"], got[0]["callback_id"], got[0]["user"]["id"]) == ("shortcut", "new", ada.id)
    assert {"action_ts", "team", "token"} <= set(got[0])
    assert not {"channel", "response_url"} & set(got[0])
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
    assert client.views_open(trigger_id=got[0]["trigger_id"], view=view)["ok"]


def test_a_message_shortcut_brings_the_message_and_its_response_url_replaces_nothing(
    got: list[Json], client: WebClient, ada: Person
) -> None:
    posted = client.chat_postMessage(channel="general", text="worth keeping")

    assert ada.does("shortcut", callback_id="keep", channel=posted["channel"], ts=posted["ts"]) == {"ok": True}

    assert (got[0]["type"], got[0]["message_ts"]) == ("message_action", posted["ts"])
    assert got[0]["message"]["text"] == "worth keeping"
    assert got[0]["channel"] == {"id": posted["channel"], "name": "general"}
    httpx.post(got[0]["response_url"], json={"text": "kept", "replace_original": True}, trust_env=False)
    assert [row["text"] for row in ada.sees("general")] == ["worth keeping", "kept"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"callback_id": "other"}, "unknown_shortcut"),
        ({}, "missing_field"),
        ({"callback_id": "keep"}, "channel_not_found"),
        ({"callback_id": "keep", "channel": "general", "ts": "1.0"}, "message_not_found"),
    ],
)
def test_a_shortcut_that_is_not_there_is_refused(ada: Person, given: Json, error: str) -> None:
    assert ada.does("shortcut", **given)["error"] == error


def test_an_ephemeral_message_has_no_shortcuts(client: WebClient, ada: Person) -> None:
    ts = client.chat_postEphemeral(channel="general", user=ada.id, text="psst")["message_ts"]

    assert ada.does("shortcut", callback_id="keep", channel="general", ts=ts)["error"] == "message_not_found"


def test_a_shortcut_nobody_acknowledges_shows_as_trouble(ada: Person) -> None:
    answer = ada.does("shortcut", callback_id="new")

    assert (answer["error"], answer["text"]) == ("dispatch_failed", "We had some trouble connecting. Try again?")


def test_the_page_is_told_of_the_shortcuts(control: Control) -> None:
    assert control.get("/workspace")["app"]["shortcuts"] == SHORTCUTS


def select(enabled: bool) -> Json:
    """A form with one conversation select."""
    element: dict[str, Any] = {"type": "conversations_select", "action_id": "where", "response_url_enabled": enabled}
    label = {"type": "plain_text", "text": "Where"}
    return {
        "type": "modal",
        "title": label,
        "submit": label,
        "blocks": [{"type": "input", "block_id": "b", "label": label, "element": element}],
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_a_form_brings_a_response_url_for_the_conversation_that_was_chosen(
    got: list[Json], live: App, client: WebClient, ada: Person, enabled: bool
) -> None:
    submitted: list[Json] = []

    @live.view("")
    def listener(ack: Ack, body: Json) -> None:
        ack()
        submitted.append(body)

    general = ada.channel("channel", "general")["id"]
    ada.does("shortcut", callback_id="new")
    client.views_open(trigger_id=got[0]["trigger_id"], view=select(enabled))

    assert ada.does("submit", view_id=ada.modal()["id"], values={"b": {"where": general}}) == {"ok": True}

    urls = submitted[0]["response_urls"]
    if not enabled:
        assert urls == []
        return
    assert {name: urls[0][name] for name in ("block_id", "action_id", "channel_id")} == {
        "block_id": "b",
        "action_id": "where",
        "channel_id": general,
    }
    said = {"text": "here", "response_type": "in_channel"}
    assert httpx.post(urls[0]["response_url"], json=said, trust_env=False).json() == {"ok": True}
    assert ada.awaits(general, "here")["ephemeral"] is False


@pytest.mark.parametrize(
    ("kind", "held"),
    [("conversations_select", "selected_conversation"), ("multi_conversations_select", "selected_conversations")],
)
def test_a_select_can_start_with_the_conversation_the_form_was_opened_from(
    got: list[Json], client: WebClient, ada: Person, kind: str, held: str
) -> None:
    posted = client.chat_postMessage(channel="general", text="here")
    ada.does("shortcut", callback_id="keep", channel=posted["channel"], ts=posted["ts"])
    view = select(enabled=False)
    view["blocks"][0]["element"] = {"type": kind, "action_id": "where", "default_to_current_conversation": True}

    opened = client.views_open(trigger_id=got[0]["trigger_id"], view=view)["view"]

    chosen = opened["state"]["values"]["b"]["where"][held]
    assert chosen == ([posted["channel"]] if held.endswith("s") else posted["channel"])
