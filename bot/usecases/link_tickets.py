"""Tickets of links that are being made: their secrets, whom they may link, and how their people hear of it.

What opens a door is random and long, kept only as a hash, and opens it once; `bot.usecases.links` says why.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.emails import AddressError
from bot.rules.identity import Login, accepted
from bot.rules.words import command
from bot.seams.oidc import Begun
from bot.usecases.identities import Identities
from bot.usecases.people import People
from bot.usecases.refusal import Refusal
from store.database import Store
from store.records import Records
from store.tables import LinkTicket, Notice

TICKETS_LAST: Final = timedelta(minutes=10)
AGAIN: Final = f"Type {command('link')} in Slack for a new one."
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are mistaken for each other
_CODE: Final = 8  # of them


@dataclass(frozen=True)
class Linking:
    """What the side of Slack and the side of the browser need alike."""

    people: People
    identities: Identities
    nudge: Callable[[], None]

    @property
    def store(self) -> Store:
        """Where tickets are."""
        return self.identities.store

    @property
    def clock(self) -> Clock:
        """What time it is."""
        return self.identities.clock

    @property
    def catalogue(self) -> Catalogue:
        """What the company says of identities."""
        return self.identities.catalogue

    def checked(self, login: Login | None, row: LinkTicket | None) -> Login:
        """The login with its e-mail as it is compared. Raises Refusal for one that may not be linked to this person."""
        if login is None or row is None:
            raise Refusal("This is settled already, or too old", AGAIN)
        try:
            email = accepted(login.email, self.catalogue.identity)
        except AddressError as error:
            raise Refusal(f"The address {login.email} of this login {error}", "Nothing has been linked.") from error
        with self.store.read() as records:
            linked = records.identities.linked_to(row.workspace_id, login.issuer, login.subject)
            holder = records.identities.holder(row.workspace_id, email)
            mapped = records.identities.mapped_to(row.workspace_id, email)
        if linked is not None and linked.person_id != row.person_id:
            raise Refusal(
                "Another Slack user is linked to this login", f"They can end that with {command('unlink')} in Slack."
            )
        for other in {one.person_id for one in (holder, mapped) if one is not None} - {row.person_id}:
            if self.people.is_still(row.workspace_id, other, email):
                raise Refusal(f"Another Slack user is {email} already", "Ask an admin which of the two is right.")
        return Login(login.issuer, login.subject, email, login.groups)

    def say(
        self, records: Records, ticket: LinkTicket, kind: str, facts: dict[str, Any], recipients: list[str]
    ) -> None:
        """Tell somebody what belongs to a ticket, once."""
        now = self.clock.now()
        records.notices.say(
            Notice(
                key=notice_key(ticket),
                workspace_id=ticket.workspace_id,
                kind=kind,
                facts=facts,
                recipients=recipients,
                created_at=now,
                due_at=now,
            )
        )


def notice_key(ticket: LinkTicket) -> str:
    """What the message about a ticket is known by."""
    return f"link:{ticket.id}"


def hash_of(secret: str) -> str:
    """All of these secrets are long and random, so that none is found by trying, or they are guarded by a count."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begun(state: str, browser: str) -> Begun:
    """A login as it was begun: nonce and code verifier are made of what only that browser has.

    So nothing in the store opens anything.
    """

    def derived(purpose: str) -> str:
        made = hmac.digest(browser.encode(), purpose.encode(), "sha256")
        return urlsafe_b64encode(made).decode().rstrip("=")

    return Begun(state, derived("nonce"), derived("verifier"))


def fresh_code() -> str:
    """A code to be read off a page and typed into Slack."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE))


def typed_code(text: str) -> str:
    """A code as it was typed, without what people put between its letters."""
    return "".join(one for one in text.upper() if one in _LETTERS)
