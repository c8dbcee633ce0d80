"""Who answers for a team, and for all: its leads and the admins, wherever berth.yaml takes them from.

Each is a Slack id where Berth knows one, else an e-mail; both can be written to. Whether somebody still is what they
were found to be is asked again when they act.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.words import Role
from bot.usecases.identities import GROUPS_LAST
from store.records import Records


@dataclass(frozen=True)
class Responsible:
    """Looks them up in one transaction, for one workspace."""

    catalogue: Catalogue
    clock: Clock
    records: Records
    workspace_id: str

    def leads(self, team_name: str | None, without: Iterable[str] = ()) -> list[str]:
        """The leads of a team, but for those of these ids and e-mails."""
        team = self.catalogue.team(team_name) if team_name else None
        if team is None:
            return []
        listed = [email for email, role in team.members.items() if role is Role.LEAD]
        grouped = self._in_user_group(team.lead_user_group)
        return self._others([*listed, *grouped, *self._by_login(team.lead_oidc_groups)], without)

    def admins(self, without: Iterable[str] = ()) -> list[str]:
        """The admins, but for those of these ids and e-mails."""
        oidc = self.catalogue.identity.oidc
        by_login = self._by_login(oidc.admin_groups if oidc is not None else ())
        return self._others([*self.catalogue.admins, *by_login], without)

    def channel(self, team_name: str | None) -> str | None:
        """A team's channel, if it has one."""
        team = self.catalogue.team(team_name) if team_name else None
        return team.channel if team is not None else None

    def _others(self, found: Iterable[str], without: Iterable[str]) -> list[str]:
        left_out = {one.casefold() for one in without}
        kept = (self._known(one) for one in found if one.casefold() not in left_out)
        return sorted({one for one in kept if one.casefold() not in left_out})

    def _known(self, whom: str) -> str:
        """The Slack id of an e-mail that somebody has used."""
        holder = self.records.identities.holder(self.workspace_id, whom) if "@" in whom else None
        return holder.person_id if holder is not None else whom

    def _in_user_group(self, group: str | None) -> Iterable[str]:
        since = self.clock.now() - self.clock.lasting(GROUPS_LAST)
        return self.records.user_groups.people_of(self.workspace_id, group, since) if group else ()

    def _by_login(self, groups: Iterable[str]) -> Iterable[str]:
        wanted = frozenset(groups)
        return self.records.identities.linked_with(self.workspace_id, wanted) if wanted else ()
