"""Sharing an environment with a colleague or a team, to view or to edit it, until it is taken back or is over.

Written here with its audit event and its messages; the bindings on the cluster follow by themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.permissions import Action
from bot.rules.words import AccessLevel, Wanted, command, named
from bot.usecases import intents
from bot.usecases.colleagues import MENTION_THEM, Colleagues
from bot.usecases.directory import directory
from bot.usecases.grants import Ending, describe, end_grant, is_over, messages_of, subject_words
from bot.usecases.holders import change_access, holding
from bot.usecases.intents import Deed
from bot.usecases.news import about
from bot.usecases.people import People, Unproven
from bot.usecases.refusal import Refusal
from bot.usecases.source import Source
from store.database import Store
from store.grants import team_of
from store.people import team_subject
from store.records import Records
from store.tables import AccessGrant, Environment, Person

OWN_TEAM: Final = "team"
THEMSELVES: Final = "me"
_TEAMS: Final = 10  # that are named to whoever names none


@dataclass(frozen=True)
class Offer:
    """What is offered to whom: `who` as typed; forever, if no duration is said."""

    who: str
    access: AccessLevel = AccessLevel.VIEW
    duration: timedelta | None = None


@dataclass(frozen=True)
class Shared:
    """What came of it: the environment, the grant, whether this call changed it, and what the grant took the place of.

    `called` is what whoever the grant names is called where nobody can be mentioned.
    """

    environment: Environment
    grant: AccessGrant
    changed: bool = True
    earlier: AccessGrant | None = None
    called: str = ""


@dataclass(frozen=True)
class Share:
    """A grant that holds; `called` is whom it names where nobody can be mentioned.

    While nothing proves who that is on the clusters, it is not in force.
    """

    grant: AccessGrant
    called: str = ""
    in_force: bool = True


@dataclass(frozen=True)
class Sharing:
    """The use cases. `share` asks Slack who somebody is where it is not known."""

    store: Store
    people: People
    colleagues: Colleagues
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def share(self, actor: Actor, environment_id: str, offer: Offer, source: Source) -> Shared:
        """Give somebody, or a team, access to an environment. Raises Refusal, naming who cannot have it and why."""
        known = intents.checked(self.store, actor, Action.SHARE, environment_id)
        subject = self._acceptable(known, self._subject(actor, known, offer.who))
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.SHARE, environment_id)
            _refuse_going(environment)
            now, before = self.clock.now(), records.grants.get(environment_id, subject)
            until = now + offer.duration if offer.duration is not None else None
            if before is not None and (before.access, before.expires_at) == (offer.access, until):
                return Shared(environment, before, changed=False, called=called(records, environment, subject))
            earlier = before.model_copy() if before is not None and not is_over(before, now) else None
            change_access(environment, now)
            grant = AccessGrant(
                environment_id=environment_id,
                subject=subject,
                access=offer.access,
                granted_by=actor.id,
                granted_at=now,
                expires_at=until,
                notice_key=f"shared:{environment_id}:{environment.access_wanted}",
                **_then(earlier, offer.access, until),
            )
            if before is not None:
                _supersede(records, before, now)
            records.grants.give(grant)
            changed = describe(earlier), describe(grant)
            intents.audit_change(records, environment, changed, Deed("share", actor.id, source, now))
            self._tell(records, environment, grant)
            named = called(records, environment, subject)
        self.nudge()
        return Shared(environment, grant, earlier=earlier, called=named)

    def unshare(self, actor: Actor, environment_id: str, who: str, source: Source) -> Shared:
        """Take back what somebody, or a team, was given. Whoever has it may give it back. Raises Refusal."""
        with self.store.read() as records:
            known = intents.seen(records, actor, environment_id)
        return self.unshare_subject(actor, environment_id, self._subject(actor, known, who), source)

    def unshare_subject(self, actor: Actor, environment_id: str, subject: str, source: Source) -> Shared:
        """The same for whom a grant names. Raises Refusal."""
        with self.store.begin() as records:
            action = Action.VIEW if subject == actor.id else Action.SHARE
            environment = intents.living(records, actor, action, environment_id)
            grant = records.grants.get(environment_id, subject)
            if grant is None:
                raise Refusal(
                    f"{named(environment.name)} is not shared with {subject_words(subject)}",
                    f"See with whom it is with {command(f'status {environment.name}')}.",
                )
            end_grant(records, environment, grant, Ending("removed", actor.id, source, self.clock.now()))
        self.nudge()
        return Shared(environment, grant)

    def shares(self, actor: Actor, environment: Environment) -> Sequence[Share]:
        """With whom an environment is shared now. Raises Refusal."""
        intents.authorise(actor, Action.VIEW, environment)
        with self.store.read() as records:
            grants = holding(records.grants.of_environment(environment.id), self.clock.now())
            people = {grant.subject for grant in grants if team_of(grant.subject) is None}
            known = directory(records, self.catalogue, self.clock, environment.workspace_id, people)
            unknown = {one for one in people if known.holder(one) is None}
            return [
                Share(grant, called(records, environment, grant.subject), in_force=grant.subject not in unknown)
                for grant in grants
            ]

    def shared_with(self, actor: Actor) -> Sequence[Environment]:
        """The living environments of others that the actor was given access to, by name."""
        with self.store.read() as records:
            found = [records.environments.get(one) for one in actor.shares]
        living = [one for one in found if one is not None and one.owner_id != actor.id]
        seen = [one for one in living if one.wanted is not Wanted.DELETED and intents.allowed(actor, one)]
        return sorted(seen, key=lambda environment: environment.name)

    def _subject(self, actor: Actor, environment: Environment, typed: str) -> str:
        """Whom somebody means: themselves, the environment's team, a team, or a person by mention, e-mail or name."""
        meant = typed.strip()
        if meant.removeprefix("@").casefold() == THEMSELVES:
            return actor.id
        if meant.casefold() == OWN_TEAM:
            if environment.team is None:
                raise Refusal(
                    f"{named(environment.name)} belongs to no team", "Share it with a colleague, or name a team."
                )
            return team_subject(environment.team)
        name = meant.removeprefix("@")
        subject = self._team(meant) or self._of_user_group(environment.workspace_id, name)
        subject = subject or self.colleagues.meant(environment.workspace_id, meant) or self._team(name)
        if subject is None:
            raise Refusal(f"I know no colleague and no team called “{name}”", self._instead())
        return subject

    def _of_user_group(self, workspace_id: str, name: str) -> str | None:
        """The team that a user group of Slack makes, by its handle or id, as a grant names it."""
        with self.store.read() as records:
            names = records.user_groups.called(workspace_id, name) | {name, f"@{name}"}
        found = next((one.name for one in self.catalogue.teams if one.user_group in names), None)
        return team_subject(found) if found is not None else None

    def _instead(self) -> str:
        """What to type where nobody and no team is called so."""
        teams = ", ".join(one.name for one in self.catalogue.teams[:_TEAMS])
        of_teams = f" Or name a team: {teams}. A user group of Slack is one only where berth.yaml says so."
        return MENTION_THEM + (of_teams if teams else "")

    def _team(self, name: str) -> str | None:
        """A team by its name, as a grant names it."""
        found = next((one.name for one in self.catalogue.teams if one.name.casefold() == name.casefold()), None)
        return team_subject(found) if found is not None else None

    def _acceptable(self, environment: Environment, subject: str) -> str:
        """The subject, if it can have access. Raises Refusal."""
        if team_of(subject) is not None:
            return subject
        if subject == environment.owner_id:
            raise Refusal(f"{named(environment.name)} is <@{subject}>'s own", "Name somebody else to share it with.")
        try:
            self.people.identify(environment.workspace_id, subject)
        except Refusal as refusal:
            raise self._unacceptable(environment, subject, refusal) from refusal
        return subject

    def _unacceptable(self, environment: Environment, subject: str, refusal: Refusal) -> Refusal:
        with self.store.read() as records:
            person = records.people.get(environment.workspace_id, subject)
        if person is None:
            return Refusal("Slack does not tell me who that is", MENTION_THEM)
        if isinstance(refusal, Unproven):
            return Refusal(
                f"Nothing proves yet who <@{subject}> is on the cluster, so they cannot have access",
                f"They see with {command('whoami')} what is missing, and then share it again.",
            )
        why = _barred(person) or refusal.message
        return Refusal(
            f"<@{subject}> {why}, so they cannot have access", "Share it with a full member of this workspace."
        )

    def _tell(self, records: Records, environment: Environment, grant: AccessGrant) -> None:
        facts = shared_facts(environment, grant) | {"called": called(records, environment, grant.subject)}
        for key, recipients in self._readers(records, environment, grant):
            records.notices.say(about(environment, key, "shared", facts, recipients, grant.granted_at))
        if grant.granted_by != environment.owner_id:
            key = f"{grant.notice_key}:owner"
            records.notices.say(about(environment, key, "shared_by", facts, [environment.owner_id], grant.granted_at))

    def _readers(
        self, records: Records, environment: Environment, grant: AccessGrant
    ) -> Sequence[tuple[str, Sequence[str]]]:
        """Whom the news goes to, each with the key of their message: a team hears in its channel, if it has one."""
        name = team_of(grant.subject)
        if name is None:
            return [(grant.notice_key, [grant.subject])]
        team = self.catalogue.team(name)
        if team is not None and team.channel:
            return [(grant.notice_key, [team.channel])]
        others = directory(records, self.catalogue, self.clock, environment.workspace_id).members(name)
        return [(f"{grant.notice_key}:{one.id}", [one.id]) for one in others if one.id != environment.owner_id]


def called(records: Records, environment: Environment, subject: str) -> str:
    """What whoever a grant names is called, as plain text: a team, or a handle of Slack's."""
    team = team_of(subject)
    person = records.people.get(environment.workspace_id, subject) if team is None else None
    return f"team {team}" if team is not None else f"@{person.name}" if person is not None else ""


def _barred(person: Person) -> str:
    """Why somebody cannot have access, to be said after their name."""
    if person.is_bot:
        return "is a bot"
    if person.is_deactivated:
        return "is deactivated in Slack"
    if person.is_stranger or person.home_workspace_id != person.workspace_id:
        return "belongs to another Slack workspace"
    return "is a guest in this workspace" if person.is_guest else ""


def shared_facts(environment: Environment, grant: AccessGrant) -> dict[str, Any]:
    """What the messages of kind `shared` and `shared_by` are made of; instants are ISO 8601 in UTC."""
    return {
        "environment_id": environment.id,
        "name": environment.name,
        "owner_id": environment.owner_id,
        "subject": grant.subject,
        "access": grant.access.value,
        "by": grant.granted_by,
        "until": grant.expires_at.isoformat() if grant.expires_at else None,
        "outcome": None,
    }


def _then(earlier: AccessGrant | None, access: AccessLevel, until: datetime | None) -> dict[str, Any]:
    """What holds again after a share to edit: to view it, where that was given for longer."""
    if earlier is None or access is not AccessLevel.EDIT or until is None:
        return {}
    views = earlier.access is AccessLevel.VIEW
    view, view_until = (True, earlier.expires_at) if views else (earlier.then_view, earlier.then_view_until)
    longer = view and (view_until is None or view_until > until)
    return {"then_view": True, "then_view_until": view_until} if longer else {}


def _supersede(records: Records, before: AccessGrant, now: datetime) -> None:
    for notice in messages_of(before, records.notices.of_environment(before.environment_id)):
        records.notices.change(notice.key, now, {"outcome": {"kind": "changed"}})


def _refuse_going(environment: Environment) -> None:
    if environment.wanted is Wanted.DELETED:
        raise Refusal(f"{named(environment.name)} is being deleted", "There is nothing to share in it any more.")
