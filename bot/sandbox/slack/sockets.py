"""Socket Mode: up to ten connections, each payload to exactly one of them.

The connections carry envelopes and acknowledgements; what is inside is none of this module's business.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.delivery import Answer, Delivery
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.workspace import Workspace

MOST_CONNECTIONS = 10
ANSWERABLE = {"view_submission", "block_suggestion"}
"""Interactive payloads whose acknowledgement may carry an answer."""


@dataclass(eq=False)
class Connection:
    """One websocket; `retiring` once it was told to go, from when on it gets nothing new."""

    websocket: WebSocket
    retiring: bool = False
    pending: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)

    async def say(self, words: Json) -> None:
        """Sends one frame."""
        await self.websocket.send_text(json.dumps(words))

    async def close(self, code: int) -> None:
        """Ends the connection and everything that waits on it."""
        self.retiring = True
        await self.websocket.close(code)


class Sockets:
    """The open connections of the app."""

    def __init__(self, workspace: Workspace, tickets: Tickets) -> None:
        self._workspace = workspace
        self._tickets = tickets
        self._connections: list[Connection] = []
        self._turn = 0
        self._free = asyncio.Event()
        self._free.set()

    @property
    def live(self) -> list[Connection]:
        """The connections that take payloads."""
        return [connection for connection in self._connections if not connection.retiring]

    async def serve(self, websocket: WebSocket) -> None:
        """A websocket's whole life."""
        if not self._tickets.use_socket(websocket.query_params.get("ticket", "")):
            await websocket.close(1008)
            return
        await websocket.accept()
        connection = Connection(websocket)
        if len(self.live) >= MOST_CONNECTIONS:
            await self._dismiss(connection, "too_many_websockets")
            return
        self._connections.append(connection)
        try:
            await connection.say(self._hello())
            while True:
                self._acknowledge(connection, await websocket.receive_text())
        except (WebSocketDisconnect, KeyError):
            # A frame that is not text has no such key: whoever sends one is hung up on.
            pass
        finally:
            self._forget(connection)

    async def send(self, delivery: Delivery) -> Answer:
        """Delivers through the next connection in turn and waits for its acknowledgement."""
        try:
            async with asyncio.timeout(self._workspace.options.ack_within.total_seconds()):
                await self._free.wait()
                if not self.live:
                    return Answer("dispatch_failed")
                self._turn += 1
                return await self._through(self.live[self._turn % len(self.live)], delivery)
        except TimeoutError:
            return Answer("operation_timeout" if delivery.kind != "events_api" else "timeout")

    async def _through(self, connection: Connection, delivery: Delivery) -> Answer:
        envelope_id = f"{self._workspace.new_code(8)}-{self._workspace.new_code(12)}"
        answerable = delivery.kind == "slash_commands" or delivery.payload.get("type") in ANSWERABLE
        envelope: Json = {"envelope_id": envelope_id, "type": delivery.kind, "payload": delivery.payload}
        envelope["accepts_response_payload"] = answerable
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": delivery.retry, "retry_reason": delivery.reason}
        connection.pending[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await connection.say(envelope)
            return await connection.pending[envelope_id]
        except (WebSocketDisconnect, RuntimeError):
            return Answer("dispatch_failed")
        finally:
            connection.pending.pop(envelope_id, None)

    def _acknowledge(self, connection: Connection, frame: str) -> None:
        try:
            said = json.loads(frame)
        except ValueError:
            return
        waiting = connection.pending.get(str(said.get("envelope_id"))) if isinstance(said, dict) else None
        if waiting and not waiting.done():
            payload = said.get("payload")
            waiting.set_result(Answer(payload=payload if isinstance(payload, dict) else {}))

    def _forget(self, connection: Connection) -> None:
        connection.retiring = True
        if connection in self._connections:
            self._connections.remove(connection)
        for waiting in connection.pending.values():
            if not waiting.done():
                waiting.set_result(Answer("dispatch_failed"))

    def _hello(self) -> Json:
        place = {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060}
        info = {"app_id": self._workspace.app_id}
        return {"type": "hello", "num_connections": len(self.live), "connection_info": info, "debug_info": place}

    async def _dismiss(self, connection: Connection, reason: str) -> None:
        connection.retiring = True
        await connection.say({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
        if reason == "too_many_websockets":
            await connection.close(1000)

    # -- what a test can do to them ------------------------------------------------------------------------------

    async def drop(self) -> None:
        """Every connection breaks off without a word."""
        for connection in list(self._connections):
            await connection.close(1011)

    async def refresh(self) -> None:
        """Every connection is asked to come back on a new address, as Slack does every few hours."""
        for connection in self.live:
            await self._dismiss(connection, "refresh_requested")

    async def warn(self) -> None:
        """Announces, ten seconds ahead as Slack does, that connections will be closed."""
        for connection in self.live:
            await connection.say({"type": "disconnect", "reason": "warning", "debug_info": {"host": "sandbox"}})

    async def hold(self) -> None:
        """Connections stay open but nothing is delivered until `release`."""
        self._free.clear()

    async def release(self) -> None:
        """Ends a hold."""
        self._free.set()
