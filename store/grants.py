"""Access: what was granted to whom, when it is over, and whose tokens have to end."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.rules.words import Phase
from store.tables import AccessGrant, ClusterUser, Environment, Revocation
from store.unique import insert_once, replace

_TEAM = "team:"


def team_of(subject: str) -> str | None:
    """The team that an AccessGrant names; None for one that names a person."""
    return subject.removeprefix(_TEAM) if subject.startswith(_TEAM) else None


class GrantRecords:
    """Grants and revocations of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, environment_id: str, subject: str) -> AccessGrant | None:
        """What a subject was granted in an environment."""
        return self._session.get(AccessGrant, (environment_id, subject))

    def give(self, grant: AccessGrant) -> None:
        """Remember, or replace, what a subject may do in an environment."""
        replace(self._session, grant)

    def take(self, grant: AccessGrant) -> None:
        """Forget a grant of this transaction."""
        self._session.delete(grant)

    def of_environment(self, environment_id: str) -> Sequence[AccessGrant]:
        """Everything granted in one environment, by subject."""
        query = select(AccessGrant).where(col(AccessGrant.environment_id) == environment_id)
        return self._session.exec(query.order_by(col(AccessGrant.subject))).all()

    def of_environments(self, environment_ids: Iterable[str]) -> Sequence[AccessGrant]:
        """The same of several."""
        query = select(AccessGrant).where(col(AccessGrant.environment_id).in_(list(environment_ids)))
        return self._session.exec(query.order_by(col(AccessGrant.subject))).all()

    def on_cluster(self, cluster: str) -> Sequence[AccessGrant]:
        """Everything granted in the living environments of a cluster."""
        living = (col(Environment.cluster) == cluster, col(Environment.phase) != Phase.DELETED)
        query = select(AccessGrant).join(Environment, col(Environment.id) == col(AccessGrant.environment_id))
        return self._session.exec(query.where(*living)).all()

    def of_person(self, workspace_id: str, person_id: str) -> Sequence[AccessGrant]:
        """What was granted to one person themselves, in any environment of a workspace."""
        query = select(AccessGrant).join(Environment, col(Environment.id) == col(AccessGrant.environment_id))
        theirs = (col(AccessGrant.subject) == person_id, col(Environment.workspace_id) == workspace_id)
        return self._session.exec(query.where(*theirs).order_by(col(AccessGrant.environment_id))).all()

    def over(self, now: datetime) -> Sequence[AccessGrant]:
        """Those whose time is over, the longest-over first."""
        at = col(AccessGrant.expires_at)
        return self._session.exec(select(AccessGrant).where(at <= now).order_by(at)).all()

    def accounts(self, workspace_id: str, person_id: str) -> Sequence[ClusterUser]:
        """Who a person is on each cluster where they ever were somebody, by cluster."""
        theirs = (col(ClusterUser.workspace_id) == workspace_id, col(ClusterUser.person_id) == person_id)
        return self._session.exec(select(ClusterUser).where(*theirs).order_by(col(ClusterUser.cluster))).all()

    def account(self, workspace_id: str, person_id: str, cluster: str) -> ClusterUser | None:
        """Who a person is on one cluster, as long as they may have a token there."""
        return self._session.get(ClusterUser, (workspace_id, person_id, cluster))

    def revoke(self, revocation: Revocation) -> None:
        """Remember that a person's tokens on a cluster have to end. Whoever is at ending older ones stays at it."""
        while not insert_once(self._session, revocation):
            kept = self.lock_revocation(revocation)
            if kept is not None:  # else it was done at this very moment
                kept.asked_at, kept.due_at, kept.error = revocation.asked_at, revocation.due_at, None
                return

    def revocation(self, workspace_id: str, person_id: str, cluster: str) -> Revocation | None:
        """What still has to end of a person's on a cluster."""
        return self._session.get(Revocation, (workspace_id, person_id, cluster))

    def lock_revocation(self, revocation: Revocation) -> Revocation | None:
        """The row of one as it is now, so that nobody else changes it before this transaction ends."""
        key = (revocation.workspace_id, revocation.person_id, revocation.cluster)
        return self._session.get(Revocation, key, with_for_update=True, populate_existing=True)

    def revoked(self, revocation: Revocation, held: datetime) -> None:
        """Forget one that is done, and who the person was there, unless either was renewed meanwhile.

        `held` is until when it was claimed.
        """
        kept = self.lock_revocation(revocation)
        account = self.account(revocation.workspace_id, revocation.person_id, revocation.cluster)
        if kept is not None and kept.asked_at == revocation.asked_at:
            self._session.delete(kept)
        elif kept is not None and kept.claimed_until == held:
            kept.claimed_until = None
        if account is not None and account.created_at <= revocation.asked_at:
            self._session.delete(account)

    def revocations_due(self, now: datetime) -> Sequence[Revocation]:
        """Those to be tried now, the longest-due first."""
        due = col(Revocation.due_at)
        return self._session.exec(select(Revocation).where(due <= now).order_by(due)).all()
