"""The workspace as a running server: everything is put together here, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from bot.sandbox.listening import listen
from bot.sandbox.slack.acts import Acts
from bot.sandbox.slack.bodies import file_content
from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.control import Control
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.forms import Forms
from bot.sandbox.slack.options import SlackOptions
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.posting import Poster
from bot.sandbox.slack.replies import Replies
from bot.sandbox.slack.signed_http import SignedHttp
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.web_api import WebApi
from bot.sandbox.slack.workspace import Workspace

_INTERRUPTS_SEEN_SECONDS = 1.0

PAGE = Path(__file__).parent / "page"
START_SECONDS = 10.0
STOP_SECONDS = 5.0


class SandboxSlack:
    """A local Slack workspace, served from a thread of its own until it is stopped. A context manager."""

    def __init__(self, options: SlackOptions) -> None:
        self._workspace = Workspace(options)
        self._tickets = Tickets(self._workspace)
        self._sockets = Sockets(self._workspace, self._tickets)
        self._courier = Courier(self._workspace, self._sockets)
        self._faults = Faults()
        self._closing = asyncio.Event()
        self._socket = listen(options.host, options.port)
        self.url = f"http://{options.host}:{self._socket.getsockname()[1]}"
        self._workspace.url = self.url
        if options.request_url:
            self.set_request_url(options.request_url)
        # Pings, as Slack sends them, wake a client that waits for data; one that answers them late is just busy.
        config = uvicorn.Config(
            self._application(),
            log_level=logging.ERROR,
            access_log=False,
            ws="websockets-sansio",
            ws_ping_interval=0.5,
            ws_ping_timeout=None,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="sandbox-slack", daemon=True)

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, as `WebClient(base_url=…)` takes it."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The installed app's bot token."""
        return self._workspace.bot_token

    @property
    def app_token(self) -> str:
        """The app-level token, for Socket Mode."""
        return self._workspace.app_token

    @property
    def signing_secret(self) -> str:
        """What signs requests to the request URL."""
        return self._workspace.signing_secret

    def set_request_url(self, url: str | None) -> None:
        """Delivers signed requests to that URL from now on; None goes back to sockets."""
        self._courier.transport = SignedHttp(self._workspace, url) if url else self._sockets

    def start(self) -> None:
        """Starts serving; returns when it does. Raises TimeoutError if it does not."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TimeoutError("the sandbox workspace did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stops serving and waits until the thread has ended."""
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)

    def __enter__(self) -> SandboxSlack:
        if not self._server.started:
            self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        # Signed requests wait in threads: as many at once as a busy test delivers, not as few as the machine has cores.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64, "sandbox-slack-delivery"))
        stopping = asyncio.create_task(self._release_when_asked())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            stopping.cancel()
            self._socket.close()

    async def _release_when_asked(self) -> None:
        # Streams, hanging faults and open sockets would otherwise keep the server from ending.
        while not self._server.should_exit:
            await asyncio.sleep(0.02)
        self._closing.set()
        self._faults.clear()
        self._courier.stop()
        await self._sockets.drop()

    def _application(self) -> Starlette:
        poster = Poster(self._workspace, self._courier)
        replies = Replies(self._workspace, self._tickets, poster)
        acts = Acts(self._workspace, self._courier, Payloads(self._workspace, self._tickets), poster, replies)
        web_api = WebApi(self._workspace, self._tickets, self._courier, self._faults)
        control = Control(
            self._workspace,
            acts,
            Forms(acts),
            self._courier,
            self._sockets,
            web_api,
            self._faults,
            Changes(self._workspace, self._courier),
            self._closing,
        )

        async def answer_response_url(request: Request) -> Response:
            return await replies.serve(request, self._faults)

        routes: list[BaseRoute] = [
            Route("/api/{method}", web_api.serve, methods=["GET", "POST"]),
            Route("/actions/{path:path}", answer_response_url, methods=["POST"]),
            Route("/upload/{file}", self._upload, methods=["POST"]),
            Route("/files/{file}/{name:path}", self._download),
            WebSocketRoute("/link/", self._sockets.serve),
            *control.routes(),
            *_page_routes(),
        ]
        return Starlette(routes=routes)

    async def _upload(self, request: Request) -> Response:
        fault = self._faults.take("upload")
        if fault:
            await self._faults.delay(fault)
            if lost := fault.answer():
                return lost
        file = self._workspace.files.get(request.path_params["file"])
        if file is None:
            return PlainTextResponse("not found", 404)
        try:
            file.content = file_content(request.headers.get("content-type", ""), await request.body())
        except SlackError as refusal:
            return PlainTextResponse(refusal.code, 400)
        return PlainTextResponse(f"OK - {len(file.content)}")

    async def _download(self, request: Request) -> Response:
        file = self._workspace.files.get(request.path_params["file"])
        if file is None or file.content is None:
            return PlainTextResponse("not found", 404)
        return Response(file.content, media_type=file.mimetype)


def _page_routes() -> list[BaseRoute]:
    if not PAGE.is_dir():
        return []
    files: ASGIApp = StaticFiles(directory=PAGE, html=True)
    return [Mount("/page", files), Route("/archives/{path:path}", _to_page), Mount("/", files)]


async def _to_page(_: Request) -> Response:
    return RedirectResponse("/")


def serve(options: SlackOptions | None = None) -> SandboxSlack:
    """A workspace that is being served; use it as a context manager or call `stop()`."""
    workspace = SandboxSlack(options or SlackOptions())
    workspace.start()
    return workspace


def run(options: SlackOptions, announce: Callable[[SandboxSlack], None]) -> None:
    """Serves in the foreground until interrupted; `announce` is told once it is up, to print URL and tokens."""
    with serve(options) as workspace, contextlib.suppress(KeyboardInterrupt):
        announce(workspace)
        while True:  # in a wait without an end, an interrupt that comes just before it is not seen
            time.sleep(_INTERRUPTS_SEEN_SECONDS)
