"""All environments at once: what a selection means, and what is counted and summed."""

from dataclasses import astuple
from datetime import timedelta

import pytest

from bot.rules.costs import footprint_of
from bot.rules.selection import Selection
from bot.rules.words import Phase, Wanted
from store.database import Store
from store.tables import Person, UsageSpan
from tests.store.rows import NOON, environment

LATER = NOON + timedelta(days=3)


@pytest.fixture
def fleet(store: Store) -> Store:
    """Six environments, of which one is gone and one is of another workspace."""
    with store.begin() as records:
        for row in (
            environment("blue", team="payments", phase=Phase.RUNNING),
            environment("blue_sky", team="payments", phase=Phase.SLEEPING, owner_id="U2", owner_email="Lin@x.example"),
            environment("red", team="search", cluster="west", phase=Phase.RUNNING, last_activity_at=LATER),
            environment("going", phase=Phase.RUNNING, wanted=Wanted.DELETED, condition="it does not go"),
            environment("gone", phase=Phase.DELETED),
            environment("abroad", workspace_id="T2", phase=Phase.RUNNING),
        ):
            records.environments.add(row)
            records.usage.add(
                UsageSpan(
                    environment_id=row.id,
                    awake=row.phase is not Phase.SLEEPING,
                    started_at=NOON,
                    cpu=2.0,
                    memory_gib=4.0,
                    storage_gib=10.0,
                    gpu=1.0,
                )
            )
        person = Person(workspace_id="T1", id="U2", home_workspace_id="T1", name="lin", fetched_at=NOON)
        records.people.keep(person)
    return store


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(), ["blue", "blue_sky", "going", "red"]),
        (Selection(team="payments"), ["blue", "blue_sky"]),
        (Selection(cluster="west"), ["red"]),
        (Selection(owner="U2"), ["blue_sky"]),
        (Selection(phase="running"), ["blue", "red"]),
        (Selection(phase="deleting"), ["going"]),
        (Selection(phase="sleeping", team="search"), []),
        (Selection(name="blue*"), ["blue", "blue_sky"]),
        (Selection(name="b?ue"), ["blue"]),
        (Selection(name="BLUE_*"), ["blue_sky"]),
        (Selection(name="%"), []),
        (Selection(unused="2d"), ["blue", "blue_sky", "going"]),
    ],
)
def test_a_selection_means_what_fits_all_its_conditions(fleet: Store, selection: Selection, names: list[str]) -> None:
    with fleet.read() as records:
        found = records.fleet.chosen("T1", selection, LATER)
        counted = records.fleet.count("T1", selection, LATER)

    assert sorted(row.name for row in found) == names
    assert counted == len(names)


def test_a_stretch_is_a_part_of_it(fleet: Store) -> None:
    with fleet.read() as records:
        found = records.fleet.chosen("T1", Selection(), LATER, (1, 2))

    assert len(found) == 2


def test_what_is_counted_and_summed_is_of_the_workspace_and_living(fleet: Store) -> None:
    with fleet.read() as records:
        counts, owners = records.fleet.counts("T1"), records.fleet.owners("T1")
        requested = {one.cluster: astuple(footprint_of(one)) for one in records.fleet.requested("T1")}
        failing, some = records.fleet.failing("T1", 5)
        people = records.fleet.people("T1")

    assert counts.total == 4
    assert counts.phases == {Phase.RUNNING: 3, Phase.SLEEPING: 1}
    assert counts.teams == {"payments": 2, "search": 1, "": 1}
    assert owners == 2
    assert requested == {"main": (4.0, 8.0, 30.0, 2.0), "west": (2.0, 4.0, 10.0, 1.0)}
    assert (failing, [row.name for row in some]) == (1, ["going"])
    assert ("U2", "Lin@x.example", "lin") in people
