"""What is used of environments, and by whom: what costs are made of, open sessions, and who was there."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from store.columns import Instant
from store.tables.fields import instant, new_id


class UsageSpan(SQLModel, table=True):
    """A stretch of time in which an environment was awake or asleep and requested a constant amount.

    For an asleep span, `cpu`, `memory_gib` and `gpu` are what it requested when it fell asleep: what sleeping saves.
    """

    __tablename__ = "usage_span"

    id: str = Field(default_factory=new_id, primary_key=True)
    environment_id: str = Field(foreign_key="environment.id", index=True)
    awake: bool
    started_at: datetime = instant(index=True)
    ended_at: datetime | None = instant(nullable=True, index=True)
    cpu: float = 0.0  # cores requested
    memory_gib: float = 0.0  # GiB requested
    storage_gib: float = 0.0  # GiB claimed; paid awake and asleep
    gpu: float = 0.0  # GPUs requested


class OpenSession(SQLModel, table=True):
    """A shell, an attachment or a forwarded port in an environment, from the cluster's audit events.

    The id is the one that both ends of a session share. A row whose end is known stays for a while: ends may come
    before beginnings, and anything may come twice.
    """

    __tablename__ = "open_session"

    environment_id: str = Field(foreign_key="environment.id", primary_key=True)
    audit_id: str = Field(primary_key=True)
    by: str  # as in Environment.last_activity_by
    what: str
    opened_at: datetime = instant(index=True)
    closed_at: datetime | None = instant(nullable=True)


class Visit(SQLModel, table=True):
    """That somebody was there in a week, and when for the first time in it."""

    __tablename__ = "visit"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    week: datetime = Field(sa_column=Column(Instant, primary_key=True))  # its Monday, as bot.rules.adoption has it
    first_at: datetime = instant()
