"""What an environment used, and what its objects were before they slept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from bot.rules.words import JournalState, Phase
from store.database import Store
from store.tables import JournalEntry, UsageSpan
from tests.store.rows import MOMENT, NOON, environment

_HOUR = timedelta(hours=1)
_WINDOW = (NOON, NOON + _HOUR)


@pytest.mark.parametrize(
    ("started", "ended", "overlaps"),
    [
        (NOON - 2 * _HOUR, NOON - _HOUR, False),
        (NOON - _HOUR, NOON, False),
        (NOON - _HOUR, NOON + MOMENT, True),
        (NOON - _HOUR, None, True),
        (NOON - _HOUR, NOON + 2 * _HOUR, True),
        (NOON + 10 * MOMENT, NOON + 20 * MOMENT, True),
        (NOON + _HOUR - MOMENT, None, True),
        (NOON + _HOUR, None, False),
        (NOON + _HOUR, NOON + 2 * _HOUR, False),
    ],
)
def test_a_span_counts_in_a_window_it_shares_time_with(
    store: Store, started: datetime, ended: datetime | None, overlaps: bool
) -> None:
    blue = _blue(store)
    with store.begin() as records:
        records.usage.add(_span(blue, started_at=started, ended_at=ended))

    with store.read() as records:
        assert bool(records.usage.between([blue], *_WINDOW)) == overlaps


_minutes = st.integers(-120, 120)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spans=st.lists(st.tuples(_minutes, st.none() | st.integers(1, 120)), max_size=6),
    window=st.tuples(_minutes, st.integers(1, 90)),
)
def test_the_spans_of_a_window_are_those_that_share_time_with_it(
    store: Store, spans: list[tuple[int, int | None]], window: tuple[int, int]
) -> None:
    since = NOON + timedelta(minutes=window[0])
    until = since + timedelta(minutes=window[1])
    kept = []
    with store.begin() as records:
        blue = records.environments.add(environment(phase=Phase.DELETED)).id
        for start, length in spans:
            started = NOON + timedelta(minutes=start)
            ended = None if length is None else started + timedelta(minutes=length)
            kept.append(_span(blue, started_at=started, ended_at=ended))
            records.usage.add(kept[-1])

    with store.read() as records:
        found = records.usage.between([blue], since, until)

    shared = [span for span in kept if span.started_at < until and (span.ended_at is None or span.ended_at > since)]
    assert {span.id for span in found} == {span.id for span in shared}
    assert [span.started_at for span in found] == sorted(span.started_at for span in shared)


def test_only_the_asked_environments_spans_are_given(store: Store) -> None:
    blue, green = _blue(store), _blue(store, "green")
    with store.begin() as records:
        for one in (blue, green):
            records.usage.add(_span(one))

    with store.read() as records:
        assert [span.environment_id for span in records.usage.between([blue], *_WINDOW)] == [blue]
        assert records.usage.between([], *_WINDOW) == []
        assert {span.environment_id for span in records.usage.open_spans()} == {blue, green}
        assert [span.environment_id for span in records.usage.open_spans([green])] == [green]


def test_an_ended_span_is_no_longer_open(store: Store) -> None:
    blue = _blue(store)
    with store.begin() as records:
        records.usage.add(_span(blue))
    with store.begin() as records:
        span = records.usage.open_span(blue)
        assert span is not None
        span.ended_at = NOON + _HOUR

    with store.read() as records:
        assert records.usage.open_span(blue) is None


def test_a_journal_gives_back_what_was_before(store: Store) -> None:
    blue = _blue(store)
    with store.begin() as records:
        records.journal.add(_entry(blue, name="web", original={"replicas": 3}))
        records.journal.add(_entry(blue, name="nightly", kind="CronJob", original={"suspend": False}))

    with store.read() as records:
        kept = records.journal.of_cycle(blue, "1")
        assert [(entry.kind, entry.name, entry.original) for entry in kept] == [
            ("CronJob", "nightly", {"suspend": False}),
            ("Deployment", "web", {"replicas": 3}),
        ]
        assert {entry.state for entry in kept} == {JournalState.PLANNED}
        assert records.journal.get(kept[0].id) == kept[0]


def test_one_object_is_remembered_once_a_cycle(store: Store) -> None:
    blue = _blue(store)
    with store.begin() as records:
        records.journal.add(_entry(blue, original={"replicas": 3}))
        records.journal.add(_entry(blue, cycle="2", original={"replicas": 2}))

    with pytest.raises(IntegrityError), store.begin() as records:
        records.journal.add(_entry(blue, original={"replicas": 0}))

    with store.read() as records:
        assert [entry.original for entry in records.journal.of_cycle(blue, "1")] == [{"replicas": 3}]


def test_a_cycle_that_ended_well_lets_the_earlier_ones_be_forgotten(store: Store) -> None:
    blue, green = _blue(store), _blue(store, "green")
    with store.begin() as records:
        for one, cycle in ((blue, "1"), (blue, "2"), (green, "1")):
            records.journal.add(_entry(one, cycle=cycle, state=JournalState.RESTORED))
        records.journal.add(_entry(blue, name="unsettled", state=JournalState.ASLEEP))

    with store.begin() as records:
        records.journal.forget_before(blue, "2")

    with store.read() as records:
        assert [entry.name for entry in records.journal.of_cycle(blue, "1")] == ["unsettled"]
        assert len(records.journal.of_cycle(blue, "2")) == len(records.journal.of_cycle(green, "1")) == 1


def _blue(store: Store, name: str = "blue") -> str:
    with store.begin() as records:
        return records.environments.add(environment(name)).id


def _span(environment_id: str, **different: Any) -> UsageSpan:
    kept: dict[str, Any] = {"environment_id": environment_id, "awake": True, "started_at": NOON}
    return UsageSpan(**kept | different)


def _entry(environment_id: str, **different: Any) -> JournalEntry:
    kept: dict[str, Any] = {"environment_id": environment_id, "cycle": "1", "kind": "Deployment", "name": "web"}
    kept |= {"uid": "u", "at": NOON}
    return JournalEntry(**kept | different)
