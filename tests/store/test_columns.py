"""Instants and words mean the same in both databases."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot.rules.words import AccessLevel, Phase
from store.database import Store
from store.tables import AccessGrant, AuditEvent
from tests.store.rows import LEASE, MOMENT, NOON, environment

_zones = st.sampled_from(
    [UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata"), timezone(timedelta(hours=-11, minutes=-30))]
)
_instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=_zones)  # noqa: DTZ001 - bounds take none
_with_store = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_with_store
@given(at=_instants)
@example(at=datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1))  # the second half past one
def test_an_instant_comes_back_as_the_same_one_in_utc(store: Store, at: datetime) -> None:
    with store.begin() as records:
        event = AuditEvent(at=at, workspace_id="T1", actor="U1", action="create", environment_id="blue")
        records.audit.add(event)

    with store.read() as records:
        found = next(kept for kept in records.audit.of_environment("blue") if kept.id == event.id)
        assert found.at == at.astimezone(UTC)
        assert found.at.tzinfo is UTC


@_with_store
@given(at=_instants, now=_instants)
def test_instants_compare_in_the_database_as_they_do_outside(store: Store, at: datetime, now: datetime) -> None:
    assert _is_due(store, at, now) == (at.astimezone(UTC) <= now.astimezone(UTC))


@pytest.mark.parametrize("early", [timedelta(0), MOMENT, timedelta(seconds=1)])
def test_a_microsecond_decides(store: Store, early: timedelta) -> None:
    for at in (NOON, NOON + MOMENT, NOON + timedelta(milliseconds=10)):
        assert _is_due(store, at, at - early) == (not early)


def test_the_same_instant_in_two_zones_is_one(store: Store) -> None:
    in_tokyo = NOON.astimezone(ZoneInfo("Asia/Tokyo"))

    assert _is_due(store, NOON, in_tokyo)
    assert not _is_due(store, in_tokyo, NOON - MOMENT)


def test_a_naive_datetime_is_refused_when_written_and_when_asked_for(store: Store) -> None:
    naive = NOON.replace(tzinfo=None)

    with pytest.raises(StatementError, match="naive datetime"), store.begin() as records:
        records.environments.add(environment(due_at=naive))
    with pytest.raises(StatementError, match="naive datetime"), store.begin() as records:
        records.environments.claim("worker", naive, LEASE)


def test_a_word_comes_back_as_itself(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment(phase=Phase.SLEEPING))
        records.people.grant(
            AccessGrant(environment_id=blue.id, subject="U1", access=AccessLevel.EDIT, granted_by="U2", granted_at=NOON)
        )

    with store.read() as records:
        found = records.environments.get(blue.id)
        assert found is not None
        assert found.phase is Phase.SLEEPING
        assert records.people.grants(blue.id)[0].access is AccessLevel.EDIT


def test_a_word_stands_in_the_database_as_it_is_spelt(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment(phase=Phase.SLEEPING))
        records.people.grant(
            AccessGrant(environment_id=blue.id, subject="U1", access=AccessLevel.EDIT, granted_by="U2", granted_at=NOON)
        )

    with store.transaction() as connection:
        assert connection.execute(text("SELECT phase, wanted FROM environment")).one() == ("SLEEPING", "RUNNING")
        assert connection.execute(text("SELECT access FROM access_grant")).scalar_one() == "edit"


def test_a_word_of_no_meaning_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="SNORING"), store.begin() as records:
        records.environments.add(environment(phase="SNORING"))


def _is_due(store: Store, at: datetime, now: datetime) -> bool:
    with store.begin() as records:
        records.environments.release_claims(["worker"])
        made = records.environments.add(environment(check_at=at, phase=Phase.DELETED))
        return made.id in {found.id for found in records.environments.to_check(now)}
