"""Writing, changing and removing messages, whoever asks: the Web API, an acknowledgement or a response URL.

The one place where a message's content is checked and comes into being.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import blocks as block_kit
from bot.sandbox.slack.delivery import CHANNEL_TYPES, MESSAGE_SUBSCRIPTIONS, Courier
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.limits import VIDEO_SCOPE
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.workspace import Workspace

SLACKBOT = "USLACKBOT"
LONGEST_TEXT = 40_000
MOST_ATTACHMENTS = 100
LONGEST_BLOCKS = 13_200
"""Characters of a message's blocks together, tables and charts aside; observed on Slack, not documented."""


@dataclass(frozen=True)
class Content:
    """What a message says."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Json | None = None


def content(workspace: Workspace, given: Json) -> Content:
    """Checked content; raises `no_text`, `msg_too_long`, `msg_blocks_too_long`, `invalid_blocks` and their like."""
    text = str(given.get("text") or given.get("markdown_text") or "")
    blocks, attachments = given.get("blocks") or [], given.get("attachments") or []
    if given.get("markdown_text") and (given.get("text") or blocks):
        raise SlackError("markdown_text_conflict")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if reasons := block_kit.reasons_against(blocks, "message", ready_files(workspace)):
        raise invalid("invalid_blocks", reasons)
    if block_kit.holds(blocks, "video") and VIDEO_SCOPE not in workspace.scopes:
        raise SlackError("missing_scope", needed=VIDEO_SCOPE, provided=",".join(workspace.scopes))
    if block_kit.characters(blocks) > LONGEST_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    return Content(text, block_kit.completed(blocks, workspace.new_code), attachments, _metadata(given.get("metadata")))


def ready_files(workspace: Workspace) -> frozenset[str]:
    """The ids a block may refer to by `slack_file`."""
    return frozenset(file.id for file in workspace.files.values() if file.processed)


def _metadata(given: Any) -> Json | None:
    if not given:
        return None
    well_formed = isinstance(given, dict) and isinstance(given.get("event_type"), str)
    if not well_formed or not isinstance(given.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    return dict(given)


@dataclass(frozen=True)
class Poster:
    """Puts messages into channels and tells the app and the watchers."""

    workspace: Workspace
    courier: Courier

    def open_to_bot(self, channel: Channel) -> Channel:
        """The channel, if the bot may post there now; raises what Slack answers where it may not."""
        workspace = self.workspace
        if channel.direct and not workspace.home_setting("messages_tab_enabled"):
            raise SlackError("messages_tab_disabled")
        partner = workspace.people[channel.partner(workspace.bot.id)]
        if channel.archived or (channel.direct and partner.deleted):
            raise SlackError("is_archived")
        if workspace.bot.id not in channel.members:
            if channel.kind != "channel":
                raise SlackError("channel_not_found")
            if "chat:write.public" not in workspace.scopes:
                raise SlackError("not_in_channel")
        return channel

    def post(self, channel: Channel, author: str, said: Content, **more: Any) -> Message:
        """A new message; `more` are further fields of it (thread_ts, ephemeral_to, files …)."""
        thread_ts = more.get("thread_ts")
        if thread_ts and thread_ts not in channel.messages:
            raise SlackError("thread_not_found")
        if author == self.workspace.bot.id:
            profile = self.workspace.bot_profile()
            more |= {"bot_id": profile["id"], "bot_profile": profile, "username": self.workspace.app_name}
        message = Message(
            self.workspace.next_ts(), channel.id, author, said.text, said.blocks, said.attachments, **more
        )
        message.metadata = said.metadata
        channel.messages[message.ts] = message
        channel.last_read[author] = message.ts
        self.workspace.changed(f"channel:{channel.id}", message.ephemeral_to)
        if not message.ephemeral_to:
            self._tell_app(channel, message)
        return message

    def tell_person(self, channel: Channel, user: str, text: str) -> Message:
        """What Slack itself says to one person, such as that a command failed."""
        failure = Content(text, [], [])
        return self.post(channel, SLACKBOT, failure, ephemeral_to=user, username="Slackbot")

    def rewrite(self, message: Message, said: Content) -> None:
        """Replaces a message's content; others see that it was edited."""
        before = message.wire()
        message.text, message.blocks, message.attachments = said.text, said.blocks, said.attachments
        message.metadata = said.metadata or message.metadata
        message.failed.clear()
        if not message.ephemeral_to:
            message.edited = {"user": message.user, "ts": self.workspace.next_ts()}
            self._tell_change(message, "message_changed", {"message": message.wire(), "previous_message": before})
        self.workspace.changed(f"channel:{message.channel}", message.ephemeral_to)

    def remove(self, message: Message) -> None:
        """Deletes a message."""
        self.workspace.channels[message.channel].messages.pop(message.ts, None)
        if not message.ephemeral_to:
            self._tell_change(
                message, "message_deleted", {"deleted_ts": message.ts, "previous_message": message.wire()}
            )
        self.workspace.changed(f"channel:{message.channel}", message.ephemeral_to)

    def _tell_app(self, channel: Channel, message: Message) -> None:
        event = message.wire() | {"channel": channel.id, "event_ts": message.ts, "team": self.workspace.id}
        self._tell_members(channel, event)
        mentioned = f"<@{self.workspace.bot.id}>" in message.text
        if mentioned and not channel.direct and message.user != self.workspace.bot.id:
            self.courier.event(event | {"type": "app_mention"})

    def _tell_change(self, message: Message, subtype: str, what: Json) -> None:
        event = {"type": "message", "subtype": subtype, "hidden": True, "channel": message.channel}
        self._tell_members(self.workspace.channels[message.channel], event | {"ts": self.workspace.next_ts()} | what)

    def _tell_members(self, channel: Channel, event: Json) -> None:
        if self.workspace.bot.id in channel.members:
            channel_type = CHANNEL_TYPES[channel.kind]
            self.courier.event(event | {"channel_type": channel_type}, MESSAGE_SUBSCRIPTIONS[channel_type])
