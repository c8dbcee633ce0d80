"""Bringing payloads to the app: once for what a person does, again and again for events nobody acknowledged.

How a payload travels (a socket, a signed request) is the transport's business; when it travels is decided here.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

RETRY_WAITS = (0.0, 60.0, 300.0)
"""Seconds before each redelivery of an event that was not acknowledged."""

CHANNEL_TYPES = {"channel": "channel", "private": "group", "app": "im", "dm": "im"}
"""Our kinds of channels → the `channel_type` of message events."""

MESSAGE_SUBSCRIPTIONS = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


@dataclass(frozen=True)
class Delivery:
    """One payload on its way; `retry` counts redeliveries."""

    kind: str
    """slash_commands, interactive or events_api."""
    payload: Json
    retry: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of a delivery: acknowledged (with a payload, perhaps), or why not."""

    error: str = ""
    payload: Json = field(default_factory=dict)
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged in time."""
        return not self.error


class Transport(Protocol):
    """A way to the app."""

    async def send(self, delivery: Delivery) -> Answer:
        """Delivers once and waits for the acknowledgement."""


class Courier:
    """Delivers through whichever transport is current, and remembers what it delivered."""

    def __init__(self, workspace: Workspace, sockets: Transport) -> None:
        self._workspace = workspace
        self.transport = sockets
        self.log: deque[Json] = deque(maxlen=1000)
        self._last: dict[str, Delivery] = {}
        self._background: set[asyncio.Task[Any]] = set()

    async def deliver(self, delivery: Delivery) -> Answer:
        """One attempt; the payload is logged as it was sent."""
        entry: Json = {"kind": delivery.kind, "payload": copy.deepcopy(delivery.payload), "retry_num": delivery.retry}
        entry |= {"retry_reason": delivery.reason, "at": self._workspace.epoch, "answered": None, "error": None}
        self.log.append(entry)
        self._last.pop(delivery.kind, None)
        self._last[delivery.kind] = delivery
        began = time.perf_counter()
        answer = await self.transport.send(delivery)
        entry["took_ms"] = (time.perf_counter() - began) * 1000
        entry["answered"], entry["error"], entry["answer"] = answer.ok, answer.error or None, answer.payload
        return answer

    async def act(self, kind: str, payload: Json) -> Answer:
        """Delivers what a person did. Slack never repeats these."""
        return await self.deliver(Delivery(kind, payload))

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs work nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def event(self, event: Json, subscription: str | None = None) -> None:
        """Sends an event if the app subscribed to it, redelivering until it is acknowledged or Slack would give up."""
        if (subscription or event["type"]) not in self._workspace.subscriptions:
            return
        self.in_background(self._insist(Delivery("events_api", self._envelope(event))))

    async def redeliver(self, kind: str = "") -> Answer | None:
        """The last delivery (of a kind) once more, with the same ids, as when an acknowledgement got lost."""
        again = self._last.get(kind or next(reversed(self._last), ""))
        if again is None:
            return None
        if again.kind == "events_api":
            again = replace(again, retry=again.retry + 1, reason="timeout")
        return await self.deliver(again)

    def stop(self) -> None:
        """Gives up everything that is still under way."""
        for task in self._background:
            task.cancel()

    async def _insist(self, delivery: Delivery) -> None:
        answer = await self.deliver(delivery)
        for number, wait in enumerate(RETRY_WAITS, start=1):
            if answer.ok or answer.no_retry:
                return
            await asyncio.sleep(wait * self._workspace.options.retry_scale)
            answer = await self.deliver(replace(delivery, retry=number, reason=answer.error))

    def _envelope(self, event: Json) -> Json:
        workspace = self._workspace
        identity = {"enterprise_id": None, "team_id": workspace.id, "user_id": workspace.bot.id}
        return {
            "token": "sandbox",
            "team_id": workspace.id,
            "api_app_id": workspace.app_id,
            "event": event | {"event_ts": event.get("event_ts") or workspace.next_ts()},
            "type": "event_callback",
            "event_id": workspace.new_id("Ev"),
            "event_time": int(workspace.epoch),
            "authorizations": [identity | {"is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
            "event_context": workspace.new_code(24),
        }
