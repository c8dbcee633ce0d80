"""Many people of a workspace at once: who may have access, who they are on the clusters, and which teams they are in.

By the same rules as whoever acts, and from the store alone; read in a few queries, so that what concerns thousands of
environments asks no more often than what concerns one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.identity import Evidence, Identity, Login, resolve
from bot.rules.leaving import left_workspace
from bot.rules.membership import Roles, named_user_groups, roles_of
from bot.rules.subjects import Holder
from bot.usecases.identities import GROUPS_LAST, login_of
from bot.usecases.people import presence
from store.records import Records
from store.tables import OidcLink, Person


@dataclass(frozen=True)
class Directory:
    """What the store knows of them. `identities` are of those who may have access and are proven to be somebody."""

    catalogue: Catalogue
    people: Mapping[str, Person]
    links: Mapping[str, OidcLink]
    identities: Mapping[str, Identity]
    user_groups: Mapping[str, frozenset[str]]

    def gone(self, person_id: str) -> str:
        """Why somebody is no full member any more, to be said after their name; nothing for who is, or is not known."""
        person = self.people.get(person_id)
        return left_workspace(presence(person)) if person is not None else ""

    def holder(self, person_id: str) -> Holder | None:
        """Somebody as clusters know them; None for whoever may not have access, or is not proven to be anybody."""
        identity, link = self.identities.get(person_id), self.links.get(person_id)
        if identity is None:
            return None
        workspace_id = self.people[person_id].workspace_id
        if link is None:
            return Holder(workspace_id, person_id, identity.email)
        return Holder(workspace_id, person_id, identity.email, link.issuer, link.subject)

    def members(self, team: str) -> Sequence[Holder]:
        """Those of a team who may have access, by Slack id."""
        return self._teams.get(team, ())

    def team(self, person_id: str) -> str:
        """The team that what somebody makes belongs to; empty where there is none."""
        roles = self._roles(person_id)
        return roles.team.name if roles is not None and roles.team is not None else ""

    def _roles(self, person_id: str) -> Roles | None:
        identity = self.identities.get(person_id)
        groups = self.user_groups.get(person_id, frozenset())
        return roles_of(self.catalogue, identity, groups) if identity is not None else None

    @cached_property
    def _teams(self) -> Mapping[str, Sequence[Holder]]:
        found: dict[str, list[Holder]] = {}
        for person_id in self.identities:
            holder, roles = self.holder(person_id), self._roles(person_id)
            for team in roles.teams if roles is not None else ():
                found.setdefault(team, []).extend([holder] if holder is not None else [])
        return found


def directory(
    records: Records, catalogue: Catalogue, clock: Clock, workspace_id: str, ids: Collection[str] | None = None
) -> Directory:
    """Everybody of a workspace, or those of these Slack ids, whose teams are then not asked for."""
    people = {one.id: one for one in records.people.everybody(workspace_id, ids)}
    mapped = {one.person_id: one.email for one in records.identities.mappings(workspace_id, ids)}
    linked = records.identities.links(workspace_id, ids) if catalogue.identity.oidc is not None else ()
    links = {one.person_id: one for one in linked}
    logins = {one.person_id: login_of(one, catalogue, clock.now()) for one in linked}
    proven: dict[str, Identity] = {}
    for person in people.values():
        identity = _identity(catalogue, person, mapped.get(person.id), logins.get(person.id))
        if identity is not None:
            proven[person.id] = identity
    emails = {identity.email for identity in proven.values()} if ids is not None else None
    holders = records.identities.holders(workspace_id, emails)
    groups: Mapping[str, frozenset[str]] = {}
    if ids is None and named_user_groups(catalogue):
        groups = records.user_groups.of_everybody(workspace_id, clock.now() - clock.lasting(GROUPS_LAST))
    identities = {one: identity for one, identity in proven.items() if holders.get(identity.email, one) == one}
    return Directory(catalogue, people, links, identities, groups)


def _identity(catalogue: Catalogue, person: Person, mapped: str | None, login: Login | None) -> Identity | None:
    """Who somebody is proven to be, if they may have access at all."""
    if person.is_bot or left_workspace(presence(person)):
        return None
    evidence = Evidence(mapped=mapped, login=login, email=person.email, email_confirmed=person.email_confirmed)
    return resolve(evidence, catalogue.identity, catalogue.privileged).identity
