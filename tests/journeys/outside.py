"""Whoever can send HTTP requests to Berth's address: Slack, and everybody who is not Slack."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import httpx

from tests.world import World

_FORM: Final = "application/x-www-form-urlencoded"


class Outside:
    """Somebody who can send requests to Berth's address, with the signing secret or without."""

    def __init__(self, world: World) -> None:
        self._url = world.berth.url
        self._secret = world.harbour.slack.signing_secret

    def get(self, path: str) -> httpx.Response:
        """Ask for a page."""
        return httpx.get(f"{self._url}{path}", trust_env=False)

    def command(self, text: str, **more: str) -> bytes:
        """The body of a slash command."""
        return urlencode({"command": "/k8s", "text": text, "trigger_id": f"t.{time.time_ns()}"} | more).encode()

    def post(
        self, body: bytes, *, age: int = 0, secret: str = "", sort: str = _FORM, headers: Mapping[str, str] = {}
    ) -> httpx.Response:
        """Send it signed; `age` in seconds, `secret` another than the right one."""
        at = str(int(time.time()) - age)
        basis = f"v0:{at}:".encode() + body
        signature = hmac.new((secret or self._secret).encode(), basis, hashlib.sha256).hexdigest()
        sent = {
            "Content-Type": sort,
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={signature}",
        }
        raw = [(name.encode(), value.encode()) for name, value in (sent | dict(headers)).items()]
        return httpx.post(f"{self._url}/slack/events", content=body, headers=raw, trust_env=False)
