"""The workspace as a person sees it: channels, messages, modals and Home, as plain data for the page and for tests."""

from __future__ import annotations

from bot.sandbox.slack import showing
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Message, Person, View
from bot.sandbox.slack.workspace import Workspace

PERSON_FIELDS = ("id", "name", "real_name", "title", "email", "tz", "is_admin", "is_restricted", "deleted", "color")
MESSAGE_FIELDS = ("ts", "user", "bot_id", "text", "blocks", "attachments", "edited", "thread_ts", "files", "metadata")
SHORTCUT_FIELDS = ("name", "type", "callback_id", "description")


def workspace(one: Workspace) -> Json:
    """The workspace itself, its people and its app."""
    rows = one.features.get("slash_commands", [])
    commands = [{name: row.get(name, "") for name in ("command", "description", "usage_hint")} for row in rows]
    app: Json = {"id": one.app_id, "name": one.app_name, "bot_user_id": one.bot.id, "commands": commands}
    shortcuts = one.features.get("shortcuts", [])
    app["shortcuts"] = [{name: row.get(name, "") for name in SHORTCUT_FIELDS} for row in shortcuts]
    app |= {"description": one.manifest["display_information"].get("description", "")}
    app |= {"home_tab": one.home_setting("home_tab_enabled"), "messages_tab": one.home_setting("messages_tab_enabled")}
    return {
        "workspace": {"id": one.id, "name": one.name, "domain": one.domain},
        "people": [person(one, human) for human in one.humans()],
        "app": app,
        "clock_speed": one.options.clock_speed,
        "now": one.epoch,
    }


def person(one: Workspace, human: Person) -> Json:
    """A person."""
    return {name: getattr(human, name) for name in PERSON_FIELDS} | {"tz_offset": human.tz_offset(one.now)}


def channels(one: Workspace, me: Person) -> list[Json]:
    """The channels a person can open."""
    return [_channel(one, me, channel) for channel in one.visible_channels(me.id)]


def _channel(one: Workspace, me: Person, channel: Channel) -> Json:
    name = one.people[channel.partner(me.id)].real_name if channel.direct else channel.name
    seen = [message for message in one.visible_messages(me.id, channel) if not _is_reply(message)]
    read = channel.last_read.get(me.id, "")
    unread = sum(message.ts > read and message.user != me.id for message in seen)
    return {
        "id": channel.id,
        "name": name,
        "kind": channel.kind,
        "members": channel.members,
        "is_member": me.id in channel.members,
        "unread": unread,
        "topic": channel.topic,
        "archived": channel.archived,
        "latest": seen[-1].ts if seen else None,
    }


def _is_reply(message: Message) -> bool:
    return bool(message.thread_ts) and message.thread_ts != message.ts


def messages(one: Workspace, me: Person, reference: str, thread_ts: str = "") -> list[Json]:
    """The messages of a channel, or of a thread with the message it started from; raises `channel_not_found`."""
    channel = one.channel(reference)
    if channel not in one.visible_channels(me.id):
        raise SlackError("channel_not_found")
    seen = list(one.visible_messages(me.id, channel))
    if thread_ts:
        shown = [message for message in seen if thread_ts in {message.ts, message.thread_ts}]
    else:
        shown = [message for message in seen if not _is_reply(message)]
    return [_message(one, me, message, seen) for message in shown]


def _message(one: Workspace, me: Person, message: Message, seen: list[Message]) -> Json:
    author = one.people.get(message.user)
    username = message.username or (author.real_name if author else message.user)
    replies = [other for other in seen if _is_reply(other) and other.thread_ts == message.ts]
    row = {name: getattr(message, name) for name in MESSAGE_FIELDS} | {"username": username}
    row |= {"reply_count": len(replies), "reply_users": list(dict.fromkeys(other.user for other in replies))}
    row["latest_reply"] = replies[-1].ts if replies else None
    row["ephemeral"] = bool(message.ephemeral_to)
    if me.id in message.failed:
        row["failed"] = message.failed[me.id]
    return row


def views(one: Workspace, me: Person) -> list[Json]:
    """The open modals, newest last."""
    return [view(one, open_view) for open_view in one.stacks.get(me.id, [])]


def view(one: Workspace, shown: View) -> Json:
    """A view with what only the client knows: the errors of the last submission, and whether it is waiting."""
    return showing.wire(one, shown) | {"errors": shown.errors, "loading": shown.loading}
