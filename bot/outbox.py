"""Delivering what must be said: each notice once, with retries, and updated in place when its facts change.

A notice is claimed, shown to Slack outside any transaction, and marked. If the process dies in between, the message is
posted once more rather than never: a warning said twice is better than an environment that falls asleep unannounced.
What can wait is not said at night, nor to whoever does not want to be disturbed.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.rules.quiet import quiet_until, waits_until
from bot.rules.words import NoticeState
from bot.seams.slack import Message, Posted, Slack, SlackError
from store.database import Store
from store.tables import Notice

log = structlog.get_logger()

Render = Callable[[str, Mapping[str, Any], str], Message]  # kind, facts, the reader's time zone
_BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_LEASE = timedelta(minutes=2)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)


@dataclass(frozen=True)
class Outbox:
    """Delivers the notices of one store by one Slack token."""

    store: Store
    slack: Slack
    render: Render
    clock: Clock
    worker: str

    def deliver_one(self) -> bool:
        """Claim the longest-due notice and deliver it. False if none was due."""
        hand = replace(self, worker=f"{self.worker}:{secrets.token_hex(4)}")
        with self.store.begin() as records:
            notice = records.notices.claim(hand.worker, self.clock.now(), self.clock.lasting(_LEASE))
            if notice is not None and not notice.recipients:
                _give_up(notice)
                return True
            reader = records.people.get(notice.workspace_id, notice.recipients[0]) if notice else None
        if notice is None:
            return False
        hand._deliver(notice, reader.time_zone if reader else str(notice.facts.get("zone") or "UTC"))
        return True

    def _deliver(self, notice: Notice, time_zone: str) -> None:
        later = self._waits_until(notice, time_zone)
        if later is not None:
            self._put_off(notice, later)
            return
        message = self.render(notice.kind, notice.facts, time_zone)
        try:
            posted = self._show_somehow(notice, message)
        except SlackError as error:
            self._failed(notice, error)
        else:
            self._delivered(notice, posted)

    def _waits_until(self, notice: Notice, time_zone: str) -> datetime | None:
        """When a message that can wait goes out, where whoever it is for is not to be disturbed now."""
        now, reader = self.clock.now(), notice.recipients[0]
        patient = notice.ts is None and notice.can_wait_until is not None and notice.can_wait_until > now
        if not patient or reader[:1] not in ("U", "W"):
            return None
        quiet = quiet_until(now, time_zone), self.slack.undisturbed_until(reader, now)
        return waits_until(now, notice.can_wait_until, quiet)

    def _put_off(self, notice: Notice, until: datetime) -> None:
        with self.store.begin() as records:
            held = records.notices.lock(notice.id)
            if held is not None and held.claimed_by == self.worker:
                held.claimed_by = held.claimed_until = None
                held.due_at = until

    def _show_somehow(self, notice: Notice, message: Message) -> Posted:
        """The whole message, or its words alone where this Slack does not know one of its blocks."""
        try:
            return self._show(notice, message)
        except SlackError as error:
            if error.code not in _BLOCKS_REFUSED:
                raise
            log.error("slack refused the blocks", notice=notice.key, code=error.code)
            return self._show(notice, Message(message.text, []))

    def _show(self, notice: Notice, message: Message) -> Posted:
        if notice.channel is None or notice.ts is None:
            return self.slack.post(notice.recipients[0], message)
        posted = Posted(notice.channel, notice.ts)
        self.slack.update(posted, message)
        return posted

    def _delivered(self, notice: Notice, posted: Posted) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            held = records.notices.lock(notice.id)
            if held is None or (held.claimed_by != self.worker and held.ts is not None):
                return  # this one was too slow, and another worker's message is the one to keep
            held.claimed_by = held.claimed_until = None
            held.state, held.error, held.attempts = NoticeState.DELIVERED, None, 0
            held.channel, held.ts = posted.channel, posted.ts
            held.delivered_version = notice.version
            held.delivered_at = held.delivered_at or now
            held.due_at = now if held.version > notice.version else None

    def _failed(self, notice: Notice, error: SlackError) -> None:
        log.warning("slack refused", notice=notice.key, code=error.code, passing=error.passing)
        now = self.clock.now()
        with self.store.begin() as records:
            held = records.notices.lock(notice.id)
            if held is None or held.claimed_by != self.worker:
                return  # another worker has it: what it finds is newer
            held.claimed_by = held.claimed_until = None
            held.error = error.code
            held.attempts += 1
            if error.passing:
                held.due_at = now + self.clock.lasting(error.retry_after or _backoff(held.attempts))
            else:
                _go_on(held, now)


def _go_on(notice: Notice, now: datetime) -> None:
    """After a refusal for good: the next recipient, or the end of it."""
    if notice.ts is not None:
        # The message was seen; only its newest wording could not be. If it is gone, there is nothing left to mend.
        notice.due_at, notice.delivered_version = None, notice.version
        return
    notice.recipients = notice.recipients[1:]
    notice.due_at = now
    if not notice.recipients:
        _give_up(notice)


def _give_up(notice: Notice) -> None:
    """Nobody is left who could be told: what must be heard does not happen, and admins see that it was not."""
    notice.state, notice.due_at = NoticeState.UNDELIVERABLE, None
    notice.claimed_by = notice.claimed_until = None


def _backoff(attempts: int) -> timedelta:
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 12)), _LONGEST_WAIT)
