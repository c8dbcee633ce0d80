"""What a caller may choose about the local workspace.

Options are plain values fixed at start; whatever changes later goes through the control API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.slack.seed import HARBOUR, Seed

Clock = Callable[[], datetime]


def real_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class SlackOptions:
    """How the workspace is served, and how strict and how fast it is."""

    port: int = 0
    """0 takes a free one."""
    host: str = "127.0.0.1"
    clock: Clock = real_now
    manifest: Mapping[str, Any] | None = None
    """The app's manifest; None installs one with the /k8s command and every scope the sandbox knows."""
    ack_within: timedelta = timedelta(seconds=3)
    """How long the app has to acknowledge before the person sees Slack's failure text. Real seconds."""
    request_url: str | None = None
    """Deliver signed requests to this URL instead of through sockets."""
    rate_limits: bool = False
    without: frozenset[str] = frozenset()
    """Methods answered with `unknown_method`, as other emulators do."""
    clock_speed: float = 1.0
    """How many of the clock's seconds pass in a real one. Trigger ids and response URLs live by real seconds."""
    retry_scale: float = 1.0
    """Shrinks the waits between redeliveries of an event: 1.0 keeps Slack's at once, 1 minute, 5 minutes."""
    seed: Seed = HARBOUR
