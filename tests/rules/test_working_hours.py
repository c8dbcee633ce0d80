"""Working hours are what the clocks on the wall say, whatever is done to the clocks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.rules.public_holidays import holiday_name, holidays_of
from bot.rules.working_hours import (
    MOST_EXCEPTIONS,
    WorkingHours,
    WorkingHoursError,
    is_working,
    last_change,
    next_change,
    with_exception,
    without_past,
)
from bot.rules.working_hours_text import parse_exception, parse_working_hours


def hours(text: str) -> WorkingHours:
    return parse_working_hours(text, "Europe/Berlin")


def local(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def shifts(schedule: WorkingHours, first: str, last: str) -> list[str]:
    """The changes between two local days, as the clocks in the schedule's zone show them."""
    zone = ZoneInfo(schedule.zone)
    at, end = local(first, schedule.zone), local(last, schedule.zone)
    seen = []
    while (change := next_change(schedule, at)) and change < end:
        seen.append(f"{change.astimezone(zone):%a %d %H:%M %z}")
        at = change
    return seen


def test_a_week_begins_and_ends_at_the_hours_on_the_wall_on_both_sides_of_a_change_of_the_clocks() -> None:
    assert shifts(hours("weekdays 08:00-19:00"), "2026-03-27", "2026-03-31") == [
        "Fri 27 08:00 +0100",
        "Fri 27 19:00 +0100",
        "Mon 30 08:00 +0200",
        "Mon 30 19:00 +0200",
    ]


def test_a_beginning_that_the_clocks_skip_is_the_moment_they_skip_it() -> None:
    assert shifts(hours("daily 02:30-05:00"), "2026-03-29", "2026-03-30") == [
        "Sun 29 03:00 +0200",
        "Sun 29 05:00 +0200",
    ]


def test_hours_that_the_clocks_skip_whole_do_not_happen() -> None:
    assert shifts(hours("sun 02:15-02:45"), "2026-03-28", "2026-03-31") == []


def test_hours_that_the_clocks_show_twice_are_kept_from_the_first_to_the_last() -> None:
    assert shifts(hours("daily 02:30-02:45"), "2026-10-25", "2026-10-26") == [
        "Sun 25 02:30 +0200",
        "Sun 25 02:45 +0100",
    ]


def test_a_night_shift_goes_on_to_its_end_on_a_day_that_has_no_hours() -> None:
    schedule = hours("fri 22:00-06:00 holidays=DE")

    assert shifts(schedule, "2026-11-27", "2026-12-04") == ["Fri 27 22:00 +0100", "Sat 28 06:00 +0100"]


def test_a_night_shift_goes_on_to_its_end_on_a_holiday_and_does_not_begin_on_one() -> None:
    schedule = hours("daily 22:00-06:00 holidays=DE")  # 1 May 2026 is a Friday

    assert shifts(schedule, "2026-04-30", "2026-05-03") == [
        "Thu 30 06:00 +0200",
        "Thu 30 22:00 +0200",
        "Fri 01 06:00 +0200",
        "Sat 02 22:00 +0200",
    ]


def test_a_night_shift_that_meets_the_next_one_is_one() -> None:
    assert shifts(hours("mon 18:00-08:00; tue 08:00-12:00"), "2026-06-01", "2026-06-05") == [
        "Mon 01 18:00 +0200",
        "Tue 02 12:00 +0200",
    ]


def test_a_day_that_its_zone_never_had_has_no_hours() -> None:
    schedule = hours("daily 08:00-19:00 Pacific/Apia")

    assert shifts(schedule, "2011-12-29", "2012-01-01") == [
        "Thu 29 08:00 -1000",
        "Thu 29 19:00 -1000",
        "Sat 31 08:00 +1400",
        "Sat 31 19:00 +1400",
    ]


def test_holidays_are_those_of_the_region_only() -> None:
    epiphany = local("2026-01-06T12:00")  # a holiday in Bavaria, not in Berlin

    assert not is_working(hours("weekdays 08:00-19:00 holidays=DE-BY"), epiphany)
    assert is_working(hours("weekdays 08:00-19:00 holidays=DE-BE"), epiphany)
    assert is_working(hours("weekdays 08:00-19:00"), epiphany)


def test_a_holiday_is_the_day_of_the_schedules_zone_not_of_utc() -> None:
    schedule = hours("daily 00:00-24:00 Pacific/Kiritimati holidays=KI")

    assert next_change(schedule, datetime(2026, 12, 20, tzinfo=UTC)) == datetime(2026, 12, 24, 10, tzinfo=UTC)


def test_a_holiday_has_a_name_to_be_told() -> None:
    assert holiday_name("DE-BY", date(2026, 1, 6)) == "Epiphany"
    assert holiday_name("DE-BE", date(2026, 1, 6)) is None
    assert holiday_name(None, date(2026, 1, 6)) is None


def test_a_year_without_a_calendar_has_no_holidays() -> None:
    assert holidays_of("DE", 9_999) == {}


def test_an_exception_outranks_the_weekday_and_the_holiday() -> None:
    schedule = hours("weekdays 08:00-19:00 holidays=DE; off 2026-12-21; on 2026-12-25 10:00-11:00; on 2026-12-26")

    assert shifts(schedule, "2026-12-21", "2026-12-28") == [
        "Tue 22 08:00 +0100",
        "Tue 22 19:00 +0100",
        "Wed 23 08:00 +0100",
        "Wed 23 19:00 +0100",
        "Thu 24 08:00 +0100",
        "Thu 24 19:00 +0100",
        "Fri 25 10:00 +0100",
        "Fri 25 11:00 +0100",
        "Sat 26 00:00 +0100",
        "Sun 27 00:00 +0100",
    ]


def test_an_exception_within_another_holds_if_it_was_made_later() -> None:
    company = parse_exception("off 2026-12-21..2026-12-31")
    release = parse_exception("on 2026-12-28 10:00-18:00")
    schedule = hours("weekdays 08:00-19:00")

    inside = with_exception(with_exception(schedule, company), release)
    covered = with_exception(with_exception(schedule, release), company)

    assert is_working(inside, local("2026-12-28T12:00"))
    assert covered.exceptions == (company,)


def test_an_exception_is_dropped_when_the_day_after_it_is_over() -> None:
    schedule = hours("daily 22:00-06:00; off 2026-06-01")

    assert without_past(schedule, local("2026-06-02T23:59")) == schedule
    assert without_past(schedule, local("2026-06-03T00:00")).exceptions == ()


def test_more_exceptions_than_can_be_kept_are_refused() -> None:
    schedule = hours("daily 08:00-19:00")
    for day in range(1, MOST_EXCEPTIONS + 1):
        schedule = with_exception(schedule, parse_exception(f"off 2026-12-{day:02}"))

    with pytest.raises(WorkingHoursError, match="can have 20 dated exceptions"):
        with_exception(schedule, parse_exception("off 2027-01-01"))


@pytest.mark.parametrize("text", ["daily 00:00-24:00", "mon-sun all day America/Havana"])
def test_hours_that_never_end_have_no_change(text: str) -> None:
    assert is_working(hours(text), local("2026-03-29T02:30"))
    assert next_change(hours(text), local("2026-03-29T02:30")) is None
    assert last_change(hours(text), local("2026-03-29T02:30")) is None


def test_a_change_a_year_away_is_found_and_one_beyond_the_horizon_is_not() -> None:
    always = hours("daily 00:00-24:00; off 2027-06-01")

    assert next_change(always, local("2026-06-01T00:00")) == local("2027-06-01T00:00")
    assert next_change(always, local("2026-01-01T00:00")) is None


def test_a_calendar_is_made_once_however_many_schedules_use_it() -> None:
    holidays_of.cache_clear()
    for begin in range(400):
        schedule = hours(f"weekdays {begin // 60:02}:{begin % 60:02}-19:00 holidays=DE-BY")
        is_working(schedule, local("2026-12-31T12:00"))
        next_change(schedule, local("2026-12-31T12:00"))

    assert holidays_of.cache_info().misses == 2  # this year and the next


def test_a_judgement_looks_at_the_days_around_it_and_no_further_than_the_next_change() -> None:
    holidays_of.cache_clear()
    for begin in range(400):
        schedule = hours(f"weekdays {begin // 60:02}:{begin % 60:02}-19:00 holidays=DE-BY")
        is_working(schedule, local("2026-06-03T12:00"))
        next_change(schedule, local("2026-06-03T12:00"))

    days_looked_at = holidays_of.cache_info()
    assert days_looked_at.hits + days_looked_at.misses <= 400 * 8
