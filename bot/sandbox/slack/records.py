"""The things a workspace is made of, and how each looks on the wire.

Plain records: they know their own shape in Slack's answers and nothing about who may see or change them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]


@dataclass
class Person:
    """A user of the workspace, the app's bot user included."""

    id: str
    name: str
    real_name: str
    team_id: str
    title: str = ""
    email: str | None = None
    tz: str = "UTC"
    color: str = "757575"
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    is_email_confirmed: bool = True
    deleted: bool = False
    bot_id: str | None = None
    updated: int = 0
    dnd: Json = field(default_factory=dict)

    def tz_offset(self, now: datetime) -> int:
        """Seconds east of UTC at that instant."""
        offset = now.astimezone(ZoneInfo(self.tz)).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    def dnd_status(self) -> Json:
        """When the person does not want to be disturbed; 1 stands for never, as on Slack."""
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1} | self.dnd

    def wire(self, now: datetime, *, with_email: bool) -> Json:
        """The user object; without the e-mail where the token may not read it, silently, as Slack does."""
        profile = {
            "title": self.title,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "first_name": self.real_name.partition(" ")[0],
            "last_name": self.real_name.partition(" ")[2],
            "phone": "",
            "status_expiration": 0,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "status_text": "",
            "status_emoji": "",
            "team": self.team_id,
        }
        if with_email and self.email:
            profile["email"] = self.email
        if self.bot_id:
            profile["bot_id"] = self.bot_id
        user: Json = {"id": self.id, "team_id": self.team_id, "name": self.name, "deleted": self.deleted}
        user |= {"real_name": self.real_name, "tz": self.tz, "tz_label": self.tz, "tz_offset": self.tz_offset(now)}
        user |= {"color": self.color, "profile": profile, "is_owner": False, "is_primary_owner": False}
        flags = ("is_admin", "is_restricted", "is_ultra_restricted", "is_bot", "is_email_confirmed")
        user |= {flag: getattr(self, flag) for flag in flags}
        user |= {"is_app_user": False, "updated": self.updated}
        return user | ({"is_stranger": True} if self.is_stranger else {})


@dataclass
class Message:
    """One message. `ephemeral_to` names the only person who sees it."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    bot_id: str | None = None
    bot_profile: Json | None = None
    username: str = ""
    thread_ts: str | None = None
    edited: Json | None = None
    ephemeral_to: str | None = None
    failed: dict[str, str] = field(default_factory=dict)
    """Who saw which failure text after a click here that the app did not acknowledge."""
    offered: dict[str, Json] = field(default_factory=dict)
    """What external selects here were offered last, by action_id."""
    state: dict[str, dict[str, Json]] = field(default_factory=dict)

    def wire(self) -> Json:
        """The message object of Web API answers and of payloads."""
        message: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        if self.bot_profile:
            message |= {"app_id": self.bot_profile["app_id"], "team": self.bot_profile["team_id"]}
        for name in ("bot_id", "bot_profile", "blocks", "attachments", "files", "metadata", "thread_ts", "edited"):
            if value := getattr(self, name):
                message[name] = value
        return message


@dataclass
class Channel:
    """A channel, a private one, or a direct conversation; `kind` is channel, private, dm or app."""

    id: str
    name: str
    kind: str
    members: list[str]
    topic: str = ""
    archived: bool = False
    created: int = 0
    messages: dict[str, Message] = field(default_factory=dict)
    last_read: dict[str, str] = field(default_factory=dict)

    @property
    def direct(self) -> bool:
        """Whether it is a conversation of two."""
        return self.kind in {"dm", "app"}

    def partner(self, me: str) -> str:
        """The other one of a direct conversation."""
        return next((member for member in self.members if member != me), me)

    def wire(self, me: str, team_id: str) -> Json:
        """The channel object as the bot sees it."""
        common: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.archived,
            "context_team_id": team_id,
        }
        if self.direct:
            return common | {"is_im": True, "is_org_shared": False, "user": self.partner(me), "is_user_deleted": False}
        private = self.kind == "private"
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not private,
            "is_group": private,
            "is_im": False,
            "is_mpim": False,
            "is_private": private,
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_member": me in self.members,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "num_members": len(self.members),
        }


@dataclass
class View:
    """An open modal or a published Home. `values` is what the person has entered so far."""

    id: str
    user: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    channel: str | None = None
    """The conversation the person was in when the stack was opened."""
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    loading: bool = False
    offered: dict[str, Json] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks."""
        blocks: list[Json] = self.content["blocks"]
        return blocks


@dataclass
class File:
    """An uploaded file. Its type is known only some time after the upload is completed, as on Slack."""

    id: str
    name: str
    title: str
    user: str
    created: int
    url: str
    alt_txt: str = ""
    content: bytes | None = None
    completed: bool = False
    processed: bool = False
    channels: list[str] = field(default_factory=list)
    mimetype: str = ""

    def wire(self) -> Json:
        """The file object; `mimetype` and `filetype` stay empty until it is processed."""
        kind = self.name.rpartition(".")[2] if self.processed else ""
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype if self.processed else "",
            "filetype": kind,
            "pretty_type": kind.upper(),
            "user": self.user,
            "mode": "hosted",
            "size": len(self.content or b""),
            "alt_txt": self.alt_txt,
            "url_private": self.url,
            "url_private_download": self.url,
            "permalink": self.url,
            "channels": list(self.channels),
            "shares": {},
        }


@dataclass
class Scheduled:
    """A message that will be posted; times in seconds."""

    id: str
    channel_id: str
    post_at: int
    date_created: int
    text: str


@dataclass
class Usergroup:
    """A user group (@payments)."""

    id: str
    handle: str
    name: str
    users: list[str]
    created: int = 0
    updated: int = 0
    deleted: int = 0

    def wire(self, team_id: str, *, with_users: bool = True) -> Json:
        """The usergroup (subteam) object."""
        group: Json = {"id": self.id, "team_id": team_id, "is_usergroup": True, "is_subteam": True, "name": self.name}
        group |= {"description": "", "handle": self.handle, "is_external": False, "date_create": self.created}
        group |= {"date_update": self.updated, "date_delete": self.deleted, "user_count": len(self.users)}
        group |= {"prefs": {"channels": [], "groups": []}, "channel_count": 0}
        return group | ({"users": list(self.users)} if with_users else {})
