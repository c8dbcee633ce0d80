"""Who Slack users are: what admins have mapped, what was proven by a login, and which user holds which e-mail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from store.tables import IdentityHolder, IdentityMapping, LostIdentity, OidcLink
from store.unique import add_once, insert_once, replace


class IdentityRecords:
    """Identities of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def mapping(self, workspace_id: str, person_id: str) -> IdentityMapping | None:
        """What an admin has mapped a user to."""
        return self._session.get(IdentityMapping, (workspace_id, person_id))

    def keep_mapping(self, mapping: IdentityMapping) -> None:
        """Map a user, or map them anew."""
        replace(self._session, mapping)

    def forget_mapping(self, mapping: IdentityMapping) -> None:
        """Map a user no longer."""
        self._session.delete(mapping)
        self._session.flush()

    def mapped_to(self, workspace_id: str, email: str) -> IdentityMapping | None:
        """Somebody who is mapped to this e-mail."""
        of_email = select(IdentityMapping).where(
            col(IdentityMapping.workspace_id) == workspace_id, col(IdentityMapping.email) == email
        )
        return self._session.exec(of_email).first()

    def link(self, workspace_id: str, person_id: str) -> OidcLink | None:
        """Who a user is to the company's login."""
        return self._session.get(OidcLink, (workspace_id, person_id))

    def linked_to(self, workspace_id: str, issuer: str, subject: str) -> OidcLink | None:
        """The link of whoever is this subject."""
        of_subject = select(OidcLink).where(
            col(OidcLink.workspace_id) == workspace_id,
            col(OidcLink.issuer) == issuer,
            col(OidcLink.subject) == subject,
        )
        return self._session.exec(of_subject).one_or_none()

    def linked_with(self, workspace_id: str, groups: frozenset[str]) -> list[str]:
        """Those whose login says that they are in any of these groups."""
        links = self._session.exec(select(OidcLink).where(col(OidcLink.workspace_id) == workspace_id)).all()
        return sorted(link.person_id for link in links if groups.intersection(link.groups))

    def keep_link(self, link: OidcLink) -> bool:
        """Link a user, in the place of what they were linked to. False where another one is this subject."""
        known = self.link(link.workspace_id, link.person_id)
        if known is not None:
            self._session.delete(known)
        return add_once(self._session, link)

    def forget_link(self, link: OidcLink) -> None:
        """End a link."""
        self._session.delete(link)
        self._session.flush()

    def holder(self, workspace_id: str, email: str) -> IdentityHolder | None:
        """Who an e-mail is, as far as it has been used."""
        return self._session.get(IdentityHolder, (workspace_id, email))

    def mappings(self, workspace_id: str, ids: Collection[str] | None = None) -> Sequence[IdentityMapping]:
        """Everybody whom admins have mapped, or those of these Slack ids."""
        query = select(IdentityMapping).where(col(IdentityMapping.workspace_id) == workspace_id)
        if ids is not None:
            query = query.where(col(IdentityMapping.person_id).in_(list(ids)))
        return self._session.exec(query).all()

    def links(self, workspace_id: str, ids: Collection[str] | None = None) -> Sequence[OidcLink]:
        """Everybody who is linked, or those of these Slack ids."""
        query = select(OidcLink).where(col(OidcLink.workspace_id) == workspace_id)
        if ids is not None:
            query = query.where(col(OidcLink.person_id).in_(list(ids)))
        return self._session.exec(query).all()

    def holders(self, workspace_id: str, emails: Collection[str] | None = None) -> Mapping[str, str]:
        """Who each e-mail is, or each of these, as far as they have been used: Slack ids by e-mail."""
        query = select(IdentityHolder).where(col(IdentityHolder.workspace_id) == workspace_id)
        if emails is not None:
            query = query.where(col(IdentityHolder.email).in_(list(emails)))
        return {row.email: row.person_id for row in self._session.exec(query)}

    def held_by(self, workspace_id: str, person_id: str) -> frozenset[str]:
        """The e-mails that a user was proven to be, and nobody else since."""
        theirs = (col(IdentityHolder.workspace_id) == workspace_id, col(IdentityHolder.person_id) == person_id)
        return frozenset(self._session.exec(select(IdentityHolder.email).where(*theirs)))

    def lose(self, lost: LostIdentity) -> bool:
        """Whether it was not known yet that nothing proves any more who a user is."""
        return insert_once(self._session, lost)

    def find(self, workspace_id: str, person_id: str) -> LostIdentity | None:
        """Something proves again who a user is. What was known of it, if nothing did."""
        known = self._session.get(LostIdentity, (workspace_id, person_id))
        if known is not None:
            self._session.delete(known)
        return known

    def hold(self, holder: IdentityHolder, instead_of: str | None = None) -> bool:
        """Let a user hold an e-mail that nobody holds, or only `instead_of`. False where another was first."""
        known = self._session.get(
            IdentityHolder, (holder.workspace_id, holder.email), with_for_update=True, populate_existing=True
        )
        if known is None:
            return add_once(self._session, holder)
        if known.person_id not in (holder.person_id, instead_of):
            return False
        known.person_id, known.at = holder.person_id, holder.at
        self._session.add(known)
        return True


def held(workspace_id: str, email: str, person_id: str, at: datetime) -> IdentityHolder:
    """The row that says so."""
    return IdentityHolder(workspace_id=workspace_id, email=email, person_id=person_id, at=at)
