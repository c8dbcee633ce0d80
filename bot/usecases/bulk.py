"""Doing something to many environments at once: shown first, then exactly that is done, whatever crashes in between.

A plan holds what an admin was shown. Once agreed to, its items are done one after the other, each by the use case for
one environment, and marked; what changed since it was shown is left and told. A plan that nobody goes on with is taken
up by the next pass. How far it is stands in one message to the admin.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.selection import Selection
from bot.rules.words import ItemState, Verb
from bot.usecases.activity import open_sessions
from bot.usecases.administering import authorise, note, resolved, tell_owner
from bot.usecases.announcing import Announcing
from bot.usecases.bulk_deeds import Circumstances, Doing, Outlook, Wish, changed_since, sessions_by_environment
from bot.usecases.forecast import Forecast
from bot.usecases.intents import Deed
from bot.usecases.limits import Limits
from bot.usecases.people import People
from bot.usecases.refusal import Refusal
from bot.usecases.source import Source
from store.database import Store, StoreError
from store.records import Records
from store.tables import AuditEvent, BulkItem, BulkPlan, Environment, Notice

log = structlog.get_logger()

_VALID: Final = timedelta(hours=1)  # after that it must be looked at again
_LEASE: Final = timedelta(minutes=2)
_AT_ONCE: Final = 25  # items between two renewals of the claim
_PATIENCE: Final = timedelta(hours=1)  # with an admin who cannot be identified
_NAMED: Final = 25
_REASON: Final = 500  # characters of an announcement that the audit log keeps


@dataclass(frozen=True)
class Planned:
    """One environment of a selection, and why it would be left; nothing: it would not."""

    environment: Environment
    obstacle: str = ""


@dataclass(frozen=True)
class Shown:
    """A plan as an admin is shown it: its id, and all that were meant."""

    plan_id: str
    verb: Verb
    args: Mapping[str, str]
    planned: Sequence[Planned]


@dataclass(frozen=True)
class Report:
    """How far a plan is: how many were planned, done and left, some of the latter, and whether it goes on."""

    plan: BulkPlan
    total: int
    done: int
    left: int
    some: Sequence[BulkItem]


class NotNow(Refusal):
    """Whoever agreed to a plan may not go on with it now."""


@dataclass(frozen=True)
class Bulk:
    """The use cases. All raise Refusal for whoever is no admin."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    people: People
    deeds: Mapping[Verb, Doing]
    announcing: Announcing
    nudge: Callable[[], None]

    def plan(self, actor: Actor, verb: Verb, selection: Selection, args: Mapping[str, str]) -> Shown:
        """Who would be concerned and who not and why, by name; remembered, so that just that can be done."""
        authorise(actor, self)
        now = self.clock.now()
        wish, doing = Wish(actor.id, args, now), self.deeds[verb]
        to = self.people.identify(actor.workspace_id, args["to"]) if verb is Verb.TRANSFER else None
        with self.store.begin() as records:
            chosen = records.fleet.chosen(actor.workspace_id, resolved(records, actor.workspace_id, selection), now)
            open_now = sessions_by_environment(records, now)
            outlook = Outlook(Forecast(Limits(self.catalogue, self.clock), records), actor, to)
            planned = []
            for one in chosen:
                why = doing.obstacle(one, wish, Circumstances(now, open_now.get(one.id, ())))
                planned.append(Planned(one, why or doing.too_much(one, wish, outlook)))
            plan = BulkPlan(workspace_id=actor.workspace_id, by=actor.id, verb=verb, args=dict(args), created_at=now)
            records.bulk.add(plan, [_item(plan, one.environment) for one in planned if not one.obstacle])
        return Shown(plan.id, verb, args, planned)

    def begin(self, actor: Actor, plan_id: str, source: Source, *, counted: int | None = None) -> Report:
        """Agree to a plan of one's own; agreeing again changes nothing. `counted`: how many the admin says it does.

        Raises Refusal.
        """
        authorise(actor, self)
        now = self.clock.now()
        with self.store.begin() as records:
            plan = records.bulk.lock(plan_id)
            if plan is None or plan.by != actor.id or plan.workspace_id != actor.workspace_id:
                raise Refusal("This plan is no longer there", "Look again, and agree to what you are shown then.")
            if plan.begun_at is None:
                total = records.bulk.states(plan_id).total()
                self._check(plan, total, counted, now)
                plan.begun_at, plan.due_at, plan.source = now, now, asdict(source)
                named = [item.name for item in records.bulk.planned(plan.id)[:_NAMED] if item.name]
                text = {word: value for word, value in plan.args.items() if word != "text"}
                deed = Deed(f"admin {plan.verb}", actor.id, source, now, plan.args.get("text", "")[:_REASON])
                note(records, actor, deed, {}, {"planned": total, **text, "names": named}, plan.args.get("to"))
                _say_report(records, plan, now)
            return _report(records, plan)

    def carry_on(self) -> bool:
        """Go on with one plan that nobody works on. False if there is none."""
        now = self.clock.now()
        with self.store.begin() as records:
            plan = records.bulk.claim(now, now + self.clock.lasting(_LEASE))
        if plan is None:
            return False
        try:
            if plan.verb is Verb.ANNOUNCE:
                self._admin(plan)
                self._announce(plan)
            else:
                self._work(plan)
        except NotNow as refusal:
            self._wait(plan, refusal.message)
        return True

    def _admin(self, plan: BulkPlan) -> Actor:
        """Whoever agreed to a plan, as they are at this moment. Raises NotNow for who is no admin any more."""
        try:
            actor = self.people.identify(plan.workspace_id, plan.by)
            authorise(actor, self)
        except Refusal as refusal:
            raise NotNow(refusal.message, refusal.hint) from refusal
        return actor

    def carry_on_all(self) -> None:
        """Go on with every plan that nobody works on."""
        while self.carry_on():
            pass

    def report(self, plan_id: str) -> Report:
        """How far a plan is. Raises Refusal for one that is forgotten."""
        with self.store.read() as records:
            plan = records.bulk.get(plan_id)
            if plan is None:
                raise Refusal("This plan is no longer there", "Look again.")
            return _report(records, plan)

    def _check(self, plan: BulkPlan, total: int, counted: int | None, now: datetime) -> None:
        if now - plan.created_at > _VALID:
            raise Refusal("This was shown to you over an hour ago", "Look again, and agree to what you are shown then.")
        if plan.verb is Verb.DELETE and counted != total:
            raise Refusal(f"{total} would be deleted, and that is not what you typed", f"Type {total} to agree.")

    def _wait(self, plan: BulkPlan, problem: str) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            held = records.bulk.lock(plan.id)
            if held is None or held.begun_at is None:
                return
            held.problem, held.due_at = problem, now + self.clock.lasting(_LEASE)
            if now - held.begun_at > _PATIENCE:
                for item in records.bulk.planned(held.id):
                    item.state, item.why = ItemState.LEFT, problem
                held.ended_at, held.due_at = now, None
                _note_end(records, held, now)
            _tell_report(records, held, now)

    def _work(self, plan: BulkPlan) -> None:
        with self.store.read() as records:
            items = records.bulk.planned(plan.id)
        source = Source(**plan.source)
        wish = Wish(plan.by, plan.args, plan.begun_at or plan.created_at)
        for number, item in enumerate(items):
            if number % _AT_ONCE == 0:
                self._renew(plan)
            actor = self._admin(plan)
            self._settle(plan, item, self._done(actor, item, wish, source, self.deeds[plan.verb]), wish)
        self._end(plan)

    def _announce(self, plan: BulkPlan) -> None:
        if self.announcing.go_on(plan):
            self._end(plan)
        self.nudge()

    def _end(self, plan: BulkPlan) -> None:
        with self.store.begin() as records:
            held = records.bulk.lock(plan.id)
            if held is not None and not records.bulk.planned(plan.id):
                held.ended_at, held.due_at, held.problem = self.clock.now(), None, ""
                _tell_report(records, held, self.clock.now())
                _note_end(records, held, self.clock.now())
        self.nudge()

    def _renew(self, plan: BulkPlan) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            held = records.bulk.lock(plan.id)
            if held is not None and held.due_at is not None:
                held.due_at = now + self.clock.lasting(_LEASE)
                _tell_report(records, held, now)

    def _done(self, actor: Actor, item: BulkItem, wish: Wish, source: Source, doing: Doing) -> str:
        """Do one. Why it was left; empty where it is done."""
        try:
            why = self._changed(item, wish, doing)
            if why is None:
                doing.act(actor, item, wish, source)
                why = ""
        except Refusal as refusal:
            return refusal.message
        except StoreError:
            raise
        except Exception:  # one odd environment must not keep the others from being done
            log.exception("one of many could not be done", environment=item.subject)
            return "something broke on our side"
        return why

    def _changed(self, item: BulkItem, wish: Wish, doing: Doing) -> str | None:
        """What is different from what was shown, in words; empty where it is done already, None where nothing is."""
        now = self.clock.now()
        with self.store.read() as records:
            environment = records.environments.get(item.subject)
            sessions = open_sessions(records, item.subject, now)
        if environment is not None and doing.is_done(environment, wish):
            return ""
        if environment is None:
            return "is gone meanwhile"
        changed = changed_since(environment, item)
        if changed:
            return changed
        return doing.obstacle(environment, wish, Circumstances(now, sessions)) or None

    def _settle(self, plan: BulkPlan, item: BulkItem, why: str, wish: Wish) -> None:
        with self.store.begin() as records:
            held = records.bulk.item(plan.id, item.subject)
            if held.state is not ItemState.PLANNED:
                return
            held.state, held.why = (ItemState.LEFT, why) if why else (ItemState.DONE, "")
            environment = records.environments.get(item.subject)
            if not why and environment is not None and plan.verb is Verb.EXTEND:
                deed = Deed("extend", plan.by, Source(), wish.at)
                tell_owner(records, environment, deed, until=wish.until.isoformat())


def _note_end(records: Records, plan: BulkPlan, now: datetime) -> None:
    """What became of it, for the audit log."""
    report, kind = _report(records, plan), f"admin {plan.verb} ended"
    left = [f"{item.name or item.owner_id}: {item.why}" for item in report.some]
    result = {"done": report.done, "planned": report.total} | ({"left": left} if left else {})
    records.audit.add(
        AuditEvent(at=now, workspace_id=plan.workspace_id, actor=plan.by, action=kind, after=result, **_from(plan))
    )


def _from(plan: BulkPlan) -> dict[str, Any]:
    return Source(**plan.source).columns()


def _item(plan: BulkPlan, environment: Environment) -> BulkItem:
    return BulkItem(
        plan_id=plan.id,
        subject=environment.id,
        name=environment.name,
        owner_id=environment.owner_id,
        operation=environment.operation,
    )


def _report(records: Records, plan: BulkPlan) -> Report:
    states = records.bulk.states(plan.id)
    left = records.bulk.left(plan.id, _NAMED)
    return Report(plan, states.total(), states[ItemState.DONE], states[ItemState.LEFT], left)


def _facts(records: Records, plan: BulkPlan) -> dict[str, Any]:
    report = _report(records, plan)
    return {
        "plan_id": plan.id,
        "verb": plan.verb.value,
        "args": plan.args,
        "total": report.total,
        "done": report.done,
        "left": report.left,
        "some": [{"name": item.name, "owner_id": item.owner_id, "why": item.why} for item in report.some],
        "ended": plan.ended_at.isoformat() if plan.ended_at else None,
        "problem": plan.problem,
    }


def _say_report(records: Records, plan: BulkPlan, now: datetime) -> None:
    records.notices.say(
        Notice(
            key=f"bulk:{plan.id}",
            workspace_id=plan.workspace_id,
            kind="bulk",
            facts=_facts(records, plan),
            recipients=[plan.by],
            created_at=now,
            due_at=now,
        )
    )


def _tell_report(records: Records, plan: BulkPlan, now: datetime) -> None:
    records.notices.change(f"bulk:{plan.id}", now, _facts(records, plan))
