"""Durations are read as people write them, and nothing is guessed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.durations import LONGEST, DurationError, format_duration, parse_duration

ALLOWED = st.timedeltas(timedelta(seconds=1), LONGEST).map(lambda d: timedelta(seconds=max(1, int(d.total_seconds()))))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
        ("2w", timedelta(weeks=2)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("1d 12h", timedelta(days=1, hours=12)),
        (" 90 M ", timedelta(minutes=90)),
        ("2 weeks", timedelta(weeks=2)),
        ("1 day 2 hours", timedelta(days=1, hours=2)),
        ("30s", timedelta(seconds=30)),
        ("007h", timedelta(hours=7)),
        ("3650d", LONGEST),
    ],
)
def test_a_duration_is_read_as_it_is_meant(text: str, meant: timedelta) -> None:
    assert parse_duration(text) == meant


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("soon", 'TTL "soon" is not a duration: try 8h, 3d or 2w.'),
        ("", 'TTL "" is not a duration: try 8h, 3d or 2w.'),
        ("4", 'TTL "4" has no unit: try 4h or 4d.'),
        ("0", 'TTL "0" must be longer than zero: try 8h, 3d or 2w.'),
        ("0h", 'TTL "0h" must be longer than zero: try 8h, 3d or 2w.'),
        ("-4h", 'TTL "-4h" must be longer than zero: try 8h, 3d or 2w.'),
        ("—4h", 'TTL "—4h" must be longer than zero: try 8h, 3d or 2w.'),
        ("3651d", 'TTL "3651d" is longer than ten years: try 8h, 3d or 2w.'),
        ("inf", 'TTL "inf" is not a duration: try 8h, 3d or 2w.'),
        ("nan", 'TTL "nan" is not a duration: try 8h, 3d or 2w.'),
        ("1e5h", 'TTL "1e5h" is not a duration: try 8h, 3d or 2w.'),
        ("1.5h", 'TTL "1.5h" is not a duration: try 8h, 3d or 2w.'),
        ("٣h", 'TTL "٣h" is not a duration: try 8h, 3d or 2w.'),
        ("４h", 'TTL "４h" is not a duration: try 8h, 3d or 2w.'),
        ("12h1d", 'TTL "12h1d" is not a duration: try 8h, 3d or 2w.'),
        ("1h1h", 'TTL "1h1h" is not a duration: try 8h, 3d or 2w.'),
        ("4h\n<!channel>", 'TTL "4h <!channel>" is not a duration: try 8h, 3d or 2w.'),
    ],
)
def test_what_is_not_a_duration_is_refused_with_what_is(text: str, told: str) -> None:
    with pytest.raises(DurationError) as refused:
        parse_duration(text, "TTL")

    assert str(refused.value) == told


def test_a_number_of_thousands_of_digits_is_refused_in_one_short_line() -> None:
    with pytest.raises(DurationError, match="longer than ten years") as refused:
        parse_duration("9" * 100_000 + "h")

    assert len(str(refused.value)) < 120


@given(ALLOWED)
def test_every_duration_that_is_written_is_read_back(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@given(st.text(max_size=30))
def test_any_text_is_either_read_within_the_limits_or_refused(text: str) -> None:
    try:
        duration = parse_duration(text)
    except DurationError:
        return

    assert timedelta(0) < duration <= LONGEST


@pytest.mark.parametrize(
    ("duration", "written"),
    [(timedelta(0), "0s"), (timedelta(days=7), "7d"), (timedelta(hours=36), "1d12h"), (timedelta(hours=-4), "-4h")],
)
def test_a_duration_is_written_in_its_largest_units(duration: timedelta, written: str) -> None:
    assert format_duration(duration) == written
