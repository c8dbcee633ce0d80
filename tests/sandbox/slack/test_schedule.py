"""Messages for later: posted when their time comes, unless they were taken back."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import OpenSlack, SteppingClock
from tests.sandbox.slack.person import Control, Person


@pytest.fixture
def clock() -> SteppingClock:
    """The workspace's clock."""
    return SteppingClock()


@pytest.fixture
def slack(open_slack: OpenSlack, clock: SteppingClock) -> SandboxSlack:
    """A workspace by that clock."""
    return open_slack(clock=clock)


def at(clock: SteppingClock, seconds: float) -> int:
    """That many seconds from now."""
    return int(clock.now.timestamp() + seconds)


def test_a_message_for_later_is_listed_until_it_is_posted(
    client: WebClient, control: Control, clock: SteppingClock, ada: Person
) -> None:
    planned = client.chat_scheduleMessage(channel="general", text="later", post_at=at(clock, 3600))

    listed = client.chat_scheduledMessages_list()["scheduled_messages"]
    assert [(row["id"], row["post_at"]) for row in listed] == [(planned["scheduled_message_id"], at(clock, 3600))]
    assert ada.sees("general") == []

    control.post("/clock", forward=3601)

    ada.awaits("general", "later")
    assert client.chat_scheduledMessages_list()["scheduled_messages"] == []


def test_a_message_that_was_taken_back_is_not_posted(
    client: WebClient, control: Control, clock: SteppingClock, ada: Person
) -> None:
    planned = client.chat_scheduleMessage(channel="general", text="never", post_at=at(clock, 60))
    client.chat_scheduleMessage(channel="general", text="after it", post_at=at(clock, 61))
    name = planned["scheduled_message_id"]

    client.chat_deleteScheduledMessage(channel="general", scheduled_message_id=name)
    control.post("/clock", forward=62)

    ada.awaits("general", "after it")
    assert [row["text"] for row in ada.sees("general")] == ["after it"]
    with pytest.raises(SlackApiError, match="invalid_scheduled_message_id"):
        client.chat_deleteScheduledMessage(channel="general", scheduled_message_id=name)


@pytest.mark.parametrize(
    ("seconds", "error"), [(-1, "time_in_past"), (0, "time_in_past"), (121 * 86_400, "time_too_far")]
)
def test_a_moment_out_of_reach_is_refused(client: WebClient, clock: SteppingClock, seconds: int, error: str) -> None:
    with pytest.raises(SlackApiError, match=error):
        client.chat_scheduleMessage(channel="general", text="x", post_at=at(clock, seconds))


def test_what_could_not_be_posted_now_is_not_scheduled(
    client: WebClient, control: Control, clock: SteppingClock
) -> None:
    with pytest.raises(SlackApiError, match="no_text"):
        client.api_call("chat.scheduleMessage", json={"channel": "general", "post_at": at(clock, 60)})
    control.post("/channels/general", archived=True)
    with pytest.raises(SlackApiError, match="is_archived"):
        client.chat_scheduleMessage(channel="general", text="x", post_at=at(clock, 60))
