"""When passes run: a few interval jobs, none of them per environment, and the threads that carry out what is due.

Work that a person waits for is nudged and starts at once; the jobs are for what time makes due, and for what a crash
left behind. With several replicas one leads the timed passes; due work is claimed by any.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.clock import Clock
from store.database import StoreError

log = structlog.get_logger()

_IDLE_WAIT = 0.5  # seconds between looks for due work when nobody nudges


class Crew:
    """Threads that carry out due work one piece at a time: `work_one` claims a piece, or says that none is due."""

    def __init__(self, name: str, work_one: Callable[[], bool], hands: int) -> None:
        self._name = name
        self._work_one = work_one
        self._hands = hands
        self._nudged = threading.Semaphore(0)
        self._stopping = threading.Event()
        self._pool: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begin looking for work."""
        self._stopping.clear()
        self._pool = ThreadPoolExecutor(self._hands, thread_name_prefix=self._name)
        for hand in range(self._hands):
            self._pool.submit(self._work, hand)

    def nudge(self) -> None:
        """Work may be due: one idle hand looks at once."""
        self._nudged.release()

    def stop(self) -> None:
        """Finish the pieces in hand and stop."""
        self._stopping.set()
        for _ in range(self._hands):
            self._nudged.release()
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    def _work(self, hand: int) -> None:
        while not self._stopping.is_set():
            if not self._try():
                # Only the first hand looks by itself when nobody nudges; the others would ask the same.
                self._nudged.acquire(timeout=_IDLE_WAIT if hand == 0 else _IDLE_WAIT * 20)

    def _try(self) -> bool:
        try:
            found = self._work_one()
        except StoreError:
            log.exception("the database did not answer", crew=self._name)
            return False
        except Exception:  # a hand that died would leave work undone for ever
            log.exception("work broke", crew=self._name)
            return False
        if found:
            self._nudged.release()  # more may be due: another hand looks while this one goes on
        return found


@dataclass(frozen=True)
class Pass:
    """A timed pass and how often it runs, by the clock; `everywhere`: also in a process that does not lead."""

    name: str
    run: Callable[[], object]
    every: timedelta
    everywhere: bool = False


class Timetable:
    """APScheduler with the timed passes, each run only where this process leads."""

    def __init__(self, passes: list[Pass], lead: Callable[[], bool], clock: Clock) -> None:
        self._lead = lead
        self._scheduler = BackgroundScheduler(timezone="UTC")
        for each in passes:
            hurried = each.every / (clock.lasting(timedelta(seconds=1)) / timedelta(seconds=1))
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[each],
                seconds=max(hurried.total_seconds(), 0.5),
                id=each.name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let the pass that runs end, and stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _run(self, each: Pass) -> None:
        try:
            if each.everywhere or self._lead():
                each.run()
        except Exception:  # the next pass comes, whatever broke this one
            log.exception("pass broke", timed=each.name)
