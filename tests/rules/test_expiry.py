"""When an environment's end is announced and comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.expiry import Announce, Reap, Term, Wait, judge, leads

LEADS = (timedelta(days=2), timedelta(hours=2), timedelta(minutes=30))
SET = datetime(2026, 5, 1, 12, tzinfo=UTC)


def term(days: float, warned: timedelta | None = None, told: datetime | None = None) -> Term:
    return Term(SET + timedelta(days=days), SET, warned, told)


def test_a_week_is_announced_two_days_two_hours_and_half_an_hour_before_its_end() -> None:
    end = SET + timedelta(days=7)

    assert judge(term(7), LEADS, SET) == Wait(end - LEADS[0])
    assert judge(term(7), LEADS, end - LEADS[0]) == Announce(LEADS[0])
    assert judge(term(7, LEADS[0], end - LEADS[0]), LEADS, end - timedelta(days=1)) == Wait(end - LEADS[1])
    assert judge(term(7, LEADS[0], end - LEADS[0]), LEADS, end - LEADS[1]) == Announce(LEADS[1])
    assert judge(term(7, LEADS[1], end - LEADS[1]), LEADS, end - LEADS[2]) == Announce(LEADS[2])


def test_after_a_long_silence_only_the_nearest_warning_is_given() -> None:
    end = SET + timedelta(days=7)

    assert judge(term(7), LEADS, end + timedelta(days=3)) == Announce(LEADS[2])


def test_no_warning_is_due_at_the_moment_the_term_is_set() -> None:
    assert judge(term(1), LEADS, SET) == Wait(SET + timedelta(hours=22))


def test_a_term_shorter_than_every_warning_is_announced_at_its_half() -> None:
    ten_minutes = Term(SET + timedelta(minutes=10), SET)

    assert leads(ten_minutes, LEADS) == [timedelta(minutes=5)]
    assert judge(ten_minutes, LEADS, SET + timedelta(minutes=5)) == Announce(timedelta(minutes=5))


def test_nothing_is_deleted_whose_last_warning_was_not_delivered() -> None:
    end = SET + timedelta(days=7)

    assert isinstance(judge(term(7, LEADS[2], None), LEADS, end + timedelta(days=30)), Wait)


def test_a_warning_delivered_late_gives_the_whole_notice_from_then_on() -> None:
    end = SET + timedelta(days=7)
    late = term(7, LEADS[2], end + timedelta(hours=5))

    assert judge(late, LEADS, end + timedelta(hours=5)) == Wait(end + timedelta(hours=5, minutes=30))
    assert judge(late, LEADS, end + timedelta(hours=5, minutes=30)) == Reap()


@given(
    days=st.floats(0.001, 400),
    warned=st.none() | st.sampled_from(LEADS),
    told_after=st.none() | st.floats(0, 400),
    now_after=st.floats(0, 800),
)
def test_reaping_is_never_early_and_never_unannounced(
    days: float, warned: timedelta | None, told_after: float | None, now_after: float
) -> None:
    told = None if told_after is None else SET + timedelta(days=told_after)
    now = SET + timedelta(days=now_after)

    verdict = judge(term(days, warned, told), LEADS, now)

    if isinstance(verdict, Reap):
        assert now >= SET + timedelta(days=days)
        assert told is not None
        assert warned is not None
        assert now >= told


@pytest.mark.parametrize("days", [0.5, 3, 30])
def test_every_term_ends_if_its_warnings_are_delivered(days: float) -> None:
    now, warned, told = SET, None, None
    for _ in range(20):
        verdict = judge(term(days, warned, told), LEADS, now)
        if isinstance(verdict, Reap):
            break
        if isinstance(verdict, Announce):
            warned, told = verdict.lead, now
        else:
            now = verdict.until
    else:
        pytest.fail("never reaped")

    assert now == SET + timedelta(days=days)
