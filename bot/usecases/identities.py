"""What the store knows of who somebody is: their identity and how it is proven, their teams and roles, their shares.

Everything is read at once and from the store alone, so that no command waits for Slack or for an issuer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.identity import Evidence, Identity, Login, Resolution, resolve
from bot.rules.membership import Roles, named_user_groups, roles_of, user_groups_of
from store.database import Store
from store.identities import held
from store.people import team_subject
from store.records import Records
from store.tables import OidcLink, Person

GROUPS_LAST = timedelta(days=1)
"""How long what was last read of Slack's user groups counts, where Slack gives nothing newer."""


@dataclass(frozen=True)
class Known:
    """Who a Slack user is: an actor if something proves who, and how it was found out.

    `holder` is the Slack user who is this person already, if another one is. `login` is the company's login that they
    are linked to, whether it decides or not.
    """

    person: Person
    resolution: Resolution
    roles: Roles | None = None
    actor: Actor | None = None
    holder: str | None = None
    login: Login | None = None

    @property
    def is_taken(self) -> bool:
        """Whether another Slack user is this person already."""
        return self.holder not in (None, self.person.id)


@dataclass(frozen=True)
class Identities:
    """Looks people up."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def of(self, person: Person) -> Known:
        """Who somebody is now."""
        with self.store.read() as records:
            return self.within(records, person)

    def within(self, records: Records, person: Person) -> Known:
        """Who somebody is, as one transaction sees it."""
        evidence = self._evidence(records, person)
        resolution = resolve(evidence, self.catalogue.identity, self.catalogue.privileged)
        if resolution.identity is None:
            return Known(person, resolution)
        found = roles_of(self.catalogue, resolution.identity, self._user_groups(records, person))
        holder = records.identities.holder(person.workspace_id, resolution.identity.email)
        actor = self._actor(records, person, resolution.identity, found)
        held_by = holder.person_id if holder is not None else None
        return Known(person, resolution, found, actor, held_by, evidence.login)

    def teams_of(self, records: Records, person: Person) -> frozenset[str] | None:
        """Every team that somebody is in, or may be in, for whoever takes something from those who left one.

        A team counts whose user groups Slack did not show lately, or in whose groups their last login saw them, however
        long ago; None where nothing proves who they are, or another Slack user is that.
        """
        known = self.within(records, person)
        if known.roles is None or known.is_taken:
            return None
        seen = records.user_groups.names(person.workspace_id, self._since())
        unseen = {team.name for team in self.catalogue.teams if not user_groups_of(team) <= seen}
        told = frozenset(known.login.outdated) if known.login is not None else frozenset()
        outdated = {one.name for one in self.catalogue.teams if told & {*one.oidc_groups, *one.lead_oidc_groups}}
        return frozenset({*unseen, *outdated, *known.roles.teams})

    def hold(self, known: Known, instead_of: str | None) -> bool:
        """Write down that somebody is who they are, in the place of nobody or of `instead_of`. False: another is."""
        actor = known.actor
        if actor is None:
            return False
        with self.store.begin() as records:
            row = held(actor.workspace_id, actor.email, actor.id, self.clock.now())
            return records.identities.hold(row, instead_of)

    def _evidence(self, records: Records, person: Person) -> Evidence:
        mapping = records.identities.mapping(person.workspace_id, person.id)
        link = records.identities.link(person.workspace_id, person.id) if self.catalogue.identity.oidc else None
        return Evidence(
            mapped=mapping.email if mapping is not None else None,
            login=login_of(link, self.catalogue, self.clock.now()) if link is not None else None,
            email=person.email,
            email_confirmed=person.email_confirmed,
        )

    def _user_groups(self, records: Records, person: Person) -> frozenset[str]:
        if not named_user_groups(self.catalogue):
            return frozenset()
        return records.user_groups.of(person.workspace_id, person.id, self._since())

    def _since(self) -> datetime:
        return self.clock.now() - self.clock.lasting(GROUPS_LAST)

    def _actor(self, records: Records, person: Person, identity: Identity, found: Roles) -> Actor:
        subjects = [person.id, *map(team_subject, found.teams)]
        return Actor(
            workspace_id=person.workspace_id,
            id=person.id,
            email=identity.email,
            name=person.name,
            tz=person.time_zone,
            role=found.role,
            team=found.team,
            teams=found.teams,
            shares=records.people.shares(subjects, self.clock.now()),
        )


def login_of(link: OidcLink, catalogue: Catalogue, now: datetime) -> Login:
    """What a link says. Its groups are as old as it is: nobody tells that somebody was taken out of one."""
    groups, end = tuple(link.groups), groups_end(link, catalogue)
    if end is not None and end <= now:
        return Login(link.issuer, link.subject, link.email, outdated=groups)
    return Login(link.issuer, link.subject, link.email, groups)


def groups_end(link: OidcLink, catalogue: Catalogue) -> datetime | None:
    """Until when the groups of a link count; None where it has none, or they count until the next login."""
    oidc = catalogue.identity.oidc
    return link.at + oidc.groups_last if oidc is not None and oidc.groups_last and link.groups else None
