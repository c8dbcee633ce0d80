"""Messages for later: chat.scheduleMessage, its list, and taking one back."""

from __future__ import annotations

import asyncio

from bot.sandbox.slack.calls import Call, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.method_chat import content_of, target_of
from bot.sandbox.slack.posting import Content, Poster
from bot.sandbox.slack.records import Json, Scheduled

FARTHEST_SECONDS = 120 * 86_400
LOOKS_EVERY_SECONDS = 0.1


def _moment(call: Call) -> int:
    if not call.text("post_at").isdecimal():
        raise SlackError("invalid_time")
    post_at = int(call.text("post_at"))
    if post_at <= call.workspace.epoch:
        raise SlackError("time_in_past")
    if post_at > call.workspace.epoch + FARTHEST_SECONDS:
        raise SlackError("time_too_far")
    return post_at


def schedule(call: Call) -> Json:
    """Posts at `post_at`, in seconds, up to 120 days ahead."""
    workspace, post_at = call.workspace, _moment(call)
    poster = Poster(workspace, call.courier)
    channel = poster.open_to_bot(target_of(call))
    said = content_of(call)
    name = workspace.new_id("Q")
    workspace.scheduled[name] = Scheduled(name, channel.id, post_at, int(workspace.epoch), said.text)
    call.courier.in_background(_post_when_due(poster, workspace.scheduled[name], said))
    message = {"type": "message", "text": said.text, "blocks": said.blocks, "bot_id": workspace.bot_id}
    return {"channel": channel.id, "scheduled_message_id": name, "post_at": post_at, "message": message}


async def _post_when_due(poster: Poster, planned: Scheduled, said: Content) -> None:
    workspace = poster.workspace
    while workspace.epoch < planned.post_at:
        await asyncio.sleep(LOOKS_EVERY_SECONDS)
    if workspace.scheduled.pop(planned.id, None):
        poster.post(workspace.channels[planned.channel_id], workspace.bot.id, said)


def delete(call: Call) -> Json:
    """Takes a scheduled message back."""
    planned = call.workspace.scheduled.get(call.text("scheduled_message_id"))
    if planned is None or planned.channel_id != target_of(call).id:
        raise SlackError("invalid_scheduled_message_id")
    del call.workspace.scheduled[planned.id]
    return {}


def list_scheduled(call: Call) -> Json:
    """What is still to be posted, the soonest first; of one channel, if one is named."""
    channel = target_of(call).id if call.text("channel") else ""
    planned = sorted(call.workspace.scheduled.values(), key=lambda one: one.post_at)
    shown = [vars(one) for one in planned if channel in {"", one.channel_id}]
    return call.page(shown, "scheduled_messages")


METHODS = (
    Method("chat.scheduleMessage", schedule, "chat:write", "tier3", ("channel", "post_at")),
    Method("chat.deleteScheduledMessage", delete, "chat:write", "tier3", ("channel", "scheduled_message_id")),
    Method("chat.scheduledMessages.list", list_scheduled, "", "tier3"),
)
