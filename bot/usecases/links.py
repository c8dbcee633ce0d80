"""How a Slack user proves who they are to the company's login, and how nobody else does it in their place.

Two people have to be the same: the one who is known to Slack, and the one who logs in. Each could be a stranger to the
other, so each side is asked.

- A URL is given to one Slack user alone, in a message that only they see and Slack does not keep. It holds a random
  ticket, of which only a hash is stored. It works once, for ten minutes, and a new one ends those before.
- Opening it shows a button, and uses nothing up: mail and chat programs open links too, for a preview.
- Whoever presses that first gets a random secret as a cookie. Nonce and code verifier are made of that secret, and the
  state belongs to it, so an answer counts only in the browser that began, and nothing in the store opens anything.
  Who sends somebody on to the issuer in the middle, with the state or the code of another browser, gets nowhere.
- **A thief who has the URL** logs in as themselves. Nothing counts yet: the Slack user is told in their direct messages
  who has logged in, and says *That was me* or that it was not. The thief cannot click it: the click is Slack's word
  for who clicks, and is compared with whom the ticket was given to.
- **A thief who is the Slack user** and lures somebody else into opening the URL, where a browser that is logged in
  answers without a question, would click *That was me* themselves. So where the login's e-mail is not the very one
  that Slack confirmed for them, a code is asked for too, which stands only on the page in the browser that logged in.
  It may be mistyped a few times. Where the e-mails are the same, Slack has confirmed to them what they would gain.
- A subject of the issuer is one Slack user, and an e-mail is one too; the database sees to the first.

What is confirmed is audited, and where it makes an admin, told to all admins.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.rules.actors import Actor
from bot.rules.identity import Login
from bot.rules.words import LinkStage, Role, command
from bot.usecases.identities import login_of
from bot.usecases.link_tickets import AGAIN, TICKETS_LAST, Linking, hash_of, notice_key, typed_code
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.source import Source
from store.records import Records
from store.tables import AuditEvent, LinkTicket, OidcLink, new_id

_TRIES: Final = 5


@dataclass(frozen=True)
class Links:
    """The use cases of Slack's side; the browser's are `bot.usecases.logins`. All raise Refusal.

    `public_url` is where browsers find Berth; empty where there is no login to link to.
    """

    linking: Linking
    public_url: str

    def offer(self, actor: Actor) -> str:
        """A URL for this person alone; a secret. Raises Refusal where there is no login to link to."""
        if not self.public_url:
            raise Refusal(
                "There is no company login to link to",
                "An admin can configure one: identity.oidc in berth.yaml, and BERTH_PUBLIC_URL. "
                f"An admin can also say who you are, with {command('admin map')}.",
            )
        ticket, now = secrets.token_urlsafe(32), self.linking.clock.now()
        row = LinkTicket(
            workspace_id=actor.workspace_id,
            person_id=actor.id,
            ticket_hash=hash_of(ticket),
            created_at=now,
            expires_at=now + self.linking.clock.lasting(TICKETS_LAST),
        )
        with self.linking.store.begin() as records:
            records.links.give(row)
        return f"{self.public_url.rstrip('/')}/oidc/start/{ticket}"

    def needs_code(self, actor: Actor, ticket_id: str) -> bool:
        """Whether *That was me* must be followed by a code. Raises Refusal for a ticket that is not the actor's."""
        with self.linking.store.read() as records:
            row = records.links.get(ticket_id)
        if row is None or (row.workspace_id, row.person_id) != (actor.workspace_id, actor.id):
            raise Refusal("This was a login for somebody else, or is long over", AGAIN)
        if row.stage is not LinkStage.PROVEN or row.expires_at <= self.linking.clock.now():
            raise Refusal("This is settled already, or too old", f"{command('whoami')} says who you are. {AGAIN}")
        return row.code_hash is not None

    def confirm(self, actor: Actor, ticket_id: str, code: str, source: Source) -> Login:
        """*That was me*: from now on the link counts. Raises Refusal."""
        self.needs_code(actor, ticket_id)
        self._try_code(ticket_id, code)
        with self.linking.store.read() as records:
            row = records.links.get(ticket_id)
        login = self.linking.checked(Login(**row.login) if row is not None else None, row)
        now = self.linking.clock.now()
        before = self._role(actor)
        with self.linking.store.begin() as records:
            mine = records.links.lock(ticket_id, [LinkStage.PROVEN], now)
            if mine is None or not records.identities.keep_link(_link(mine, login, now)):
                raise Refusal("This is settled already, or somebody else is linked to this login", AGAIN)
            records.people.look_again(mine.workspace_id, mine.person_id)  # another login may be in other teams
            mine.stage, mine.expires_at = LinkStage.DONE, now + timedelta(days=1)
            records.notices.change(notice_key(mine), now, {"outcome": "linked"})
            _audit(records, actor, source, "link", login, now)
        self._tell_admins(actor, before, login)
        self.linking.nudge()
        return login

    def undo(self, actor: Actor, ticket_id: str, source: Source) -> None:
        """*Undo*: what was proven counts no longer, or never does. Raises Refusal."""
        now = self.linking.clock.now()
        with self.linking.store.begin() as records:
            mine = records.links.lock(ticket_id, [LinkStage.PROVEN, LinkStage.DONE], now)
            if mine is None or (mine.workspace_id, mine.person_id) != (actor.workspace_id, actor.id):
                raise Refusal(
                    "This is settled already, or too old", f"{command('unlink')} ends a link, whenever it was made."
                )
            link = records.identities.link(mine.workspace_id, mine.person_id)
            if link is not None and mine.stage is LinkStage.DONE and link.subject == mine.login.get("subject"):
                records.identities.forget_link(link)
                records.people.look_again(mine.workspace_id, mine.person_id)
            mine.stage = LinkStage.REFUSED
            records.notices.change(notice_key(mine), now, {"outcome": "undone"})
            _audit(records, actor, source, "unlink", Login(**mine.login), now)
        self.linking.nudge()

    def unlink(self, actor: Actor, source: Source) -> Login:
        """End a person's link. Raises Refusal where there is none."""
        with self.linking.store.begin() as records:
            link = records.identities.link(actor.workspace_id, actor.id)
            if link is None:
                instead = (
                    f"{command('link')} links one."
                    if self.public_url
                    else "None is configured here that could be linked."
                )
                raise Refusal("You have linked no company login", instead)
            records.identities.forget_link(link)
            records.people.look_again(actor.workspace_id, actor.id)
            login = login_of(link, self.linking.catalogue, self.linking.clock.now())
            _audit(records, actor, source, "unlink", login, self.linking.clock.now())
        return login

    def _try_code(self, ticket_id: str, code: str) -> None:
        """Raises Refusal for a wrong code, which is counted first: only a few are let through."""
        typed = typed_code(code)
        with self.linking.store.begin() as records:
            row = records.links.lock(ticket_id, [LinkStage.PROVEN], self.linking.clock.now())
            if row is None or row.code_hash is None or hmac.compare_digest(row.code_hash, hash_of(row.id + typed)):
                return
            row.tries += 1
            left = _TRIES - row.tries
            if left <= 0:
                row.stage = LinkStage.REFUSED
                records.notices.change(notice_key(row), self.linking.clock.now(), {"outcome": "undone"})
        self.linking.nudge()
        raise Refusal(
            "That is not the code",
            f"It stands on the page in the browser that logged in. You have {left} tries left."
            if left > 0
            else f"That was one time too often. {AGAIN}",
        )

    def _role(self, actor: Actor) -> Role:
        now = self.linking.people.actor_of(actor.workspace_id, actor.id)
        return now.role if now is not None else Role.MEMBER

    def _tell_admins(self, actor: Actor, before: Role, login: Login) -> None:
        """Who has become an admin by their login is told to the others."""
        if before is Role.ADMIN or self._role(actor) is not Role.ADMIN:
            return
        text = f"<@{actor.id}> is an admin of Berth now, as {login.email}: they have linked their company login."
        with self.linking.store.begin() as records:
            answering = Responsible(self.linking.catalogue, self.linking.clock, records, actor.workspace_id)
            for admin in answering.admins([actor.id, login.email]):
                ticket = LinkTicket(id=new_id(), workspace_id=actor.workspace_id, person_id=actor.id, ticket_hash="")
                self.linking.say(records, ticket, "notice", {"text": text}, [admin])


def _link(ticket: LinkTicket, login: Login, now: datetime) -> OidcLink:
    return OidcLink(
        workspace_id=ticket.workspace_id,
        person_id=ticket.person_id,
        issuer=login.issuer,
        subject=login.subject,
        email=login.email,
        groups=list(login.groups),
        at=now,
    )


def _audit(records: Records, actor: Actor, source: Source, action: str, login: Login, now: datetime) -> None:
    said = {"email": login.email, "issuer": login.issuer, "subject": login.subject}
    records.audit.add(
        AuditEvent(
            at=now,
            workspace_id=actor.workspace_id,
            actor=actor.id,
            action=action,
            before=said if action == "unlink" else {},
            after=said | {"groups": list(login.groups)} if action == "link" else {},
            **source.columns(),
        )
    )
