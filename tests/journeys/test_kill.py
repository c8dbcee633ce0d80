"""The bot is killed around each call it makes while it creates, puts to sleep, wakes and deletes; what was promised
is finished by the next process, exactly once as people see it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import pytest
import yaml

from bot.rules.words import LABEL_ENVIRONMENT, Phase
from bot.sandbox.cluster import SandboxCluster
from bot.sandbox.cluster.faults import Fault
from store.database import Store
from store.schema import migrate
from store.tables import Environment
from tests.databases import Databases
from tests.journeys.fleet import FLEET, Fleet
from tests.journeys.gitops_home import APPLICATION, GitopsHome, followed
from tests.journeys.nursery import Nursery
from tests.journeys.people import direct, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.world import COMPANY, Harbour

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BOT: Final = "system:serviceaccount:berth:berth"
FINISHED: Final = 30.0  # seconds; far less than any lease


@dataclass(frozen=True)
class Act:
    """Something a person asks for, the phase it leads to and how its message ends."""

    words: str
    phase: Phase
    ending: str


CREATE: Final = Act("create {} template=web", Phase.RUNNING, "is running")
SLEEP: Final = Act("sleep {}", Phase.SLEEPING, "is asleep")
WAKE: Final = Act("wake {}", Phase.RUNNING, "is awake")
DELETE: Final = Act("delete {}", Phase.DELETED, "is deleted")


@dataclass
class Town:
    """A harbour with killable bots in it, and what can be seen of them from outside."""

    harbour: Harbour
    nursery: Nursery
    store: Store
    ada: Person
    kills: int = 0
    known: set[str] = field(default_factory=set)

    def ask(self, act: Act, name: str, arm: Callable[[], object] = lambda: None) -> None:
        """Type the command; a deletion is confirmed in its modal. `arm` comes right before the promise."""
        self.known = {row["ts"] for row in direct(self.ada)}
        where = self.ada.channel("channel", "payments")["id"]
        if act is not DELETE:
            arm()
        said = self.ada.does("command", channel=where, text=f"/k8s {act.words.format(name)}")
        assert said == {"ok": True}
        if act is DELETE:
            sure = until(lambda: [view for view in self.ada.modals() if view.get("submit")], "the question")[-1]
            arm()  # only now: looking at what is lost asks the cluster too
            assert self.ada.does("submit", view_id=sure["id"])["ok"]
            self.ada.does("reload")

    def environment(self, name: str) -> Environment | None:
        """The newest of that name."""
        with self.store.read() as records:
            found = [e for e in records.environments.everything() if e.name == name]
        return max(found, key=lambda e: e.created_at, default=None)

    def is_done(self, act: Act, name: str) -> bool:
        """Whether the environment stands as asked, and nobody works on it."""
        found = self.environment(name)
        return found is not None and found.phase is act.phase and found.due_at is None

    def is_told(self) -> bool:
        """Whether Slack has everything that there is to say."""
        with self.store.read() as records:
            return records.notices.next_due() is None

    def is_posted(self, name: str) -> bool:
        """Whether all there is to say of the environment has its message, be it of yesterday's wording."""
        found = self.environment(name)
        assert found is not None
        with self.store.read() as records:
            return all(notice.ts or notice.due_at is None for notice in records.notices.of_environment(found.id))

    def messages(self) -> list[Json]:
        """The direct messages that came since something was asked."""
        return [row for row in direct(self.ada) if row["ts"] not in self.known]

    def finish(self, act: Act, name: str) -> None:
        """The kill: the process dies, another takes over and ends what was begun."""
        self.nursery.kill()
        self.harbour.control.http.delete("/faults")
        self.sandbox.faults.clear()
        self.kills += 1
        self.nursery.start()
        until(lambda: self.is_done(act, name) and self.is_told(), f"{act.words} of {name}", FINISHED)

    @property
    def sandbox(self) -> SandboxCluster:
        """The cluster whose calls are held."""
        assert self.harbour.sandbox is not None
        return self.harbour.sandbox

    def killed_at_call(self, act: Act, name: str, fault: Fault) -> bool:
        """Do it, and kill the bot at one of its calls to the cluster. False if there was no such call."""
        self.ask(act, name, lambda: self.sandbox.faults.add(fault))
        until(lambda: fault.struck.is_set() or self.is_done(act, name), f"{act.words} of {name}", FINISHED)
        struck = fault.struck.is_set()
        # A timed pass may make the call that is held, before what was asked is judged and so promised.
        until(lambda: self.environment(name) is not None, "the promise")
        until(self.is_told, "the newest wording")
        if struck:
            self.finish(act, name)
        else:
            self.sandbox.faults.clear()
        self.assert_told_once(act)
        return struck

    def killed_at_delivery(self, act: Act, name: str, method: str, *, after: bool) -> None:
        """Do it, and kill the bot at one of its calls to Slack."""
        fault = {"method": method, "hang": True, "status": 500, "after_effect": after}
        self.ask(act, name, lambda: self.harbour.control.post("/faults", **fault))
        until(lambda: not self.harbour.control.get("/faults"), f"a call of {method}", FINISHED)
        if method == "chat.update":  # else a kill may strike what another hand posts meanwhile, which nobody can know
            until(lambda: self.is_posted(name), "all that is new", FINISHED)
        self.finish(act, name)

    def assert_told_once(self, act: Act) -> None:
        """One message tells of it, from its beginning to its end."""
        assert [act.ending in text_of(row) for row in self.messages()] == [True]

    def assert_one_namespace(self, name: str) -> None:
        """The environment has one namespace, not two."""
        found = self.environment(name)
        assert found is not None
        assert [row["metadata"]["name"] for row in self._namespaces(found)] == [found.namespace]

    def assert_no_namespace(self, name: str) -> None:
        """Nothing is left of it."""
        found = self.environment(name)
        assert found is not None
        assert self._namespaces(found) == []

    def _namespaces(self, environment: Environment) -> list[Json]:
        return self.harbour.admin.list("Namespace", selector=f"{LABEL_ENVIRONMENT}={environment.id}")


@contextmanager
def town(port: Harbour, directory: Path, database_url: str) -> Iterator[Town]:
    """Bots on that database, one of them running."""
    clusters = [{"name": "main", "gitops_namespaces": ["argocd"]}]
    (directory / "berth.yaml").write_text(yaml.safe_dump(COMPANY | {"clusters": clusters}))
    migrate(database_url)
    with ExitStack() as stack:
        nursery = stack.enter_context(Nursery(port, directory, database_url))
        store = Store(database_url)
        stack.callback(store.close)
        nursery.start()
        yield Town(port, nursery, store, port.person("ada"))


@pytest.fixture
def on_sqlite(port: Harbour, tmp_path: Path) -> Iterator[Town]:
    """One bot at a time, on SQLite."""
    with town(port, tmp_path, f"sqlite:///{tmp_path / 'berth.sqlite'}") as found:
        yield found


def blows(drop: str, verb: str | None) -> Iterator[Fault]:
    """A kill at the first call, one at the second, and so on."""
    for skip in count():
        yield Fault(user=BOT, verb=verb, skip=skip, drop=drop, hold=True)


MOMENTS: Final = [("before", None), ("after", "create"), ("after", "patch"), ("after", "delete")]
"""Before any call is executed; after one that changes something was, and before its answer arrives."""


def test_a_bot_killed_at_any_call_of_a_making_or_a_deletion_ends_it(on_sqlite: Town) -> None:
    for drop, verb in MOMENTS:
        for number, (making, ending) in enumerate(zip(blows(drop, verb), blows(drop, verb), strict=True)):
            name = f"{drop}-{verb}-{number}".lower()

            made = on_sqlite.killed_at_call(CREATE, name, making)

            on_sqlite.assert_one_namespace(name)
            found = on_sqlite.environment(name)
            assert found is not None
            assert Fleet(on_sqlite.harbour.admin, found.namespace).states() == {("Deployment", "web"): 1}

            gone = on_sqlite.killed_at_call(DELETE, name, ending)

            on_sqlite.assert_no_namespace(name)
            if not made and not gone:
                break
    assert on_sqlite.kills > 20


def test_a_bot_killed_at_any_call_of_a_sleep_or_a_wake_ends_it(on_sqlite: Town) -> None:
    fleet = settled_fleet(on_sqlite, "blue")
    for drop, verb in MOMENTS:
        for sleeping, waking in zip(blows(drop, verb), blows(drop, verb), strict=True):
            slept = on_sqlite.killed_at_call(SLEEP, "blue", sleeping)

            fleet.assert_asleep()

            woken = on_sqlite.killed_at_call(WAKE, "blue", waking)

            fleet.assert_awake(FLEET)
            if not slept and not woken:
                break
    assert on_sqlite.kills > 30
    on_sqlite.assert_one_namespace("blue")


def test_a_bot_killed_at_any_call_to_what_applies_from_outside_sets_it_free(on_sqlite: Town) -> None:
    fleet = settled_fleet(on_sqlite, "blue")
    home = GitopsHome(on_sqlite.harbour.admin)
    home.open()
    home.keeps(APPLICATION, "shop", [fleet.namespace])
    followed(fleet, next(key for key in FLEET if key[0] == "Deployment"), APPLICATION, "shop", home.namespace)
    for drop in ("before", "after"):
        for skip in count():
            faults = [Fault(user=BOT, resource="applications", skip=skip, drop=drop, hold=True) for _ in range(2)]
            slept = on_sqlite.killed_at_call(SLEEP, "blue", faults[0])
            assert home.states() == {(APPLICATION, "shop"): "true"}
            fleet.assert_asleep()

            woken = on_sqlite.killed_at_call(WAKE, "blue", faults[1])

            assert (home.states(), home.marks()) == ({(APPLICATION, "shop"): None}, {})
            fleet.assert_awake(FLEET)
            if not slept and not woken:
                break
    assert on_sqlite.kills > 8


def settled_fleet(place: Town, name: str) -> Fleet:
    """An environment with workloads of every kind in it."""
    place.ask(Act("create {}", Phase.RUNNING, "is running"), name)
    until(lambda: place.is_done(CREATE, name), "the environment", FINISHED)
    found = place.environment(name)
    assert found is not None
    fleet = Fleet(place.harbour.admin, found.namespace)
    fleet.make(FLEET)
    place.sandbox.settle()
    return fleet


DELIVERIES: Final = [
    ("conversations.open", False),
    ("chat.postMessage", False),
    ("chat.postMessage", True),
    ("chat.update", False),
    ("chat.update", True),
]


def test_a_bot_killed_at_any_delivery_says_it_once_or_where_nobody_can_know_twice(on_sqlite: Town) -> None:
    fleet: Fleet | None = None
    for method, after in DELIVERIES:
        for act in (CREATE, SLEEP, WAKE, DELETE):
            if method == "conversations.open":  # asked once in a process's life
                on_sqlite.nursery.kill()
                on_sqlite.nursery.start()
            on_sqlite.killed_at_delivery(act, "blue", method, after=after)

            told = [act.ending in text_of(row) for row in on_sqlite.messages()]
            unknowable = (method, after) == ("chat.postMessage", True)
            assert told in ([[True], [False, True]] if unknowable else [[True]])
            if act is CREATE:
                found = on_sqlite.environment("blue")
                assert found is not None
                fleet = Fleet(on_sqlite.harbour.admin, found.namespace)
            if act is WAKE:
                assert fleet is not None
                fleet.assert_awake({("Deployment", "web"): 1})


def test_of_two_replicas_one_goes_on_with_what_the_other_had_begun(
    port: Harbour, tmp_path: Path, databases: Databases
) -> None:
    url = databases.fresh("postgresql", tmp_path)
    with town(port, tmp_path, url) as place:
        fleet = settled_fleet(place, "blue")
        place.nursery.start()
        for sleeping, waking in zip(_of_a_sleep(), _of_a_wake(), strict=True):
            _kill_the_one_at_work(place, SLEEP, sleeping)
            fleet.assert_asleep()
            _kill_the_one_at_work(place, WAKE, waking)
            fleet.assert_awake(FLEET)
    databases.drop(url)


# Only who works on an environment makes these calls; whoever judges what is due lists things in it too.


def _of_a_sleep() -> Iterator[Fault]:
    """At its beginning, and halfway through what it changes."""
    yield Fault(user=BOT, verb="list", resource="pods", drop="after", hold=True)
    yield Fault(user=BOT, verb="patch", skip=1, drop="after", hold=True)


def _of_a_wake() -> Iterator[Fault]:
    yield Fault(user=BOT, verb="delete", resource="resourcequotas", drop="after", hold=True)
    yield Fault(user=BOT, verb="patch", skip=2, drop="after", hold=True)


def _kill_the_one_at_work(place: Town, act: Act, fault: Fault) -> None:
    place.sandbox.faults.add(fault)
    place.ask(act, "blue")
    until(lambda: fault.struck.is_set() and place.is_told(), "a held call", FINISHED)
    found = place.environment("blue")
    assert found is not None
    assert found.claimed_by is not None

    place.nursery.kill(int(found.claimed_by.split(":")[2]))

    place.sandbox.faults.clear()
    until(lambda: place.is_done(act, "blue") and place.is_told(), f"{act.words} by the other", FINISHED)
    place.assert_told_once(act)
    place.nursery.start()
