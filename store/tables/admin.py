"""What admins do to many at once."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.rules.words import ItemState, Verb
from store.tables.fields import document, instant, new_id, word


class Pause(SQLModel, table=True):
    """That an admin has stopped everything that time does in a workspace: no sleep and no deletion until it ends."""

    __tablename__ = "pause"

    workspace_id: str = Field(primary_key=True)
    by: str
    reason: str = ""
    at: datetime = instant()


class BulkPlan(SQLModel, table=True):
    """What an admin was shown that would be done to many at once; if they agree, exactly that is done."""

    __tablename__ = "bulk_plan"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    by: str  # Slack id
    verb: Verb = word(Verb.SLEEP)
    args: dict[str, str] = document(dict)  # what the verb needs: a duration, a person, a text
    source: dict[str, Any] = document(dict)  # where the admin agreed, for the audit log
    created_at: datetime = instant(index=True)
    begun_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True, index=True)  # whoever looks then goes on with it
    problem: str = ""  # why it does not go on


class BulkItem(SQLModel, table=True):
    """One of many: an environment, or a person who is told something."""

    __tablename__ = "bulk_item"

    plan_id: str = Field(foreign_key="bulk_plan.id", primary_key=True)
    subject: str = Field(primary_key=True)  # an environment's id, or a Slack id
    name: str
    owner_id: str
    operation: int = 0  # the environment's when it was shown
    state: ItemState = word(ItemState.PLANNED)
    why: str = ""  # it was left
