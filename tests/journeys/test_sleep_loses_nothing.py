"""Whatever runs, whatever fails and whatever people do meanwhile: nothing wakes to another number than it slept with,
unless a person changed it; then their wish stands, and is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st

from bot.rules.words import ANNOTATION_CYCLE, ANNOTATION_WAKE, Phase
from bot.rules.workloads import KINDS
from bot.sandbox.cluster.faults import Fault
from tests.journeys.fleet import Fleet, Key
from tests.journeys.people import last, text_of
from tests.world import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # The servers' threads draw random numbers while a strategy draws its own; Hypothesis takes that for one doing both.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
]

BOT: Final = "system:serviceaccount:berth:berth"
NUMBERS: Final = count()
State = int | bool

KEYS: Final[tuple[Key, ...]] = (
    ("Deployment", "api"),
    ("Deployment", "web"),
    ("StatefulSet", "db"),
    ("CronJob", "report"),
)
FAILURES: Final[tuple[dict[str, Any], ...]] = (
    {"status": 500},
    {"status": 503},
    {"status": 429, "retry_after": 1},
    {"status": 409, "verb": "patch"},
    {"drop": "before", "times": 2},
    {"drop": "after", "times": 2},
)
EDITS: Final = ("nothing", "another number", "up and down again", "something else", "made anew", "removed")


@dataclass(frozen=True)
class Night:
    """One environment's sleep: what runs before it, what people do during it, what fails, and who forgets."""

    before: Mapping[Key, State]
    edits: Mapping[Key, str]
    early: bool  # people act while it falls asleep, not after
    failures: tuple[tuple[int, int], ...]  # after how many calls, and which failure
    journal_lost: bool
    annotations_lost: bool

    @property
    def all_lost(self) -> bool:
        """Whether nothing remembers what things were."""
        return self.journal_lost and self.annotations_lost


def _state(key: Key) -> st.SearchStrategy[State]:
    return st.booleans() if key[0] == "CronJob" else st.integers(0, 3)


NIGHTS: Final = st.builds(
    Night,
    before=st.fixed_dictionaries({key: _state(key) for key in KEYS}),
    edits=st.fixed_dictionaries({key: st.sampled_from(EDITS) for key in KEYS}),
    early=st.booleans(),
    failures=st.lists(st.tuples(st.integers(0, 12), st.integers(0, len(FAILURES) - 1)), max_size=4).map(tuple),
    journal_lost=st.booleans(),
    annotations_lost=st.booleans(),
)


@dataclass
class People:
    """What people do to a fleet, and what they may expect of it afterwards."""

    fleet: Fleet
    expected: dict[Key, State]
    told: set[str] = field(default_factory=set)

    def do(self, key: Key, edit: str) -> None:
        """One edit of one workload."""
        _DOINGS[edit](self, key)

    def nothing(self, key: Key) -> None:
        """They leave it alone."""

    def another_number(self, key: Key) -> None:
        """They start it, as they want it now."""
        wish: State = False if key[0] == "CronJob" else 4
        if self.expected[key] != wish and KINDS[key[0]].rest != self.expected[key]:
            self.told.add(key[1])
        self.fleet.scale(key, wish)
        self.expected[key] = wish

    def up_and_down(self, key: Key) -> None:
        """They start it and stop it: that it rests is their own wish now."""
        rest = KINDS[key[0]].rest
        self.fleet.scale(key, False if key[0] == "CronJob" else 1)
        self.fleet.scale(key, rest)
        if self.expected[key] != rest:
            self.told.add(key[1])
        self.expected[key] = rest

    def something_else(self, key: Key) -> None:
        """They change what has nothing to do with sleep."""
        self.fleet.change(key, {"metadata": {"labels": {"touched": "yes"}}})

    def made_anew(self, key: Key) -> None:
        """They replace it by another of the same name."""
        self.removed(key)
        wish: State = False if key[0] == "CronJob" else 2
        self.fleet.make({key: wish})
        self.expected[key] = wish

    def removed(self, key: Key) -> None:
        """They delete it."""
        self.fleet.remove(key)
        del self.expected[key]


_DOINGS: Final[Mapping[str, Callable[[People, Key], None]]] = dict(
    zip(
        EDITS,
        (
            People.nothing,
            People.another_number,
            People.up_and_down,
            People.something_else,
            People.made_anew,
            People.removed,
        ),
        strict=True,
    )
)


JOURNAL_LOST_AND_A_WAKE_IN_PIECES: Final = Night(
    before={("Deployment", "api"): 1, ("StatefulSet", "db"): 1, ("CronJob", "report"): False, ("Deployment", "web"): 3},
    edits={("Deployment", "api"): "another number", ("Deployment", "web"): "removed"},
    early=False,
    failures=((2, 2),),
    journal_lost=True,
    annotations_lost=False,
)


@settings(
    max_examples=30,
    phases=[Stage.explicit, Stage.reuse, Stage.generate],  # shrinking would take minutes: a night is short enough
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,  # each example has an environment of its own
        HealthCheck.too_slow,
    ],
)
@given(night=NIGHTS)
@example(night=JOURNAL_LOST_AND_A_WAKE_IN_PIECES)
def test_nothing_wakes_to_another_number_than_it_slept_with(company: World, night: Night) -> None:
    name = f"n{next(NUMBERS)}"
    company.says(company.ada, f"/k8s create {name}")
    company.settle()
    fleet = Fleet(company.harbour.admin, company.environment(name).namespace)
    fleet.make(night.before)
    people = People(fleet, dict(night.before))

    _fail(company, night)
    company.says(company.ada, f"/k8s sleep {name}")
    if night.early:
        company.berth.passes.engine.work_one()
        _live(people, night)
    company.settle()
    if not night.early:
        _live(people, night)
    forgotten = _lose(company, people, night)
    _fail(company, night)
    company.says(company.ada, f"/k8s wake {name}")
    company.settle()
    sandbox = company.harbour.sandbox
    assert sandbox is not None
    sandbox.faults.clear()

    assert company.environment(name).phase is Phase.RUNNING
    assert {key: state for key, state in fleet.states().items() if key not in forgotten} == {
        key: state for key, state in people.expected.items() if key not in forgotten
    }
    assert fleet.marks() == {}
    # What they did before it slept is what it slept with, and of what nobody remembers nobody can say that it changed.
    told = {key[1] for key in forgotten} | (set() if night.early or night.all_lost else people.told)
    said = text_of(last(company.ada, f"`{name}` is awake"))
    assert {workload for workload in told if f" {workload}" not in said} == set()


def _fail(world: World, night: Night) -> None:
    assert world.harbour.sandbox is not None
    world.harbour.sandbox.faults.clear()
    for skip, which in night.failures:
        world.harbour.sandbox.faults.add(Fault(user=BOT, skip=skip, **FAILURES[which]))


def _live(people: People, night: Night) -> None:
    for key, edit in night.edits.items():
        people.do(key, edit)


def _lose(world: World, people: People, night: Night) -> set[Key]:
    """Lose journal or annotations; what nobody can remember then, and a person must be asked about."""
    if night.journal_lost:
        with world.berth.store.transaction(writes=True) as connection:
            connection.exec_driver_sql("DELETE FROM journal_entry")
    if night.annotations_lost:
        ours = dict.fromkeys((ANNOTATION_CYCLE, ANNOTATION_WAKE))
        for key in people.fleet.states():
            people.fleet.change(key, {"metadata": {"annotations": ours}})
    if not night.all_lost:
        return set()
    return {key for key, state in people.fleet.states().items() if state == KINDS[key[0]].rest}
