"""What nobody needs any more is forgotten: handled deliveries, sessions and links that are over, and what was said.

Audit events that are older than the company keeps them go too, and that they went is an audit event itself: a few
thousand in each transaction, so that nobody waits for it; killed in between, the next pass goes on.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.words import BERTH
from store.database import Store
from store.tables import AuditEvent

log = structlog.get_logger()

_REDELIVERY: Final = timedelta(hours=1)  # of the world: longer than Slack's last try at delivering an event
_REMEMBERED: Final = timedelta(days=90)  # what was said about what is gone
_TOGETHER: Final = 5_000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Forgetting:
    """The pass."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def forget(self) -> None:
        """Drop all of it."""
        now = self.clock.now()
        with self.store.begin() as records:
            records.people.forget_deliveries(now - self.clock.lasting(_REDELIVERY))
            records.sessions.forget_sessions(now)
            records.links.forget(now)
            records.notices.forget_settled(now - _REMEMBERED)
            records.bulk.forget(now - _REMEMBERED)
        self.forget_audit_events()

    def forget_audit_events(self) -> int:
        """Drop the events whose time is over, by whole days, so that it is noted once a day; how many those were."""
        keep = self.catalogue.audit_log.keep
        if not keep:
            return 0
        now = self.clock.now()
        before = (now - keep).replace(hour=0, minute=0, second=0, microsecond=0)
        dropped: Counter[str] = Counter()
        while True:
            with self.store.begin() as records:
                some = records.audit.forget(before, now, _TOGETHER)
                for workspace_id in some.keys() - dropped.keys():
                    records.audit.add(
                        AuditEvent(
                            at=now,
                            workspace_id=workspace_id,
                            actor=BERTH,
                            action="forget audit events",
                            after={"before": before.isoformat()},
                            reason=f"audit_log.keep is {keep // _DAY} days",
                        )
                    )
            dropped += some
            if some.total() < _TOGETHER:
                break
        if dropped:
            log.info("audit events were forgotten", count=dropped.total(), before=before.isoformat())
        return dropped.total()
