"""One call of a Web API method: its arguments read leniently from JSON or a form, its refusals strict.

A method is a row: its name, what it needs, and the function that answers. The server walks the rows; no method checks
tokens or scopes by itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.records import Channel, Json
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """The arguments of one call, and what it acts upon."""

    workspace: Workspace
    tickets: Tickets
    courier: Courier
    args: Json = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """A string argument."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean argument; forms carry it as a word or a digit."""
        value = self.args.get(name)
        return default if value is None else value is True or str(value).lower() in {"1", "true"}

    def structure(self, name: str) -> Any:
        """An argument that is JSON, given as such or as a string; raises `invalid_arguments`."""
        value = self.args.get(name)
        if not isinstance(value, str) or not value:
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise invalid("invalid_arguments", [f"must be valid JSON [json-pointer:/{name}]"]) from None

    def words(self, name: str) -> list[str]:
        """A list argument, given as such or comma-separated."""
        value = self.args.get(name)
        parts = value if isinstance(value, list) else str(value or "").split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def need(self, scope: str) -> None:
        """Raises `missing_scope` unless the token has that scope."""
        if scope not in self.workspace.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.workspace.scopes))

    def seen_channel(self, name: str = "channel") -> Channel:
        """The channel whose id an argument is, if the bot can see it; raises `channel_not_found`.

        Names are for posting only, as on Slack.
        """
        channel = self.workspace.channels.get(self.text(name))
        if channel is None:
            raise SlackError("channel_not_found")
        if channel.kind != "channel" and self.workspace.bot.id not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def page(self, items: list[Any], name: str, default: int = 100) -> Json:
        """One page of a list, with the cursor to the next; raises `invalid_cursor` and `invalid_limit`."""
        limit_text = self.text("limit") or str(default)
        if not limit_text.isdecimal():
            raise SlackError("invalid_limit")
        limit = min(int(limit_text) or default, 1000)
        start = _offset(self.text("cursor"))
        more = start + limit < len(items)
        cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
        return {name: items[start : start + limit], "response_metadata": {"next_cursor": cursor}}


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next" and number.isdecimal():
            return int(number)
    except ValueError:
        # Neither base64 nor text.
        pass
    raise SlackError("invalid_cursor")


TIERS = {"tier1": 1, "tier2": 20, "tier3": 50, "tier4": 100, "special": 600}
"""Calls a minute. The special tiers are not published; 600 is far above what an app should need."""

PER_CHANNEL = "per channel"
"""chat.postMessage's own rule: about one message a second in each channel, short bursts allowed."""


@dataclass(frozen=True)
class Method:
    """A row of the method table."""

    name: str
    answer: Callable[[Call], Json]
    scope: str = ""
    """Alternatives are separated by `|`; any one of them opens the method."""
    tier: str = "tier3"
    required: tuple[str, ...] = ()
    caller: str = "bot"
    """Whose token it takes: bot, app, or anyone (none at all)."""
