"""Limits that admins set, and requests for more."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.rules.words import RequestState
from store.tables.fields import document, instant, new_id, word


class LimitSetting(SQLModel, table=True):
    """A limit that an admin has set in Slack; it goes before what berth.yaml says."""

    __tablename__ = "limit_setting"

    workspace_id: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)  # a bot.rules.limits.ScopeKind
    name: str = Field(primary_key=True)  # a Slack id, a team or a cluster
    limit: str = Field(primary_key=True)  # a bot.rules.limits.Limit
    value: str | None = None  # a number in the limit's own unit; None: it does not hold
    set_by: str  # Slack id
    set_at: datetime = instant()


class LimitRequest(SQLModel, table=True):
    """Somebody's request for more than a limit allows, what they asked for, and what became of it."""

    __tablename__ = "limit_request"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    asker_id: str = Field(index=True)
    owner_id: str  # whose limits they are: the environment's owner, or the asker
    team: str | None = None
    environment_id: str | None = None
    wish: dict[str, Any] = document(dict)  # a bot.usecases.wishes.Wish
    excesses: list[dict[str, Any]] = document(list)  # what it would exceed, when it was asked for
    reason: str
    weekly: str | None = None  # what a week of it costs at the most
    currency: str = ""
    approvers: str  # a bot.rules.approvals.Approvers
    state: RequestState = word(RequestState.PENDING)
    asked_at: datetime = instant()
    expires_at: datetime = instant()
    decided_by: str | None = None  # Slack id
    decided_at: datetime | None = instant(nullable=True)
    raised_until: datetime | None = instant(nullable=True)  # None: approved for this once
    remark: str = ""  # why it was denied, or what kept it from being carried out
    due_at: datetime | None = instant(nullable=True, index=True)  # it expires then, or is carried out


class LimitRaise(SQLModel, table=True):
    """A limit that was raised for a while, because a request was approved so."""

    __tablename__ = "limit_raise"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    scope: str
    name: str = Field(index=True)
    limit: str
    value: str
    request_id: str
    granted_by: str  # Slack id
    granted_at: datetime = instant()
    until: datetime = instant()
