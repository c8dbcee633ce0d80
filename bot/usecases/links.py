"""How a Slack user proves who they are to the company's login, and how nobody else does it in their place.

Two people have to be the same: the one who is known to Slack, and the one who logs in. Each could be a stranger to the
other, so each side is asked.

- A URL is given to one Slack user alone, in a message that only they see and Slack does not keep. It holds a random
  ticket, of which only a hash is stored. It works once, for ten minutes, and a new one ends those before.
- Whoever opens it first gets a random secret as a cookie. Nonce and code verifier are made of that secret, and the
  state belongs to it, so an answer counts only in the browser that began, and nothing in the store opens anything.
  Who sends somebody on to the issuer in the middle, with the state or the code of another browser, gets nowhere.
- **A thief who has the URL** logs in as themselves. Nothing counts yet: the Slack user is told in their direct messages
  who has logged in, and says *That was me* or *Undo*. The thief cannot click it: the click is Slack's word for who
  clicks, and is compared with whom the ticket was given to.
- **A thief who is the Slack user** and lures somebody else into opening the URL, where a browser that is logged in
  answers without a question, would click *That was me* themselves. So where the login's e-mail is not the very one
  that Slack confirmed for them, a code is asked for too, which stands only on the page in the browser that logged in.
  It may be mistyped a few times. Where the e-mails are the same, Slack has confirmed to them what they would gain.
- A subject of the issuer is one Slack user, and an e-mail is one too; the database sees to the first.

What is confirmed is audited, and where it makes an admin, told to all admins.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.emails import AddressError
from bot.rules.identity import Login, accepted
from bot.rules.words import LinkStage, Role
from bot.seams.oidc import Begun, Issuer, OidcError
from bot.usecases.identities import Identities, login_of
from bot.usecases.people import People
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import AuditEvent, LinkTicket, Notice, OidcLink, Person, new_id

TICKETS_LAST: Final = timedelta(minutes=10)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are mistaken for each other
_CODE: Final = 8  # of them
_TRIES: Final = 5
_AGAIN: Final = "Type /k8s link in Slack for a new one."


@dataclass(frozen=True)
class Begin:
    """Where a browser goes to log in, and what it must bring back."""

    url: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True)
class Returned:
    """What came back with a browser; all of it untrusted."""

    state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    error: str = ""
    browser: str = field(default="", repr=False)


@dataclass(frozen=True)
class Proven:
    """Who has logged in, for which Slack person, and the code that is asked for in Slack, if one is."""

    login: Login
    person: str
    person_email: str
    code: str = field(default="", repr=False)


class Links:
    """The use cases. What is wrong is raised as a Refusal, whose words a page or Slack shows."""

    def __init__(
        self, people: People, identities: Identities, issuer: Issuer | None, public_url: str, nudge: Callable[[], None]
    ) -> None:
        self._people = people
        self._identities = identities
        self._issuer = issuer
        self._public_url = public_url
        self._nudge = nudge

    # -- the URL -------------------------------------------------------------------------------------------------

    def offer(self, actor: Actor) -> str:
        """A URL for this person alone; a secret. Raises Refusal where there is no login to link to."""
        if self._issuer is None or not self._public_url:
            raise Refusal(
                "There is no company login to link to",
                "An admin can configure one: identity.oidc in berth.yaml, and BERTH_PUBLIC_URL. "
                "An admin can also say who you are, with /k8s admin map.",
            )
        ticket, now = secrets.token_urlsafe(32), self._clock.now()
        row = LinkTicket(
            workspace_id=actor.workspace_id,
            person_id=actor.id,
            ticket_hash=_hash(ticket),
            created_at=now,
            expires_at=now + self._clock.lasting(TICKETS_LAST),
        )
        with self._store.begin() as records:
            records.links.give(row)
        return f"{self._public_url.rstrip('/')}/oidc/start/{ticket}"

    # -- the browser ---------------------------------------------------------------------------------------------

    def begin(self, ticket: str) -> Begin:
        """The URL was opened, and works no more. Asks the issuer. Raises Refusal."""
        with self._store.read() as records:
            row = records.links.of_ticket(_hash(ticket))
        if row is None or row.stage is not LinkStage.GIVEN or row.expires_at <= self._clock.now():
            raise Refusal("This link was used already, or is too old", _AGAIN)
        browser, state = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        url = self._asked(lambda issuer: issuer.authorization_url(_begun(state, browser)))
        with self._store.begin() as records:
            mine = records.links.lock(row.id, [LinkStage.GIVEN], self._clock.now())
            if mine is None:
                raise Refusal("This link was used already, or is too old", _AGAIN)
            mine.stage, mine.state_hash, mine.browser_hash = LinkStage.BEGUN, _hash(state), _hash(browser)
        return Begin(url, browser)

    def finish(self, returned: Returned) -> Proven:
        """A browser came back from the login. Asks the issuer. Raises Refusal."""
        row = self._answered(returned)
        if returned.error or not returned.code:
            raise Refusal("You were not logged in", f"Nothing has been linked. {_AGAIN}")
        begun = _begun(returned.state, returned.browser)
        login = self._asked(lambda issuer: issuer.login(returned.code, begun, self._clock.now()))
        person = self._person(row)
        login = self._checked(login, row)
        return self._proven(row, person, login)

    def _answered(self, returned: Returned) -> LinkTicket:
        """The ticket of an answer, which can be given once. Raises Refusal for an answer that belongs to none."""
        foreign = Refusal("This login was not begun in this browser, or is over", _AGAIN)
        with self._store.begin() as records:
            found = records.links.of_state(_hash(returned.state))
            row = records.links.lock(found.id, [LinkStage.BEGUN], self._clock.now()) if found is not None else None
            if row is None or not hmac.compare_digest(row.browser_hash or "", _hash(returned.browser)):
                raise foreign
            row.stage = LinkStage.ANSWERED
        return row

    def _proven(self, row: LinkTicket, person: Person, login: Login) -> Proven:
        code = "" if login.email == self._confirmed_by_slack(person) else _fresh_code()
        now = self._clock.now()
        with self._store.begin() as records:
            mine = records.links.lock(row.id, [LinkStage.ANSWERED], now)
            if mine is None:
                raise Refusal("This took too long", _AGAIN)
            mine.stage, mine.expires_at = LinkStage.PROVEN, now + self._clock.lasting(TICKETS_LAST)
            mine.login = {
                "issuer": login.issuer,
                "subject": login.subject,
                "email": login.email,
                "groups": list(login.groups),
            }
            mine.code_hash = _hash(mine.id + code) if code else None
            facts = {"ticket": mine.id, "email": login.email, "issuer": login.issuer, "coded": bool(code)}
            self._say(records, mine, "link", facts, [mine.person_id])
        self._nudge()
        return Proven(login, person.name, person.email or "", code)

    # -- Slack ---------------------------------------------------------------------------------------------------

    def needs_code(self, actor: Actor, ticket_id: str) -> bool:
        """Whether *That was me* must be followed by a code. Raises Refusal for a ticket that is not the actor's."""
        with self._store.read() as records:
            row = records.links.get(ticket_id)
        if row is None or (row.workspace_id, row.person_id) != (actor.workspace_id, actor.id):
            raise Refusal("This was a login for somebody else, or is long over", _AGAIN)
        if row.stage is not LinkStage.PROVEN or row.expires_at <= self._clock.now():
            raise Refusal("This is settled already, or too old", f"/k8s whoami says who you are. {_AGAIN}")
        return row.code_hash is not None

    def confirm(self, actor: Actor, ticket_id: str, code: str, source: Source) -> Login:
        """*That was me*: from now on the link counts. Raises Refusal."""
        self.needs_code(actor, ticket_id)
        self._try_code(ticket_id, code)
        with self._store.read() as records:
            row = records.links.get(ticket_id)
        login = self._checked(Login(**row.login) if row is not None else None, row)
        now = self._clock.now()
        before = self._role(actor)
        with self._store.begin() as records:
            mine = records.links.lock(ticket_id, [LinkStage.PROVEN], now)
            if mine is None or not records.identities.keep_link(_link(mine, login, now)):
                raise Refusal("This is settled already, or somebody else is linked to this login", _AGAIN)
            mine.stage, mine.expires_at = LinkStage.DONE, now + timedelta(days=1)
            records.notices.change(_key(mine), now, {"outcome": "linked"})
            _audit(records, actor, source, "link", login, now)
        self._tell_admins(actor, before, login)
        self._nudge()
        return login

    def undo(self, actor: Actor, ticket_id: str, source: Source) -> None:
        """*Undo*: what was proven counts no longer, or never does. Raises Refusal."""
        now = self._clock.now()
        with self._store.begin() as records:
            mine = records.links.lock(ticket_id, [LinkStage.PROVEN, LinkStage.DONE], now)
            if mine is None or (mine.workspace_id, mine.person_id) != (actor.workspace_id, actor.id):
                raise Refusal("This is settled already, or too old", "/k8s unlink ends a link, whenever it was made.")
            link = records.identities.link(mine.workspace_id, mine.person_id)
            if link is not None and mine.stage is LinkStage.DONE and link.subject == mine.login.get("subject"):
                records.identities.forget_link(link)
            mine.stage = LinkStage.REFUSED
            records.notices.change(_key(mine), now, {"outcome": "undone"})
            _audit(records, actor, source, "unlink", Login(**mine.login), now)
        self._nudge()

    def unlink(self, actor: Actor, source: Source) -> Login:
        """End a person's link. Raises Refusal where there is none."""
        with self._store.begin() as records:
            link = records.identities.link(actor.workspace_id, actor.id)
            if link is None:
                raise Refusal("You have linked no company login", "/k8s link links one.")
            records.identities.forget_link(link)
            _audit(records, actor, source, "unlink", login_of(link), self._clock.now())
        return login_of(link)

    # -- what both need ------------------------------------------------------------------------------------------

    @property
    def _store(self) -> Store:
        return self._identities.store

    @property
    def _clock(self) -> Clock:
        return self._identities.clock

    @property
    def _catalogue(self) -> Catalogue:
        return self._identities.catalogue

    def _asked(self, ask: Callable[[Issuer], Any]) -> Any:
        if self._issuer is None:
            raise Refusal("There is no company login to link to", "An admin can configure one.")
        try:
            return ask(self._issuer)
        except OidcError as error:
            raise Refusal(str(error), f"Nothing has been linked. Try again, or ask an admin. {_AGAIN}") from error

    def _checked(self, login: Login | None, row: LinkTicket | None) -> Login:
        """The login with its e-mail as it is compared. Raises Refusal for one that may not be linked to this person."""
        if login is None or row is None:
            raise Refusal("This is settled already, or too old", _AGAIN)
        try:
            email = accepted(login.email, self._catalogue.identity)
        except AddressError as error:
            raise Refusal(f"The address {login.email} of this login {error}", "Nothing has been linked.") from error
        with self._store.read() as records:
            linked = records.identities.linked_to(row.workspace_id, login.issuer, login.subject)
            holder = records.identities.holder(row.workspace_id, email)
            mapped = records.identities.mapped_to(row.workspace_id, email)
        if linked is not None and linked.person_id != row.person_id:
            raise Refusal("Another Slack user is linked to this login", "They can end that with /k8s unlink in Slack.")
        for other in {one.person_id for one in (holder, mapped) if one is not None} - {row.person_id}:
            if self._people.is_still(row.workspace_id, other, email):
                raise Refusal(f"Another Slack user is {email} already", "Ask an admin which of the two is right.")
        return Login(login.issuer, login.subject, email, login.groups)

    def _person(self, row: LinkTicket) -> Person:
        known = self._people.known_as(row.workspace_id, row.person_id)
        if known is None:
            raise Refusal("The Slack user that this link was for may not use Berth", "Nothing has been linked.")
        return known.person

    def _confirmed_by_slack(self, person: Person) -> str:
        try:
            return accepted(person.email or "", self._catalogue.identity) if person.email_confirmed else ""
        except AddressError:
            return ""

    def _try_code(self, ticket_id: str, code: str) -> None:
        """Raises Refusal for a wrong code, which is counted first: only a few are let through."""
        typed = "".join(one for one in code.upper() if one in _LETTERS)
        with self._store.begin() as records:
            row = records.links.lock(ticket_id, [LinkStage.PROVEN], self._clock.now())
            if row is None or row.code_hash is None or hmac.compare_digest(row.code_hash, _hash(row.id + typed)):
                return
            row.tries += 1
            left = _TRIES - row.tries
            if left <= 0:
                row.stage = LinkStage.REFUSED
                records.notices.change(_key(row), self._clock.now(), {"outcome": "undone"})
        self._nudge()
        raise Refusal(
            "That is not the code",
            f"It stands on the page in the browser that logged in. You have {left} tries left."
            if left > 0
            else f"That was one time too often. {_AGAIN}",
        )

    def _role(self, actor: Actor) -> Role:
        now = self._people.actor_of(actor.workspace_id, actor.id)
        return now.role if now is not None else Role.MEMBER

    def _tell_admins(self, actor: Actor, before: Role, login: Login) -> None:
        """Who has become an admin by their login is told to the others."""
        if before is Role.ADMIN or self._role(actor) is not Role.ADMIN:
            return
        text = f"<@{actor.id}> is an admin of Berth now, as {login.email}: they have linked their company login."
        with self._store.begin() as records:
            answering = Responsible(self._catalogue, self._clock, records, actor.workspace_id)
            for admin in answering.admins([actor.id, login.email]):
                ticket = LinkTicket(id=new_id(), workspace_id=actor.workspace_id, person_id=actor.id, ticket_hash="")
                self._say(records, ticket, "notice", {"text": text}, [admin])

    def _say(
        self, records: Records, ticket: LinkTicket, kind: str, facts: dict[str, Any], recipients: list[str]
    ) -> None:
        now = self._clock.now()
        records.notices.say(
            Notice(
                key=_key(ticket),
                workspace_id=ticket.workspace_id,
                kind=kind,
                facts=facts,
                recipients=recipients,
                created_at=now,
                due_at=now,
            )
        )


def _key(ticket: LinkTicket) -> str:
    return f"link:{ticket.id}"


def _hash(secret: str) -> str:
    """All of these secrets are long and random, so that none is found by trying, or they are guarded by a count."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _begun(state: str, browser: str) -> Begun:
    def derived(purpose: str) -> str:
        made = hmac.digest(browser.encode(), purpose.encode(), "sha256")
        return urlsafe_b64encode(made).decode().rstrip("=")

    return Begun(state, derived("nonce"), derived("verifier"))


def _fresh_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE))


def _link(ticket: LinkTicket, login: Login, now: Any) -> OidcLink:
    return OidcLink(
        workspace_id=ticket.workspace_id,
        person_id=ticket.person_id,
        issuer=login.issuer,
        subject=login.subject,
        email=login.email,
        groups=list(login.groups),
        at=now,
    )


def _audit(records: Records, actor: Actor, source: Source, action: str, login: Login, now: Any) -> None:
    said = {"person": actor.id, "email": login.email, "issuer": login.issuer, "subject": login.subject}
    records.audit.add(
        AuditEvent(
            at=now,
            workspace_id=actor.workspace_id,
            actor=actor.id,
            action=action,
            before=said if action == "unlink" else {},
            after=said | {"groups": list(login.groups)} if action == "link" else {},
            source_kind=source.kind,
            source_channel=source.channel_id,
            source_message=source.message_ts,
            source_request=source.request_id or None,
        )
    )
