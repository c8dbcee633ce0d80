"""A person at the sandbox's control API: does what people do, sees what people see."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from bot.sandbox.slack import SandboxSlack

Json = dict[str, Any]
T = TypeVar("T")


def until(claim: Callable[[], T], what: str = "it", seconds: float = 8.0) -> T:
    """The first truthy value of the claim; fails the test when none comes in time."""
    deadline, wait = time.monotonic() + seconds, 0.005
    while time.monotonic() < deadline:
        if found := claim():
            return found
        time.sleep(wait)
        wait = min(wait * 1.5, 0.05)  # who asks too often keeps what is waited for from happening
    raise AssertionError(f"{what} did not happen within {seconds} s")


class Control:
    """The control API's part that belongs to nobody in particular."""

    def __init__(self, slack: SandboxSlack) -> None:
        # Nothing is encrypted here, and to read what would be trusted takes longer than all that a test asks.
        self.http = httpx.Client(base_url=f"{slack.url}/_control", timeout=15, trust_env=False, verify=False)  # noqa: S501

    def get(self, path: str, **query: str) -> Any:
        """What a GET shows."""
        return self.http.get(path, params=query).json()

    def post(self, path: str, **body: Any) -> Json:
        """What a POST answers."""
        answer: Json = self.http.post(path, json=body).json()
        return answer

    def payloads(self, kind: str = "") -> list[Json]:
        """What was delivered to the app, of that type of payload or event."""
        return [row for row in self.get("/payloads") if not kind or kind in _types(row["payload"])]

    def calls(self, method: str) -> list[Json]:
        """The calls of a method so far."""
        return [row for row in self.get("/requests") if row["method"] == method]

    def connected(self, number: int = 1) -> None:
        """Waits until the app holds that many sockets."""
        until(lambda: self.get("/socket")["connections"] == number, f"{number} connections")


def _types(payload: Json) -> set[str]:
    return {str(payload.get("type")), str(payload.get("event", {}).get("type")), str(payload.get("command"))}


class Person:
    """Someone in the workspace, by name."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self._at = f"/as/{name}"
        people = control.get("/workspace")["people"]
        self.id = next(row["id"] for row in people if row["name"] == name)

    def does(self, what: str, **body: Any) -> Json:
        """One act: command, click, submit …"""
        return self._control.post(f"{self._at}/{what}", **body)

    def sees(self, channel: str, thread_ts: str = "") -> list[Json]:
        """The messages of a channel."""
        messages: list[Json] = self._control.get(f"{self._at}/messages/{channel}", thread_ts=thread_ts)
        return messages

    def awaits(self, channel: str, text: str) -> Json:
        """The message with that text, once it is there."""
        return until(lambda: [row for row in self.sees(channel) if row["text"] == text], f"message {text!r}")[0]

    def channel(self, kind: str = "app", name: str = "") -> Json:
        """One of the person's channels."""
        rows = self._control.get(f"{self._at}/channels")
        found: Json = next(row for row in rows if row["kind"] == kind and name in {"", row["name"]})
        return found

    def modals(self) -> list[Json]:
        """The open modals."""
        stack: list[Json] = self._control.get(f"{self._at}/views")["stack"]
        return stack

    def modal(self) -> Json:
        """The topmost modal, once there is one."""
        return until(self.modals, "a modal")[-1]

    def home(self) -> Json | None:
        """The published Home."""
        home: Json | None = self._control.get(f"{self._at}/home")
        return home
