"""The payloads that tell the app what a person did, field by field as Slack sends them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack import showing
from bot.sandbox.slack.elements import placed, states
from bot.sandbox.slack.records import Channel, Json, Message, Person, View
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Source:
    """Where an element stands: in a message of a channel, or in a view."""

    channel: Channel | None = None
    message: Message | None = None
    view: View | None = None

    @property
    def blocks(self) -> list[Json]:
        """The blocks one can act in."""
        if self.message is not None:
            return self.message.blocks
        return self.view.blocks if self.view is not None else []

    @property
    def offered(self) -> dict[str, Json]:
        """What external selects offered there last."""
        holder = self.message or self.view
        return holder.offered if holder else {}


@dataclass(frozen=True)
class Payloads:
    """Builds payloads."""

    workspace: Workspace
    tickets: Tickets

    def command(self, person: Person, channel: Channel, command: str, text: str) -> Json:
        """A slash command; a form of strings."""
        workspace = self.workspace
        return {
            "token": "sandbox",
            "team_id": workspace.id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self.tickets.response_url(person.id, channel.id),
            "trigger_id": self.tickets.trigger(person.id, channel=channel.id),
        }

    def action(self, person: Person, source: Source, action: Json) -> Json:
        """A click, or a choice."""
        payload = self._common("block_actions", person) | self._place(source)
        view, channel = source.view.id if source.view else None, source.channel.id if source.channel else None
        payload["trigger_id"] = self.tickets.trigger(person.id, view, channel)
        if source.message is not None and source.channel is not None:
            message = source.message
            url = self.tickets.response_url(person.id, source.channel.id, message.ts, message.thread_ts)
            payload |= {"response_url": url, "state": {"values": states(message.blocks, message.state)}}
        return payload | {"actions": [action]}

    def suggestion(self, person: Person, source: Source, asked: Json) -> Json:
        """What someone types into an external select."""
        return self._common("block_suggestion", person) | self._place(source) | asked

    def submission(self, person: Person, view: View) -> Json:
        """A submitted modal."""
        trigger = self.tickets.trigger(person.id, view.id)
        seen = showing.wire(self.workspace, view)
        return self._common("view_submission", person) | {
            "trigger_id": trigger,
            "view": seen,
            "response_urls": self._response_urls(person, view),
        }

    def _response_urls(self, person: Person, view: View) -> list[Json]:
        """One for every conversation that was chosen in an input block whose select asks for it."""
        urls: list[Json] = []
        values = states(view.blocks, view.values)
        for one in placed(view.blocks):
            state = values.get(one.block_id, {}).get(one.action_id, {})
            chosen = str(state.get("selected_conversation") or state.get("selected_channel") or "")
            if one.block["type"] == "input" and one.element.get("response_url_enabled") and chosen:
                url = self.tickets.response_url(person.id, chosen)
                place = {"block_id": one.block_id, "action_id": one.action_id, "channel_id": chosen}
                urls.append(place | {"response_url": url})
        return urls

    def global_shortcut(self, person: Person, callback_id: str) -> Json:
        """A shortcut from the composer's menu or from search: it belongs to no conversation."""
        more = {"callback_id": callback_id, "trigger_id": self.tickets.trigger(person.id)}
        return self._common("shortcut", person) | more | {"action_ts": self.workspace.next_ts()}

    def message_shortcut(self, person: Person, source: Source, callback_id: str) -> Json:
        """A shortcut from a message's menu. Its response URL replaces nothing: the message is not an answer to it."""
        channel, message = source.channel, source.message
        if channel is None or message is None:
            return {}
        payload = self._common("message_action", person) | {
            "callback_id": callback_id,
            "trigger_id": self.tickets.trigger(person.id, channel=channel.id),
            "message_ts": message.ts,
            "response_url": self.tickets.response_url(person.id, channel.id),
        }
        place = {"message": message.wire(), "channel": {"id": channel.id, "name": _channel_name(channel)}}
        return payload | place | {"action_ts": self.workspace.next_ts()}

    def closed(self, person: Person, view: View, *, cleared: bool) -> Json:
        """A modal that was closed."""
        seen = {"view": showing.wire(self.workspace, view), "is_cleared": cleared}
        return self._common("view_closed", person) | seen

    def _common(self, kind: str, person: Person) -> Json:
        workspace = self.workspace
        user = {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id}
        return {
            "type": kind,
            "team": {"id": workspace.id, "domain": workspace.domain},
            "user": user,
            "api_app_id": workspace.app_id,
            "token": "sandbox",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _place(self, source: Source) -> Json:
        if source.view is not None:
            seen = showing.wire(self.workspace, source.view)
            return {"container": {"type": "view", "view_id": source.view.id}, "view": seen}
        channel, message = source.channel, source.message
        if channel is None or message is None:
            return {}
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        container |= {"is_ephemeral": bool(message.ephemeral_to)}
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        place: Json = {"container": container, "channel": {"id": channel.id, "name": _channel_name(channel)}}
        # An ephemeral message is kept nowhere, so Slack cannot send its content along.
        return place | ({} if message.ephemeral_to else {"message": message.wire()})


def _channel_name(channel: Channel) -> str:
    special = {"app": "directmessage", "dm": "directmessage", "private": "privategroup"}
    return special.get(channel.kind, channel.name)
