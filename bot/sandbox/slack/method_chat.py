"""The chat.* methods."""

from __future__ import annotations

from bot.sandbox.slack.calls import PER_CHANNEL, Call, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.posting import Content, Poster, content
from bot.sandbox.slack.records import Channel, Json, Message


def _poster(call: Call) -> Poster:
    return Poster(call.workspace, call.courier)


def content_of(call: Call) -> Content:
    """What a call wants to say, checked."""
    given = {name: call.structure(name) for name in ("blocks", "attachments", "metadata")}
    return content(call.workspace, given | {name: call.args.get(name) for name in ("text", "markdown_text")})


def target_of(call: Call) -> Channel:
    """The channel a call names, by id or name, or the conversation with a person; raises `channel_not_found`."""
    reference = call.text("channel")
    person = call.workspace.people.get(reference)
    if person is not None:
        if person.bot_id:
            raise SlackError("cannot_dm_bot")
        return call.workspace.direct(person.id, call.workspace.bot.id)
    return call.workspace.channel(reference)


def _own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = call.seen_channel()
    message = channel.messages.get(call.text("ts"))
    if message is None or message.ephemeral_to:
        raise SlackError("message_not_found")
    if message.user != call.workspace.bot.id:
        raise SlackError(refusal)
    return channel, message


def post_message(call: Call) -> Json:
    """Posts where the bot may, to a channel by id or name or to a person."""
    poster = _poster(call)
    channel = poster.open_to_bot(target_of(call))
    thread_ts = call.text("thread_ts") or None
    message = poster.post(channel, call.workspace.bot.id, content_of(call), thread_ts=thread_ts)
    return {"channel": channel.id, "ts": message.ts, "message": message.wire()}


def post_ephemeral(call: Call) -> Json:
    """Posts for one person's eyes, who must be in the channel."""
    poster = _poster(call)
    channel = poster.open_to_bot(target_of(call))
    reader = call.workspace.people.get(call.text("user"))
    if reader is None or reader.deleted or reader.id not in channel.members:
        raise SlackError("user_not_in_channel")
    more = {"ephemeral_to": call.text("user"), "thread_ts": call.text("thread_ts") or None}
    message = poster.post(channel, call.workspace.bot.id, content_of(call), **more)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Changes a message of the bot's own; it is marked as edited."""
    channel, message = _own_message(call, "cant_update_message")
    # Text alone replaces the whole message: Slack drops the blocks that a call does not repeat.
    given = {name: call.structure(name) for name in ("blocks", "attachments", "metadata")}
    text = call.text("text") if "text" in call.args or not given["blocks"] else message.text
    said = content(call.workspace, given | {"text": text})
    _poster(call).rewrite(message, said)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.wire()}


def delete(call: Call) -> Json:
    """Removes a message of the bot's own."""
    channel, message = _own_message(call, "cant_delete_message")
    _poster(call).remove(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """A link to a message."""
    channel = call.seen_channel()
    message = channel.messages.get(call.text("message_ts"))
    if message is None or message.ephemeral_to:
        raise SlackError("message_not_found")
    link = f"{call.workspace.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


METHODS = (
    Method("chat.postMessage", post_message, "chat:write", PER_CHANNEL, ("channel",)),
    Method("chat.postEphemeral", post_ephemeral, "chat:write", "tier4", ("channel", "user")),
    Method("chat.update", update, "chat:write", "tier3", ("channel", "ts")),
    Method("chat.delete", delete, "chat:write", "tier3", ("channel", "ts")),
    Method("chat.getPermalink", get_permalink, "", "special", ("channel", "message_ts")),
)
