"""Who answers for a team, and for all: its leads and the admins, wherever berth.yaml takes them from.

The one place that finds them, for everything that such people are asked or told. The same sources count as for what
they may do: e-mails of berth.yaml, Slack's user groups, and the groups of the company's login. Each is a Slack id where
Berth knows one, else an e-mail; both can be written to. Whoever has left, was deactivated, or by what is known now is a
lead or an admin no more, is not among them; of whom Slack has not said anything yet, the source is believed. Whether
somebody still is what they were found to be is asked again when they act.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from bot.clock import Clock
from bot.rules.catalogue import Catalogue, Team
from bot.rules.membership import Roles, login_group, roles_of
from bot.rules.words import Role
from bot.usecases.directory import directory
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
        team = self._team(team_name)
        if team is None:
            return []

        def leads(roles: Roles) -> bool:
            return roles.teams.get(team.name) is Role.LEAD

        listed = [email for email, role in team.members.items() if role is Role.LEAD]
        found = self._still(listed, self._by_login(team.lead_oidc_groups), leads, team.lead_user_group)
        return self._others(found, without)

    def admins(self, without: Iterable[str] = ()) -> list[str]:
        """The admins, but for those of these ids and e-mails."""
        oidc = self.catalogue.identity.oidc
        by_login = self._by_login(oidc.admin_groups if oidc is not None else ())
        found = self._still(self.catalogue.listed_admins, by_login, lambda roles: roles.role is Role.ADMIN)
        return self._others(found, without)

    def named_admins(self, without: Iterable[str] = ()) -> str:
        """Who is an admin now, in words for who looks for one; Slack names those it knows."""
        oidc = self.catalogue.identity.oidc
        groups = [f"whoever is in {login_group(one)}" for one in (oidc.admin_groups if oidc is not None else ())]
        found = [mentioned(one) for one in self.admins(without)] or groups
        return ", ".join(found) or "nobody is one yet: berth.yaml names them"

    def in_turn(self, team_name: str | None, without: Iterable[str] = ()) -> list[str]:
        """Who stands in for an owner who is gone: a lead, the team's channel, an admin; each where none before is."""
        left_out = tuple(without)
        return [*self.leads(team_name, left_out), *self.after_leads(team_name, left_out)]

    def after_leads(self, team_name: str | None, without: Iterable[str] = ()) -> list[str]:
        """The team's channel, and then admins."""
        channel = self.channel(team_name)
        return [*([channel] if channel else []), *self.admins(without)]

    def channel(self, team_name: str | None) -> str | None:
        """A team's channel, if it has one."""
        team = self._team(team_name)
        return team.channel if team is not None else None

    def _team(self, name: str | None) -> Team | None:
        return self.catalogue.team(name) if name else None

    def _others(self, found: Collection[tuple[str, str]], without: Iterable[str]) -> list[str]:
        left_out = {one.casefold() for one in without}
        return sorted({whom for whom, email in found if not {whom.casefold(), email.casefold()} & left_out})

    def _still(
        self,
        listed: Collection[str],
        by_login: Collection[str],
        counts: Callable[[Roles], bool],
        user_group: str | None = None,
    ) -> list[tuple[str, str]]:
        """Those of whom nothing known says otherwise, each with their e-mail where that is known."""
        grouped = frozenset(self._in_user_group(user_group))
        ids, strangers = self._known(listed)
        known = directory(self.records, self.catalogue, self.clock, self.workspace_id, {*ids, *grouped, *by_login})
        found = [(email, email) for email in strangers]
        found += [(one, "") for one in {*grouped, *by_login} if one not in known.people]
        for person_id, identity in known.identities.items():
            groups = [user_group] if user_group is not None and person_id in grouped else []
            if counts(roles_of(self.catalogue, identity, groups)):
                found.append((person_id, identity.email))
        return found

    def _known(self, emails: Collection[str]) -> tuple[set[str], set[str]]:
        """The Slack ids of those e-mails that Berth has seen somebody with, and the other e-mails."""
        holders = self.records.identities.holders(self.workspace_id, emails)
        unheld = [email for email in emails if email not in holders]
        seen = self.records.people.of_emails(self.workspace_id, unheld) if unheld else []
        ids = {*holders.values(), *(person.id for person in seen)}
        return ids, set(unheld) - {(person.email or "").lower() for person in seen}

    def _in_user_group(self, group: str | None) -> Iterable[str]:
        since = self.clock.now() - self.clock.lasting(GROUPS_LAST)
        return self.records.user_groups.people_of(self.workspace_id, group, since) if group else ()

    def _by_login(self, groups: Iterable[str]) -> Collection[str]:
        wanted = frozenset(groups)
        return self.records.identities.linked_with(self.workspace_id, wanted) if wanted else ()


def mentioned(whom: str) -> str:
    """One of them in a text that people read."""
    return whom if "@" in whom else f"<@{whom}>"
