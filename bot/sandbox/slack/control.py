"""The control API: acting as a person, seeing what a person sees, and making things go wrong.

For the page and for tests, on loopback, without authentication; the app under test never calls it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.slack import control_guide, seen
from bot.sandbox.slack.acts import Acts
from bot.sandbox.slack.bodies import json_object
from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.forms import Forms
from bot.sandbox.slack.records import Json, Person
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.web_api import WebApi
from bot.sandbox.slack.workspace import Workspace

STATUS = {"user_not_found": 404, "channel_not_found": 404, "message_not_found": 404, "view_not_found": 404}
STATUS |= {"unknown_route": 404}
Handler = Callable[[Request], Awaitable[Any]]


@dataclass(frozen=True)
class Control:
    """The control API's handlers."""

    workspace: Workspace
    acts: Acts
    forms: Forms
    courier: Courier
    sockets: Sockets
    web_api: WebApi
    faults: Faults
    changes: Changes
    closing: asyncio.Event

    def routes(self) -> list[Route]:
        """What answers each row of the guide."""
        handlers = self._acting() | self._seeing() | self._changing() | self._failing()
        rest = Route("/_control/{path:path}", _answering(_unknown), methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        return [
            *(
                Route(f"/_control{path}", _answering(handlers[f"{verb} {path}"]), methods=[verb])
                for verb, path, _ in control_guide.GUIDE
            ),
            rest,
        ]

    # -- acting --------------------------------------------------------------------------------------------------

    def _acting(self) -> dict[str, Handler]:
        return {
            "POST /as/{user}/read/{channel}": self._read,
            "POST /as/{user}/reload": self._as(lambda me, _: self.acts.reload(me)),
            "POST /as/{user}/open_home": self._as(lambda me, it: self.acts.open_home(me, it.get("tab", "home"))),
            "POST /as/{user}/open_dm": self._as(self._open_dm, "user"),
            "POST /as/{user}/command": self._as(self.acts.command, "channel", "text"),
            "POST /as/{user}/shortcut": self._as(self.acts.shortcut, "callback_id"),
            "POST /as/{user}/message": self._as(self.acts.message, "channel", "text"),
            "POST /as/{user}/click": self._as(self.acts.click, "action_id"),
            "POST /as/{user}/options": self._as(self.acts.options, "action_id"),
            "POST /as/{user}/submit": self._as(self.forms.submit, "view_id"),
            "POST /as/{user}/close": self._as(self.forms.close, "view_id"),
        }

    def _as(self, act: Callable[[Person, Json], Json | Awaitable[Json]], *required: str) -> Handler:
        async def handler(request: Request) -> Json:
            given = await _body(request, *required)
            done = act(self.acts.person(request.path_params["user"]), given)
            return done if isinstance(done, dict) else await done

        return handler

    def _with_body(self, act: Callable[[Json], Json], *required: str) -> Handler:
        async def handler(request: Request) -> Json:
            return act(await _body(request, *required))

        return handler

    def _open_dm(self, me: Person, given: Json) -> Json:
        channel = self.workspace.direct(me.id, self.workspace.person(str(given.get("user"))).id)
        self.workspace.changed(f"channel:{channel.id}")
        return {"ok": True, "channel": channel.id}

    async def _read(self, request: Request) -> Json:
        me, channel = self._me(request), self.workspace.channel(request.path_params["channel"])
        visible = [message.ts for message in self.workspace.visible_messages(me.id, channel)]
        channel.last_read[me.id] = max(visible, default="")
        self.workspace.changed(f"channel:{channel.id}", me.id)
        return {"ok": True}

    # -- seeing --------------------------------------------------------------------------------------------------

    def _seeing(self) -> dict[str, Handler]:
        return {
            "GET /": self._guide,
            "GET /workspace": self._workspace,
            "GET /as/{user}/channels": self._channels,
            "GET /as/{user}/messages/{channel}": self._messages,
            "GET /as/{user}/views": self._views,
            "GET /as/{user}/home": self._home,
            "GET /as/{user}/stream": self._stream,
        }

    def _me(self, request: Request) -> Person:
        return self.workspace.person(request.path_params["user"])

    async def _guide(self, _: Request) -> Json:
        return control_guide.listed()

    async def _workspace(self, _: Request) -> Json:
        return seen.workspace(self.workspace)

    async def _channels(self, request: Request) -> list[Json]:
        return seen.channels(self.workspace, self._me(request))

    async def _messages(self, request: Request) -> list[Json]:
        thread_ts = request.query_params.get("thread_ts", "")
        return seen.messages(self.workspace, self._me(request), request.path_params["channel"], thread_ts)

    async def _views(self, request: Request) -> Json:
        return {"stack": seen.views(self.workspace, self._me(request))}

    async def _home(self, request: Request) -> Json | None:
        home = self.workspace.homes.get(self._me(request).id)
        return seen.view(self.workspace, home) if home else None

    async def _stream(self, request: Request) -> Response:
        return StreamingResponse(self._changes(self._me(request).id), media_type="text/event-stream")

    async def _changes(self, user: str) -> AsyncIterator[str]:
        watcher = self.workspace.watch(user)
        queue = watcher[1]
        try:
            yield ": connected\n\n"
            while not self.closing.is_set():
                changed: set[str] = set()
                with contextlib.suppress(TimeoutError):
                    changed.add(await asyncio.wait_for(queue.get(), 1))
                while not queue.empty():
                    changed.add(queue.get_nowait())
                if changed:
                    yield f"data: {json.dumps({'changed': sorted(changed)})}\n\n"
        finally:
            self.workspace.unwatch(watcher)

    # -- changing and failing ------------------------------------------------------------------------------------

    def _changing(self) -> dict[str, Handler]:
        return {
            "POST /people": self._with_body(self.changes.add_person, "name"),
            "POST /people/{user}": self._change_person,
            "POST /channels/{channel}": self._change_channel,
            "POST /usergroups": self._with_body(self.changes.set_usergroup, "handle"),
        }

    def _failing(self) -> dict[str, Handler]:
        return {
            "POST /faults": self._with_body(self._arm, "method"),
            "GET /faults": self._listed(self.faults.listed),
            "DELETE /faults": self._cleared(self.faults.clear),
            "POST /socket": self._socket,
            "GET /socket": self._connections,
            "POST /app": self._with_body(self.changes.app, "action"),
            "POST /clock": self._with_body(self._forward, "forward"),
            "POST /rate_limits": self._with_body(self._limit, "on"),
            "POST /redeliver": self._redeliver,
            "POST /replay": self._replay,
            "GET /requests": self._listed(lambda: list(self.web_api.log)),
            "DELETE /requests": self._cleared(self.web_api.log.clear),
            "GET /payloads": self._listed(lambda: list(self.courier.log)),
            "DELETE /payloads": self._cleared(self.courier.log.clear),
        }

    async def _change_person(self, request: Request) -> Json:
        return self.changes.change_person(self._me(request), await _body(request))

    async def _change_channel(self, request: Request) -> Json:
        channel = self.workspace.channel(request.path_params["channel"])
        return self.changes.change_channel(channel, await _body(request))

    def _arm(self, given: Json) -> Json:
        self.faults.arm(given)
        return {"ok": True}

    def _forward(self, given: Json) -> Json:
        self.workspace.forward(float(given["forward"]))
        return {"ok": True, "now": self.workspace.epoch}

    def _limit(self, given: Json) -> Json:
        self.web_api.limited = given["on"]
        return {"ok": True}

    async def _socket(self, request: Request) -> Json:
        action = (await _body(request)).get("action", "")
        if action not in control_guide.SOCKET_ACTIONS:
            raise SlackError("invalid_arguments", known=list(control_guide.SOCKET_ACTIONS))
        await getattr(self.sockets, action)()
        return {"ok": True, "connections": len(self.sockets.live)}

    async def _connections(self, _: Request) -> Json:
        return {"connections": len(self.sockets.live)}

    async def _redeliver(self, request: Request) -> Json:
        answer = await self.courier.redeliver(str((await _body(request)).get("kind", "")))
        if answer is None:
            raise SlackError("nothing_delivered_yet")
        return {"ok": answer.ok, "error": answer.error or None, "payload": answer.payload}

    async def _replay(self, request: Request) -> Json:
        given = await _body(request, "kind", "payload")
        answer = await self.courier.act(str(given["kind"]), given["payload"])
        return {"ok": answer.ok, "error": answer.error or None, "payload": answer.payload}

    def _listed(self, read: Callable[[], list[Any]]) -> Handler:
        async def handler(_: Request) -> list[Any]:
            return read()

        return handler

    def _cleared(self, clear: Callable[[], None]) -> Handler:
        async def handler(_: Request) -> Json:
            clear()
            return {"ok": True}

        return handler


def _answering(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            answer = await handler(request)
        except SlackError as refusal:
            body = {"ok": False, "error": refusal.code} | refusal.details
            return JSONResponse(body, STATUS.get(refusal.code, 400))
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return endpoint


async def _unknown(_: Request) -> Json:
    raise SlackError("unknown_route", see="/_control/")


async def _body(request: Request, *required: str) -> Json:
    body = json_object(await request.body())
    if reasons := list(control_guide.objections(body)):
        raise invalid("invalid_arguments", reasons)
    if missing := [name for name in required if body.get(name) is None]:
        raise SlackError("missing_field", fields=missing)
    return body
