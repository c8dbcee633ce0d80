"""Rows to begin a test with, and a way to do things at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from store.tables import Environment, Notice

T = TypeVar("T")

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEASE: Final = timedelta(minutes=1)
MOMENT: Final = timedelta(microseconds=1)


def environment(name: str = "blue", **different: Any) -> Environment:
    """An environment somebody asked for at noon."""
    asked: dict[str, Any] = {
        "workspace_id": "T1",
        "owner_id": "U1",
        "owner_email": "ada@example.com",
        "name": name,
        "title": name.title(),
        "cluster": "main",
        "namespace": f"berth-{name}",
        "template": "blank",
        "size": "s",
        "operation_by": "U1",
        "operation_at": NOON,
        "created_at": NOON,
        "last_activity_at": NOON,
        "last_activity_by": "U1",
        "last_activity_what": "created it",
    }
    return Environment(**asked | different)


def notice(key: str = "warning of blue", **different: Any) -> Notice:
    """A message that wants saying at noon."""
    said: dict[str, Any] = {"workspace_id": "T1", "kind": "idle_warning", "recipients": ["U1"]}
    return Notice(key=key, **said | {"created_at": NOON, "due_at": NOON} | different)


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """What `work(0)`, `work(1)`… give when all of them begin at the same moment. Raises what one of them raises."""
    gate = threading.Barrier(count)

    def run(number: int) -> T:
        gate.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))
