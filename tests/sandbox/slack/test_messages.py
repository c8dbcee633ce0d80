"""Messages: where the bot may write, how they change, and who sees them."""

from __future__ import annotations

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import OpenSlack, manifest_with
from tests.sandbox.slack.person import Control, Person

VIDEO = {
    "type": "video",
    "alt_text": "x",
    "title": {"type": "plain_text", "text": "x"},
    "thumbnail_url": "https://x.example/x.png",
    "video_url": "https://x.example/x",
}


def refused(client: WebClient, channel: str, **said: object) -> str:
    """The error of a message that was refused."""
    with pytest.raises(SlackApiError) as raised:
        client.api_call("chat.postMessage", json={"channel": channel, "text": "hi"} | said)
    return str(raised.value.response["error"])


def test_a_message_to_a_person_lands_in_their_conversation_with_the_app(client: WebClient, ada: Person) -> None:
    client.chat_postMessage(channel=ada.id, text="hello")

    assert [row["text"] for row in ada.sees(ada.channel()["id"])] == ["hello"]
    assert ada.channel()["unread"] == 1


def test_an_opened_conversation_is_the_same_one(client: WebClient, ada: Person) -> None:
    assert client.conversations_open(users=ada.id)["channel"]["id"] == ada.channel()["id"]


def test_the_bot_writes_to_public_channels_it_left_only_with_the_public_scope(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(scopes=["chat:write", "channels:join"]))
    client, control = WebClient(token=slack.bot_token, base_url=slack.api_url), Control(slack)
    control.post("/channels/payments", bot_member=False)

    assert refused(client, "payments") == "not_in_channel"

    client.conversations_join(channel=Person(control, "ada").channel("channel", "payments")["id"])
    assert client.chat_postMessage(channel="#payments", text="hi")["ok"]
    control.http.close()


@pytest.mark.parametrize(
    ("change", "channel", "error"),
    [
        ({"bot_member": False}, "platform", "channel_not_found"),
        ({"archived": True}, "payments", "is_archived"),
        ({}, "no-such-channel", "channel_not_found"),
    ],
)
def test_a_channel_closed_to_the_bot_is_refused_as_slack_does(
    client: WebClient, control: Control, change: dict[str, object], channel: str, error: str
) -> None:
    control.post(f"/channels/{channel}", **change)

    assert refused(client, channel) == error


def test_without_a_messages_tab_people_cannot_be_written_to(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(app_home={"messages_tab_enabled": False}))
    client, control = WebClient(token=slack.bot_token, base_url=slack.api_url), Control(slack)

    assert refused(client, Person(control, "ada").id) == "messages_tab_disabled"
    control.http.close()


def test_a_deactivated_person_is_out_of_reach(client: WebClient, control: Control, ada: Person) -> None:
    control.post("/people/ada", deleted=True)

    assert refused(client, ada.id) == "is_archived"
    with pytest.raises(SlackApiError, match="user_disabled"):
        client.conversations_open(users=ada.id)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"text": "  "}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [{"type": "no_such_block"}]}, "invalid_blocks"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        (
            {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5},
            "msg_blocks_too_long",
        ),
        ({"metadata": {"event_type": "only"}}, "invalid_metadata_format"),
        ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
        ({"attachments": ["x"]}, "invalid_attachments"),
        ({"text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
        ({"blocks": [VIDEO]}, "missing_scope"),
        ({"thread_ts": "1.0"}, "thread_not_found"),
    ],
)
def test_content_slack_refuses_is_refused(client: WebClient, said: dict[str, object], error: str) -> None:
    assert refused(client, "general", **said) == error


def test_invalid_blocks_come_with_reason_and_place(client: WebClient) -> None:
    block = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}

    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel="general", text="x", blocks=[block])

    reasons = raised.value.response["response_metadata"]["messages"]
    assert reasons == ["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"]


def test_an_updated_message_keeps_its_place_and_is_marked_edited(client: WebClient, ada: Person) -> None:
    posted = client.chat_postMessage(channel="general", text="one", blocks=[{"type": "divider"}])
    client.chat_postMessage(channel="general", text="later")

    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")

    first = ada.sees("general")[0]
    assert (first["ts"], first["text"], first["blocks"]) == (posted["ts"], "two", [])
    assert first["edited"]["user"] == client.auth_test()["user_id"]


def test_others_messages_cannot_be_changed_and_missing_ones_not_found(client: WebClient, ada: Person) -> None:
    channel = ada.channel("channel", "general")["id"]
    theirs = ada.does("message", channel="general", text="mine")["ts"]

    with pytest.raises(SlackApiError, match="cant_update_message"):
        client.chat_update(channel=channel, ts=theirs, text="x")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        client.chat_delete(channel=channel, ts=theirs)
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel=channel, ts="1.0", text="x")


def test_a_deleted_message_is_gone(client: WebClient, ada: Person) -> None:
    posted = client.chat_postMessage(channel="general", text="one")

    client.chat_delete(channel=posted["channel"], ts=posted["ts"])

    assert ada.sees("general") == []


def test_an_ephemeral_message_is_one_persons_and_vanishes_on_reload(
    client: WebClient, ada: Person, lin: Person
) -> None:
    channel = ada.channel("channel", "payments")["id"]
    ts = client.chat_postEphemeral(channel=channel, user=ada.id, text="psst")["message_ts"]

    assert [row["ephemeral"] for row in ada.sees("payments")] == [True]
    assert lin.sees("payments") == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel=channel, ts=ts, text="loud")

    ada.does("reload")
    assert ada.sees("payments") == []


def test_a_bot_cannot_be_written_to(client: WebClient) -> None:
    assert refused(client, client.auth_test()["user_id"]) == "cannot_dm_bot"


def test_nobody_who_left_the_company_gets_an_ephemeral_message(
    client: WebClient, control: Control, ada: Person
) -> None:
    control.post("/people/ada", deleted=True)

    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        client.chat_postEphemeral(channel="general", user=ada.id, text="psst")


def test_an_ephemeral_message_needs_its_reader_in_the_channel(client: WebClient, ada: Person) -> None:
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        client.chat_postEphemeral(channel="search", user=ada.id, text="psst")


def test_replies_stay_in_their_thread_and_are_counted(client: WebClient, ada: Person) -> None:
    parent = client.chat_postMessage(channel="general", text="parent")["ts"]
    client.chat_postMessage(channel="general", text="reply", thread_ts=parent)

    assert [(row["text"], row["reply_count"]) for row in ada.sees("general")] == [("parent", 1)]
    assert [row["text"] for row in ada.sees("general", thread_ts=str(parent))] == ["parent", "reply"]


def test_reading_a_channel_clears_its_unread_mark(client: WebClient, ada: Person) -> None:
    client.chat_postMessage(channel="general", text="news")
    assert ada.channel("channel", "general")["unread"] == 1

    ada.does("read/general")

    assert ada.channel("channel", "general")["unread"] == 0


def test_a_private_channel_and_public_ones_for_a_guest_stay_out_of_sight(control: Control, ada: Person) -> None:
    ada_sees = {row["name"] for row in control.get("/as/ada/channels")}
    guest_sees = {row["name"] for row in control.get("/as/gus/channels")}

    assert ada_sees == {"Berth", "general", "payments", "search"}
    assert guest_sees == {"Berth", "general"}
    assert control.get("/as/ada/messages/platform")["error"] == "channel_not_found"


def test_a_permalink_names_channel_and_message(slack: SandboxSlack, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="general", text="x")

    link = client.chat_getPermalink(channel=posted["channel"], message_ts=posted["ts"])["permalink"]

    assert link == f"{slack.url}/archives/{posted['channel']}/p{str(posted['ts']).replace('.', '')}"


def test_an_uploaded_file_is_shared_and_can_be_fetched(slack: SandboxSlack, client: WebClient, ada: Person) -> None:
    channel = ada.channel("channel", "payments")["id"]

    client.files_upload_v2(
        content=b"bytes", filename="chart.png", title="Chart", channel=channel, initial_comment="see"
    )

    message = ada.sees("payments")[0]
    assert (message["text"], message["files"][0]["title"]) == ("see", "Chart")
    assert httpx.get(message["files"][0]["url_private"], trust_env=False).content == b"bytes"


def test_a_file_can_stand_in_a_block_only_once_slack_has_processed_it(client: WebClient, ada: Person) -> None:
    uploaded = client.files_upload_v2(content=b"bytes", filename="chart.png", title="Chart")["files"][0]
    block = {"type": "image", "slack_file": {"id": uploaded["id"]}, "alt_text": "chart"}
    assert uploaded["mimetype"] == ""
    assert refused(client, "general", blocks=[block]) == "invalid_blocks"

    while not client.files_info(file=uploaded["id"])["file"]["mimetype"]:
        pass

    assert client.chat_postMessage(channel="general", text="x", blocks=[block])["ok"]
