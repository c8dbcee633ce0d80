"""Links that are being made: tickets, which are found by a hash and go from stage to stage once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.rules.words import LinkStage
from store.tables import LinkTicket


class LinkRecords:
    """Tickets of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def give(self, ticket: LinkTicket) -> None:
        """Keep a new ticket; what the person had and did not use is over."""
        self._session.exec(
            delete(LinkTicket).where(
                col(LinkTicket.workspace_id) == ticket.workspace_id,
                col(LinkTicket.person_id) == ticket.person_id,
                col(LinkTicket.stage).in_(_OPEN),
            )
        )
        self._session.add(ticket)

    def get(self, ticket_id: str) -> LinkTicket | None:
        """By id."""
        return self._session.get(LinkTicket, ticket_id)

    def of_ticket(self, ticket_hash: str) -> LinkTicket | None:
        """The one whose URL holds what has this hash."""
        return self._session.exec(select(LinkTicket).where(col(LinkTicket.ticket_hash) == ticket_hash)).one_or_none()

    def of_state(self, state_hash: str) -> LinkTicket | None:
        """The one whose login was begun with what has this hash."""
        return self._session.exec(select(LinkTicket).where(col(LinkTicket.state_hash) == state_hash)).one_or_none()

    def lock(self, ticket_id: str, stages: Collection[LinkStage], now: datetime) -> LinkTicket | None:
        """The ticket, locked, if it is at one of these stages and not over."""
        found = self._session.exec(
            select(LinkTicket)
            .where(col(LinkTicket.id) == ticket_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        return found if found is not None and found.stage in stages and found.expires_at > now else None

    def forget(self, before: datetime) -> None:
        """Drop those that were over before an instant."""
        self._session.exec(delete(LinkTicket).where(col(LinkTicket.expires_at) < before))


_OPEN = (LinkStage.GIVEN, LinkStage.BEGUN)
