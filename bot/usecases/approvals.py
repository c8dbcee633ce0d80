"""Asking for more than a limit allows, and deciding about it; `bot.usecases.carrying_out` does what follows from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.approvals import Approvers, may_decide, needed
from bot.rules.catalogue import Catalogue
from bot.rules.durations import format_duration
from bot.rules.limits import Excess, sentence, weekly
from bot.rules.permissions import Action
from bot.rules.raises import RaiseDays, day_words, raise_days
from bot.rules.words import RequestState, capital
from bot.usecases import intents
from bot.usecases.addressees import deciding
from bot.usecases.environments import CreateRequest, Environments
from bot.usecases.limits import Asking, Limits
from bot.usecases.open_requests import OpenRequests, whose
from bot.usecases.refusal import Refusal
from bot.usecases.request_news import RequestNews, decided_words
from bot.usecases.responsible import Responsible, mentioned
from bot.usecases.source import Source
from bot.usecases.wishes import Wish, WishKind
from store.database import Store
from store.records import Records
from store.tables import Environment, LimitRaise, LimitRequest

LONGEST_REASON: Final = 300  # characters
_UNHEARD_CHECK: Final = timedelta(minutes=10)
_RIGHTS: Final = {
    WishKind.WAKE: Action.WAKE,
    WishKind.EXTEND: Action.EXTEND,
    WishKind.EXTEND_END: Action.EXTEND,
    WishKind.RESIZE: Action.RESIZE,
}


@dataclass(frozen=True)
class Approvals:
    """The use cases. Those that change a request return it, and whether this call changed it."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    environments: Environments
    nudge: Callable[[], None]

    @property
    def news(self) -> RequestNews:
        """What tells of it."""
        return RequestNews(self.clock)

    def ask(self, actor: Actor, wish: Wish, reason: str, source: Source) -> tuple[LimitRequest, bool]:
        """Ask those who may allow it for what a limit refuses. Raises Refusal where it fits, or nobody could decide."""
        given = _reason(reason, "A request")
        with self.store.begin() as records:
            environment = self._environment(records, actor, wish)
            if wish.kind is not WishKind.CREATE:
                wish = replace(wish, name=environment.name)  # whatever name came with its id
            limits, asking = Limits(self.catalogue, self.clock), Asking(actor, wish, environment)
            excesses = limits.excesses(records, asking)
            if not excesses:
                raise Refusal("That fits within the limits by now", "Nobody has to be asked.", retry=wish.line())
            records.limits.lock(actor.workspace_id, [("asker", actor.id)])  # who clicks twice asks once
            known = [one for one in records.limits.pending_of(actor.workspace_id, actor.id) if one.wish == wish.kept()]
            if known:
                return known[0], False
            request = self._request(records, asking, excesses, given)
            records.limits.ask(request)
            self._ask_around(records, request, asking, excesses)
            self.news.audit(records, request, actor.id, "ask for more", source)
        self.nudge()
        return request, True

    def pending(self, actor: Actor, request_id: str) -> LimitRequest:
        """A request that `actor` may decide about, still undecided. Raises Refusal."""
        self._follow(request_id)
        with self.store.begin() as records:
            request = self._decidable(records, actor, request_id)
        if request.state is not RequestState.PENDING:
            raise Refusal(decided_words(request), "There is nothing left to decide.")
        return request

    def days(self, actor: Actor) -> RaiseDays:
        """The days until whose end, where they are, the actor may raise a limit now."""
        return raise_days(self.clock.now(), actor.tz, self.catalogue.approvals.longest_raise)

    def approve(self, actor: Actor, request_id: str, until: date | None, source: Source) -> tuple[LimitRequest, bool]:
        """Allow what was asked for, this once (None) or by raising the limit until the end of a day. Raises Refusal."""
        now = self.clock.now()
        self._follow(request_id)
        with self.store.begin() as records:
            request = self._decidable(records, actor, request_id)
            if request.state is not RequestState.PENDING:
                return request, False
            _decide(request, RequestState.APPROVED, actor, now)
            request.due_at = now
            if until is not None:
                request.raised_until = self._end_of(actor, until)
                _raise(records, request)
            self.news.answer(records, request)
            self.news.audit(records, request, actor.id, "approve", source)
        self.nudge()
        return request, True

    def deny(self, actor: Actor, request_id: str, reason: str, source: Source) -> tuple[LimitRequest, bool]:
        """Do not allow it; the asker hears why. Raises Refusal."""
        given, now = _reason(reason, "A denial"), self.clock.now()
        self._follow(request_id)
        with self.store.begin() as records:
            request = self._decidable(records, actor, request_id)
            if request.state is not RequestState.PENDING:
                return request, False
            _decide(request, RequestState.DENIED, actor, now)
            request.due_at = None
            request.remark = given
            self.news.answer(records, request)
            self.news.audit(records, request, actor.id, "deny", source)
        self.nudge()
        return request, True

    def _end_of(self, actor: Actor, day: date) -> datetime:
        """Raises Refusal for a day that is over, or later than may be granted."""
        days = self.days(actor)
        if day < days.first:
            raise Refusal(f"{day_words(day)} is over already", f"Choose a day until {day_words(days.last)}.")
        if day > days.last:
            longest = format_duration(self.catalogue.approvals.longest_raise)
            rule = f"a limit is raised for {longest} at the most (approvals.longest_raise)"
            raise Refusal(f"{day_words(day)} is too late: {rule}", f"Choose a day until {day_words(days.last)}.")
        return days.end(day)

    @property
    def _open(self) -> OpenRequests:
        return OpenRequests(self.store, self.catalogue, self.clock)

    def _follow(self, request_id: str) -> None:
        """Settle first who is responsible now, so that a refusal of the others does not undo that they are asked."""
        with self.store.begin() as records:
            request = records.limits.request(request_id)
            if request is not None:
                self._open.follow(records, request)

    def _decidable(self, records: Records, actor: Actor, request_id: str) -> LimitRequest:
        """The request, locked, of whoever may decide about it; one whose time is over has expired. Raises Refusal."""
        request = records.limits.request(request_id)
        if request is None or request.workspace_id != actor.workspace_id:
            raise Refusal("This request no longer exists", "There is nothing to decide.")
        decision = may_decide(actor, request.approvers, self._open.concerned(records, request))
        if not decision.allowed:
            raise Refusal(capital(decision.rule), f"{decision.instead}: {self._who_decides(records, request)}.")
        if request.state is RequestState.PENDING and self.clock.now() >= request.expires_at:
            self.news.wait_or_expire(records, request)
        return request

    def _who_decides(self, records: Records, request: LimitRequest) -> str:
        responsible = Responsible(self.catalogue, self.clock, records, request.workspace_id)
        theirs = whose(records, request)
        leads = responsible.leads(request.team, theirs) if request.approvers == Approvers.LEADS else []
        found = dict.fromkeys([*leads, *responsible.admins(theirs)])
        return ", ".join(mentioned(one) for one in found) or "nobody is left: berth.yaml names admins"

    def _environment(self, records: Records, actor: Actor, wish: Wish) -> Environment:
        """What the wish is about: as it is, locked, or as it would be made."""
        if wish.kind is WishKind.CREATE:
            return self.environments.designed(actor, CreateRequest.of(wish))
        return intents.living(records, actor, _RIGHTS[wish.kind], wish.environment_id or "")

    def _request(self, records: Records, asking: Asking, excesses: Sequence[Excess], reason: str) -> LimitRequest:
        """Raises Refusal where nobody but themselves could decide."""
        now, environment, actor = self.clock.now(), asking.environment, asking.actor
        limits = Limits(self.catalogue, self.clock)
        approvers, emails = limits.approvers(records, actor, environment, needed(excesses))
        if not emails:
            raise Refusal(
                "Nobody else could decide about this, and nobody decides about their own request",
                "Ask whoever keeps berth.yaml to name another admin.",
            )
        prices = self.catalogue.prices_of(environment.cluster)
        size = self.catalogue.known_size(asking.wish.size or environment.size)
        expires_at = now + self.catalogue.approvals.expire_after
        return LimitRequest(
            workspace_id=actor.workspace_id,
            asker_id=actor.id,
            owner_id=environment.owner_id,
            team=environment.team,
            environment_id=asking.wish.environment_id,
            wish=asking.wish.kept(),
            excesses=[_kept(one) for one in excesses],
            reason=reason,
            weekly=f"{weekly(size, prices):.6f}" if size is not None else None,
            currency=prices.currency,
            approvers=approvers,
            asked_at=now,
            expires_at=expires_at,
            due_at=min(expires_at, now + self.clock.lasting(_UNHEARD_CHECK)),
        )

    def _ask_around(self, records: Records, request: LimitRequest, asking: Asking, excesses: Sequence[Excess]) -> None:
        without = (asking.actor.id, asking.actor.email, asking.environment.owner_id, asking.environment.owner_email)
        why = [sentence(one) for one in excesses]
        responsible = Responsible(self.catalogue, self.clock, records, request.workspace_id)
        asked = deciding(responsible, request.approvers, request.team, without)
        for index, recipients in enumerate(asked):
            self.news.say(records, request, f"approval:{request.id}:{index}", recipients, why=why)


def _decide(request: LimitRequest, state: RequestState, actor: Actor, now: datetime) -> None:
    request.state, request.decided_by, request.decided_at = state, actor.id, now


def _raise(records: Records, request: LimitRequest) -> None:
    """Raise what stood in the way, so far that what was asked for fits."""
    for one in request.excesses:
        raised = LimitRaise(
            workspace_id=request.workspace_id,
            scope=one["scope"],
            name=one["name"],
            limit=one["limit"],
            value=one["needed"],
            request_id=request.id,
            granted_by=request.decided_by or "",
            granted_at=request.decided_at or request.asked_at,
            until=request.raised_until or request.asked_at,
        )
        records.limits.begin_raise(raised)


def _kept(excess: Excess) -> dict[str, str]:
    amounts = {name: str(getattr(excess, name)) for name in ("allowed", "used", "asked", "needed")}
    return {"scope": excess.scope.kind.value, "name": excess.scope.name, "limit": excess.limit.value, **amounts}


def _reason(typed: str, what: str) -> str:
    given = " ".join(typed.split())
    if not given:
        raise Refusal(f"{what} needs a reason", "Say in a few words why.")
    if len(given) > LONGEST_REASON:
        said = f"The reason has {len(given)} characters, and {LONGEST_REASON} are shown at the most"
        raise Refusal(said, "Say it shorter.")
    return given
