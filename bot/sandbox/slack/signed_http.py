"""Delivery by signed HTTP requests, Slack's alternative to Socket Mode.

Each request carries the v0 signature over its raw body; the answer's body is the acknowledgement's payload.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bot.sandbox.slack.delivery import Answer, Delivery
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: str) -> str:
    """Slack's v0 request signature, as described under "Verifying requests from Slack"."""
    basis = f"v0:{timestamp}:{body}".encode()
    return f"v0={hmac.new(secret.encode(), basis, hashlib.sha256).hexdigest()}"


def encoded(delivery: Delivery) -> tuple[str, str]:
    """Body and content type: commands are forms, interactions a form with one JSON field, events JSON."""
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload), FORM
    if delivery.kind == "interactive":
        return urlencode({"payload": json.dumps(delivery.payload)}), FORM
    return json.dumps(delivery.payload), "application/json"


@dataclass(frozen=True)
class SignedHttp:
    """Posts each payload to the app's request URL."""

    workspace: Workspace
    url: str

    async def send(self, delivery: Delivery) -> Answer:
        """Posts once, in a thread of its own, and reads the acknowledgement."""
        # The socket's own timeout starts anew with every byte; the whole answer has to be there in time.
        try:
            async with asyncio.timeout(self.workspace.options.ack_within.total_seconds()):
                return await asyncio.to_thread(self._post, delivery)
        except TimeoutError:
            return _late(delivery)

    def _post(self, delivery: Delivery) -> Answer:
        event = delivery.kind == "events_api"
        body, content_type = encoded(delivery)
        try:
            status, headers, text = self._exchange(body, self._headers(delivery, body, content_type))
        except TimeoutError:
            return _late(delivery)
        except (OSError, http.client.HTTPException):
            return Answer("connection_failed" if event else "dispatch_failed")
        if not 200 <= status < 300:
            stop = headers.get("x-slack-no-retry") == "1"
            return Answer("http_error" if event else "dispatch_failed", no_retry=stop)
        return Answer(payload=_payload(text))

    def _headers(self, delivery: Delivery, body: str, content_type: str) -> dict[str, str]:
        # The receiver compares with its own clock, so a sandbox whose clock runs fast still signs with the real time.
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.workspace.signing_secret, timestamp, body),
        }
        if delivery.retry:
            headers |= {"X-Slack-Retry-Num": str(delivery.retry), "X-Slack-Retry-Reason": delivery.reason}
        return headers

    def _exchange(self, body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        address = urlsplit(self.url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        within = self.workspace.options.ack_within.total_seconds()
        connection = kind(address.hostname or "", address.port, timeout=within)
        try:
            target = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
            connection.request("POST", target, body.encode(), headers)
            response = connection.getresponse()
            kept = {name.lower(): value for name, value in response.getheaders()}
            return response.status, kept, response.read().decode(errors="replace")
        finally:
            connection.close()


def _late(delivery: Delivery) -> Answer:
    return Answer("http_timeout" if delivery.kind == "events_api" else "operation_timeout")


def _payload(text: str) -> Json:
    if not text.strip():
        return {}
    try:
        said = json.loads(text)
    except ValueError:
        return {"text": text}
    return said if isinstance(said, dict) else {"text": text}
