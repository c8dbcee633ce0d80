"""Who is let into what on the clusters, and what has to end there."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.rules.words import AccessLevel
from store.tables.fields import instant, word


class ClusterUser(SQLModel, table=True):
    """The Kubernetes subject a person is on a cluster: a ServiceAccount in Berth's own namespace."""

    __tablename__ = "cluster_user"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    cluster: str = Field(primary_key=True)
    service_account: str
    created_at: datetime = instant()


class AccessGrant(SQLModel, table=True):
    """What the owner of an environment lets somebody else do in it, realised as a RoleBinding. The owner needs none."""

    __tablename__ = "access_grant"

    environment_id: str = Field(foreign_key="environment.id", primary_key=True)
    subject: str = Field(primary_key=True, index=True)  # a Slack id, or as store.people.team_subject writes a team
    access: AccessLevel = word(AccessLevel.VIEW)
    granted_by: str  # Slack id
    granted_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True, index=True)  # None: until it is taken back
    notice_key: str = ""  # what its people were told of it begins with this
    then_view: bool = False  # an older share to view holds again when this one's time is over,
    then_view_until: datetime | None = instant(nullable=True)  # until then; None: until it is taken back


class Revocation(SQLModel, table=True):
    """That all tokens a person was given on a cluster must end; the row goes when they have."""

    __tablename__ = "revocation"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    cluster: str = Field(primary_key=True)
    asked_at: datetime = instant()
    due_at: datetime = instant(index=True)
    claimed_until: datetime | None = instant(nullable=True)  # somebody is at it, and nobody else may be
    error: str | None = None  # why the last try failed, in words for people
