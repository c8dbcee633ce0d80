"""Who a Slack user is to the company: what admins say, what logins prove, and who holds an e-mail."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bot.rules.words import LinkStage
from store.tables.fields import document, instant, new_id, word


class IdentityMapping(SQLModel, table=True):
    """That an admin says who a Slack user is."""

    __tablename__ = "identity_mapping"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    email: str  # as bot.rules.emails.key writes it
    by: str  # Slack id of the admin
    at: datetime = instant()


class OidcLink(SQLModel, table=True):
    """That a Slack user has proven, and confirmed in Slack, who they are to the company's login."""

    __tablename__ = "oidc_link"
    __table_args__ = (Index("one_link_per_subject", "workspace_id", "issuer", "subject", unique=True),)

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    issuer: str
    subject: str
    email: str
    groups: list[str] = document(list)
    at: datetime = instant()


class LinkTicket(SQLModel, table=True):
    """A link being made: a URL that was given, a login that was begun, or one that waits to be confirmed in Slack.

    What opens each of these doors is kept only as a hash, and each opens once.
    """

    __tablename__ = "link_ticket"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    person_id: str = Field(index=True)
    ticket_hash: str = Field(unique=True)
    state_hash: str | None = Field(default=None, unique=True)  # the login was begun
    browser_hash: str | None = None  # in the browser that has this
    code_hash: str | None = None  # the login succeeded, and that browser shows this code
    tries: int = 0  # wrong codes
    login: dict[str, Any] = document(dict)  # issuer, subject, email, groups: who logged in
    stage: LinkStage = word(LinkStage.GIVEN)
    created_at: datetime = instant()
    expires_at: datetime = instant(index=True)


class IdentityHolder(SQLModel, table=True):
    """Which Slack user an e-mail is, so that a second one does not become the same person."""

    __tablename__ = "identity_holder"

    workspace_id: str = Field(primary_key=True)
    email: str = Field(primary_key=True)  # as bot.rules.emails.key writes it
    person_id: str
    at: datetime = instant()


class LostIdentity(SQLModel, table=True):
    """That nothing proves any more who a member is who once was proven to be somebody, since when they were told."""

    __tablename__ = "lost_identity"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    since: datetime = instant()
    notice_key: str  # what they are told
