"""What is foreseen is what happens."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.agenda import FallAsleep, Postpone, StayAwake, Use, Warn, judge, shift_of, wakes
from bot.rules.expiry import Term
from bot.rules.outlook import Coming, Event, Situation, Stand, Terms, outlook
from bot.rules.policy import Policy, Ruled
from bot.rules.working_hours import Morning, WorkingHours
from bot.rules.working_hours_text import parse_working_hours
from tests.rules.schedules import working_hours

DEFAULT = "the company's default"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)  # a Monday
MINUTE = timedelta(minutes=1)
LEADS = (timedelta(days=2), timedelta(hours=2), timedelta(minutes=30))
BERLIN = parse_working_hours("weekdays 08:00-19:00 Europe/Berlin", "UTC")  # 06:00 to 17:00 in UTC


def policy(hours: WorkingHours | None = None, idle: timedelta = timedelta(hours=4)) -> Policy:
    return Policy(Ruled(idle, DEFAULT), Ruled(timedelta(minutes=15), DEFAULT), Ruled(hours, "team payments"))


def used(**changes: object) -> Use:
    return replace(Use(NOON, NOON, awake_until=None, deadline_at=None, told_at=None), **changes)  # type: ignore[arg-type]


def foreseen(situation: Situation, rules: Policy, now: datetime = NOON) -> tuple[Coming, ...]:
    return outlook(situation, Terms(rules, LEADS), now).coming


def awake(**changes: object) -> Situation:
    return Situation(Stand.AWAKE, used(**changes))


@dataclass
class Night:
    """An environment that nobody touches, judged every minute as the pass would, each warning delivered at once."""

    use: Use
    rules: Policy
    rule: str = ""

    def falls_asleep(self, now: datetime, within: timedelta) -> datetime | None:
        at = now
        while at <= now + within:
            if self._judged(at):
                return at
            at += MINUTE
        return None

    def _judged(self, at: datetime) -> bool:
        match judge(replace(self.use, shift=shift_of(self.rules, at)), self.rules, at):
            case FallAsleep():
                return True
            case Warn(deadline, rule):
                self.rule = rule
                self.use = replace(self.use, deadline_at=deadline, told_at=at)
            case Postpone(deadline):
                self.use = replace(self.use, deadline_at=deadline)
            case StayAwake(_, True):
                self.use = replace(self.use, deadline_at=None, told_at=None)
            case StayAwake() if self.use.deadline_at is not None and self.use.told_at is None:
                self.use = replace(self.use, told_at=at)
        return False


MINUTES = st.integers(0, 300).map(lambda minutes: timedelta(minutes=minutes))
HORIZON = timedelta(hours=24)
FEW = settings(deadline=None, max_examples=40)  # a day's minutes are judged in each


@given(
    hours=st.none() | working_hours(zone="Europe/Berlin", around=date(2026, 6, 1)),
    idle=st.sampled_from([timedelta(minutes=40), timedelta(hours=4), timedelta(hours=9)]),
    quiet=MINUTES,
    kept=st.none() | MINUTES,
    deadline=st.none() | st.integers(-30, 60).map(lambda minutes: timedelta(minutes=minutes)),
    told=st.none() | st.integers(-60, 0).map(lambda minutes: timedelta(minutes=minutes)),
)
@FEW
def test_the_foreseen_sleep_is_the_one_that_comes_minute_by_minute(
    hours: WorkingHours | None,
    idle: timedelta,
    quiet: timedelta,
    kept: timedelta | None,
    deadline: timedelta | None,
    told: timedelta | None,
) -> None:
    rules = policy(hours, idle)
    use = used(
        last_activity_at=NOON - quiet,
        awake_since=NOON - quiet,
        awake_until=None if kept is None else NOON + kept,
        deadline_at=None if deadline is None else NOON + deadline,
        told_at=None if deadline is None or told is None else NOON + told,
    )

    coming = foreseen(Situation(Stand.AWAKE, use, "the warning's rule"), rules)

    night = Night(use, rules, "the warning's rule")
    came = night.falls_asleep(NOON, HORIZON)
    assert came is not None
    assert abs(coming[0].at - came) <= 2 * MINUTE
    assert coming[0].rule == night.rule


@given(hours=working_hours(zone="Europe/Berlin"), asleep=st.integers(1, 5_000), morning=st.sampled_from(Morning))
@FEW
def test_the_foreseen_wake_is_the_one_that_comes(hours: WorkingHours, asleep: int, morning: Morning) -> None:
    rules = policy(replace(hours, morning=morning))
    slept_at = NOON - asleep * MINUTE

    coming = foreseen(Situation(Stand.ASLEEP, used(), slept_at=slept_at), rules)

    if morning is Morning.STAY_ASLEEP:
        assert coming == ()
    elif coming:
        assert wakes(shift_of(rules, coming[0].at), slept_at)
        assert coming[0].at == NOON or not wakes(shift_of(rules, coming[0].at - timedelta(seconds=1)), slept_at)
        assert not any(wakes(shift_of(rules, at), slept_at) for at in _between(NOON, coming[0].at))


def _between(first: datetime, last: datetime) -> list[datetime]:
    return [first + (last - first) * part / 20 for part in range(20)] if last > first else []


def test_what_is_unused_sleeps_by_the_rule_that_comes_first() -> None:
    assert foreseen(awake(), policy()) == (
        Coming(Event.SLEEP, NOON + timedelta(hours=4), f"unused for 4h ({DEFAULT})"),
    )
    (evening,) = foreseen(awake(), policy(BERLIN, timedelta(hours=9)))
    assert evening == Coming(Event.SLEEP, NOON.replace(hour=17), "outside its working hours (team payments)")


def test_a_person_goes_before_every_rule_and_the_rule_behind_is_told() -> None:
    (coming,) = foreseen(awake(awake_until=NOON + timedelta(hours=30)), policy(BERLIN))

    assert coming.at == NOON + timedelta(hours=30)
    assert coming.rule.startswith("kept awake until then, and by then ")


@pytest.mark.parametrize("changes", [{"held": "it is exempt from sleep: a demo"}])
def test_what_is_exempt_does_not_sleep_but_still_ends(changes: dict[str, object]) -> None:
    term = Term(NOON + timedelta(days=7), NOON)
    situation = replace(awake(**changes), term=term, term_rule="its time is over then")

    found = outlook(situation, Terms(policy(), LEADS), NOON)

    assert [one.event for one in found.coming] == [Event.END]
    assert found.held == "it is exempt from sleep: a demo"


def test_while_time_is_paused_nothing_sleeps_or_ends_by_it() -> None:
    term = Term(NOON + timedelta(hours=7), NOON)
    situation = replace(awake(), term=term, paused="all is paused")

    found = outlook(situation, Terms(policy(), LEADS), NOON)

    assert found.coming == ()
    assert found.held == "all is paused"


def test_what_goes_on_is_named_and_the_sleep_is_foreseen_as_if_it_were_over() -> None:
    late = NOON + timedelta(hours=9)
    situation = awake(busy=("Job import is running",), deadline_at=late, told_at=NOON)

    found = outlook(situation, Terms(policy(), LEADS), late)

    assert found.busy == ("Job import is running",)
    assert found.coming[0].at == late + timedelta(minutes=15)


def test_what_sleeps_within_its_hours_wakes_with_the_next_ones() -> None:
    (coming,) = foreseen(Situation(Stand.ASLEEP, used(), slept_at=NOON - MINUTE), policy(BERLIN))

    assert coming == Coming(Event.WAKE, datetime(2026, 6, 2, 6, tzinfo=UTC), "its working hours begin (team payments)")


def test_what_is_in_its_grace_is_deleted_and_not_woken() -> None:
    gone = NOON + timedelta(days=3)

    coming = foreseen(Situation(Stand.ASLEEP, used(), slept_at=NOON, delete_at=gone), policy(BERLIN))

    assert [(one.event, one.at) for one in coming] == [(Event.DELETE, gone)]


def test_an_end_that_was_told_late_comes_as_late_as_it_will() -> None:
    term = Term(NOON + MINUTE, NOON - timedelta(days=7))

    coming = foreseen(replace(Situation(Stand.ASLEEP, used(), slept_at=NOON), term=term, term_rule="x"), policy())

    assert coming == (Coming(Event.END, NOON + timedelta(minutes=30), "x"),)


def test_nothing_is_foreseen_after_the_end() -> None:
    term = Term(NOON + timedelta(hours=3), NOON - timedelta(days=7))

    coming = foreseen(replace(awake(), term=term), policy())

    assert [one.event for one in coming] == [Event.END]
