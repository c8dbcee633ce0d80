"""Refusals, as Slack words them: a code and whatever else goes with it."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A refused call. `code` is Slack's error string; `details` are further fields of the answer."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def invalid(code: str, reasons: list[str]) -> SlackError:
    """A refusal that lists its reasons the way Slack does, under `response_metadata.messages`."""
    messages = [f"[ERROR] {reason}" for reason in reasons]
    return SlackError(code, errors=reasons, response_metadata={"messages": messages})
