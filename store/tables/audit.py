"""The log of what anybody did."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from store.tables.fields import document, instant, new_id


class AuditEvent(SQLModel, table=True):
    """Who did what, when, to what, from where; before and after. Only ever added to, and forgotten when it is old."""

    __tablename__ = "audit_event"
    __table_args__ = tuple(Index(f"audit_of_{column}", column, "at") for column in ("actor", "action", "person_id"))

    id: str = Field(default_factory=new_id, primary_key=True)
    at: datetime = instant(index=True)
    workspace_id: str
    actor: str  # Slack id, or "berth"
    action: str
    environment_id: str | None = Field(default=None, index=True)
    person_id: str | None = None  # whom it was done to, if not to themselves
    before: dict[str, Any] = document(dict)
    after: dict[str, Any] = document(dict)
    reason: str = ""
    source_kind: str = "time"
    source_channel: str | None = None
    source_message: str | None = None
    source_request: str | None = None
