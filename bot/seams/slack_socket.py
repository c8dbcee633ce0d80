"""The connection by which Slack delivers in Socket Mode: opened however long Slack takes to let us.

Once open, Slack's client reconnects by itself. A token that Slack refuses gets no better by waiting, so that ends it.
"""

import threading
from typing import Any, Protocol

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.seams.slack_checks import OF_THE_TOKEN

log = structlog.get_logger()

_LONGEST_WAIT = 30.0  # seconds


class Handler(Protocol):
    """Bolt's handler of Socket Mode."""

    client: Any

    def connect(self) -> None:
        """Open the connection, once."""
        ...

    def close(self) -> None:
        """Close it for good."""
        ...


class SlackSocket:
    """The connection of one bot."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._closing = threading.Event()

    @property
    def is_connected(self) -> bool:
        """Whether Slack can deliver now."""
        return bool(self._handler.client.is_connected())

    def open(self) -> str | None:
        """Connect, or try until `close`. Gives Slack's code where it refuses the app token."""
        wait = 1.0
        while not self._closing.is_set():
            try:
                self._handler.connect()
            except (SlackClientError, OSError) as error:
                code = error.response.get("error") if isinstance(error, SlackApiError) else None
                if code in OF_THE_TOKEN:
                    return str(code)
                told = {"code": code} if code else {"error": type(error).__name__}
                log.warning("slack does not let us connect", **told, again_in_s=wait)
                self._closing.wait(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            else:
                return None
        return None

    def close(self) -> None:
        """Take nothing new."""
        self._closing.set()
        self._handler.close()
