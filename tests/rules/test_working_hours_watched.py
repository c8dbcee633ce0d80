"""Working hours agree with somebody who watches the clocks all day, whatever is done to the clocks."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.working_hours import (
    DatedException,
    WorkingHours,
    is_working,
    last_change,
    next_change,
    ranges_on,
    with_exception,
    without_past,
)
from tests.rules.schedules import ODD_DAYS, PATIENT, PLAIN_DAYS, exceptions, working_hours

MINUTE = timedelta(minutes=1)
JUDGED = range(2 * 1_440, 5 * 1_440)  # of the watched minutes: the hours of the earlier ones began before the watch


class Minutes:
    """Every minute of some days around a local day, and what the clocks showed: the slow way to know."""

    def __init__(self, zone: str, day: date) -> None:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        self.instants = [noon + MINUTE * more for more in range(-3 * 1_440, 3 * 1_440)]
        self.shown = [instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for instant in self.instants]
        self.first: dict[datetime, int] = {}
        self.last: dict[datetime, int] = {}
        for number, wall in enumerate(self.shown):
            self.first.setdefault(wall, number)
            self.last[wall] = number
        self.days = sorted({wall.date() + timedelta(days=more) for wall in self.shown for more in (-1, 0, 1)})

    def first_at(self, wall: datetime) -> int:
        return self.first[wall] if wall in self.first else self.first_after(wall)

    def last_at(self, wall: datetime) -> int:
        return self.last[wall] if wall in self.last else self.first_after(wall)

    def first_after(self, wall: datetime) -> int:
        return next((number for number, shown in enumerate(self.shown) if shown > wall), len(self.shown))

    def marked(self, schedule: WorkingHours) -> list[bool]:
        marks = [False] * len(self.instants)
        for day in self.days:
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - as a wall clock shows it
            ranges = schedule.week[day.weekday()]
            for exception in schedule.exceptions:
                if exception.first <= day <= exception.last:
                    ranges = exception.ranges
            for begin, end in ranges:
                since, until = self.first_at(midnight + begin * MINUTE), self.last_at(midnight + end * MINUTE)
                marks[since:until] = [True] * max(0, until - since)
        return marks


@cache
def minutes(zone: str, day: date) -> Minutes:
    return Minutes(zone, day)


@st.composite
def on_odd_days(draw: st.DrawFn) -> tuple[WorkingHours, date]:
    zone, day = draw(st.sampled_from(ODD_DAYS + PLAIN_DAYS))
    return draw(working_hours(zone, day)), day


@PATIENT
@given(on_odd_days())
def test_every_change_is_where_a_person_watching_the_clock_all_day_sees_it(case: tuple[WorkingHours, date]) -> None:
    schedule, day = case
    watched = minutes(schedule.zone, day)
    begin, end = JUDGED.start, JUDGED.stop - 1

    marks = watched.marked(schedule)
    seen = [watched.instants[n] for n in range(begin + 1, end) if marks[n] != marks[n - 1]]
    told = []
    at = watched.instants[begin]
    while (change := next_change(schedule, at)) and change < watched.instants[end]:
        told.append(change)
        at = change

    assert told == seen
    assert is_working(schedule, watched.instants[begin]) == marks[begin]


@PATIENT
@given(on_odd_days(), st.data())
def test_at_any_minute_it_is_working_exactly_when_the_watcher_says_so(
    case: tuple[WorkingHours, date], data: st.DataObject
) -> None:
    schedule, day = case
    watched = minutes(schedule.zone, day)
    marks = watched.marked(schedule)

    for number in data.draw(st.lists(st.sampled_from(JUDGED), min_size=5, max_size=20)):
        assert is_working(schedule, watched.instants[number]) == marks[number]


@PATIENT
@given(
    working_hours(regions=st.sampled_from([None, "DE-BY", "US", "JP"])),
    st.datetimes(datetime(2025, 12, 1), datetime(2026, 8, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
    st.integers(0, 999),
)
def test_nothing_changes_between_two_changes_and_everything_at_one(
    schedule: WorkingHours, now: datetime, part: int
) -> None:
    change = next_change(schedule, now)
    until = change or now + timedelta(days=400)

    assert is_working(schedule, now + (until - now) * part // 1_000) == is_working(schedule, now)
    assert change is None or is_working(schedule, change) != is_working(schedule, now)
    assert change is None or now < change <= now + timedelta(days=400)


@PATIENT
@given(
    working_hours(regions=st.sampled_from([None, "DE-BY"])),
    st.datetimes(datetime(2025, 12, 1), datetime(2026, 8, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as above
)
def test_the_last_change_is_the_one_that_was_next_just_before(schedule: WorkingHours, now: datetime) -> None:
    last = last_change(schedule, now)

    if last is None:
        assert next_change(schedule, now - timedelta(days=399)) is None or next_change(schedule, now) is None
    else:
        assert last <= now
        assert next_change(schedule, last - timedelta(seconds=1)) == last
        assert next_change(schedule, last) == next_change(schedule, now)


@PATIENT
@given(
    working_hours(),
    st.datetimes(datetime(2026, 5, 20), datetime(2026, 6, 12), timezones=st.just(UTC)),  # noqa: DTZ001 - as above
    st.integers(0, 20 * 1_440),
)
def test_dropping_past_exceptions_changes_nothing_from_now_on(
    schedule: WorkingHours, now: datetime, later: int
) -> None:
    left = without_past(schedule, now)

    assert is_working(left, now + MINUTE * later) == is_working(schedule, now + MINUTE * later)
    assert next_change(left, now) == next_change(schedule, now)


@PATIENT
@given(working_hours(), exceptions())
def test_the_latest_exception_holds_on_each_of_its_days_and_on_no_other(
    schedule: WorkingHours, exception: DatedException
) -> None:
    changed = with_exception(schedule, exception)

    for day in (exception.first + timedelta(days=more) for more in range(-10, 10)):
        inside = exception.first <= day <= exception.last
        assert ranges_on(changed, day) == (exception.ranges if inside else ranges_on(schedule, day))


@pytest.mark.parametrize(("zone", "day"), ODD_DAYS)
def test_on_the_odd_days_the_watched_clocks_do_jump(zone: str, day: date) -> None:
    shown = minutes(zone, day).shown

    assert {later - earlier for earlier, later in pairwise(shown)} != {MINUTE}
