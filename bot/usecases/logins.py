"""The browser's side of a link: it begins a login, and what it comes back with proves who has logged in."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.rules.emails import AddressError
from bot.rules.identity import Login, accepted
from bot.rules.words import LinkStage
from bot.seams.oidc import Issuer, OidcError
from bot.usecases.link_tickets import AGAIN, TICKETS_LAST, Linking, begun, fresh_code, hash_of
from bot.usecases.refusal import Refusal
from store.tables import LinkTicket, Person


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


@dataclass(frozen=True)
class Logins:
    """The use cases. What is wrong is raised as a Refusal, whose words a page shows."""

    linking: Linking
    issuer: Issuer

    def look(self, ticket: str) -> LinkTicket:
        """The URL was opened, which uses nothing up: programs open links too. Raises Refusal where it is over."""
        with self.linking.store.read() as records:
            row = records.links.of_ticket(hash_of(ticket))
        if row is None or row.stage is not LinkStage.GIVEN or row.expires_at <= self.linking.clock.now():
            raise Refusal("This link was used already, or is too old", AGAIN)
        return row

    def begin(self, ticket: str) -> Begin:
        """Its button was pressed, and it works no more. Asks the issuer. Raises Refusal."""
        row = self.look(ticket)
        browser, state = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        url = self._asked(lambda issuer: issuer.authorization_url(begun(state, browser)))
        with self.linking.store.begin() as records:
            mine = records.links.lock(row.id, [LinkStage.GIVEN], self.linking.clock.now())
            if mine is None:
                raise Refusal("This link was used already, or is too old", AGAIN)
            mine.stage, mine.state_hash, mine.browser_hash = LinkStage.BEGUN, hash_of(state), hash_of(browser)
        return Begin(url, browser)

    def finish(self, returned: Returned) -> Proven:
        """A browser came back from the login. Asks the issuer. Raises Refusal."""
        row = self._answered(returned)
        if returned.error or not returned.code:
            raise Refusal("You were not logged in", f"Nothing has been linked. {AGAIN}")
        began = begun(returned.state, returned.browser)
        login = self._asked(lambda issuer: issuer.login(returned.code, began, self.linking.clock.now()))
        person = self._person(row)
        login = self.linking.checked(login, row)
        return self._proven(row, person, login)

    def _answered(self, returned: Returned) -> LinkTicket:
        """The ticket of an answer, which can be given once. Raises Refusal for an answer that belongs to none."""
        foreign = Refusal("This login was not begun in this browser, or is over", AGAIN)
        now = self.linking.clock.now()
        with self.linking.store.begin() as records:
            found = records.links.of_state(hash_of(returned.state))
            row = records.links.lock(found.id, [LinkStage.BEGUN], now) if found is not None else None
            if row is None or not hmac.compare_digest(row.browser_hash or "", hash_of(returned.browser)):
                raise foreign
            row.stage = LinkStage.ANSWERED
        return row

    def _proven(self, row: LinkTicket, person: Person, login: Login) -> Proven:
        code = "" if login.email == self._confirmed_by_slack(person) else fresh_code()
        now = self.linking.clock.now()
        with self.linking.store.begin() as records:
            mine = records.links.lock(row.id, [LinkStage.ANSWERED], now)
            if mine is None:
                raise Refusal("This took too long", AGAIN)
            mine.stage, mine.expires_at = LinkStage.PROVEN, now + self.linking.clock.lasting(TICKETS_LAST)
            mine.login = {
                "issuer": login.issuer,
                "subject": login.subject,
                "email": login.email,
                "groups": list(login.groups),
            }
            mine.code_hash = hash_of(mine.id + code) if code else None
            facts = {"ticket": mine.id, "email": login.email, "issuer": login.issuer, "coded": bool(code)}
            self.linking.say(records, mine, "link", facts, [mine.person_id])
        self.linking.nudge()
        return Proven(login, person.name, person.email or "", code)

    def _person(self, row: LinkTicket) -> Person:
        known = self.linking.people.known_as(row.workspace_id, row.person_id)
        if known is None:
            raise Refusal("The Slack user that this link was for may not use Berth", "Nothing has been linked.")
        return known.person

    def _confirmed_by_slack(self, person: Person) -> str:
        try:
            return accepted(person.email or "", self.linking.catalogue.identity) if person.email_confirmed else ""
        except AddressError:
            return ""

    def _asked(self, ask: Callable[[Issuer], Any]) -> Any:
        try:
            return ask(self.issuer)
        except OidcError as error:
            raise Refusal(str(error), f"Nothing has been linked. Try again, or ask an admin. {AGAIN}") from error
