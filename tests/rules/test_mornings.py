"""Until when *Until tomorrow morning* lasts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.mornings import next_morning
from bot.rules.working_hours import is_working
from bot.rules.working_hours_text import parse_working_hours


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def morning(now: str, hours: str = "") -> str:
    """The next morning, as clocks in Berlin show it."""
    written = parse_working_hours(hours, "Europe/Berlin") if hours else None
    found = next_morning(local(now), "Europe/Berlin", written)
    return f"{found.astimezone(ZoneInfo('Europe/Berlin')):%a %d %b %H:%M %z}"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 16:00", "Tue 24 Nov 09:00 +0100"),
        ("2026-11-23 08:00", "Tue 24 Nov 09:00 +0100"),
        ("2026-11-24 02:30", "Tue 24 Nov 09:00 +0100"),
        ("2026-11-24 05:00", "Wed 25 Nov 09:00 +0100"),
        ("2026-11-27 16:00", "Mon 30 Nov 09:00 +0100"),
        ("2026-11-28 12:00", "Mon 30 Nov 09:00 +0100"),
        ("2026-11-29 23:59", "Mon 30 Nov 09:00 +0100"),
        ("2026-12-31 18:00", "Fri 01 Jan 09:00 +0100"),
    ],
)
def test_without_working_hours_it_is_nine_oclock_of_the_next_weekday(now: str, expected: str) -> None:
    assert morning(now) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-03-27 18:00", "Mon 30 Mar 09:00 +0200"), ("2026-10-23 18:00", "Mon 26 Oct 09:00 +0100")],
)
def test_it_is_nine_on_the_wall_whatever_is_done_to_the_clocks_meanwhile(now: str, expected: str) -> None:
    assert morning(now) == expected


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ("weekdays 08:00-19:00", "2026-11-23 18:45", "Tue 24 Nov 08:00 +0100"),
        ("weekdays 08:00-19:00", "2026-11-27 18:45", "Mon 30 Nov 08:00 +0100"),
        ("weekdays 08:00-12:00 13:00-17:00", "2026-11-23 11:50", "Tue 24 Nov 08:00 +0100"),
        ("weekdays 14:00-22:00", "2026-11-23 21:00", "Tue 24 Nov 14:00 +0100"),
        ("weekdays 14:00-22:00", "2026-11-24 01:00", "Tue 24 Nov 14:00 +0100"),
        ("weekdays 14:00-22:00", "2026-11-27 21:00", "Mon 30 Nov 14:00 +0100"),
        ("mon-sat 04:00-12:00", "2026-11-23 11:00", "Tue 24 Nov 04:00 +0100"),
        ("mon-sat 04:00-12:00", "2026-11-24 02:00", "Tue 24 Nov 04:00 +0100"),
        ("mon-sat 04:00-12:00", "2026-11-24 04:30", "Wed 25 Nov 04:00 +0100"),
        ("daily 22:00-06:00", "2026-11-23 23:00", "Tue 24 Nov 22:00 +0100"),
        ("daily 22:00-06:00", "2026-11-24 03:00", "Tue 24 Nov 22:00 +0100"),
        ("daily 22:00-06:00", "2026-11-24 07:00", "Tue 24 Nov 22:00 +0100"),
        ("daily 22:00-06:00", "2026-11-24 14:00", "Wed 25 Nov 22:00 +0100"),
        ("daily 00:00-06:00 22:00-24:00", "2026-11-23 23:00", "Tue 24 Nov 22:00 +0100"),
        ("daily 00:00-24:00", "2026-11-23 23:00", "Tue 24 Nov 09:00 +0100"),
        ("weekdays 08:00-19:00 holidays=DE", "2026-12-24 18:00", "Mon 28 Dec 08:00 +0100"),
        ("weekdays 07:30-16:00 America/New_York", "2026-11-23 18:00", "Tue 24 Nov 13:30 +0100"),
    ],
)
def test_with_working_hours_it_is_their_next_beginning(hours: str, now: str, expected: str) -> None:
    assert morning(now, hours) == expected


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - hypothesis takes naive bounds
    st.sampled_from(["weekdays 14:00-22:00", "daily 22:00-06:00", "mon-sat 04:00-12:00", "daily 06:00-08:00"]),
)
def test_with_working_hours_they_always_begin_then(at: datetime, hours: str) -> None:
    now, written = at.replace(tzinfo=UTC), parse_working_hours(hours, "Europe/Berlin")

    found = next_morning(now, "UTC", written)

    assert now < found
    assert is_working(written, found)
    assert not is_working(written, found - timedelta(minutes=1))


def test_a_zone_that_is_none_counts_as_utc() -> None:
    assert next_morning(datetime(2026, 11, 23, 12, tzinfo=UTC), "Not/AZone", None) == datetime(
        2026, 11, 24, 9, tzinfo=UTC
    )


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - hypothesis takes naive bounds
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_it_is_always_to_come_within_four_days_and_on_a_weekday(at: datetime, zone: str) -> None:
    now = at.replace(tzinfo=UTC)

    found = next_morning(now, zone, None)

    assert now < found <= now + timedelta(days=4)
    assert f"{found.astimezone(ZoneInfo(zone)):%H:%M}" == "09:00"
    assert found.astimezone(ZoneInfo(zone)).weekday() < 5
