"""The audit webhook: what was asked of the server and how it was answered, posted to somebody in batches.

As the real server's with a policy of level Metadata without the stage RequestReceived: in a thread of its own, tried
again some times, and then dropped.
"""

from __future__ import annotations

import json
import queue
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import urllib3

from bot.sandbox.cluster.answers import Answer, Stream
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.shapes import Obj

_BATCH: Final = 400
_TRIES: Final = 5
_PAUSE: Final = 0.5  # seconds between tries; the real server waits 10 and more
_WAITING: Final = 10_000  # events at the most; what comes on top is dropped
_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "Go-http-client/1.1"}


class AuditWebhook:
    """Tells one address of every request; `close` it in the end."""

    def __init__(self, url: str, now: Callable[[], datetime]) -> None:
        self._url = url
        self._now = now
        self._events: queue.Queue[Obj | None] = queue.Queue()
        self._closing = threading.Event()
        self._http = urllib3.PoolManager(retries=False, timeout=30)
        self._thread = threading.Thread(target=self._run, name="sandbox-audit", daemon=True)
        self._thread.start()

    def tell(self, call: Call, answer: Answer | Stream) -> None:
        """Have this request told, soon; one whose connection a fault cut had no answer, and is not."""
        if self._events.qsize() < _WAITING and not (isinstance(answer, Answer) and answer.status == 0):
            self._events.put(_event(call, answer, self._now()))

    def close(self) -> None:
        """Tell nothing more."""
        self._closing.set()
        self._events.put(None)
        self._thread.join(5)
        self._http.clear()

    def _run(self) -> None:
        while (first := self._events.get()) is not None:
            batch = [first]
            while len(batch) < _BATCH and not self._events.empty():
                following = self._events.get()
                if following is None:
                    return
                batch.append(following)
            self._post(batch)

    def _post(self, batch: list[Obj]) -> None:
        body = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": batch}
        text = json.dumps(body).encode()
        for _ in range(_TRIES):
            try:
                if self._http.request("POST", f"{self._url}?timeout=30s", body=text, headers=_HEADERS).status < 300:
                    return
            except urllib3.exceptions.HTTPError:
                pass  # nobody listens there yet, or any more
            if self._closing.wait(_PAUSE):
                return


def _event(call: Call, answer: Answer | Stream, now: datetime) -> Obj:
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    event: Obj = {
        "level": "Metadata",
        "auditID": str(uuid.uuid4()),
        "stage": "ResponseComplete" if isinstance(answer, Answer) else "ResponseStarted",
        "requestURI": f"{call.path}?{urlencode(call.query)}" if call.query else call.path,
        "verb": call.verb or call.method.lower(),
        "user": (call.impersonator or call.user).as_json(),
        "sourceIPs": ["127.0.0.1"],
        "userAgent": call.headers.get("user-agent", ""),
        "responseStatus": {"metadata": {}, "code": answer.status if isinstance(answer, Answer) else 200},
        "requestReceivedTimestamp": at,
        "stageTimestamp": at,
    }
    impersonated = {"impersonatedUser": call.user.as_json()} if call.impersonator else {}
    return event | impersonated | ({"objectRef": _reference(call, answer)} if call.kind else {})


def _reference(call: Call, answer: Answer | Stream) -> Obj:
    name = call.name or (_name_made(answer) if call.verb == "create" and isinstance(answer, Answer) else "")
    told = {
        "resource": call.row.plural,
        "namespace": call.namespace,
        "name": name,
        "apiGroup": call.row.group,
        "apiVersion": call.row.version,
        "subresource": call.subresource,
    }
    return {key: value for key, value in told.items() if value}


def _name_made(answer: Answer) -> str:
    if answer.status != 201:
        return ""
    metadata = json.loads(answer.body).get("metadata") or {}
    return str(metadata.get("name", ""))
