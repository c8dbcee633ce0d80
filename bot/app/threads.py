"""How many threads do what, and the pools of those that serve listeners."""

import gc
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

log = structlog.get_logger()

HANDS: Final = 16  # environments worked on at once: most of the time of each is waiting for its cluster
BACKGROUND: Final = 16  # answers on their way to Slack, and modals being filled, at once
MESSENGERS: Final = 2  # notices delivered at once
LISTENERS: Final = 32  # threads for listeners: they only write intent, so a modest pool acks thousands a minute
_JUDGES = 1  # what was asked is judged one by one, so that acknowledging others need not wait for the interpreter
_SWITCH_SECONDS = 0.001  # a fifth of the usual: a thread that acknowledges is not kept waiting by those that work


class Threads:
    """The pools: `listeners` acknowledge, one judges what was asked right after, others do what may take its time."""

    def __init__(self) -> None:
        self.listeners = ThreadPoolExecutor(LISTENERS, thread_name_prefix="listener")
        self._judging = ThreadPoolExecutor(_JUDGES, thread_name_prefix="judge")
        self._background = ThreadPoolExecutor(BACKGROUND, thread_name_prefix="background")

    @property
    def pools(self) -> tuple[ThreadPoolExecutor, ...]:
        """All of them, each before those that give it work: to be closed from the last to the first."""
        return self._background, self._judging, self.listeners

    def promptly(self, job: Callable[[], None]) -> None:
        """Do a job after those that came before it, and soon."""
        self._judging.submit(_noted, job)

    def in_background(self, job: Callable[[], object]) -> None:
        """Do a job that may take its time."""
        self._background.submit(_noted, job)


def prefer_prompt_answers() -> None:
    """Settings of the interpreter that keep a thread that acknowledges from waiting for those that work."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what is loaded by now stays: a collection need not walk through it, which takes a tenth of a second


def _noted(job: Callable[[], object]) -> None:
    """Run a job whose result nobody collects; what it raises would be lost without a word."""
    try:
        job()
    except Exception:  # whatever it is, nobody else would hear of it
        log.exception("a job in the background broke")
