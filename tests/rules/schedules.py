"""Working hours of every shape, for property tests."""

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from bot.rules.working_hours import (
    ClockRange,
    DatedException,
    Morning,
    Ranges,
    WorkingHours,
    joined,
    with_exception,
)

PATIENT = settings(deadline=None)  # the first example may load a calendar, or watch the clocks for days
DAY = 1_440
ODD_DAYS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),  # midnight itself is skipped
    ("America/Havana", date(2026, 11, 1)),  # midnight is shown twice
    ("America/Santiago", date(2026, 4, 5)),  # the evening before is repeated
    ("America/St_Johns", date(2010, 11, 7)),  # a minute after midnight the clocks go back to yesterday
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Antarctica/Troll", date(2026, 3, 29)),  # two hours
    ("Africa/Casablanca", date(2026, 2, 15)),  # for Ramadan
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
    ("Pacific/Kiritimati", date(1994, 12, 31)),  # another
]
PLAIN_DAYS = [
    ("Pacific/Kiritimati", date(2026, 6, 1)),
    ("Asia/Kathmandu", date(2026, 6, 1)),
    ("UTC", date(2028, 2, 29)),
]

_starts = st.one_of(st.integers(0, 200), st.integers(0, DAY - 1), st.integers(1_380, DAY - 1))
_lengths = st.one_of(st.integers(1, 120), st.integers(1, DAY - 1))


def _day(spans: list[tuple[int, int]]) -> Ranges:
    whole = (ClockRange(0, DAY),)
    ranges = tuple(ClockRange(*span) for span in joined(sorted((begin, begin + length) for begin, length in spans)))
    return ranges if all(end - begin < DAY for begin, end in ranges) else whole


RANGES = st.one_of(st.just((ClockRange(0, DAY),)), st.lists(st.tuples(_starts, _lengths), max_size=4).map(_day))
WEEKS = st.one_of(
    st.tuples(*[RANGES] * 7),
    RANGES.map(lambda ranges: (ranges,) * 7),
    st.tuples(RANGES, RANGES).map(lambda two: (two[0],) * 5 + (two[1],) * 2),
).filter(any)


@st.composite
def exceptions(draw: st.DrawFn, around: date = date(2026, 6, 1)) -> DatedException:
    first = around + timedelta(days=draw(st.integers(-4, 4)))
    return DatedException(first, first + timedelta(days=draw(st.integers(0, 3))), draw(RANGES))


@st.composite
def working_hours(
    draw: st.DrawFn,
    zone: str | None = None,
    around: date = date(2026, 6, 1),
    regions: st.SearchStrategy[str | None] = st.none(),  # noqa: B008 - a strategy is a value
) -> WorkingHours:
    hours = WorkingHours(
        week=draw(WEEKS),
        zone=zone or draw(st.sampled_from([zone for zone, _ in ODD_DAYS + PLAIN_DAYS])),
        region=draw(regions),
        morning=draw(st.sampled_from(Morning)),
    )
    for exception in draw(st.lists(exceptions(around), max_size=3)):
        hours = with_exception(hours, exception)
    return hours
