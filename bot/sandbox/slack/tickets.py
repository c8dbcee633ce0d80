"""What the app is handed to answer with: trigger ids, response URLs and socket addresses, each with its limits.

Every ticket here expires; none is honoured more often than Slack would.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.workspace import Workspace

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5


@dataclass
class Trigger:
    """A person's leave to open a view, good once and for three seconds."""

    user: str
    view_id: str | None
    issued: float
    channel: str | None = None
    """The conversation it was done in, if it was in one."""
    exchanged: bool = False


@dataclass
class ResponseUrl:
    """Where the app may answer one interaction: five times within thirty minutes."""

    user: str
    channel: str
    message_ts: str | None
    """The message whose element was used; None after a slash command, whose text nothing can replace."""
    thread_ts: str | None
    issued: float
    uses: int = 0


class Tickets:
    """Issues tickets and takes them back."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self._sockets: set[str] = set()

    def trigger(self, user: str, view_id: str | None = None, channel: str | None = None) -> str:
        """A trigger id for what that person just did, in that modal if any."""
        moment = int(self._workspace.epoch * 1000)
        name = f"{moment}.{len(self._triggers) + 1}.{self._workspace.new_code(32)}"
        self._triggers[name] = Trigger(user, view_id, self._workspace.real_seconds, channel)
        return name

    def exchange(self, trigger_id: str) -> Trigger:
        """The trigger, once. Raises Slack's three refusals: unknown, already used, too late."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.exchanged:
            raise SlackError("exchanged_trigger_id")
        if self._workspace.real_seconds - trigger.issued > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.exchanged = True
        return trigger

    def response_url(self, user: str, channel: str, message_ts: str | None = None, thread_ts: str | None = None) -> str:
        """A URL that answers an interaction of that person in that channel."""
        workspace = self._workspace
        path = f"{workspace.id}/{workspace.new_code(12)}/{workspace.new_code(24)}"
        self._response_urls[path] = ResponseUrl(user, channel, message_ts, thread_ts, workspace.real_seconds)
        return f"{workspace.url}/actions/{path}"

    def use_response_url(self, path: str) -> ResponseUrl:
        """The response URL, one use spent. Raises `expired_url` when it is unknown or old, `used_url` after five."""
        found = self._response_urls.get(path)
        if found is None or self._workspace.real_seconds - found.issued > RESPONSE_URL_SECONDS:
            raise SlackError("expired_url")
        if found.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        found.uses += 1
        return found

    def socket(self) -> str:
        """A ticket for one Socket Mode connection."""
        name = self._workspace.new_code(32)
        self._sockets.add(name)
        return name

    def use_socket(self, name: str) -> bool:
        """Whether that ticket was still good; it no longer is."""
        known = name in self._sockets
        self._sockets.discard(name)
        return known
