"""The workspace everyone starts in: its people, channels, groups and the app's default manifest.

Only data. Identifiers are derived from names, so that the same seed gives the same workspace every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def slack_id(kind: str, name: str) -> str:
    """An identifier that looks like Slack's: the kind's letter, a 0 and nine characters drawn from the name."""
    number = int.from_bytes(hashlib.sha256(f"{kind}:{name}".encode()).digest()[:12], "big")
    digits = [ALPHABET[number // 36**place % 36] for place in range(9)]
    return f"{kind}0{''.join(digits)}"


@dataclass(frozen=True)
class PersonSeed:
    """A person of the workspace; the e-mail is made from the name and the workspace's domain."""

    name: str
    real_name: str
    title: str
    tz: str
    color: str
    is_admin: bool = False
    is_restricted: bool = False


@dataclass(frozen=True)
class ChannelSeed:
    """A channel, its members by name, and whether it is private."""

    name: str
    topic: str
    members: tuple[str, ...]
    private: bool = False


@dataclass(frozen=True)
class Seed:
    """A whole workspace as data."""

    name: str
    domain: str
    people: tuple[PersonSeed, ...]
    channels: tuple[ChannelSeed, ...]
    usergroups: Mapping[str, tuple[str, ...]]


HARBOUR = Seed(
    name="Harbour",
    domain="harbour",
    people=(
        PersonSeed("ada", "Ada Brandt", "Engineer, Payments", "Europe/Berlin", "9f69e7"),
        PersonSeed("lin", "Lin Ortega", "Team lead, Payments", "America/New_York", "4bbe2e"),
        PersonSeed("root", "Sam Root", "Platform admin", "UTC", "e7392d", is_admin=True),
        PersonSeed("gus", "Gus Visser", "Guest", "Europe/Amsterdam", "3c989f", is_restricted=True),
        PersonSeed("mio", "Mio Tanaka", "Engineer, Search", "Asia/Tokyo", "674b1b"),
    ),
    channels=(
        ChannelSeed("general", "Everyone at Harbour", ("ada", "lin", "root", "gus", "mio")),
        ChannelSeed("payments", "Team Payments", ("ada", "lin")),
        ChannelSeed("search", "Team Search", ("mio",)),
        ChannelSeed("platform", "Those who run the clusters", ("root",), private=True),
    ),
    usergroups={"payments": ("ada", "lin"), "search": ("mio",), "platform": ("root",)},
)

EVERY_SCOPE = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "dnd:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:read",
    "mpim:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
)

DEFAULT_MANIFEST: Mapping[str, Any] = {
    "display_information": {"name": "Berth", "description": "Personal environments on the company's clusters"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "Berth", "always_online": True},
        "slash_commands": [
            {
                "command": "/k8s",
                "description": "Your environments on the cluster",
                "usage_hint": "help",
                "should_escape": True,
            }
        ],
    },
    "oauth_config": {"scopes": {"bot": list(EVERY_SCOPE)}},
    "settings": {
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "app_uninstalled",
                "dnd_updated_user",
                "message.im",
                "subteam_created",
                "subteam_members_changed",
                "subteam_updated",
                "team_join",
                "tokens_revoked",
                "user_change",
            ]
        },
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}
