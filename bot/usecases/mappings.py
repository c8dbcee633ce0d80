"""What admins say of who somebody is: it goes before everything that Slack or the company's login say.

It is audited, told to whom it concerns, and where it gives somebody the rights of an admin, to all admins. Nobody is
mapped to who another Slack user is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.rules import emails
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.emails import AddressError
from bot.rules.words import Role, command
from bot.seams.slack import Slack, SlackError
from bot.usecases import administering
from bot.usecases.administering import Knowing
from bot.usecases.colleagues import mentioned
from bot.usecases.identities import Identities, Known
from bot.usecases.people import People
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.source import Source
from store.database import Store
from store.identities import held
from store.records import Records
from store.tables import AuditEvent, IdentityMapping, Notice, new_id


@dataclass(frozen=True)
class Mapped:
    """Who somebody was before and is now: e-mails, empty for nobody, and the highest roles that they bear."""

    person_id: str
    before: str
    after: str
    role_before: Role
    role_after: Role


@dataclass(frozen=True)
class Mappings:
    """The use cases. Both ask Slack, so they are slow, and raise Refusal."""

    store: Store
    slack: Slack
    people: People
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def map(self, actor: Actor, whom: str, address: str, source: Source) -> Mapped:
        """Let a Slack user be this e-mail from now on."""
        authorise(actor, self)
        known = self._member(whom)
        email = self._key(address)
        self._check_free(known, email)
        person = known.person
        with self.store.begin() as records:
            mapping = IdentityMapping(
                workspace_id=person.workspace_id, person_id=person.id, email=email, by=actor.id, at=self.clock.now()
            )
            stale = records.identities.holder(person.workspace_id, email)
            records.identities.keep_mapping(mapping)
            mine = held(person.workspace_id, email, person.id, self.clock.now())
            if not records.identities.hold(mine, stale.person_id if stale else None):
                raise Refusal(f"Somebody else became {email} this moment", "Look again who it is, and try again.")
            return self._settled(records, actor, known, source, "map")

    def unmap(self, actor: Actor, whom: str, source: Source) -> Mapped:
        """Let a Slack user be again who everything else says that they are."""
        authorise(actor, self)
        known = self._member(whom)
        person = known.person
        with self.store.begin() as records:
            mapping = records.identities.mapping(person.workspace_id, person.id)
            if mapping is None:
                raise Refusal(f"<@{person.id}> is not mapped", "There is nothing to undo.")
            records.identities.forget_mapping(mapping)
            return self._settled(records, actor, known, source, "unmap")

    def _member(self, whom: str) -> Known:
        user_id = mentioned(whom)
        if user_id is None:
            raise Refusal(
                f"“{whom}” is a name, and others may have the same",
                "Type @ and pick the colleague from Slack’s list, so that I am told who it is.",
            )
        known = self.people.known_as("", user_id)
        if known is None:
            raise Refusal(
                f"<@{user_id}> is no full member of this workspace, and cannot have environments",
                "Bots, guests and people of other workspaces are not mapped.",
            )
        return known

    def _key(self, address: str) -> str:
        try:
            return emails.key(address, self.catalogue.identity.plus_addresses)
        except AddressError as error:
            raise Refusal(f"The address {address} {error}", "Write it as ada@example.com.") from error

    def _check_free(self, known: Known, email: str) -> None:
        """Raises Refusal where another Slack user is this person, or would be with their next command."""
        workspace_id, person_id = known.person.workspace_id, known.person.id
        with self.store.read() as records:
            holder = records.identities.holder(workspace_id, email)
            mapping = records.identities.mapped_to(workspace_id, email)
        others = {holder.person_id if holder else None, mapping.person_id if mapping else None, self._in_slack(email)}
        for other in sorted(others - {None, person_id}, key=str):
            if other is not None and self.people.is_still(workspace_id, other, email):
                raise Refusal(
                    f"<@{other}> is {email} already, and two Slack users cannot be one person",
                    "Map that one to another address first, or have the account deactivated.",
                )

    def _in_slack(self, email: str) -> str | None:
        try:
            return self.slack.user_by_email(email)
        except SlackError:
            return None

    def _settled(self, records: Records, actor: Actor, known: Known, source: Source, action: str) -> Mapped:
        """The rest of a change, in its transaction: who they are now, the audit event, and who is told."""
        person, was = known.person, known.actor
        records.people.look_again(person.workspace_id, person.id)  # they may be in other teams now
        now = Identities(self.store, self.catalogue, self.clock).within(records, person).actor
        mapped = Mapped(
            person.id,
            was.email if was else "",
            now.email if now else "",
            was.role if was else Role.MEMBER,
            now.role if now else Role.MEMBER,
        )
        records.audit.add(
            AuditEvent(
                at=self.clock.now(),
                workspace_id=person.workspace_id,
                actor=actor.id,
                action=action,
                person_id=person.id if person.id != actor.id else None,
                before={"email": mapped.before, "role": mapped.role_before.value},
                after={"email": mapped.after, "role": mapped.role_after.value},
                **source.columns(),
            )
        )
        for recipient, text in self._news(records, actor, mapped):
            self._say(records, person.workspace_id, recipient, text)
        self.nudge()
        return mapped

    def _news(self, records: Records, actor: Actor, mapped: Mapped) -> list[tuple[str, str]]:
        """Who is told what."""
        who = f"{mapped.after}, with the role {mapped.role_after.value}" if mapped.after else "nobody that I know"
        news = (
            f"An admin, <@{actor.id}>, has settled who you are on the clusters: {who}. "
            f"{command('whoami')} explains it; if that is wrong, ask them."
        )
        told = [(mapped.person_id, news)]
        if Role.ADMIN in (mapped.role_before, mapped.role_after):
            gains = mapped.role_after is Role.ADMIN
            change = "is an admin of Berth now, as" if gains else "is no longer an admin of Berth, but"
            news = (
                f"<@{mapped.person_id}> {change} {mapped.after or 'nobody that I know'}: <@{actor.id}> has settled it. "
                f"{command('admin unmap')} takes it back."
            )
            answering = Responsible(self.catalogue, self.clock, records, actor.workspace_id)
            told += [(admin, news) for admin in answering.admins([mapped.person_id, mapped.after, mapped.before])]
        return told

    def _say(self, records: Records, workspace_id: str, recipient: str, text: str) -> None:
        now = self.clock.now()
        notice = Notice(
            key=f"mapping:{new_id()}",
            workspace_id=workspace_id,
            kind="notice",
            facts={"text": text},
            recipients=[recipient],
            created_at=now,
            due_at=now,
        )
        records.notices.say(notice)


def authorise(actor: Actor, uses: Knowing) -> None:
    """Raises Refusal, naming who may, for whoever is no admin."""
    administering.authorise(actor, uses, "Who somebody is is settled by admins")
