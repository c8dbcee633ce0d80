"""What is written of working hours is read back, and whatever else is typed is refused."""

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.public_holidays import country_words, holidays_of, known_region, parts_of
from bot.rules.working_hours import DatedException, WorkingHours, WorkingHoursError
from bot.rules.working_hours_text import (
    LONGEST_WRITTEN,
    MOST_RANGES,
    parse_exception,
    parse_working_hours,
    written,
    written_exception,
)
from bot.rules.working_hours_words import zones
from tests.rules.schedules import PATIENT, exceptions, working_hours

REGIONS = st.sampled_from([None, "DE", "DE-BY", "US-CA", "GB", "NZ-South-Canterbury", "JP"])
TYPED = (
    "mon mon-fri weekdays daily sun-thu 8 8:00 08:00-19:00 22-6 9-5 9am-5pm 24:00 all day am pm "
    "- – , ; : / = == .. … ½ ٣ Ⅷ to on off wake asleep stay until asked Europe/Berlin utc Europe/Berln berlin EST "
    "holidays=DE holidays=none holidays= 2026-12-24 2026-12-24..2027-01-02 2026-02-30 0000-00-00 9999-12-31"
)
WORDS = st.sampled_from([*TYPED.split(), "\n"])
JOINED_WORDS = st.sampled_from([" ", ""]).flatmap(lambda gap: st.lists(WORDS, max_size=9).map(gap.join))


@PATIENT
@given(working_hours(regions=REGIONS))
def test_all_working_hours_that_are_written_are_read_back(hours: WorkingHours) -> None:
    assert parse_working_hours(written(hours), "Asia/Tokyo") == hours


@PATIENT
@given(exceptions())
def test_every_exception_that_is_written_is_read_back(exception: DatedException) -> None:
    assert parse_exception(written_exception(exception)) == exception


@PATIENT
@given(st.one_of(st.text(max_size=40), JOINED_WORDS))
def test_any_text_is_working_hours_that_can_be_written_or_is_refused(text: str) -> None:
    try:
        hours = parse_working_hours(text, "UTC")
    except WorkingHoursError:
        return

    assert parse_working_hours(written(hours), "Asia/Tokyo") == hours


@PATIENT
@given(st.one_of(st.text(max_size=30), JOINED_WORDS.map("on {}".format)))
def test_any_text_is_an_exception_that_can_be_written_or_is_refused(text: str) -> None:
    try:
        exception = parse_exception(text)
    except WorkingHoursError:
        return

    assert parse_exception(written_exception(exception)) == exception


def test_the_longest_working_hours_fit_where_they_are_kept() -> None:
    full = ",".join(f"{hour:02}:00-{hour:02}:30" for hour in range(MOST_RANGES - 1))
    week = "; ".join(
        f"{day} {full},{20 + n % 4}:{n}0-23:59" for n, day in enumerate(["mon", "tue", "wed", "thu", "fri", "sat"])
    )
    special = "; ".join(f"on 2026-12-{day:02}..2027-01-01 {full},20:00-21:00" for day in range(20, 0, -1))
    text = f"{week}; sun {full},19:00-20:00 America/Argentina/ComodRivadavia holidays=NZ-South-Canterbury asleep"

    longest = parse_working_hours(text, "UTC")
    for line in reversed(special.split("; ")):
        longest = parse_working_hours(f"{written(longest)}; {line}", "UTC")

    assert len(longest.exceptions) == 20
    assert len(written(longest)) <= LONGEST_WRITTEN
    with pytest.raises(WorkingHoursError, match="longer than 3,000 characters"):
        parse_working_hours(f"{text}{' ' * LONGEST_WRITTEN}", "UTC")


@pytest.mark.parametrize("typed", ["Factory", "localtime"])
def test_a_zone_that_is_of_one_machine_or_of_none_is_refused(typed: str) -> None:
    with pytest.raises(WorkingHoursError, match="is no day, time or time zone"):
        parse_working_hours(f"mon 8-17 {typed}", "UTC")


def test_a_default_zone_that_does_not_exist_is_refused_as_if_typed() -> None:
    with pytest.raises(WorkingHoursError, match='"Berlin" is unknown'):
        parse_working_hours("mon 8-17", "Berlin")


@pytest.mark.parametrize("typed", ["de", "DE-by", "us-CA", "nz-south-canterbury", "UK-sct"])
def test_a_region_is_known_however_it_is_written(typed: str) -> None:
    known = known_region(typed)

    assert known is not None
    assert known_region(known) == known
    assert known in ["DE", *parts_of(known.partition("-")[0])]


def test_every_time_zone_can_be_typed_and_is_kept() -> None:
    for name in zones().values():
        hours = parse_working_hours(f"mon 8-17 {name.lower()}", "UTC")

        assert hours.zone == name
        assert parse_working_hours(written(hours), "Asia/Tokyo") == hours


@pytest.mark.slow
def test_every_region_can_be_typed_and_is_kept_and_has_a_calendar() -> None:
    for country in {code for code in country_words().values() if known_region(code)}:
        for region in [country, *parts_of(country)]:
            hours = parse_working_hours(f"mon 8-17 holidays={region.lower()}", "UTC")

            assert hours.region == region
            assert parse_working_hours(written(hours), "UTC") == hours
            assert all(date.fromordinal(day).year == 2026 for day in holidays_of(region, 2026))


def test_the_library_of_holidays_is_loaded_for_who_asks_for_holidays_only() -> None:
    hours = "from bot.rules.working_hours_text import parse_working_hours as p; import sys; p('mon 8-17{}', 'UTC')"
    loaded = f"{hours}; print('holidays' in sys.modules)"

    for typed, told in (("", "False\n"), (" holidays=DE", "True\n")):
        run = subprocess.run([sys.executable, "-c", loaded.format(typed)], capture_output=True, text=True, check=True)
        assert run.stdout == told
