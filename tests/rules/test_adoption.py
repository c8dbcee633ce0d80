"""Who came, made something and came back, how soon it ran, what stopped people; and no words of theirs stay."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.adoption import (
    History,
    Refused,
    Weekly,
    by_team,
    failed_first_attempts,
    last_weeks,
    percentile,
    spell,
    week_of,
    weekly,
)
from bot.rules.redaction import redacted

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
FIRST, SECOND = last_weeks(NOW, 2)


def minutes(*numbers: int) -> list[timedelta]:
    return [timedelta(minutes=number) for number in numbers]


def test_a_week_begins_on_monday_utc() -> None:
    assert week_of(NOW) == SECOND == datetime(2026, 11, 23, tzinfo=UTC)
    assert week_of(SECOND - timedelta(seconds=1)) == FIRST


def test_each_week_counts_people_once_and_knows_who_was_there_before() -> None:
    history = History(
        weeks={"ada": frozenset({FIRST, SECOND}), "mio": frozenset({SECOND})},
        created={"ada": [FIRST, FIRST, SECOND], "lin": [FIRST]},
    )

    assert weekly(history, [FIRST, SECOND]) == [Weekly(FIRST, 2, 2, 0), Weekly(SECOND, 1, 2, 1)]


@pytest.mark.parametrize(
    ("lasted", "median", "p90"),
    [([], None, None), ([5], 5, 5), ([1, 2, 3], 2, 3), (range(1, 11), 5, 9), (range(1, 101), 50, 90)],
)
def test_percentiles_are_by_nearest_rank(lasted: list[int], median: int | None, p90: int | None) -> None:
    found = [percentile(minutes(*lasted), percent) for percent in (50, 90)]

    assert found == [None if one is None else timedelta(minutes=one) for one in (median, p90)]


def test_the_time_to_a_running_environment_is_that_of_newcomers_by_team() -> None:
    old = FIRST - timedelta(days=30)
    history = History(
        first_seen={"ada": FIRST, "mio": FIRST, "lin": SECOND, "old": old},
        first_running={"ada": FIRST + timedelta(minutes=2), "mio": FIRST + timedelta(minutes=8), "old": SECOND},
        teams={"ada": "payments", "lin": "payments"},
    )

    found = spell(history, FIRST)

    assert (found.newcomers, found.running) == (3, 2)
    assert (found.median, found.p90) == (timedelta(minutes=2), timedelta(minutes=8))
    assert {team: (one.newcomers, one.running) for team, one in by_team(history, FIRST).items()} == {
        "": (1, 1),
        "payments": (2, 1),
    }


def test_only_what_was_refused_before_the_first_environment_counts_once_a_person() -> None:
    refused = [
        Refused("ada", FIRST, "create", "taken"),
        Refused("ada", FIRST + timedelta(seconds=1), "create", "taken"),
        Refused("ada", SECOND, "sleep", "no"),
        Refused("mio", SECOND, "create", "taken"),
        Refused("old", FIRST - timedelta(days=1), "create", "taken"),
    ]
    history = History(created={"ada": [FIRST + timedelta(minutes=1)]}, refused=refused)

    assert failed_first_attempts(history, FIRST) == [("create", "taken", 2)]


def test_a_reason_says_nothing_of_what_was_typed() -> None:
    reason = "There is no environment “hunter2”. blue belongs to <@U012ABCDEF>: only its owner may see it."

    assert redacted(reason, "hunter2 blue") == (
        "There is no environment “…”. … belongs to somebody: only its owner may see it."
    )


@given(st.from_regex(r"[a-z0-9-]{6,30}", fullmatch=True), st.text(max_size=20))
def test_no_typed_word_is_left_whatever_the_reason(word: str, around: str) -> None:
    found = redacted(f"{around} {word} “{word}” is wrong", word)

    assert f" {word} " not in found
