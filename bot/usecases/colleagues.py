"""Whom somebody means by a mention, a name or an e-mail: identified by the same rules as who acts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.rules.actors import Actor
from bot.usecases.people import People
from bot.usecases.refusal import Refusal
from store.database import Store

_MENTION: Final = re.compile(r"<?@?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?")


@dataclass(frozen=True)
class Colleagues:
    """Finds people. `by_email` asks Slack for the id of an e-mail's user, or gives None."""

    store: Store
    people: People
    by_email: Callable[[str], str | None]

    def find(self, actor: Actor, typed: str) -> Actor:
        """The colleague, who may use Berth. May ask Slack, so it is slow. Raises Refusal."""
        user_id = self._id_of(actor.workspace_id, typed.strip())
        try:
            return self.people.identify(actor.workspace_id, user_id)
        except Refusal as refusal:
            raise Refusal(
                f"<@{user_id}> may not use Berth, which would tell them: “{refusal.message}”",
                "Choose somebody who may, or help them with that first.",
            ) from refusal

    def _id_of(self, workspace_id: str, typed: str) -> str:
        mentioned = _MENTION.fullmatch(typed)
        if mentioned:
            return mentioned[1]
        name = typed.removeprefix("@")
        with self.store.read() as records:
            found = [person.id for person in records.people.called(workspace_id, name)]
        if len(found) > 1:
            raise Refusal(f"“{name}” is the name of several people", "Mention the one you mean, or give an e-mail.")
        if not found and "@" in name:
            found = [one for one in [self.by_email(name)] if one]
        if not found:
            raise Refusal(f"I know nobody called “{name}”", "Mention them, as @colleague, or give their e-mail.")
        return found[0]
