"""Ending access for good: every token that a person was given, and everything that was shared with them.

A token is bound to a Secret of its person's in Berth's own namespace; without that the API server refuses it. What has
to end is written first, and tried until it has, whatever is killed or does not answer meanwhile.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.names import service_account_name
from bot.rules.subjects import Holder, key_of, subject_of
from bot.rules.words import BERTH, HOME_NAMESPACE, OWNER_BINDING
from bot.seams.cluster import ClusterError, Clusters, NotFound
from bot.usecases.grants import Ending, end_grant
from bot.usecases.holders import BINDINGS, change_access, holding
from bot.usecases.source import TIME, Source
from store.database import Store
from store.people import team_subject
from store.records import Records
from store.tables import AuditEvent, Environment, Revocation

log = structlog.get_logger()

_AGAIN = timedelta(seconds=15)
_LEASE = timedelta(minutes=1)  # longer than the request to a cluster may take


class UnderWay(ClusterError):
    """Somebody else is ending the same tokens at this moment."""

    passing = True


@dataclass(frozen=True)
class Revoked:
    """What came of it on one cluster: done, or why not yet."""

    cluster: str
    trouble: str = ""


@dataclass(frozen=True)
class Revocations:
    """The use cases."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock

    def disconnect(self, actor: Actor, source: Source) -> Sequence[Revoked]:
        """End every token of the actor's, on every cluster. Asks the clusters, so it is slow.

        What a cluster does not do now is tried again by itself.
        """
        with self.store.begin() as records:
            wanted = self.end_tokens(records, actor.workspace_id, actor.id)
            records.audit.add(self._event(actor.workspace_id, actor.id, (actor.id, source), "by their own wish"))
        return [self._carry_out(one) for one in wanted]

    def end_everything_of(self, records: Records, workspace_id: str, person_id: str, reason: str) -> None:
        """End every grant and every token of a person who has left, in the caller's transaction.

        `reason` follows their name: “was deactivated in Slack”. What Slack says of them must be kept before: bindings,
        also of what they own, leave out whoever may not use Berth. The workers do the rest; nudge them when it is
        committed.
        """
        ending = Ending("left", BERTH, TIME, self.clock.now(), reason)
        for granted in records.grants.of_person(workspace_id, person_id):
            environment = records.environments.lock(granted.environment_id)
            if environment is not None:
                end_grant(records, environment, granted, ending)
        self.name_anew(records, workspace_id, person_id)
        if self.end_tokens(records, workspace_id, person_id):
            records.audit.add(self._event(workspace_id, person_id, (BERTH, TIME), reason))

    def name_anew(self, records: Records, workspace_id: str, person_id: str) -> None:
        """Let every binding that names a person, or a person's own, be worked out anew.

        In the caller's transaction; nudge the workers when it is committed.
        """
        for environment_id in records.environments.naming(
            workspace_id, person_id, self._keys(records, workspace_id, person_id)
        ):
            self._change(records, environment_id)

    def name_anew_without(self, records: Records, workspace_id: str, person_id: str, teams: Collection[str]) -> int:
        """Let the bindings be worked out anew that name a person who is in these teams alone, and not by them.

        Whoever has left a team loses so what was shared with it; how many environments those are. In the caller's
        transaction; nudge the workers when it is committed.
        """
        keys = self._keys(records, workspace_id, person_id)
        lost = 0
        for environment_id in records.environments.naming(workspace_id, person_id, keys):
            environment = records.environments.get(environment_id)
            if environment is not None and self._names_in_vain(records, environment, (person_id, keys), teams):
                self._change(records, environment_id)
                lost += 1
        return lost

    def _names_in_vain(
        self, records: Records, environment: Environment, who: tuple[str, Collection[str]], teams: Collection[str]
    ) -> bool:
        """Whether a binding names the person that neither owning it, nor a grant to them or to a team gives them."""
        person_id, keys = who
        subjects = {person_id, *map(team_subject, teams)}
        grants = holding(records.grants.of_environment(environment.id), self.clock.now())
        given = {BINDINGS[grant.access] for grant in grants if grant.subject in subjects}
        given |= {OWNER_BINDING} if environment.owner_id == person_id else set()
        named = {binding for binding, _, key in (one.partition(" ") for one in environment.bound) if key in keys}
        return not named <= given

    def _change(self, records: Records, environment_id: str) -> None:
        environment = records.environments.lock(environment_id)
        if environment is not None:
            change_access(environment, self.clock.now())

    def _keys(self, records: Records, workspace_id: str, person_id: str) -> frozenset[str]:
        """How clusters may know a person."""
        link, person = records.identities.link(workspace_id, person_id), records.people.get(workspace_id, person_id)
        mapping = records.identities.mapping(workspace_id, person_id)
        email = mapping.email if mapping is not None else (person.email or "" if person is not None else "")
        held = records.identities.held_by(workspace_id, person_id)
        emails = {email.lower(), link.email.lower() if link is not None else "", *held}
        issuer, subject = (link.issuer, link.subject) if link is not None else ("", "")
        holders = [Holder(workspace_id, person_id, one, issuer, subject) for one in emails]
        subjects = [subject_of(holder, spec.oidc) for spec in self.catalogue.clusters for holder in holders]
        return frozenset(key_of(subject) for subject in subjects if subject is not None)

    def carry_out_due(self) -> None:
        """Try what has not been done yet."""
        with self.store.read() as records:
            due = records.grants.revocations_due(self.clock.now())
        for one in due:
            self._carry_out(one)

    def settle(self, workspace_id: str, person_id: str, cluster: str) -> None:
        """Do what is left to be done on a cluster, before new tokens are given there. Raises ClusterError."""
        with self.store.read() as records:
            left = records.grants.revocation(workspace_id, person_id, cluster)
        if left is not None:
            self._end_tokens(left)

    def end_tokens(self, records: Records, workspace_id: str, person_id: str) -> Sequence[Revocation]:
        """Write, in the caller's transaction, that the person's tokens have to end wherever there may be any."""
        now = self.clock.now()
        configured = {spec.name for spec in self.catalogue.clusters}
        wanted = [
            Revocation(
                workspace_id=workspace_id, person_id=person_id, cluster=account.cluster, asked_at=now, due_at=now
            )
            for account in records.grants.accounts(workspace_id, person_id)
            if account.cluster in configured
        ]
        for one in wanted:
            records.grants.revoke(one)
        return wanted

    def _carry_out(self, revocation: Revocation) -> Revoked:
        try:
            self._end_tokens(revocation)
        except ClusterError as error:
            log.warning("tokens cannot be ended yet", cluster=revocation.cluster, error=str(error))
            return Revoked(revocation.cluster, str(error))
        return Revoked(revocation.cluster)

    def _end_tokens(self, revocation: Revocation) -> None:
        """End what was asked to end, and nothing that was given since. Raises ClusterError."""
        held = self._claimed(revocation)
        if held is None:
            return
        handle = service_account_name(revocation.person_id, revocation.workspace_id)
        try:
            with suppress(NotFound):
                self.clusters[revocation.cluster].delete("Secret", handle, HOME_NAMESPACE)
        except ClusterError as error:
            self._put_off(revocation, held, str(error))
            raise
        with self.store.begin() as records:
            records.grants.revoked(revocation, held)

    def _claimed(self, revocation: Revocation) -> datetime | None:
        """Until when it is ours to end; None for what is done, or was asked for anew. Raises UnderWay.

        New tokens hang on a Secret of the same name. So nobody is given any while this is held, and whoever comes late
        with what they read before ends nothing.
        """
        now = self.clock.now()
        with self.store.begin() as records:
            kept = records.grants.lock_revocation(revocation)
            if kept is None or kept.asked_at != revocation.asked_at:
                return None
            if kept.claimed_until is not None and kept.claimed_until > now:
                raise UnderWay("the tokens that were given there before are being ended at this moment")
            kept.claimed_until = now + self.clock.lasting(_LEASE)
            return kept.claimed_until

    def _put_off(self, revocation: Revocation, held: datetime, why: str) -> None:
        with self.store.begin() as records:
            kept = records.grants.lock_revocation(revocation)
            if kept is not None and kept.claimed_until == held:
                kept.due_at, kept.error = self.clock.now() + self.clock.lasting(_AGAIN), why
                kept.claimed_until = None

    def _event(self, workspace_id: str, person_id: str, by: tuple[str, Source], reason: str) -> AuditEvent:
        actor, source = by
        return AuditEvent(
            at=self.clock.now(),
            workspace_id=workspace_id,
            actor=actor,
            action="disconnect",
            person_id=person_id if person_id != actor else None,
            reason=reason,
            **source.columns(),
        )
