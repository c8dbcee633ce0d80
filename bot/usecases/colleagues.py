"""Whom somebody means by a mention, an e-mail or a name; nothing else decides it.

A mention and an e-mail mean one person. A name is what people call themselves in Slack: several may have the same, and
then nobody is taken for another, but all of them are named and a mention is asked for.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.rules.actors import Actor
from bot.rules.foreign import APART
from bot.seams.slack import SlackError
from bot.usecases.people import People
from bot.usecases.refusal import Refusal
from store.database import Store

MENTION_THEM: Final = "Mention them: type @ and choose them from Slack's list, or give their e-mail."
_MENTION: Final = re.compile(r"<?@?([UW][A-Z0-9]{6,20})(?:\|[^>]*)?>?")
_NAMED: Final = 10  # candidates that are named


@dataclass(frozen=True)
class Colleagues:
    """Finds people, which is slow: Slack may be asked. `by_email` gives an e-mail's user, or raises SlackError."""

    store: Store
    people: People
    by_email: Callable[[str], str]

    def find(self, actor: Actor, typed: str) -> Actor:
        """The colleague, who may use Berth. Raises Refusal."""
        user_id = self.meant(actor.workspace_id, typed)
        if user_id is None:
            raise Refusal(f"I know nobody called “{typed.strip().removeprefix('@')}”", MENTION_THEM)
        try:
            return self.people.identify(actor.workspace_id, user_id)
        except Refusal as refusal:
            raise Refusal(
                f"<@{user_id}> may not use Berth, which would tell them: “{refusal.message}”",
                "Choose somebody who may, or help them with that first.",
            ) from refusal

    def known(self, workspace_id: str, typed: str) -> str | None:
        """The id of somebody whom Slack knows, whether or not they may use Berth, or ever have.

        None for a name that nobody has whom Berth has met. Raises Refusal.
        """
        user_id = self.meant(workspace_id, typed)
        if user_id is not None:
            try:
                self.people.known_as(workspace_id, user_id)
            except Refusal as refusal:
                raise Refusal("Slack does not tell me who that is", MENTION_THEM) from refusal
        return user_id

    def meant(self, workspace_id: str, typed: str) -> str | None:
        """The id of whom somebody means; None for a name that nobody has whom Berth has met. Raises Refusal."""
        user_id = mentioned(typed)
        if user_id is not None:
            return user_id
        name = typed.strip().removeprefix("@")
        return self._with_email(workspace_id, name) if "@" in name else self._called(workspace_id, name)

    def _with_email(self, workspace_id: str, email: str) -> str:
        try:
            return self.by_email(email.lower())
        except SlackError as error:
            if not error.passing:
                raise Refusal(f"Slack knows nobody here with the e-mail {email}", MENTION_THEM) from error
            user_id = self._remembered(workspace_id, email)
            if user_id is None:
                raise Refusal("Slack did not tell me who that is", "Mention them, or try again in a minute.") from error
            return user_id

    def _remembered(self, workspace_id: str, email: str) -> str | None:
        """Who had an e-mail when Slack last told. Not who calls themselves so: anybody could."""
        with self.store.read() as records:
            called = records.people.called(workspace_id, email)
        return only(email, [one.id for one in called if (one.email or "").casefold() == email.casefold()])

    def _called(self, workspace_id: str, name: str) -> str | None:
        with self.store.read() as records:
            return only(name, [person.id for person in records.people.called(workspace_id, name)])


def mentioned(typed: str) -> str | None:
    """The id of whom a mention means, as Slack writes it or as `@U…`; None for what is none."""
    found = _MENTION.fullmatch(typed.strip().replace(APART, ""))
    return found[1] if found else None


def only(name: str, ids: Sequence[str]) -> str | None:
    """The one person who has a name; None if nobody has it. Raises Refusal, naming them, if several do."""
    if len(ids) > 1:
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        candidates = ", ".join(f"<@{one}>" for one in sorted(ids)[:_NAMED])
        raise Refusal(f"“{name}” could be any of {candidates}{more}", MENTION_THEM)
    return ids[0] if ids else None
