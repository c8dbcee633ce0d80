"""When people do not want to be disturbed, and until when a message waits for that to end.

Only what can wait does: a message says itself how long. Where quiet lasts longer than that, waiting would gain nothing,
and the message is delivered at once; Slack itself then shows it without a sound to whoever has it so.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.rules.wall_clock import MINUTES_A_DAY, begin_of, day_in, end_of, instant_of, known_zone, moment_of

_EVENING: Final = 20 * 60  # minutes after midnight
_MORNING: Final = 8 * 60


def quiet_until(now: datetime, zone: str) -> datetime | None:
    """When the quiet hours end, 20:00 to 08:00 in `zone` (UTC where that is none), in UTC; None outside them."""
    where, instant = known_zone(zone), instant_of(now)
    midnight = day_in(where, now) * MINUTES_A_DAY
    for morning in (midnight + _MORNING, midnight + MINUTES_A_DAY + _MORNING):
        evening = morning - _MORNING - MINUTES_A_DAY + _EVENING
        ends = end_of(where, morning)
        if begin_of(where, evening) <= instant < ends:
            return moment_of(ends)
    return None


def waits_until(now: datetime, latest: datetime | None, quiet: Iterable[datetime | None]) -> datetime | None:
    """The end of the last quiet that is over by `latest`; None for a message that goes out now."""
    if latest is None:
        return None
    return max((end for end in quiet if end is not None and now < end <= latest), default=None)
