"""Faults a test asks for: an error, a 429, a 500, a slow answer or none at all, for a method, so many times."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from starlette.responses import JSONResponse, Response

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json


@dataclass
class Fault:
    """What goes wrong with a method (a name or a pattern such as `chat.*`; `response_url` and `upload` count too)."""

    method: str
    status: int = 200
    error: str = ""
    retry_after: int = 1
    latency_ms: int = 0
    hang: bool = False
    times: int | None = 1
    """None means until the faults are cleared."""
    after_effect: bool = False
    """The call takes effect, and only its answer is lost."""

    def answer(self) -> Response | None:
        """The faulty answer; None where the fault only delays."""
        if self.status == 429:
            headers = {"Retry-After": str(self.retry_after)}
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers)
        if self.status >= 400:
            return Response(self.error or "upstream trouble", self.status)
        return JSONResponse({"ok": False, "error": self.error}) if self.error else None


class Faults:
    """The faults that are armed."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._cleared = asyncio.Event()

    def arm(self, given: Json) -> None:
        """Adds one; raises `invalid_arguments` for fields it does not know."""
        known = {field.name for field in fields(Fault)}
        if set(given) - known:
            raise SlackError("invalid_arguments", known=sorted(known))
        self._armed.append(Fault(**given))

    def clear(self) -> None:
        """Removes all and lets hanging calls go."""
        self._armed.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    def take(self, method: str) -> Fault | None:
        """The first armed fault for that method, used up once."""
        for fault in self._armed:
            if fnmatchcase(method, fault.method):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._armed.remove(fault)
                return fault
        return None

    async def delay(self, fault: Fault) -> None:
        """Waits as long as the fault says; a hanging one until the faults are cleared."""
        cleared = self._cleared
        if fault.hang:
            await cleared.wait()
        await asyncio.sleep(fault.latency_ms / 1000)

    def listed(self) -> list[dict[str, Any]]:
        """The armed faults as data."""
        return [vars(fault) for fault in self._armed]
