"""The server on the wire: raw ASGI, so that nothing stands between a request and its answer.

Also where faults strike, requests are counted and tests pull the strings (``/_control/...``, for the admin only): they
are told in the README and in ``berth sandbox cluster --help``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any

from bot.sandbox.cluster.answers import Answer, Stream, as_json, dressed, refusal
from bot.sandbox.cluster.api import Api
from bot.sandbox.cluster.audit import AuditWebhook
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.errors import Refusal, bad_request
from bot.sandbox.cluster.faults import Fault, Faults, RequestLog
from bot.sandbox.cluster.identity import User
from bot.sandbox.cluster.storage import Watcher

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LOG = logging.getLogger(__name__)
# Where the protocol leaves the connection, so that a fault can cut it.
TRANSPORT = "berth.transport"
_SLICE = 50


class App:
    """The ASGI application of one sandbox cluster."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.faults = Faults()
        self.requests = RequestLog()
        self.audit: AuditWebhook | None = None
        self._working = False
        self.step_by_step = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._streams: set[Watcher] = set()
        api.controllers.on_work = self._schedule

    # The controllers' turn: between requests, a few steps at a time.

    def _schedule(self) -> None:
        if not self._working and self._loop is not None and not self.step_by_step:
            self._working = True
            self._loop.call_soon(self._work)

    def _work(self) -> None:
        self._working = False
        self.api.controllers.run(_SLICE)
        if self.api.controllers.busy:
            self._schedule()

    async def tick(self) -> None:
        """Wakes the controllers when their clock says so; runs as long as the server does."""
        self._loop = asyncio.get_running_loop()
        while True:
            if self.api.controllers.busy:
                self._schedule()
            await asyncio.sleep(0.02)

    async def settle(self, timeout: float) -> bool:
        """Waits until the controllers have nothing to do right now; False when they still had after ``timeout`` s."""
        until = time.monotonic() + timeout
        while self.api.controllers.busy:
            if time.monotonic() > until:
                return False
            self.api.controllers.run(_SLICE)
            await asyncio.sleep(0)
        return True

    def end_streams(self) -> None:
        """Ends every open watch, as a closing server does, and every hold."""
        self.faults.clear()
        for watcher in list(self._streams):
            watcher.queue.put_nowait(None)

    # One request.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}\n{text}" if key == "impersonate-group" and key in headers else text
        call = self.api.understand(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers)
        if call.method not in ("GET", "HEAD"):
            call.body = await _read(receive)
        answer, drop = await self._answer(call)
        self.requests.add(call, answer.status if isinstance(answer, Answer) else 200)
        if self.audit is not None:
            self.audit.tell(call, answer)
        if drop is not None:
            scope["state"][TRANSPORT].abort()
            return
        if isinstance(answer, Stream):
            await self._stream(answer, scope, receive, send)
        else:
            await _send(answer, send)

    async def _answer(self, call: Call) -> tuple[Answer | Stream, str | None]:
        """The answer, and how the connection is to be cut if it is."""
        try:
            self.api.authenticate(call)
            if call.path.startswith("/_control/"):
                return await self._control(call), None
            fault = self.faults.of(call)
            if fault is None:
                answer = self.api.answer(call)
                return (dressed(call, answer) if isinstance(answer, Answer) else answer), None
            return await self._faulty(call, fault)
        except Refusal as error:
            return dressed(call, refusal(error)), None
        except Exception:  # whatever else goes wrong here is the sandbox's own fault, and must not look like an answer
            LOG.exception("the sandbox cluster could not answer %s %s", call.method, call.path)
            return refusal(Refusal(500, "the sandbox cluster failed; its log says why")), None

    async def _faulty(self, call: Call, fault: Fault) -> tuple[Answer | Stream, str | None]:
        if fault.latency and fault.drop != "watch":
            await asyncio.sleep(fault.latency.total_seconds())
        if fault.drop in (True, "before"):
            await _held(fault)
            return Answer(0, b""), "before"
        if not fault.drop:
            await _held(fault)
        fault.refuse()
        answer = self.api.answer(call)
        if fault.drop == "after":
            if isinstance(answer, Stream):
                self.api.store.watchers.discard(answer.watcher)
            await _held(fault)
            return answer, "after"
        if fault.drop == "watch" and isinstance(answer, Stream):
            answer.seconds = fault.latency.total_seconds()
        return answer, None

    async def _stream(self, stream: Stream, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends a watch until its time is over, the client is gone or the server closes."""
        watcher = stream.watcher
        self._streams.add(watcher)
        gone = asyncio.ensure_future(_hang_up(receive, watcher))
        try:
            await send(_start(200, "application/json", ()))
            await send({"type": "http.response.body", "body": b"".join(stream.first), "more_body": True})
            await self._events(stream, send)
            last = stream.bookmark() if stream.bookmark else b""
            await send({"type": "http.response.body", "body": last, "more_body": False})
        finally:
            gone.cancel()
            self._streams.discard(watcher)
            self.api.store.watchers.discard(watcher)

    async def _events(self, stream: Stream, send: Send) -> None:
        end = time.monotonic() + stream.seconds
        while (left := end - time.monotonic()) > 0:
            try:
                event = await asyncio.wait_for(stream.watcher.queue.get(), left)
            except TimeoutError:
                return
            if event is None:
                return
            body = [stream.render(*event)]
            while not stream.watcher.queue.empty():
                more = stream.watcher.queue.get_nowait()
                if more is None:
                    break
                body.append(stream.render(*more))
            await send({"type": "http.response.body", "body": b"".join(body), "more_body": True})

    # The strings.

    async def _control(self, call: Call) -> Answer:
        if not call.user.is_admin:
            raise Refusal(403, "only the sandbox's admin pulls its strings", {})
        body = _strings(call.body)
        name = call.path.removeprefix("/_control/")
        if (call.method, name) == ("POST", "settle"):
            done = await self.settle(float(body.get("timeout", 10)))
            return as_json(200, {"settled": done})
        handler = self._controls.get((call.method, name))
        if handler is None:
            raise Refusal(404, f"no control {call.method} {name}", {})
        try:
            return as_json(200, handler(self, body))
        except KeyError as error:
            raise bad_request(f"{name} needs {error}") from error

    def _add_fault(self, body: dict[str, Any]) -> dict[str, Any]:
        body["latency"] = timedelta(seconds=float(body.get("latency", 0)))
        try:
            self.faults.add(Fault(**body))
        except TypeError as error:
            raise bad_request(str(error)) from error
        return {}

    def _clear_faults(self, _: dict[str, Any]) -> dict[str, Any]:
        self.faults.clear()
        return {}

    def _log(self, _: dict[str, Any]) -> dict[str, Any]:
        names = ("verb", "resource", "namespace", "name", "user", "status", "user_agent", "path", "continued")
        return {"requests": [{name: getattr(entry, name) for name in names} for entry in self.requests.entries()]}

    def _clear_log(self, _: dict[str, Any]) -> dict[str, Any]:
        self.requests.clear()
        return {}

    def _load(self, body: dict[str, Any]) -> dict[str, Any]:
        self.api.metrics.set_load(body["namespace"], body.get("pod", ""), body["cpu"], body["memory"])
        return {}

    def _serve_metrics(self, body: dict[str, Any]) -> dict[str, Any]:
        self.api.metrics.serve(bool(body["served"]))
        return {}

    def _turn(self, body: dict[str, Any]) -> dict[str, Any]:
        self.api.turned.turn(timedelta(seconds=float(body["seconds"])))
        return {"now": self.api.clock().isoformat()}

    def _counts(self, _: dict[str, Any]) -> dict[str, Any]:
        counts = Counter((entry.verb, entry.resource) for entry in self.requests.entries())
        rows = [{"verb": verb, "resource": what, "count": count} for (verb, what), count in counts.most_common()]
        return {"counts": rows}

    def _forget(self, _: dict[str, Any]) -> dict[str, Any]:
        self.api.store.forget()
        return {}

    def _add_user(self, body: dict[str, Any]) -> dict[str, Any]:
        self.api.identity.add(body["token"], User(body["name"], tuple(body.get("groups", ()))))
        return {}

    @classmethod
    def controls(cls) -> list[tuple[str, str]]:
        """Method and name of every control."""
        return [*cls._controls, ("POST", "settle")]

    _controls: dict[tuple[str, str], Callable[[App, dict[str, Any]], dict[str, Any]]] = {  # noqa: RUF012 - a table
        ("POST", "faults"): _add_fault,
        ("DELETE", "faults"): _clear_faults,
        ("GET", "requests"): _log,
        ("DELETE", "requests"): _clear_log,
        ("GET", "counts"): _counts,
        ("POST", "clock"): _turn,
        ("POST", "load"): _load,
        ("POST", "metrics"): _serve_metrics,
        ("POST", "forget"): _forget,
        ("POST", "users"): _add_user,
    }


def _strings(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body) if body else {}
    except ValueError as error:
        raise bad_request(f"a control takes a JSON object: {error}") from error
    if not isinstance(given, dict):
        raise bad_request("a control takes a JSON object")
    return given


async def _held(fault: Fault) -> None:
    while fault.hold and not fault.released.is_set():
        await asyncio.sleep(0.005)


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def _hang_up(receive: Receive, watcher: Watcher) -> None:
    """Ends the watch when its client goes away."""
    while (await receive())["type"] != "http.disconnect":
        continue
    watcher.queue.put_nowait(None)


def _start(status: int, content_type: str, headers: tuple[tuple[str, str], ...]) -> MutableMapping[str, Any]:
    told = [(b"content-type", content_type.encode()), *((k.lower().encode(), v.encode()) for k, v in headers)]
    return {"type": "http.response.start", "status": status, "headers": told}


async def _send(answer: Answer, send: Send) -> None:
    start = _start(answer.status, answer.content_type, answer.headers)
    start["headers"].append((b"content-length", str(len(answer.body)).encode()))
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})
