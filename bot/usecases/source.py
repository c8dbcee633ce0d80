"""Where a wish came from, for the audit log and against doing it twice."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Source:
    """A Slack delivery, or the passing of time. `text` is what the person typed or clicked.

    `approval` is the approved request, by its id, that is carried out.
    """

    request_id: str = ""
    kind: Literal["command", "action", "view", "event", "time"] = "time"
    channel_id: str | None = None
    message_ts: str | None = None
    text: str = ""
    approval: str | None = None

    def columns(self) -> dict[str, Any]:
        """What an audit event keeps of it, by column."""
        return {
            "source_kind": self.kind,
            "source_channel": self.channel_id,
            "source_message": self.message_ts,
            "source_request": self.request_id or None,
        }


TIME = Source()
