"""What follows from a request by itself: what is approved is done, and what nobody decides about expires.

Whatever dies between a decision and what follows from it, the next pass goes on: what is granted, and that the request
is done, are written in one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.words import RequestState
from bot.seams.slack import SlackError
from bot.usecases.apart import apart
from bot.usecases.environments import CreateRequest, Environments
from bot.usecases.people import People
from bot.usecases.refusal import Refusal
from bot.usecases.request_news import RequestNews
from bot.usecases.resizing import Resizing
from bot.usecases.sleep import Sleep
from bot.usecases.source import TIME, Source
from bot.usecases.wishes import Wish, WishKind
from store.database import Store
from store.records import Records
from store.tables import LimitRequest

_AGAIN: Final = timedelta(minutes=1)  # after Slack did not say who the asker is


@dataclass(frozen=True)
class CarryingOut:
    """The pass over requests, and the use cases that do what was asked for."""

    store: Store
    clock: Clock
    people: People
    environments: Environments
    sleep: Sleep
    resizing: Resizing
    nudge: Callable[[], None]

    @property
    def news(self) -> RequestNews:
        """What tells of it."""
        return RequestNews(self.clock)

    def settle_due(self) -> int:
        """Carry out what is approved, and let expire what nobody decided about; how many there were."""
        with self.store.read() as records:
            due = records.limits.due_requests(self.clock.now())
        for request_id in due:
            with apart("a request could not be settled; it is tried again", request=request_id):
                self._settle(request_id)
        return len(due)

    def _settle(self, request_id: str) -> None:
        with self.store.begin() as records:
            request = records.limits.request(request_id)
            if request is None or request.due_at is None or request.due_at > self.clock.now():
                return
            if request.state is RequestState.PENDING:
                self.news.wait_or_expire(records, request)
            elif request.state is not RequestState.APPROVED:
                self._close(records, request)
        if request.state is RequestState.APPROVED:
            self._carry_out(request)
            self.nudge()

    def _carry_out(self, request: LimitRequest) -> None:
        """Do what was asked for, as its asker, who must still be allowed to; or tell both why it cannot be done."""
        wish = Wish.read(request.wish)
        source = Source(request_id=request.id, text=wish.line(), approval=request.id)
        try:
            self._do(self.people.identify(request.workspace_id, request.asker_id), wish, source)
        except Refusal as refusal:
            passing = isinstance(refusal.__cause__, SlackError)  # it is Slack that did not say who they are
            self._finish(request.id, refusal, self.clock.now() + self.clock.lasting(_AGAIN) if passing else None)
        else:
            self._finish(request.id)

    def _do(self, actor: Actor, wish: Wish, source: Source) -> None:
        duration = wish.duration or timedelta()
        match wish.kind:
            case WishKind.CREATE:
                self.environments.create(actor, CreateRequest.of(wish), source)
            case WishKind.WAKE:
                self.sleep.wake(actor, wish.environment_id or "", source, wish.duration)
            case WishKind.EXTEND:
                self.sleep.extend(actor, wish.environment_id or "", duration, source)
            case WishKind.EXTEND_END:
                until = self.clock.now() + duration
                self.sleep.extend_end(actor, wish.environment_id or "", until, source)
            case WishKind.RESIZE:
                self.resizing.resize(actor, wish.environment_id or "", wish.size or "", source)

    def _finish(self, request_id: str, refusal: Refusal | None = None, again_at: datetime | None = None) -> None:
        """Write what came of carrying it out, unless another hand was first."""
        with self.store.begin() as records:
            request = records.limits.request(request_id)
            if request is None or request.due_at is None:
                return
            if request.state is RequestState.APPROVED and again_at is not None:
                request.due_at = again_at
                return
            if request.state is RequestState.APPROVED and refusal is not None:
                request.state, request.remark = RequestState.FAILED, f"{refusal.message}. {refusal.hint}"
                self.news.audit(records, request, request.asker_id, "could not be carried out", TIME)
            elif request.state is RequestState.APPROVED:  # it was so already
                request.state = RequestState.DONE
            self._close(records, request)

    def _close(self, records: Records, request: LimitRequest) -> None:
        request.due_at = None
        self.news.update(records, request)
        if request.state is RequestState.FAILED:
            whom = request.decided_by or ""  # the asker's own answer says it now
            self.news.say(records, request, f"answer:{request.id}:failed:{whom}", [whom])
