"""Reading messages back: history, threads, and what a channel's kind and membership open."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import OpenSlack, manifest_with
from tests.sandbox.slack.person import Control, Person


@pytest.fixture
def general(ada: Person) -> str:
    """The channel everybody is in."""
    return str(ada.channel("channel", "general")["id"])


@pytest.fixture
def said(client: WebClient, general: str) -> list[str]:
    """Five messages there, oldest first."""
    return [str(client.chat_postMessage(channel=general, text=str(number))["ts"]) for number in range(5)]


def test_history_comes_newest_first_and_by_pages(client: WebClient, general: str, said: list[str]) -> None:
    pages = [page["messages"] for page in client.conversations_history(channel=general, limit=2)]

    assert [[row["ts"] for row in page] for page in pages] == [said[4:2:-1], said[2:0:-1], said[:1]]
    assert client.conversations_history(channel=general, limit=2)["has_more"] is True


@pytest.mark.parametrize(("inclusive", "found"), [(True, 3), (False, 1)])
def test_history_can_be_cut_at_both_ends(
    client: WebClient, general: str, said: list[str], inclusive: bool, found: int
) -> None:
    cut = client.conversations_history(channel=general, oldest=said[1], latest=said[3], inclusive=inclusive)

    assert len(cut["messages"]) == found


def test_replies_and_ephemeral_messages_stay_out_of_history(
    client: WebClient, general: str, said: list[str], ada: Person
) -> None:
    reply = client.chat_postMessage(channel=general, thread_ts=said[0], text="reply")["ts"]
    client.chat_postEphemeral(channel=general, user=ada.id, text="psst")

    assert [row["ts"] for row in client.conversations_history(channel=general)["messages"]] == said[::-1]
    thread = client.conversations_replies(channel=general, ts=said[0])["messages"]
    assert [row["ts"] for row in thread] == [said[0], reply]


def test_a_message_of_the_app_carries_its_profile(client: WebClient, general: str, said: list[str]) -> None:
    message = client.conversations_history(channel=general, limit=1)["messages"][0]
    bot = client.bots_info()["bot"]

    assert message["bot_profile"]["id"] == message["bot_id"] == bot["id"]
    assert (message["app_id"], message["team"]) == (bot["app_id"], client.auth_test()["team_id"])


def test_a_channel_the_bot_left_cannot_be_read_until_it_joins_again(
    client: WebClient, control: Control, ada: Person
) -> None:
    payments = ada.channel("channel", "payments")["id"]
    control.post("/channels/payments", bot_member=False)
    with pytest.raises(SlackApiError, match="not_in_channel"):
        client.conversations_history(channel=payments)

    client.conversations_join(channel=payments)

    assert client.conversations_history(channel=payments)["messages"] == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"oldest": "soon"}, "invalid_ts_oldest"),
        ({"limit": "many"}, "invalid_limit"),
        ({"cursor": "é☃"}, "invalid_cursor"),
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
    ],
)
def test_history_refuses_what_makes_no_sense(
    client: WebClient, general: str, arguments: dict[str, str], error: str
) -> None:
    with pytest.raises(SlackApiError, match=error):
        client.api_call("conversations.history", params={"channel": general} | arguments)


def id_of(slack: SandboxSlack, name: str) -> str:
    """A channel's id."""
    control = Control(slack)
    found = Person(control, "ada").channel("channel", name)["id"]
    control.http.close()
    return str(found)


def test_history_needs_the_scope_of_the_channels_kind(open_slack: OpenSlack) -> None:
    slack: SandboxSlack = open_slack(manifest=manifest_with(scopes=["im:history"]))
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)

    general = id_of(slack, "general")

    with pytest.raises(SlackApiError) as refused:
        client.conversations_history(channel=general)

    assert refused.value.response["needed"] == "channels:history"


def test_the_bot_leaves_a_channel_but_not_general(open_slack: OpenSlack) -> None:
    slack: SandboxSlack = open_slack(manifest=manifest_with(scopes=["channels:write"]))
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)

    payments, general = id_of(slack, "payments"), id_of(slack, "general")

    assert client.conversations_leave(channel=payments)["ok"]
    assert client.conversations_leave(channel=payments)["not_in_channel"] is True
    with pytest.raises(SlackApiError, match="cant_leave_general"):
        client.conversations_leave(channel=general)
