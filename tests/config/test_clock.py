"""A clock that can be hurried, and that several processes agree on."""

from datetime import UTC, datetime, timedelta, timezone

from bot.clock import ScaledClock, SystemClock, clock_of

EPOCH = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_without_an_epoch_it_is_the_machines_time() -> None:
    assert isinstance(clock_of(None, 60), SystemClock)
    assert isinstance(clock_of(EPOCH, 1), SystemClock)
    assert SystemClock().now().tzinfo is UTC


def test_at_speed_sixty_a_minute_is_an_hour() -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)

    read = ScaledClock(began, 60).now()

    assert timedelta(0) <= read - (began + timedelta(hours=1)) < timedelta(minutes=10)
    assert ScaledClock(began, 60).lasting(timedelta(seconds=1)) == timedelta(minutes=1)


def test_it_agrees_with_the_machine_at_its_epoch_in_whatever_zone_that_was_written() -> None:
    began = datetime.now(UTC)

    read = ScaledClock(began.astimezone(timezone(timedelta(hours=9))), 60).now()

    assert timedelta(0) <= read - began < timedelta(minutes=10)
    assert read.tzinfo is UTC
