"""What the demo's company did before: it looks like what the bot itself would have written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.demo_company import REQUESTED, SHOP, ZONE, demo_configuration, demo_hours
from bot.cli.demo_history import HISTORY, working_days, write_history
from bot.config import load_catalogue
from bot.rules.words import Phase
from bot.seams.cluster import parse_quantity
from bot.usecases.costs import Costs
from store.database import Store
from tests.world import MovedClock

INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  given a zone


@settings(max_examples=60, deadline=None)
@given(since=INSTANTS, days=st.integers(1, 40))
def test_working_days_have_no_gap_and_take_turns(since: datetime, days: int) -> None:
    until = since + timedelta(days=days)

    spans = list(working_days(since, until))

    assert (spans[0].started_at, spans[-1].ended_at) == (since, until)
    assert all(before.ended_at == after.started_at for before, after in pairwise(spans))
    assert all(before.awake != after.awake for before, after in pairwise(spans))
    assert all(span.ended_at - span.started_at <= timedelta(hours=9) for span in spans if span.awake and span.ended_at)


@pytest.mark.parametrize("speed", [1, 20, 60, 10_000])
def test_the_template_asks_for_what_the_history_was_metered_by(tmp_path: Path, speed: float) -> None:
    (tmp_path / "berth.yaml").write_text(demo_configuration(datetime.now(UTC), speed))
    catalogue = load_catalogue(tmp_path / "berth.yaml")

    (deployment,) = catalogue.template(SHOP).manifests

    asked = deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]
    replicas = deployment["spec"]["replicas"]
    assert replicas * parse_quantity(asked["cpu"]) == pytest.approx(REQUESTED.cpu)
    assert replicas * parse_quantity(asked["memory"]) / 2**30 == pytest.approx(REQUESTED.memory_gib)
    assert catalogue.sleep.idle_after == demo_hours(speed).idle_after
    assert catalogue.teams[0].time_zone == ZONE


def test_each_team_has_spent_and_saved_in_each_of_two_weeks(tmp_path: Path) -> None:
    began, url = datetime.now(UTC), f"sqlite:///{tmp_path / 'berth.sqlite'}"
    (tmp_path / "berth.yaml").write_text(demo_configuration(began, 1))
    week = timedelta(days=7)

    write_history(url, began)

    store = Store(url)
    costs = Costs(store, load_catalogue(tmp_path / "berth.yaml"), MovedClock())
    for team in ("payments", "search"):
        for until in (began, began - week):
            report = costs.team(team, until - week, until)
            assert report.totals["USD"] > Decimal("0.1")
            assert report.saved_totals["USD"] > Decimal("0.1")
    with store.read() as records:
        kept = {found.name: found for found in records.environments.everything()}
        living = [name for name, found in kept.items() if found.phase is not Phase.DELETED]
    store.close()
    assert len(kept) == len(HISTORY)
    assert living == ["checkout", "ranking"]
    assert all(found.created_at < began - timedelta(days=9) for found in kept.values())
