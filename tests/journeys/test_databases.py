"""One whole life of an environment, on each database that Berth remembers with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.rules.words import Phase
from tests.journeys.people import click, last, modal
from tests.world import Harbour, World, world

pytestmark = pytest.mark.cluster


@pytest.fixture
def company(port: Harbour, database_url: str, tmp_path: Path) -> Iterator[World]:
    """Berth on SQLite, and on PostgreSQL."""
    with world(port, database_url, tmp_path) as found:
        yield found


def test_a_whole_life_is_the_same_on_every_database(company: World) -> None:
    def phase() -> Phase:
        return company.environment("blue").phase

    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    made = phase()
    company.pass_time(hours=3, minutes=46)
    company.pass_time(minutes=16)
    slept = phase()
    click(company.ada, last(company.ada, "Sleep warning"), "Wake")
    company.settle()
    woken = phase()
    company.says(company.lin, "/k8s sleep blue")
    company.restart()
    company.settle()
    slept_again = phase()
    company.says(company.ada, "/k8s delete blue")
    company.ada.does("submit", view_id=modal(company.ada, "web")["id"], values={})
    company.settle()

    assert [made, slept, woken, slept_again, phase()] == [
        Phase.RUNNING,
        Phase.SLEEPING,
        Phase.RUNNING,
        Phase.SLEEPING,
        Phase.DELETED,
    ]
    with company.berth.store.read() as records:
        actions = [event.action for event in records.audit.of_environment(company.environment("blue").id)]
    assert [a for a in actions if not a.startswith("phase")] == ["create", "sleep", "wake", "sleep", "delete"]
