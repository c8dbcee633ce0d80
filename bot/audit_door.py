"""The door for the API servers' audit webhooks: `POST /audit/<cluster>`, with the token that was agreed.

The token comes as a bearer, or as a part of the path: an API server sends no bearer over plain http. Nothing of a
request is ever logged or answered, and an unheard batch is answered so that the API server sends it again.
"""

import asyncio
import hmac
from typing import Any, Final

import orjson
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.request_body import read_body
from bot.usecases.activity import ApiActivity
from store.database import StoreError

log = structlog.get_logger()

_LARGEST_BODY: Final = 16 << 20  # bytes; a batch of 400 events has about half a million
_AT_ONCE: Final = 2  # batches in work: the threads are there for Slack's requests too


class AuditDoor:
    """Takes batches from whoever has the token."""

    def __init__(self, token: str, activity: ApiActivity) -> None:
        self._token = token.encode()
        self._activity = activity
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[Route]:
        """Both ways to bring the token."""
        return [Route(path, self._take, methods=["POST"]) for path in ("/audit/{cluster}", "/audit/{cluster}/{token}")]

    async def _take(self, request: Request) -> Response:
        cluster = request.path_params["cluster"]
        if not self._is_authentic(request):
            return PlainTextResponse("not authenticated", 401)
        if not self._activity.knows(cluster):
            return PlainTextResponse("no such cluster", 404)
        body = await read_body(request, _LARGEST_BODY)
        if body is None:
            return PlainTextResponse("too large", 413)
        async with self._turns:
            return await run_in_threadpool(self._note, cluster, body)

    def _is_authentic(self, request: Request) -> bool:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = [request.path_params.get("token", ""), bearer.strip() if scheme.lower() == "bearer" else ""]
        return any(hmac.compare_digest(each.encode(), self._token) for each in given)

    def _note(self, cluster: str, body: bytes) -> Response:
        events = _events(body)
        if events is None:
            return PlainTextResponse("not a list of audit events", 400)
        try:
            self._activity.note(cluster, events)
        except (StoreError, TimeoutError) as error:
            log.warning("audit events could not be noted", cluster=cluster, error=type(error).__name__)
            return PlainTextResponse("try again", 503)
        return PlainTextResponse("")


def _events(body: bytes) -> list[Any] | None:
    try:
        found = orjson.loads(body)  # which refuses half a character, as no database keeps it
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("kind") != "EventList":
        return None
    items = found.get("items")
    return items if isinstance(items, list) else None
