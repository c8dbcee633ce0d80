"""Until when a limit may be raised: the end of a day, as whoever approves it counts days. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.rules.wall_clock import MINUTES_A_DAY, begin_of, known_zone, moment_of

_USUAL: Final = timedelta(days=7)


@dataclass(frozen=True)
class RaiseDays:
    """The days until whose end a limit may be raised, in one zone: today, the one proposed, and the last."""

    zone: str
    first: date
    usual: date
    last: date

    def end(self, day: date) -> datetime:
        """The last second of a day there, in UTC. Raises ValueError for a day that may not be chosen."""
        if not self.first <= day <= self.last:
            raise ValueError(f"{day.isoformat()} is not from {self.first.isoformat()} to {self.last.isoformat()}")
        tomorrow = day.toordinal() * MINUTES_A_DAY  # wall clocks count days from 0, the calendar from 1
        return moment_of(begin_of(self.zone, tomorrow) - 1)


def day_words(day: date) -> str:
    """A day as people write it: `Fri 4 Dec 2026`."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def raise_days(now: datetime, zone: str, longest: timedelta) -> RaiseDays:
    """Those that may be chosen at `now`, in `zone` (UTC where that is none), by how long a raise may last."""
    known = known_zone(zone)
    today = now.astimezone(ZoneInfo(known)).date()
    last = max(today, (now + longest).astimezone(ZoneInfo(known)).date())
    return RaiseDays(known, today, min(today + _USUAL, last), last)
