"""When people are not to be disturbed, and what waits for the end of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.expiry import patience
from bot.rules.quiet import quiet_until, waits_until

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEADS = (timedelta(days=2), timedelta(hours=2), timedelta(minutes=30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-23 20:00", "2026-11-24 08:00"),
        ("2026-11-23 23:59", "2026-11-24 08:00"),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-03-28 22:00", "2026-03-29 08:00"),
        ("2026-10-24 22:00", "2026-10-25 08:00"),
    ],
)
def test_the_quiet_hours_end_at_eight_on_the_wall(now: str, ends: str) -> None:
    assert quiet_until(at(now), "Europe/Berlin") == at(ends)


@pytest.mark.parametrize("now", ["2026-11-23 08:00", "2026-11-23 12:00", "2026-11-23 19:59"])
def test_by_day_nothing_is_quiet(now: str) -> None:
    assert quiet_until(at(now), "Europe/Berlin") is None


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - hypothesis takes naive bounds
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Not/AZone"]),
)
def test_quiet_hours_are_never_longer_than_a_night_and_its_change_of_clocks(naive: datetime, zone: str) -> None:
    now = naive.replace(tzinfo=UTC)

    ends = quiet_until(now, zone)

    assert ends is None or now < ends <= now + timedelta(hours=13)


def test_what_can_wait_waits_for_the_last_quiet_that_ends_in_time() -> None:
    hours = {n: NOON + timedelta(hours=n) for n in (1, 2, 9)}

    assert waits_until(NOON, hours[2], [hours[1], hours[2]]) == hours[2]
    assert waits_until(NOON, hours[2], [hours[1], hours[9]]) == hours[1]
    assert waits_until(NOON, hours[2], [None, NOON, hours[9]]) is None
    assert waits_until(NOON, None, [hours[1]]) is None


def test_a_warning_waits_at_most_half_way_to_the_next_and_the_last_one_not_at_all() -> None:
    assert [patience(lead, LEADS) for lead in LEADS] == [
        timedelta(hours=23),
        timedelta(minutes=45),
        timedelta(),
    ]
    assert patience(timedelta(minutes=5), [timedelta(minutes=5)]) == timedelta()
