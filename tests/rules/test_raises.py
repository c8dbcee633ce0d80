"""Until when a limit may be raised: to the end of a day as whoever approves it counts days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.raises import raise_days

LATE = datetime(2026, 3, 20, 22, 30, tzinfo=UTC)  # tomorrow already in Tokyo


@pytest.mark.parametrize(
    ("zone", "first", "end"),
    [
        ("UTC", date(2026, 3, 20), datetime(2026, 3, 29, 23, 59, 59, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 20), datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)),  # its clocks are changed
        ("Asia/Tokyo", date(2026, 3, 21), datetime(2026, 3, 29, 14, 59, 59, tzinfo=UTC)),
        ("Harbour/Nowhere", date(2026, 3, 20), datetime(2026, 3, 29, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_ends_where_whoever_approves_is(zone: str, first: date, end: datetime) -> None:
    days = raise_days(LATE, zone, timedelta(days=30))

    assert (days.first, days.usual) == (first, first + timedelta(days=7))
    assert days.end(date(2026, 3, 29)) == end


@pytest.mark.parametrize("day", [date(2026, 3, 19), date(2026, 3, 24), date.max])
def test_no_day_that_is_over_or_later_than_may_be_granted_is_one(day: date) -> None:
    days = raise_days(LATE, "UTC", timedelta(days=3))

    assert days.usual == days.last == date(2026, 3, 23)
    with pytest.raises(ValueError, match="2026-03-20 to 2026-03-23"):
        days.end(day)


@given(
    st.timedeltas(timedelta(days=-2000), timedelta(days=4000)).map(lambda passed: LATE + passed),
    st.sampled_from(["Africa/Cairo", "America/Sao_Paulo", "Asia/Beirut", "Europe/Berlin", "Pacific/Apia"]),
)
def test_the_end_of_a_day_is_the_last_second_on_it(now: datetime, zone: str) -> None:
    days = raise_days(now, zone, timedelta(days=90))
    for day in (days.first, days.usual, days.last):
        end = days.end(day).astimezone(ZoneInfo(zone))

        assert end.date() == day
        assert (end.astimezone(UTC) + timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() > day
