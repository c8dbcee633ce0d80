"""The HTTP server: health for the cluster's probes, metrics for Prometheus, and Slack's requests in HTTP mode.

Slack's requests are verified and handled by Bolt, on threads: its handlers are synchronous, and the event loop must go
on answering probes meanwhile.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import uvicorn
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from slack_bolt import App, BoltRequest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.request_body import read_body
from bot.rules.words import NoticeState, Phase
from store.database import Store, StoreError

_LARGEST_BODY = 1_000_000  # bytes; Slack's payloads stay far below
_DIGITS = 15  # of a timestamp in seconds

Check = Callable[[], str | None]  # what is wrong, or None


@dataclass(frozen=True)
class StoreCollector:
    """Prometheus metrics read from the store at each scrape."""

    store: Store

    def collect(self) -> Iterable[Metric]:
        """Environments by phase and messages by state, every phase and state named."""
        with self.store.read() as records:
            phases, states = records.environments.by_phase(), records.notices.by_state()
        environments = GaugeMetricFamily("berth_environments", "Environments by phase", labels=["phase"])
        for phase in Phase:
            environments.add_metric([phase.value], phases.get(phase, 0))
        notices = GaugeMetricFamily("berth_notices", "Messages to people by state", labels=["state"])
        for state in NoticeState:
            notices.add_metric([state.value], states.get(state, 0))
        return [environments, notices]


def database_answers(store: Store) -> Check:
    """A check that the database can be read."""

    def check() -> str | None:
        try:
            with store.read() as records:
                records.environments.next_due()
        except StoreError as error:
            return f"the database does not answer ({type(error).__name__})"
        return None

    return check


def application(
    bolt: App | None, registry: CollectorRegistry, ready: list[Check], others: Sequence[Route] = ()
) -> Starlette:
    """The routes, and those of `others`; `bolt` only where Slack delivers by HTTP."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        problems = [problem for check in ready if (problem := await run_in_threadpool(check)) is not None]
        return JSONResponse({"ready": not problems, "problems": problems}, 503 if problems else 200)

    async def metrics(_: Request) -> Response:
        return Response(await run_in_threadpool(generate_latest, registry), media_type="text/plain; version=0.0.4")

    async def slack(request: Request) -> Response:
        return await _dispatch(bolt, request) if bolt is not None else PlainTextResponse("", 404)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics), *others]
    return Starlette(routes=[*routes, *([Route("/slack/events", slack, methods=["POST"])] if bolt else [])])


async def _dispatch(bolt: App, request: Request) -> Response:
    if not _can_be_verified(request.headers):
        return PlainTextResponse("not signed", 401)
    body = await read_body(request, _LARGEST_BODY)
    if body is None:
        return PlainTextResponse("too large", 413)
    headers: dict[str, str | Sequence[str]] = dict(request.headers)
    try:
        asked = BoltRequest(body=body.decode(), headers=headers)
    except (ValueError, TypeError, AttributeError):  # Bolt reads a body before it verifies it, and expects an object
        return PlainTextResponse("not a request of Slack's", 400)
    answer = await run_in_threadpool(bolt.dispatch, asked)
    response = Response(answer.body, answer.status)
    for name, value in answer.first_headers_without_set_cookie().items():
        response.headers[name] = value
    return response


def _can_be_verified(headers: Mapping[str, str]) -> bool:
    """Whether Bolt can check the signature at all. What it fails over would be told to the unverified sender."""
    at, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    return at.isascii() and at.isdecimal() and len(at) <= _DIGITS and signature.isascii()


class HttpServer:
    """uvicorn on a thread of its own."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        # Even so told, uvicorn keeps an access log wherever somebody has attached a handler; a path can hold a token.
        logging.getLogger("uvicorn.access").disabled = True
        config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        self._config = config
        self.url = ""

    def start(self) -> None:
        """Listen. Raises SystemExit where the address cannot be had, which uvicorn has told by then."""
        listening = self._config.bind_socket()
        # Else an answer over a connection that is kept, as Slack's and API servers' are, waits 40 ms to be sent.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = listening.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="http", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer what is being asked, and close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
