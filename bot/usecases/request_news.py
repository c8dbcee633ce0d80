"""What is told of a request: where it was asked, to whoever asked, and in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, takewhile
from typing import Any

from bot.clock import Clock
from bot.rules.limits import Limit, ScopeKind, words, written
from bot.rules.words import NoticeState, RequestState
from bot.usecases.source import TIME, Source
from bot.usecases.wishes import Wish
from store.records import Records
from store.tables import AuditEvent, LimitRequest, Notice


@dataclass(frozen=True)
class RequestNews:
    """Writes it in the transaction that makes it so."""

    clock: Clock

    def answer(self, records: Records, request: LimitRequest) -> None:
        """Tell the asker what was decided, and show it where it was asked."""
        self.update(records, request)
        self.say(records, request, f"answer:{request.id}", [request.asker_id])

    def update(self, records: Records, request: LimitRequest) -> None:
        facts = _facts(request)
        for key in (*approval_keys(records, request), f"answer:{request.id}"):
            records.notices.change(key, self.clock.now(), facts)

    def say(self, records: Records, request: LimitRequest, key: str, recipients: list[str], **more: Any) -> None:
        """Write a message; its kind is the first part of its key."""
        now = self.clock.now()
        records.notices.say(
            Notice(
                key=key,
                workspace_id=request.workspace_id,
                environment_id=request.environment_id,
                kind=key.partition(":")[0],
                facts=_facts(request) | more,
                recipients=recipients,
                created_at=now,
                due_at=now,
            )
        )

    def audit(self, records: Records, request: LimitRequest, by: str, action: str, source: Source) -> None:
        records.audit.add(
            AuditEvent(
                at=self.clock.now(),
                workspace_id=request.workspace_id,
                actor=by,
                action=action,
                environment_id=request.environment_id,
                person_id=request.asker_id if request.asker_id != by else None,
                after=_kept(request),
                reason=request.remark or request.reason,
                **source.columns(),
            )
        )

    def wait_or_expire(self, records: Records, request: LimitRequest) -> None:
        now = self.clock.now()
        if now >= request.expires_at:
            request.state, request.due_at = RequestState.EXPIRED, None
            self.answer(records, request)
            self.audit(records, request, request.asker_id, "expire", TIME)
            return
        request.due_at = request.expires_at
        notices = [records.notices.keyed(key) for key in approval_keys(records, request)]
        if all(notice is None or notice.state is NoticeState.UNDELIVERABLE for notice in notices):
            self.say(records, request, f"answer:{request.id}:unheard", [request.asker_id], unheard=True)


def decided_words(request: LimitRequest) -> str:
    """What became of a request, and by whom, in a few words."""
    by = f" by <@{request.decided_by}>" if request.decided_by else ""
    return {
        RequestState.PENDING: "It is not decided yet",
        RequestState.DENIED: f"It was denied already{by}",
        RequestState.EXPIRED: "It has expired: nobody decided in time",
        RequestState.ENDED: f"It has ended: {request.remark}",
    }.get(request.state, f"It was approved already{by}")


def _facts(request: LimitRequest) -> dict[str, Any]:
    return {
        "request_id": request.id,
        "asker": request.asker_id,
        "owner": request.owner_id,
        "team": request.team,
        "line": Wish.read(request.wish).line(),
        "reason": request.reason,
        "weekly": request.weekly,
        "currency": request.currency,
        "state": request.state.value,
        "by": request.decided_by,
        "until": request.raised_until.isoformat() if request.raised_until else None,
        "remark": request.remark,
        "expires_at": request.expires_at.isoformat(),
    }


def _kept(request: LimitRequest) -> dict[str, Any]:
    """What the audit log keeps of it: what was asked for, how far that goes beyond which limits, and until when."""
    beyond = [_beyond(one, request.currency or "") for one in request.excesses]
    found = {"line": Wish.read(request.wish).line(), "limits": beyond, "team": request.team}
    return found | ({"until": request.raised_until.isoformat()} if request.raised_until else {})


def _beyond(excess: Mapping[str, str], currency: str) -> str:
    limit = Limit(excess["limit"])
    if limit is Limit.ROLLOUT:
        return "the rollout"
    needed, allowed = (written(limit, Decimal(excess[key]), currency) for key in ("needed", "allowed"))
    whose = "theirs" if excess["scope"] == ScopeKind.PERSON else f"of {excess['scope']} {excess['name']}"
    return f"{needed}, where {allowed} {words(limit)} is the limit {whose}"


def approval_keys(records: Records, request: LimitRequest) -> list[str]:
    """The keys of the messages by which somebody was asked to decide."""
    keys = (f"approval:{request.id}:{index}" for index in count())
    return list(takewhile(lambda key: records.notices.keyed(key) is not None, keys))
