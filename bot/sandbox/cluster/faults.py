"""What a test may break on purpose, and the log of what was asked: both by verb, resource, namespace and name."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.errors import Refusal

_MESSAGES = {
    409: "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version",
    410: "The resourceVersion for the provided list is too old.",
    429: "the server has received too many requests and has asked us to try again later",
    500: "Internal error occurred: injected fault",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted",
}


@dataclass
class Fault:
    """One thing to go wrong. Empty conditions match everything; ``times`` None means for ever.

    ``drop``: True or "before" closes the connection before the request is executed, "after" executes it and then closes
    the connection without an answer; ``drop="watch"`` ends a watch after ``latency``. ``retry_after`` is in seconds.
    ``hold`` keeps the connection open until the faults are cleared; then it is dropped, or else the request executed;
    ``struck`` is set meanwhile.
    """

    verb: str | None = None
    resource: str | None = None
    namespace: str | None = None
    name: str | None = None
    status: int | None = None
    retry_after: int | None = None
    latency: timedelta = timedelta(0)
    drop: bool | str = False
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    user: str | None = None
    hold: bool = False
    struck: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def matches(self, call: Call) -> bool:
        wanted = (
            (self.verb, call.verb or call.method.lower()),
            (self.resource, call.resource),
            (self.namespace, call.namespace),
            (self.name, call.name),
            (self.user, call.user.name),
        )
        return all(want is None or want == have for want, have in wanted)

    @property
    def spent(self) -> bool:
        return self.times is not None and self.times <= 0

    def strike(self) -> bool:
        """Whether it goes wrong this time; counts down what was to be skipped and how often it strikes."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if random.random() >= self.probability:  # noqa: S311 - a test's dice, not a secret
            return False
        if self.times is not None:
            self.times -= 1
        self.struck.set()
        return True

    def refuse(self) -> None:
        if self.status is not None:
            message = _MESSAGES.get(self.status, "injected fault")
            raise Refusal(self.status, message, {}, retry_after=self.retry_after or 0)


class Faults:
    """The faults in force; safe to change from any thread."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._held: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """No more faults; what is held goes on."""
        with self._lock:
            self._faults.clear()
            for fault in self._held:
                fault.released.set()
            self._held.clear()

    def of(self, call: Call) -> Fault | None:
        """The first fault that strikes this call."""
        if not self._faults:
            return None
        with self._lock:
            struck = next((fault for fault in self._faults if fault.matches(call) and fault.strike()), None)
            self._faults = [fault for fault in self._faults if not fault.spent]
            if struck is not None and struck.hold:
                self._held.append(struck)
        return struck


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One answered request. ``resource`` carries its subresource: ``deployments/scale``."""

    verb: str
    resource: str
    namespace: str
    name: str
    user: str
    status: int
    user_agent: str
    path: str
    content_type: str
    continued: bool  # a further page of a list


class RequestLog:
    """Every request since the last clear, the newest 200,000; safe to read from any thread."""

    def __init__(self) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=200_000)

    def add(self, call: Call, status: int) -> None:
        agent, sort = call.headers.get("user-agent", ""), call.headers.get("content-type", "")
        verb = call.verb or call.method.lower()
        self._entries.append(
            LoggedRequest(
                *(verb, call.resource, call.namespace, call.name, call.user.name, status, agent, call.path, sort),
                continued="continue" in call.query,
            )
        )

    def entries(self) -> list[LoggedRequest]:
        return list(self._entries)

    def clear(self) -> None:
        self._entries.clear()

    def count(
        self,
        verb: str | None = None,
        resource: str | None = None,
        namespace: str | None = None,
        user: str | None = None,
    ) -> int:
        """How many requests there were, by any of these."""
        return sum(1 for _ in self._matching(verb, resource, namespace, user))

    def _matching(
        self, verb: str | None, resource: str | None, namespace: str | None, user: str | None
    ) -> Iterator[LoggedRequest]:
        for entry in self.entries():
            wanted = ((verb, entry.verb), (resource, entry.resource), (namespace, entry.namespace), (user, entry.user))
            if all(want is None or want == have for want, have in wanted):
                yield entry
