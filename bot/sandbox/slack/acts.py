"""What a person does in Slack, told to the app and answered as Slack answers: commands, clicks, messages, Home.

A deactivated person can do nothing. What the app does not acknowledge in time the person sees as Slack's failure.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack import elements, showing, typed
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.payloads import Payloads, Source
from bot.sandbox.slack.posting import Content, Poster
from bot.sandbox.slack.records import Channel, Json, Person, View
from bot.sandbox.slack.replies import Replies
from bot.sandbox.slack.tickets import ResponseUrl
from bot.sandbox.slack.workspace import Workspace

NO_CONNECTION = "We had some trouble connecting. Try again?"


@dataclass(frozen=True)
class Acts:
    """Everything a person can do outside a form's submission."""

    workspace: Workspace
    courier: Courier
    payloads: Payloads
    poster: Poster
    replies: Replies

    def person(self, reference: str) -> Person:
        """Who acts; raises `account_inactive` for the deactivated."""
        person = self.workspace.person(reference)
        if person.deleted:
            raise SlackError("account_inactive")
        return person

    def entered(self, person: Person, reference: str) -> Channel:
        """A channel that person may write in; raises `channel_not_found`, `not_in_channel`, `is_archived` …"""
        channel = self.workspace.channel(reference)
        if channel not in self.workspace.visible_channels(person.id):
            raise SlackError("channel_not_found")
        if person.id not in channel.members:
            raise SlackError("not_in_channel")
        if channel.archived:
            raise SlackError("is_archived")
        if channel.kind == "app" and not self._writable_messages_tab():
            raise SlackError("messages_tab_disabled")
        return channel

    def _writable_messages_tab(self) -> bool:
        setting = self.workspace.home_setting
        return setting("messages_tab_enabled") and not setting("messages_tab_read_only_enabled")

    async def command(self, person: Person, given: Json) -> Json:
        """A slash command; its acknowledgement may carry an answer."""
        channel = self.entered(person, str(given["channel"]))
        command, _, text = str(given["text"]).strip().partition(" ")
        row = self.workspace.command(command)
        if row is None:
            raise SlackError("unknown_command", text=f"{command} is not a valid command.")
        handed_on = typed.escaped if row.get("should_escape") else typed.plain
        payload = self.payloads.command(person, channel, command, handed_on(self.workspace, text.strip()))
        answer = await self.courier.act("slash_commands", payload)
        if not answer.ok:
            return self._failed(person, channel, command, SlackError(answer.error))
        if any(answer.payload.get(name) for name in ("text", "blocks", "attachments")):
            place = ResponseUrl(person.id, channel.id, None, None, 0)
            try:
                self.replies.say(place, answer.payload)
            except SlackError as refusal:
                # An answer Slack cannot show is no answer; the reasons go to whoever asks the control API.
                return self._failed(person, channel, command, SlackError("dispatch_failed", answer=refusal.code))
        return {"ok": True}

    def _failed(self, person: Person, channel: Channel, command: str, why: SlackError) -> Json:
        failure = f'{command} failed with the error "{why.code}"'
        self.poster.tell_person(channel, person.id, failure)
        return {"ok": False, "error": why.code, "text": failure} | why.details

    async def shortcut(self, person: Person, given: Json) -> Json:
        """A shortcut of the manifest: a global one, or one on the message that `channel` and `ts` name."""
        row = self.workspace.shortcut(str(given["callback_id"]))
        if row is None:
            raise SlackError("unknown_shortcut", callback_id=given["callback_id"])
        if row.get("type") == "message":
            payload = self.payloads.message_shortcut(person, self._kept_message(person, given), row["callback_id"])
        else:
            payload = self.payloads.global_shortcut(person, row["callback_id"])
        answer = await self.courier.act("interactive", payload)
        return {"ok": True} if answer.ok else {"ok": False, "error": answer.error, "text": NO_CONNECTION}

    def _kept_message(self, person: Person, given: Json) -> Source:
        source = self.source(person, {"channel": given.get("channel"), "ts": given.get("ts")})
        if source.message is None or source.message.ephemeral_to:
            raise SlackError("message_not_found")
        return source

    def message(self, person: Person, given: Json) -> Json:
        """A message; `@app` becomes a mention."""
        channel = self.entered(person, str(given["channel"]))
        mention = f"<@{self.workspace.bot.id}>"
        text = str(given["text"]).replace(f"@{self.workspace.app_name}", mention)
        said = Content(text, [], [])
        message = self.poster.post(
            channel, person.id, said, thread_ts=given.get("thread_ts"), username=person.real_name
        )
        return {"ok": True, "ts": message.ts}

    def source(self, person: Person, given: Json) -> Source:
        """Where something was clicked, if that person sees it; raises `view_not_found` and `message_not_found`."""
        if view_id := given.get("view_id"):
            mine = [*self.workspace.stacks.get(person.id, []), self.workspace.homes.get(person.id)]
            view = next((one for one in mine if one and one.id == view_id), None)
            if view is None:
                raise SlackError("view_not_found")
            return Source(view=view)
        channel = self.workspace.channel(str(given.get("channel")))
        visible = self.workspace.visible_messages(person.id, channel)
        message = next((one for one in visible if one.ts == given.get("ts")), None)
        if message is None or channel not in self.workspace.visible_channels(person.id):
            raise SlackError("message_not_found")
        return Source(channel, message)

    async def click(self, person: Person, given: Json) -> Json:
        """A click on a button, or a choice in a menu."""
        source = self.source(person, given)
        one = elements.find(source.blocks, str(given.get("action_id")), given.get("block_id"))
        offered = elements.options_of(source.offered.get(one.action_id, {}))
        state = elements.state_of(one.element, given, offered)
        self._remember(source, given.get("state") or {}, one, state)
        action = elements.action_of(one, state, self.workspace.next_ts())
        answer = await self.courier.act("interactive", self.payloads.action(person, source, action))
        if answer.ok:
            return {"ok": True}
        if source.message:
            source.message.failed[person.id] = NO_CONNECTION
            self.workspace.changed(f"channel:{source.message.channel}", person.id)
        return {"ok": False, "error": answer.error, "text": NO_CONNECTION}

    def _remember(self, source: Source, entered: elements.State, one: elements.Placed, state: Json) -> None:
        held = source.view.values if source.view else source.message.state if source.message else {}
        enter(source.blocks, held, entered, source.offered)
        if one.element["type"] in elements.STATEFUL:
            held.setdefault(one.block_id, {})[one.action_id] = state

    async def options(self, person: Person, given: Json) -> Json:
        """What an external select offers for what was typed."""
        source = self.source(person, given)
        one = elements.find(source.blocks, str(given.get("action_id")), given.get("block_id"))
        typed = str(given.get("value") or "")
        if len(typed) < int(one.element.get("min_query_length", 3)):
            return {"ok": True, "options": []}
        asked = {"action_id": one.action_id, "block_id": one.block_id, "value": typed}
        answer = await self.courier.act("interactive", self.payloads.suggestion(person, source, asked))
        if not answer.ok:
            return {"ok": False, "error": answer.error, "options": []}
        offer: Json = {name: answer.payload[name] for name in ("options", "option_groups") if name in answer.payload}
        source.offered[one.action_id] = offer
        return {"ok": True} | offer

    def open_home(self, person: Person, tab: str) -> Json:
        """Opens the app's Home or Messages tab."""
        channel = self.workspace.direct(person.id, self.workspace.bot.id)
        event: Json = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": tab}
        home = self.workspace.homes.get(person.id)
        if tab == "home" and home:
            event["view"] = showing.wire(self.workspace, home)
        self.courier.event(event)
        return {"ok": True}

    def reload(self, person: Person) -> Json:
        """Reloads the person's client: messages only they could see, and open modals, are gone."""
        for channel in self.workspace.channels.values():
            for message in [one for one in channel.messages.values() if one.ephemeral_to == person.id]:
                self.poster.remove(message)
        self.workspace.stacks.pop(person.id, None)
        self.workspace.changed("views", person.id)
        return {"ok": True}


def enter(blocks: list[Json], held: elements.State, given: elements.State, offered: dict[str, Json]) -> None:
    """Puts what a person entered into `held`; raises for elements that are not there and options not offered."""
    for block_id, by_action in given.items():
        for action_id, state in by_action.items():
            one = elements.find(blocks, action_id, block_id)
            options = elements.options_of(offered.get(action_id, {}))
            entry = state if isinstance(state, dict) else {"value": state}
            held.setdefault(block_id, {})[action_id] = elements.state_of(one.element, entry, options)


def top_view(workspace: Workspace, person: Person, view_id: str) -> View:
    """The topmost modal, which must be the one named; raises `view_not_found`."""
    stack = workspace.stacks.get(person.id, [])
    if not stack or stack[-1].id != view_id:
        raise SlackError("view_not_found")
    return stack[-1]
