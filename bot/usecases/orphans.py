"""Environments whose owner has left: who may see them, and what their people are told became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.usecases.administering import authorise
from store.database import Store
from store.records import Records
from store.tables import Environment, Orphan


@dataclass(frozen=True)
class Orphans:
    """The use case."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def living(self, actor: Actor) -> Sequence[tuple[Environment, Orphan]]:
        """Everything that has lost its owner, the longest ago first. Raises Refusal for whoever is no admin."""
        authorise(actor, self)
        with self.store.read() as records:
            return records.orphans.living(actor.workspace_id)


def news_of(records: Records, orphan: Orphan, now: datetime, became: Mapping[str, Any]) -> None:
    """Let the message that told of an orphan say what became of it. Whoever it was delivered to sees it change."""
    notice = records.notices.keyed(orphan.notice_key)
    if notice is not None:
        all_of_them = {**notice.facts.get("became", {}), orphan.environment_id: {**became, "at": now.isoformat()}}
        records.notices.change(orphan.notice_key, now, {"became": all_of_them})
