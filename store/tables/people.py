"""People and their user groups, as Slack has them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.tables.fields import instant


class Person(SQLModel, table=True):
    """What Slack says of a user, kept for a while so that a command need not ask again."""

    __tablename__ = "person"

    workspace_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    home_workspace_id: str
    name: str
    email: str | None = None
    email_confirmed: bool = False
    time_zone: str = "UTC"
    is_bot: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    is_deactivated: bool = False
    fetched_at: datetime = instant()
    check_at: datetime | None = instant(nullable=True, index=True)  # when Slack is asked next who they are


class UserGroup(SQLModel, table=True):
    """A user group of Slack, as it last was."""

    __tablename__ = "user_group"

    workspace_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    handle: str
    read_at: datetime = instant()


class UserGroupMember(SQLModel, table=True):
    """That somebody is in a user group of Slack."""

    __tablename__ = "user_group_member"

    workspace_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, index=True)
