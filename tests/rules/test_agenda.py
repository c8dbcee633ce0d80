"""When an environment is warned and falls asleep."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.agenda import FallAsleep, Postpone, Shift, StayAwake, Use, Warn, bedtime, judge, shift_of, wakes
from bot.rules.policy import Policy, Ruled
from bot.rules.working_hours import WorkingHours, is_working, last_change, next_change
from bot.rules.working_hours_text import parse_working_hours
from tests.rules.schedules import working_hours

DEFAULT = "the company's default"
POLICY = Policy(Ruled(timedelta(hours=4), DEFAULT), Ruled(timedelta(minutes=15), DEFAULT), Ruled(None, DEFAULT))
UNUSED = f"unused for 4h ({DEFAULT})"
OUTSIDE = f"outside its working hours ({DEFAULT})"
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


def used(**changes: Any) -> Use:
    return replace(Use(NOON, NOON, awake_until=None, deadline_at=None, told_at=None), **changes)


def at(hour: int, minute: int = 0, day: int = 29) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_it_is_warned_warn_before_it_would_fall_asleep() -> None:
    assert judge(used(), POLICY, at(15, 44)) == StayAwake(at(15, 45))
    assert judge(used(), POLICY, at(15, 45)) == Warn(at(16, 0), UNUSED)


def test_a_warning_that_starts_late_still_gives_the_whole_notice() -> None:
    assert judge(used(), POLICY, at(20)) == Warn(at(20, 15), UNUSED)


def test_nobody_is_warned_of_a_sleep_that_its_end_precedes() -> None:
    assert judge(used(ends_at=at(15, 50)), POLICY, at(15, 45)) == StayAwake(at(15, 50))
    assert judge(used(ends_at=at(16)), POLICY, at(15, 45)) == StayAwake(at(16))
    assert judge(used(ends_at=at(16, 1)), POLICY, at(15, 45)) == Warn(at(16, 0), UNUSED)


def test_what_has_not_ended_when_it_should_have_is_warned_of_sleep_like_all_others() -> None:
    assert judge(used(ends_at=at(15, 50)), POLICY, at(15, 50)) == Warn(at(16, 5), UNUSED)


def test_a_late_deadline_is_not_warned_of_anew_where_the_end_precedes_it() -> None:
    late = used(deadline_at=at(16), told_at=at(15, 45), ends_at=at(20, 5))

    assert judge(late, POLICY, at(20)) == StayAwake(at(20, 5), rearmed=True)


def test_a_deadline_whose_warning_was_not_delivered_does_not_fire() -> None:
    untold = used(deadline_at=at(16), told_at=None)

    assert isinstance(judge(untold, POLICY, at(23)), StayAwake)


def test_who_was_told_late_has_the_whole_notice_from_then_on() -> None:
    late = used(deadline_at=at(16), told_at=at(15, 58))

    assert judge(late, POLICY, at(16)) == Postpone(at(16, 13))


def test_it_falls_asleep_at_the_deadline_and_not_before() -> None:
    told = used(deadline_at=at(16), told_at=at(15, 45))

    assert judge(told, POLICY, at(15, 59)) == StayAwake(at(16))
    assert judge(told, POLICY, at(16)) == FallAsleep()


def test_use_after_the_warning_rearms_it() -> None:
    touched = used(last_activity_at=at(15, 50), deadline_at=at(16), told_at=at(15, 45))

    assert judge(touched, POLICY, at(16)) == StayAwake(at(19, 35), rearmed=True)


def test_a_fresh_wake_counts_as_use() -> None:
    woken = used(last_activity_at=at(1), awake_since=at(12))

    assert judge(woken, POLICY, at(13)) == StayAwake(at(15, 45))


def test_keep_awake_outlasts_idleness() -> None:
    kept = used(awake_until=at(20))

    assert judge(kept, POLICY, at(16)) == StayAwake(at(19, 45))


def test_a_day_that_ends_before_it_is_unused_ends_it() -> None:
    working = used(shift=Shift(True, at(8), at(14)))

    assert judge(working, POLICY, at(13, 44)) == StayAwake(at(13, 45))
    assert judge(working, POLICY, at(13, 45)) == Warn(at(14), OUTSIDE)


def test_who_works_late_is_left_alone_until_an_hour_without_use() -> None:
    late = used(last_activity_at=at(13, 50), shift=Shift(True, at(8), at(14)))
    later = used(last_activity_at=at(15), shift=Shift(False, at(14), at(8, day=30)))

    assert bedtime(late, POLICY).at == at(14, 50)
    assert bedtime(later, POLICY).at == at(16)
    assert bedtime(later, POLICY).rule == f"unused for 1h {OUTSIDE}"


def test_who_begins_before_the_hours_is_not_warned_of_an_hour_that_ends_within_them() -> None:
    early = used(last_activity_at=at(7, 30), awake_since=at(7), shift=Shift(False, at(19, day=28), at(8)))

    assert bedtime(early, POLICY).at == at(11, 30)
    assert judge(early, POLICY, at(7, 40)) == StayAwake(at(8))


def test_an_evening_that_was_missed_is_warned_of_first() -> None:
    missed = used(shift=Shift(False, at(14), at(8, day=30)))

    assert judge(missed, POLICY, at(15, 30)) == Warn(at(15, 45), OUTSIDE)


def test_a_person_s_keep_awake_outlasts_the_end_of_the_day() -> None:
    kept = used(awake_until=at(20), shift=Shift(False, at(14), at(8, day=30)))

    assert judge(kept, POLICY, at(19)) == StayAwake(at(19, 45))


@pytest.mark.parametrize("armed", [None, at(16)])
def test_what_goes_on_keeps_it_awake_and_answers_a_warning(armed: datetime | None) -> None:
    busy = used(busy=("Job import is running",), deadline_at=armed, told_at=armed and at(15, 45))

    verdict = judge(busy, POLICY, at(16))

    assert verdict == StayAwake(at(16, 2), rearmed=armed is not None, because="Job import is running")


def test_what_is_exempt_or_paused_is_not_judged_further() -> None:
    verdict = judge(used(held="paused", deadline_at=at(16), told_at=at(15, 45)), POLICY, at(23))

    assert verdict == StayAwake(at(0, day=30), rearmed=True, because="paused")


def test_a_fresh_deployment_has_a_quarter_of_an_hour() -> None:
    deployed = used(deployed_at=at(15, 55))

    assert bedtime(deployed, POLICY).at == at(16, 10)


def test_it_wakes_when_its_hours_have_begun_since_it_fell_asleep() -> None:
    morning = Shift(True, at(8), at(18))

    assert wakes(morning, at(19, day=28))
    assert not wakes(morning, at(12))  # put to sleep meanwhile, by unuse or a wish
    assert not wakes(Shift(False, at(18), at(8, day=30)), at(19, day=28))
    assert not wakes(None, at(19, day=28))


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zoned by hypothesis


@given(st.builds(Use, INSTANTS, INSTANTS, st.none() | INSTANTS, st.none() | INSTANTS, st.none() | INSTANTS), INSTANTS)
def test_nothing_falls_asleep_unwarned_or_while_used_or_kept_awake(use: Use, now: datetime) -> None:
    verdict = judge(use, POLICY, now)

    if isinstance(verdict, FallAsleep):
        assert use.deadline_at is not None
        assert use.told_at is not None
        assert now >= use.deadline_at
        assert now >= use.told_at + POLICY.warn_before.value - timedelta(minutes=1)
        assert now >= use.last_activity_at + POLICY.idle_after.value
        assert use.awake_until is None or now >= use.awake_until


@given(st.builds(Use, INSTANTS, INSTANTS, st.none() | INSTANTS, st.none(), st.none()), INSTANTS)
def test_every_wait_ends_in_a_later_verdict(use: Use, now: datetime) -> None:
    verdict = judge(use, POLICY, now)

    if isinstance(verdict, StayAwake):
        assert verdict.until > now
        assert isinstance(judge(use, POLICY, verdict.until), Warn)


def test_an_exception_that_is_over_is_still_what_it_worked_by() -> None:
    """Forgotten, it would seem that the hours began after it, and who was put to sleep within them would be woken."""
    hours = parse_working_hours("mon,tue,thu,fri 00:00-24:00 UTC; on 2026-03-25", "UTC")  # a Wednesday
    policy = replace(POLICY, working_hours=Ruled(hours, DEFAULT))

    assert not wakes(shift_of(policy, at(12, day=27)), at(12, day=24))


@given(hours=working_hours(zone="Europe/Berlin"), asked=st.lists(st.integers(-9_000, 9_000), min_size=2, max_size=9))
@settings(deadline=None, max_examples=50)
def test_where_an_instant_lies_in_the_hours_does_not_depend_on_what_was_asked_before(
    hours: WorkingHours, asked: list[int]
) -> None:
    policy = replace(POLICY, working_hours=Ruled(hours, DEFAULT))
    instants = [datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(minutes=minutes) for minutes in asked]

    found = [shift_of(policy, instant) for instant in instants]

    assert found == [
        Shift(is_working(hours, instant), last_change(hours, instant), next_change(hours, instant))
        for instant in instants
    ]
