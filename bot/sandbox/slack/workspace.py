"""What the workspace holds and who may see which part of it.

State only: no HTTP, no delivery. Everything here runs on the server's one event loop, so nothing is locked.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.options import SlackOptions
from bot.sandbox.slack.records import Channel, File, Message, Person, Scheduled, Usergroup, View
from bot.sandbox.slack.seed import DEFAULT_MANIFEST, PersonSeed, slack_id

Watcher = tuple[str, "asyncio.Queue[str]"]


class Workspace:
    """People, channels, messages, views and files, and the installed app's identity."""

    def __init__(self, options: SlackOptions) -> None:
        self.options = options
        self.manifest: Mapping[str, Any] = options.manifest or DEFAULT_MANIFEST
        seed = options.seed
        self.name, self.domain = seed.name, seed.domain
        self.id = slack_id("T", seed.domain)
        self.app_id = slack_id("A", self.app_name)
        self.bot_id = slack_id("B", self.app_name)
        secret = hashlib.sha256(f"{self.id}{self.app_id}".encode()).hexdigest()
        self.bot_token = f"xoxb-sandbox-{secret[:24]}"
        self.app_token = f"xapp-sandbox-{secret[24:48]}"
        self.signing_secret = secret[32:]
        self.url = ""
        self.refusing = ""
        """Why the bot token is no longer good: `account_inactive`, `token_revoked`; empty while it is."""
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, Usergroup] = {}
        self.files: dict[str, File] = {}
        self.scheduled: dict[str, Scheduled] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self._watchers: list[Watcher] = []
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self._forward = timedelta()
        self._settle()

    # -- the app -------------------------------------------------------------------------------------------------

    @property
    def app_name(self) -> str:
        """The app's display name."""
        return str(self.manifest["display_information"]["name"])

    @property
    def features(self) -> Mapping[str, Any]:
        """The manifest's features."""
        features: Mapping[str, Any] = self.manifest.get("features", {})
        return features

    @property
    def scopes(self) -> list[str]:
        """The bot token's scopes."""
        return list(self.manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))

    @property
    def subscriptions(self) -> set[str]:
        """The events the app asked for."""
        return set(self.manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", []))

    def command(self, name: str) -> Mapping[str, Any] | None:
        """The manifest's row of a slash command; None for others, and for every one while the app is uninstalled."""
        return self._declared("slash_commands", "command", name)

    def shortcut(self, callback_id: str) -> Mapping[str, Any] | None:
        """The manifest's row of a shortcut, likewise."""
        return self._declared("shortcuts", "callback_id", callback_id)

    def _declared(self, feature: str, key: str, value: str) -> Mapping[str, Any] | None:
        rows: list[Mapping[str, Any]] = [] if self.refusing else self.features.get(feature, [])
        return next((row for row in rows if row.get(key) == value), None)

    def home_setting(self, name: str) -> bool:
        """A flag of the manifest's `app_home`, such as `messages_tab_enabled`."""
        return bool(self.features.get("app_home", {}).get(name, False))

    @property
    def bot(self) -> Person:
        """The app's bot user."""
        return self.people[slack_id("U", f"bot {self.app_name}")]

    def bot_profile(self) -> dict[str, Any]:
        """The bot as its messages carry it."""
        profile = {"id": self.bot_id, "app_id": self.app_id, "user_id": self.bot.id, "team_id": self.id}
        return profile | {"name": self.app_name, "deleted": False, "updated": 0, "icons": {}}

    # -- time and names ------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The workspace's present instant."""
        return self.options.clock() + self._forward

    @property
    def epoch(self) -> float:
        """The present instant in seconds."""
        return self.now.timestamp()

    @property
    def real_seconds(self) -> float:
        """A clock for deadlines: the workspace's seconds, slowed to real ones where its clock runs faster."""
        return self.options.clock().timestamp() / self.options.clock_speed + self._forward.total_seconds()

    def forward(self, seconds: float) -> None:
        """Sets the clock forward for good; deadlines pass as if those seconds had been real ones."""
        self._forward += timedelta(seconds=seconds)

    def next_ts(self) -> str:
        """A message timestamp later than every earlier one."""
        self._last_ts = max(self._last_ts + 1, int(self.epoch * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, kind: str) -> str:
        """A fresh identifier of that kind (V, F, D …)."""
        return slack_id(kind, str(next(self._numbers)))

    def new_code(self, length: int) -> str:
        """A fresh short code for generated block ids, hashes and tickets."""
        return hashlib.sha256(f"{self.id}{next(self._numbers)}".encode()).hexdigest()[:length]

    # -- people --------------------------------------------------------------------------------------------------

    def person(self, reference: str) -> Person:
        """A person by id or name; raises `user_not_found`."""
        if reference in self.people:
            return self.people[reference]
        named = next((person for person in self.people.values() if person.name == reference), None)
        if named is None:
            raise SlackError("user_not_found")
        return named

    def humans(self) -> list[Person]:
        """Everyone but the app."""
        return [person for person in self.people.values() if not person.bot_id]

    def add_person(self, seed: PersonSeed) -> Person:
        """A new person, with their conversation with the app."""
        person = Person(
            id=slack_id("U", seed.name),
            name=seed.name,
            real_name=seed.real_name,
            team_id=self.id,
            title=seed.title,
            email=f"{seed.name}@{self.domain}.example",
            tz=seed.tz,
            color=seed.color,
            is_admin=seed.is_admin,
            is_restricted=seed.is_restricted,
            updated=int(self.epoch),
        )
        self.people[person.id] = person
        self.add_channel(Channel(slack_id("D", seed.name), seed.name, "app", [person.id, self.bot.id]))
        return person

    # -- channels ------------------------------------------------------------------------------------------------

    def channel(self, reference: str) -> Channel:
        """A channel by id, by `#name` or by name; raises `channel_not_found`."""
        if reference in self.channels:
            return self.channels[reference]
        name = reference.removeprefix("#")
        named = (channel for channel in self.channels.values() if channel.name == name and not channel.direct)
        found = next(named, None)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def add_channel(self, channel: Channel) -> Channel:
        """Puts a channel into the workspace."""
        channel.created = int(self.epoch)
        self.channels[channel.id] = channel
        return channel

    def direct(self, one: str, other: str) -> Channel:
        """The conversation of two people, made when it is first asked for."""
        for channel in self.channels.values():
            if channel.direct and set(channel.members) == {one, other}:
                return channel
        kind = "app" if self.bot.id in {one, other} else "dm"
        return self.add_channel(Channel(self.new_id("D"), "", kind, [one, other]))

    def visible_channels(self, user: str) -> Iterator[Channel]:
        """The channels a person can open: public ones (guests only where they are members) and their own."""
        for channel in self.channels.values():
            if user in channel.members or (channel.kind == "channel" and not self.people[user].is_restricted):
                yield channel

    def visible_messages(self, user: str, channel: Channel) -> Iterator[Message]:
        """The messages of a channel as that person sees them, in order."""
        return (message for message in channel.messages.values() if message.ephemeral_to in {None, user})

    # -- views ---------------------------------------------------------------------------------------------------

    def open_views(self) -> Iterator[View]:
        """Every open modal and every published Home."""
        return itertools.chain(*self.stacks.values(), self.homes.values())

    # -- who watches ---------------------------------------------------------------------------------------------

    def watch(self, user: str) -> Watcher:
        """A queue that gets the name of everything that changes for that person."""
        watcher: Watcher = (user, asyncio.Queue())
        self._watchers.append(watcher)
        return watcher

    def unwatch(self, watcher: Watcher) -> None:
        """Ends a watch."""
        self._watchers.remove(watcher)

    def changed(self, what: str, user: str | None = None) -> None:
        """Tells the watchers that something changed, for one person or for all."""
        for watcher, queue in self._watchers:
            if user in {None, watcher}:
                queue.put_nowait(what)

    # -- the start -----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        seed = self.options.seed
        bot_user = Person(slack_id("U", f"bot {self.app_name}"), self.app_name.lower(), self.app_name, self.id)
        bot_user.is_bot, bot_user.bot_id, bot_user.is_email_confirmed = True, self.bot_id, False
        self.people[bot_user.id] = bot_user
        for one in seed.people:
            self.add_person(one)
        for row in seed.channels:
            members = [slack_id("U", name) for name in row.members]
            kind = "private" if row.private else "channel"
            self.add_channel(Channel(slack_id("C", row.name), row.name, kind, [*members, bot_user.id], row.topic))
        for handle, names in seed.usergroups.items():
            users = [slack_id("U", name) for name in names]
            self.usergroups[slack_id("S", handle)] = Usergroup(slack_id("S", handle), handle, handle.title(), users)
