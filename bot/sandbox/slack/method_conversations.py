"""The conversations.* methods, users.conversations among them."""

from __future__ import annotations

from bot.sandbox.slack.calls import Call, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json

TYPES = {"channel": "public_channel", "private": "private_channel", "app": "im", "dm": "im"}
READ_SCOPES = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}
ANY_READ = "|".join(READ_SCOPES.values())


def _wire(call: Call, channel: Channel) -> Json:
    bot = call.workspace.bot.id
    wire = channel.wire(bot, call.workspace.id)
    gone = channel.direct and call.workspace.people[channel.partner(bot)].deleted
    return wire | ({"is_user_deleted": True} if gone else {})


def open_conversation(call: Call) -> Json:
    """The direct conversation with a person."""
    users = call.words("users")
    if call.text("channel"):
        return {"channel": _wire(call, call.seen_channel())}
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    if not users:
        raise SlackError("users_list_not_supplied")
    person = call.workspace.people.get(users[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.bot_id:
        raise SlackError("cannot_dm_bot")
    if person.deleted:
        raise SlackError("user_disabled")
    channel = call.workspace.direct(person.id, call.workspace.bot.id)
    full = _wire(call, channel) if call.flag("return_im") else {"id": channel.id}
    return {"no_op": True, "already_open": True, "channel": full}


def info(call: Call) -> Json:
    """One channel."""
    channel = call.seen_channel()
    call.need(READ_SCOPES[TYPES[channel.kind]])
    return {"channel": _wire(call, channel)}


def _listed(call: Call, channels: list[Channel]) -> Json:
    types = call.words("types") or ["public_channel"]
    if unknown := [name for name in types if name not in READ_SCOPES]:
        raise SlackError("invalid_types", types=unknown)
    for name in types:
        call.need(READ_SCOPES[name])
    chosen = [one for one in channels if TYPES[one.kind] in types]
    if call.flag("exclude_archived"):
        chosen = [one for one in chosen if not one.archived]
    return call.page([_wire(call, one) for one in chosen], "channels")


def list_channels(call: Call) -> Json:
    """The channels the bot can see, by kind and page."""
    return _listed(call, _seen(call))


def _seen(call: Call) -> list[Channel]:
    bot = call.workspace.bot.id
    return [one for one in call.workspace.channels.values() if one.kind == "channel" or bot in one.members]


def users_conversations(call: Call) -> Json:
    """The channels a person (the bot, if none is named) is a member of, as far as the bot can see them."""
    user = call.text("user") or call.workspace.bot.id
    if user not in call.workspace.people:
        raise SlackError("user_not_found")
    return _listed(call, [one for one in _seen(call) if user in one.members])


def members(call: Call) -> Json:
    """Who is in a channel."""
    channel = call.seen_channel()
    call.need(READ_SCOPES[TYPES[channel.kind]])
    return call.page(list(channel.members), "members")


def join(call: Call) -> Json:
    """The bot joins a public channel."""
    channel = call.seen_channel()
    if channel.direct:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    bot = call.workspace.bot.id
    if bot in channel.members:
        already = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": _wire(call, channel)} | already
    channel.members.append(bot)
    call.courier.event({"type": "member_joined_channel", "user": bot, "channel": channel.id, "channel_type": "C"})
    call.workspace.changed(f"channel:{channel.id}")
    return {"channel": _wire(call, channel)}


def leave(call: Call) -> Json:
    """The bot leaves a channel."""
    channel = call.seen_channel()
    if channel.direct:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.name == "general":
        raise SlackError("cant_leave_general")
    bot = call.workspace.bot.id
    if bot not in channel.members:
        return {"not_in_channel": True}
    channel.members.remove(bot)
    call.workspace.changed(f"channel:{channel.id}")
    return {}


METHODS = (
    Method("conversations.open", open_conversation, "im:write|mpim:write", "tier3"),
    Method("conversations.info", info, ANY_READ, "tier3", ("channel",)),
    Method("conversations.list", list_channels, ANY_READ, "tier2"),
    Method("conversations.members", members, ANY_READ, "tier4", ("channel",)),
    Method("conversations.join", join, "channels:join", "tier3", ("channel",)),
    Method("conversations.leave", leave, "channels:write|groups:write", "tier3", ("channel",)),
    Method("users.conversations", users_conversations, ANY_READ, "tier2"),
)
