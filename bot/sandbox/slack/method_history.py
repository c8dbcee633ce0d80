"""Reading messages: conversations.history and conversations.replies, for channels the bot is a member of."""

from __future__ import annotations

from bot.sandbox.slack.calls import Call, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.method_conversations import TYPES
from bot.sandbox.slack.records import Channel, Json, Message

HISTORY_SCOPES = {
    "public_channel": "channels:history",
    "private_channel": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}
ANY_HISTORY = "|".join(HISTORY_SCOPES.values())


def _readable(call: Call) -> Channel:
    channel = call.seen_channel()
    call.need(HISTORY_SCOPES[TYPES[channel.kind]])
    if call.workspace.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _moment(call: Call, name: str, default: float) -> float:
    try:
        return float(call.text(name) or default)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _within(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = _moment(call, "oldest", 0), _moment(call, "latest", float("inf"))
    inclusive = call.flag("inclusive")
    return [
        one for one in messages if oldest < float(one.ts) < latest or (inclusive and float(one.ts) in {oldest, latest})
    ]


def _page(call: Call, messages: list[Message]) -> Json:
    page = call.page([one.wire() for one in _within(call, messages)], "messages")
    return page | {"has_more": bool(page["response_metadata"]["next_cursor"])}


def history(call: Call) -> Json:
    """The messages of a conversation, newest first, replies aside."""
    shown = [one for one in _readable(call).messages.values() if not one.ephemeral_to]
    return _page(call, [one for one in shown if one.thread_ts in {None, one.ts}][::-1])


def replies(call: Call) -> Json:
    """A message and its replies, oldest first."""
    channel, ts = _readable(call), call.text("ts")
    shown = [one for one in channel.messages.values() if not one.ephemeral_to and ts in {one.ts, one.thread_ts}]
    if not shown:
        raise SlackError("thread_not_found")
    return _page(call, shown)


METHODS = (
    Method("conversations.history", history, ANY_HISTORY, "tier3", ("channel",)),
    Method("conversations.replies", replies, ANY_HISTORY, "tier3", ("channel", "ts")),
)
