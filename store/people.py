"""People as Slack last described them, who they are on each cluster, and which of their deliveries were handled."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from bot.rules.words import AccessLevel
from store.columns import EVER
from store.tables import AccessGrant, ClusterUser, Delivery, Person
from store.unique import insert_once, replace


def team_subject(team: str) -> str:
    """A whole team, as an AccessGrant names it; no Slack id has such a prefix."""
    return f"team:{team}"


class PersonRecords:
    """People of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str, person_id: str) -> Person | None:
        """What Slack last said of a user."""
        return self._session.get(Person, (workspace_id, person_id))

    def everybody(self, workspace_id: str, ids: Collection[str] | None = None) -> Sequence[Person]:
        """Everybody of a workspace whom Slack has described, or those of these Slack ids, by id."""
        query = select(Person).where(col(Person.workspace_id) == workspace_id)
        if ids is not None:
            query = query.where(col(Person.id).in_(list(ids)))
        return self._session.exec(query.order_by(col(Person.id))).all()

    def of_emails(self, workspace_id: str, emails: Collection[str]) -> Sequence[Person]:
        """Those of whom Slack has said that they have one of these e-mails, which are lower case."""
        here = col(Person.workspace_id) == workspace_id, func.lower(col(Person.email)).in_(list(emails))
        return self._session.exec(select(Person).where(*here).order_by(col(Person.id))).all()

    def called(self, workspace_id: str, typed: str) -> list[Person]:
        """Those of a workspace who are known by this id, name, e-mail or what an e-mail begins with; in any case."""
        meant = typed.casefold()
        here = self._session.exec(select(Person).where(col(Person.workspace_id) == workspace_id)).all()
        return [one for one in here if meant in _names(one)]

    def keep(self, person: Person) -> None:
        """Remember, or replace, what Slack says of a user."""
        replace(self._session, person)

    def look_again(self, workspace_id: str, person_id: str) -> None:
        """What is known of a user may be over: the next command asks Slack again, and so does the next pass, first."""
        known = self.get(workspace_id, person_id)
        if known is not None:
            known.fetched_at = known.check_at = EVER
            self._session.add(known)

    def check_soon(self, now: datetime) -> None:
        """Let the next passes look at everybody: what teams there are, and who is in them, may be new."""
        self._session.exec(update(Person).values(check_at=now))

    def to_check(self, now: datetime, most: int) -> Sequence[Person]:
        """Those of whom Slack is to be asked whether they are still here, the longest-due first."""
        due = col(Person.check_at)
        return self._session.exec(select(Person).where(due <= now).order_by(due).limit(most)).all()

    def cluster_user(self, workspace_id: str, person_id: str, cluster: str) -> ClusterUser | None:
        """Who a person is on a cluster."""
        return self._session.get(ClusterUser, (workspace_id, person_id, cluster))

    def keep_cluster_user(self, user: ClusterUser) -> None:
        """Remember who a person is on a cluster."""
        replace(self._session, user)

    def grant(self, grant: AccessGrant) -> None:
        """Remember, or replace, what a subject may do in an environment."""
        replace(self._session, grant)

    def grants(self, environment_id: str) -> list[AccessGrant]:
        """Everything granted in one environment."""
        return list(
            self._session.exec(select(AccessGrant).where(col(AccessGrant.environment_id) == environment_id)).all()
        )

    def shares(self, subjects: Iterable[str], now: datetime) -> dict[str, AccessLevel]:
        """What these subjects were given access to and still have, by environment id; the most that any of them has."""
        of_them = select(AccessGrant).where(col(AccessGrant.subject).in_(list(subjects)))
        found: dict[str, AccessLevel] = {}
        for grant in self._session.exec(of_them).all():
            holds = grant.expires_at is None or grant.expires_at > now
            if holds and found.get(grant.environment_id) is not AccessLevel.EDIT:
                found[grant.environment_id] = grant.access
        return found

    def first_delivery(self, request_id: str, now: datetime) -> bool:
        """Whether this Slack delivery comes for the first time; remembers it."""
        return insert_once(self._session, Delivery(request_id=request_id, at=now))

    def forget_deliveries(self, before: datetime) -> None:
        """Drop deliveries older than Slack's longest redelivery."""
        self._session.exec(delete(Delivery).where(col(Delivery.at) < before))


def _names(person: Person) -> frozenset[str]:
    email = (person.email or "").casefold()
    return frozenset({person.id.casefold(), person.name.casefold(), email, email.partition("@")[0]}) - {""}
