"""Clicks and choices: only on what a person sees, with the payload Slack would send."""

from __future__ import annotations

import threading

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from tests.sandbox.slack.person import Json, Person


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    """An option."""
    return {"text": plain(value.upper()), "value": value}


BUTTON = {"type": "button", "action_id": "extend", "text": plain("Extend"), "value": "env-1"}
SIZES = {"type": "static_select", "action_id": "size", "options": [option("s"), option("m")]}
BLOCKS = [
    {
        "type": "actions",
        "block_id": "acts",
        "elements": [
            BUTTON,
            SIZES,
            {"type": "overflow", "action_id": "more", "options": [option("sleep")]},
            {"type": "datepicker", "action_id": "until", "initial_date": "2026-11-02"},
            {"type": "external_select", "action_id": "find", "min_query_length": 1},
        ],
    }
]


@pytest.fixture
def got(live: App) -> list[Json]:
    """The payloads of every action, of an app that acknowledges them all."""
    got: list[Json] = []
    names = ("extend", "size", "more", "until", "find")

    def listener(ack: Ack, body: Json) -> None:
        ack()
        got.append(body)

    for name in names:
        live.action(name)(listener)
    live.options("find")(lambda ack, payload: ack(options=[option(payload["value"])]))
    return got


@pytest.fixture
def posted(client: WebClient, ada: Person) -> Json:
    """A message with something of every kind to act on, in #payments."""
    answer = client.chat_postMessage(channel="payments", text="acts", blocks=BLOCKS)
    return {"channel": str(answer["channel"]), "ts": str(answer["ts"])}


def test_a_click_arrives_with_message_state_and_ways_to_answer(got: list[Json], posted: Json, ada: Person) -> None:
    assert ada.does("click", **posted, action_id="extend") == {"ok": True}

    body = got[0]
    assert body["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": posted["channel"],
        "is_ephemeral": False,
    }
    assert body["message"]["text"] == "acts"
    assert body["actions"][0]["value"] == "env-1"
    assert body["actions"][0]["block_id"] == "acts"
    assert body["state"]["values"]["acts"]["until"] == {"type": "datepicker", "selected_date": "2026-11-02"}
    assert body["trigger_id"]
    assert body["response_url"]


@pytest.mark.parametrize(
    ("chosen", "field", "value"),
    [
        ({"action_id": "size", "value": "m"}, "selected_option", option("m")),
        ({"action_id": "size", "selected_option": option("s")}, "selected_option", option("s")),
        ({"action_id": "more", "value": "sleep"}, "selected_option", option("sleep")),
        ({"action_id": "until", "selected_date": "2026-12-24"}, "selected_date", "2026-12-24"),
    ],
)
def test_a_choice_arrives_in_its_kinds_own_field(
    got: list[Json], posted: Json, ada: Person, chosen: Json, field: str, value: object
) -> None:
    ada.does("click", **posted, **chosen)

    assert got[0]["actions"][0][field] == value


@pytest.mark.parametrize("day", ["24.12.2026", "2026-02-30", "20261224", 20261224])
def test_a_calendar_gives_no_day_that_there_is_not(got: list[Json], posted: Json, ada: Person, day: object) -> None:
    answer = ada.does("click", **posted, action_id="until", selected_date=day)

    assert (answer["ok"], answer["error"]) == (False, "invalid_date")
    assert got == []


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ({"action_id": "nothing"}, "element_not_found"),
        ({"action_id": "extend", "block_id": "elsewhere"}, "element_not_found"),
        ({"action_id": "size", "value": "xxl"}, "option_not_found"),
        ({"action_id": "extend", "ts": "1.0"}, "message_not_found"),
    ],
)
def test_what_is_not_there_cannot_be_clicked(
    got: list[Json], posted: Json, ada: Person, address: Json, error: str
) -> None:
    assert ada.does("click", **(posted | address))["error"] == error
    assert got == []


def test_a_message_for_one_person_cannot_be_clicked_by_another(
    got: list[Json], client: WebClient, ada: Person, lin: Person
) -> None:
    channel = ada.channel("channel", "payments")["id"]
    ts = client.chat_postEphemeral(channel=channel, user=ada.id, text="yours", blocks=BLOCKS)["message_ts"]

    assert lin.does("click", channel=channel, ts=ts, action_id="extend")["error"] == "message_not_found"
    assert ada.does("click", channel=channel, ts=ts, action_id="extend") == {"ok": True}
    assert got[0]["container"]["is_ephemeral"] is True
    assert "message" not in got[0]


def test_an_external_select_offers_what_the_app_suggests_and_only_that(
    got: list[Json], posted: Json, ada: Person
) -> None:
    assert ada.does("options", **posted, action_id="find", value="")["options"] == []
    assert ada.does("options", **posted, action_id="find", value="blue")["options"] == [option("blue")]

    assert ada.does("click", **posted, action_id="find", value="red")["error"] == "option_not_found"
    assert ada.does("click", **posted, action_id="find", value="blue") == {"ok": True}
    assert got[0]["actions"][0]["selected_option"] == option("blue")


@pytest.mark.parametrize(
    ("said", "texts"),
    [
        ({"text": "new", "replace_original": True}, ["new"]),
        ({"text": "new"}, ["new"]),
        ({"text": "new", "replace_original": False}, ["acts", "new"]),
        ({"text": "new", "replace_original": False, "response_type": "in_channel"}, ["acts", "new"]),
        ({"delete_original": True}, []),
    ],
)
def test_an_answer_to_a_click_replaces_adds_or_deletes(
    live: App,
    posted: Json,
    ada: Person,
    said: Json,
    texts: list[str],
) -> None:
    answered = threading.Event()

    @live.action("extend")
    def listener(ack: Ack, respond: Respond) -> None:
        ack()
        respond(**said)
        answered.set()

    ada.does("click", **posted, action_id="extend")

    assert answered.wait(5)
    assert [row["text"] for row in ada.sees("payments")] == texts


def test_an_answer_to_a_click_on_an_ephemeral_message_replaces_it(live: App, client: WebClient, ada: Person) -> None:
    channel = ada.channel("channel", "payments")["id"]
    ts = client.chat_postEphemeral(channel=channel, user=ada.id, text="old", blocks=BLOCKS)["message_ts"]

    @live.action("extend")
    def listener(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="new", replace_original=True)

    ada.does("click", channel=channel, ts=ts, action_id="extend")

    replaced = ada.awaits("payments", "new")
    assert (replaced["ts"], replaced["ephemeral"], replaced["edited"]) == (ts, True, None)


def test_a_click_nobody_acknowledges_is_shown_as_failed(posted: Json, ada: Person, lin: Person) -> None:
    answer = ada.does("click", **posted, action_id="extend")

    assert (answer["ok"], answer["error"]) == (False, "dispatch_failed")
    assert ada.sees("payments")[0]["failed"] == answer["text"]
    assert "failed" not in lin.sees("payments")[0]


def test_blocks_and_elements_without_ids_get_them(client: WebClient, ada: Person) -> None:
    bare = {"type": "actions", "elements": [{"type": "button", "text": plain("Go")}]}
    client.chat_postMessage(channel="payments", text="x", blocks=[bare, {"type": "divider"}])

    blocks = ada.sees("payments")[0]["blocks"]

    assert all(block["block_id"] for block in blocks)
    assert blocks[0]["elements"][0]["action_id"]
