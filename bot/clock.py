"""What time Berth believes it is.

Everything that needs the time is given a Clock, so that tests can hold it and the demo can hurry it. Nothing but this
module reads the machine's clock for a decision.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant as an aware datetime in UTC."""
        ...

    def lasting(self, waited: timedelta) -> timedelta:
        """How far this clock goes while the world waits for `waited`: leases and retries are the world's business."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)

    def lasting(self, waited: timedelta) -> timedelta:
        """The same: this clock goes as the world does."""
        return waited


@dataclass(frozen=True)
class ScaledClock:
    """A time that agreed with the machine's at `epoch` and has since run `speed` times as fast.

    Processes given the same epoch and speed agree on the time without talking to each other.
    """

    epoch: datetime
    speed: float

    def now(self) -> datetime:
        """The present instant in UTC, as this clock sees it."""
        epoch = self.epoch.astimezone(UTC)
        return epoch + (datetime.now(UTC) - epoch) * self.speed

    def lasting(self, waited: timedelta) -> timedelta:
        """`speed` times as much."""
        return waited * self.speed


def clock_of(epoch: datetime | None, speed: float) -> Clock:
    """The machine's clock, or a scaled one when an epoch is given and the speed differs from real time."""
    return SystemClock() if epoch is None or speed == 1 else ScaledClock(epoch, speed)
