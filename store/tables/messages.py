"""What goes out to Slack, and what came in from there."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.rules.words import NoticeState
from store.tables.fields import document, instant, new_id, word


class Notice(SQLModel, table=True):
    """A message people should see, and how much of it Slack has. Its facts may change; then Slack's copy is updated."""

    __tablename__ = "notice"

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True)  # the purpose and its deadline: said once
    workspace_id: str
    environment_id: str | None = Field(default=None, index=True)
    kind: str  # a key of handlers.notices
    facts: dict[str, Any] = document(dict)
    recipients: list[str] = document(list)  # Slack user and channel ids, tried in this order
    state: NoticeState = word(NoticeState.PENDING)
    version: int = 1
    delivered_version: int = 0
    channel: str | None = None
    ts: str | None = None
    attempts: int = 0
    error: str | None = None
    created_at: datetime = instant()
    delivered_at: datetime | None = instant(nullable=True)
    can_wait_until: datetime | None = instant(nullable=True)  # for whoever is not to be disturbed; None: not at all
    due_at: datetime | None = instant(nullable=True, index=True)
    claimed_by: str | None = None
    claimed_until: datetime | None = instant(nullable=True)


class Delivery(SQLModel, table=True):
    """A Slack delivery that was handled, so that the same one coming again changes nothing."""

    __tablename__ = "delivery"

    request_id: str = Field(primary_key=True)
    at: datetime = instant(index=True)
