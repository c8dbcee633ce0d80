"""Telling something to every owner on a cluster: one message each, through the outbox, and who could not be reached.

The plan ends when all messages have been delivered or given up; so whoever announced it sees who got it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.selection import Selection
from bot.rules.words import ItemState, NoticeState, Verb, command
from bot.usecases.administering import authorise
from bot.usecases.refusal import Refusal
from store.database import Store
from store.records import Records
from store.tables import BulkItem, BulkPlan, Notice

_LOOK: Final = timedelta(seconds=15)  # how soon it is seen that a message was delivered
EVERYWHERE: Final = "all"
LONGEST: Final = 2_500  # characters; a paragraph of Slack's has 3,000, in which some count more than once


@dataclass(frozen=True)
class Announcement:
    """What would be told to how many, and where they have environments."""

    plan_id: str
    text: str
    cluster: str
    people: int


@dataclass(frozen=True)
class Announcing:
    """The use case. Raises Refusal for whoever is no admin."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def plan(self, actor: Actor, cluster: str, text: str) -> Announcement:
        """Who would be told what; remembered, so that just they are."""
        authorise(actor, self)
        if len(text) > LONGEST:
            raise Refusal(f"The announcement has {len(text):,} characters, and {LONGEST:,} fit", "Say it shorter.")
        now = self.clock.now()
        chosen = Selection() if cluster == EVERYWHERE else Selection(cluster=cluster)
        with self.store.begin() as records:
            owners = sorted({owner for owner, _, _ in records.fleet.people(actor.workspace_id, chosen)})
            if not owners:
                raise Refusal("Nobody has an environment there", f"{command('admin')} shows where people have some.")
            args = {"cluster": cluster, "text": text}
            plan = BulkPlan(workspace_id=actor.workspace_id, by=actor.id, verb=Verb.ANNOUNCE, args=args, created_at=now)
            items = [BulkItem(plan_id=plan.id, subject=owner, name="", owner_id=owner) for owner in owners]
            records.bulk.add(plan, items)
        return Announcement(plan.id, text, cluster, len(owners))

    def go_on(self, plan: BulkPlan) -> bool:
        """Say what is not said yet, and mark whom it has reached. Whether all is settled."""
        with self.store.begin() as records:
            for item in records.bulk.planned(plan.id):
                notice = self._said(records, plan, item)
                if notice.state is NoticeState.DELIVERED:
                    item.state = ItemState.DONE
                elif notice.state is NoticeState.UNDELIVERABLE:
                    item.state, item.why = ItemState.LEFT, f"Slack says {notice.error or 'no'}"
        with self.store.begin() as records:
            held = records.bulk.lock(plan.id)
            settled = not records.bulk.planned(plan.id)
            if held is not None and not settled:
                held.due_at = self.clock.now() + self.clock.lasting(_LOOK)
        return settled

    def _said(self, records: Records, plan: BulkPlan, item: BulkItem) -> Notice:
        now = self.clock.now()
        return records.notices.say(
            Notice(
                key=f"announce:{plan.id}:{item.subject}",
                workspace_id=plan.workspace_id,
                kind="announcement",
                facts={"by": plan.by, **plan.args},
                recipients=[item.subject],
                created_at=now,
                due_at=now,
            )
        )
