"""Slack's user groups and who is in them, as last read: no command waits for Slack to tell."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from store.tables import UserGroup, UserGroupMember


class UserGroupRecords:
    """User groups of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, workspace_id: str, person_id: str, since: datetime) -> frozenset[str]:
        """The ids and `@handles` of the groups that somebody is in, of those read since an instant."""
        rows = self._session.exec(
            select(UserGroup)
            .join(
                UserGroupMember,
                (col(UserGroupMember.workspace_id) == col(UserGroup.workspace_id))
                & (col(UserGroupMember.group_id) == col(UserGroup.id)),
            )
            .where(
                col(UserGroupMember.workspace_id) == workspace_id,
                col(UserGroupMember.person_id) == person_id,
                col(UserGroup.read_at) >= since,
            )
        ).all()
        return frozenset(name for row in rows for name in (row.id, f"@{row.handle}"))

    def people_of(self, workspace_id: str, name: str, since: datetime) -> list[str]:
        """Who is in the group of this id or `@handle`, as it was read since an instant."""
        named = (col(UserGroup.id) == name) | (col(UserGroup.handle) == name.removeprefix("@"))
        here = (col(UserGroup.workspace_id) == workspace_id, col(UserGroup.read_at) >= since)
        groups = self._session.exec(select(UserGroup.id).where(*here, named)).all()
        members = (col(UserGroupMember.workspace_id) == workspace_id, col(UserGroupMember.group_id).in_(groups))
        return sorted(self._session.exec(select(UserGroupMember.person_id).where(*members)).all())

    def called(self, workspace_id: str, name: str) -> frozenset[str]:
        """The ids and `@handles` of the groups of this id or handle."""
        named = (col(UserGroup.id) == name) | (col(UserGroup.handle) == name)
        rows = self._session.exec(select(UserGroup).where(col(UserGroup.workspace_id) == workspace_id, named)).all()
        return frozenset(found for row in rows for found in (row.id, f"@{row.handle}"))

    def of_everybody(self, workspace_id: str, since: datetime) -> Mapping[str, frozenset[str]]:
        """The same of everybody, by their Slack id."""
        rows = self._session.exec(
            select(UserGroup).where(col(UserGroup.workspace_id) == workspace_id, col(UserGroup.read_at) >= since)
        ).all()
        names = {row.id: {row.id, f"@{row.handle}"} for row in rows}
        found: dict[str, set[str]] = {}
        for group, people in self.members(workspace_id).items():
            for person_id in people:
                found.setdefault(person_id, set()).update(names.get(group, ()))
        return {person_id: frozenset(some) for person_id, some in found.items()}

    def names(self, workspace_id: str, since: datetime) -> frozenset[str]:
        """The ids and `@handles` of the groups that were read since an instant."""
        rows = self._session.exec(
            select(UserGroup).where(col(UserGroup.workspace_id) == workspace_id, col(UserGroup.read_at) >= since)
        ).all()
        return frozenset(name for row in rows for name in (row.id, f"@{row.handle}"))

    def members(self, workspace_id: str) -> Mapping[str, frozenset[str]]:
        """Who is in each group, by its id."""
        found: dict[str, set[str]] = {}
        rows = self._session.exec(select(UserGroupMember).where(col(UserGroupMember.workspace_id) == workspace_id))
        for row in rows:
            found.setdefault(row.group_id, set()).add(row.person_id)
        return {group: frozenset(people) for group, people in found.items()}

    def replace(self, workspace_id: str, groups: Mapping[str, tuple[str, frozenset[str]]], now: datetime) -> None:
        """Keep these groups, by id: their handles and their people, and no others."""
        for table in (UserGroupMember, UserGroup):
            self._session.exec(delete(table).where(col(table.workspace_id) == workspace_id))
        for group_id, (handle, people) in groups.items():
            self._session.add(UserGroup(workspace_id=workspace_id, id=group_id, handle=handle, read_at=now))
            for person_id in sorted(people):
                self._session.add(UserGroupMember(workspace_id=workspace_id, group_id=group_id, person_id=person_id))
