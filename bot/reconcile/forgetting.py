"""What nobody needs any more is forgotten: handled deliveries, sessions and links that are over, and what was said."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from store.database import Store

_REDELIVERY: Final = timedelta(hours=1)  # of the world: longer than Slack's last try at delivering an event
_REMEMBERED: Final = timedelta(days=90)  # what was said about what is gone


@dataclass(frozen=True)
class Forgetting:
    """The pass."""

    store: Store
    clock: Clock

    def forget(self) -> None:
        """Drop all of it, in one transaction."""
        now = self.clock.now()
        with self.store.begin() as records:
            records.people.forget_deliveries(now - self.clock.lasting(_REDELIVERY))
            records.sessions.forget_sessions(now)
            records.links.forget(now)
            records.notices.forget_settled(now - _REMEMBERED)
            records.bulk.forget(now - _REMEMBERED)
