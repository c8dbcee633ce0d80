"""Slack's user groups, of which teams are made, are read into the store: when one changes, and once in an hour.

An event only says that it is time to look, so a lost or late one does no harm. Where a workspace has no user groups, or
the app may not read them, teams are made of what berth.yaml and the company's login say. What was read last counts for
a day when Slack gives nothing newer.
"""

import threading
from collections.abc import Mapping
from typing import Final

import structlog

from bot.rules.membership import named_user_groups
from bot.seams.slack import Slack, SlackError, UserGroup
from bot.usecases.identities import Identities
from bot.usecases.revocations import Revocations
from store.records import Records

log = structlog.get_logger()

_WITHOUT: Final = frozenset({"unknown_method", "missing_scope", "paid_teams_only", "not_allowed_token_type"})
"""What a workspace without user groups answers, and one that does not let the app see them."""


class UserGroups:
    """The pass; any thread may run it, and it never runs twice at once."""

    def __init__(self, identities: Identities, slack: Slack, revocations: Revocations) -> None:
        self._identities = identities
        self._store = identities.store
        self._slack = slack
        self._named = named_user_groups(identities.catalogue)
        self._clock = identities.clock
        self._revocations = revocations
        self._reading = threading.Lock()
        self._wanted = threading.Event()

    def refresh(self) -> frozenset[str]:
        """Read the groups that berth.yaml names. The ids of those who came into one, or left one.

        Whoever asks while somebody reads lets them read once more: what has changed meanwhile is not missed.
        """
        if not self._named:
            return frozenset()
        self._wanted.set()
        changed: frozenset[str] = frozenset()
        while self._wanted.is_set() and self._reading.acquire(blocking=False):
            try:
                self._wanted.clear()
                changed |= self._read()
            finally:
                self._reading.release()
        return changed

    def _read(self) -> frozenset[str]:
        try:
            workspace_id = self._slack.workspace_id()
            groups = self._slack.user_groups(self._named)
        except SlackError as error:
            known = error.code in _WITHOUT
            log.log(20 if known else 30, "user groups cannot be read", error=error.code, then="what was read counts on")
            return frozenset()
        now = self._clock.now()
        with self._store.begin() as records:
            before = records.user_groups.members(workspace_id)
            records.user_groups.replace(workspace_id, {one.id: (one.handle, one.people) for one in groups}, now)
            changed = _changed(before, {one.id: one.people for one in groups})
            for person_id in sorted(changed):  # who has left a group may have left a team
                records.people.look_again(workspace_id, person_id)
                self._end_what_came_by_teams(records, workspace_id, person_id)
        self._tell_missing(groups)
        return changed

    def _end_what_came_by_teams(self, records: Records, workspace_id: str, person_id: str) -> None:
        """What was shared with a team ends at once for who has left it; the rest is for the pass that asks Slack."""
        person = records.people.get(workspace_id, person_id)
        teams = self._identities.teams_of(records, person) if person is not None else None
        if teams is not None:
            self._revocations.name_anew_without(records, workspace_id, person_id, teams)

    def _tell_missing(self, groups: list[UserGroup]) -> None:
        there = {name for one in groups for name in (one.id, f"@{one.handle}")}
        missing = sorted(self._named - there)
        if missing:
            log.warning("user groups of berth.yaml are not in Slack", missing=missing, then="nobody is in them")


def _changed(before: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]]) -> frozenset[str]:
    nobody: frozenset[str] = frozenset()
    moved = [before.get(group, nobody) ^ after.get(group, nobody) for group in {*before, *after}]
    return nobody.union(*moved)
