"""The door for audit webhooks, knocked at over HTTP: who may, what is noted, and what it takes."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
import yaml
from prometheus_client import CollectorRegistry

from bot.audit_door import AuditDoor
from bot.http import HttpServer, application
from bot.rules.catalogue import ActivityPolicy, Catalogue, ClusterSpec
from bot.usecases.activity import ApiActivity
from store.database import Store
from store.tables import Environment
from tests.audit import ALICE, Json, account_of, batch, event, recorded, session
from tests.databases import Databases
from tests.store.rows import environment
from tests.world import MovedClock

README: Final = Path(__file__).parents[2] / "README.md"
TOKEN: Final = "8c1f0a64e9b24d7d"
BEARER: Final = {"Authorization": f"Bearer {TOKEN}"}
SECRET_WORDS: Final = "correct-horse-battery"
EVERYBODY: Final = ActivityPolicy()
LIN: Final = account_of("U2", "T1")


@dataclass
class Outside:
    """Whoever can reach Berth's address, and what Berth then knows of the environment blue in e-blue."""

    url: str
    store: Store
    clock: MovedClock
    blue_id: str

    def post(self, body: Any, path: str = f"/audit/main/{TOKEN}", **headers: str) -> int:
        """The status of the answer."""
        sent = {"User-Agent": "Go-http-client/1.1", "Content-Type": "application/json"} | headers
        return httpx.post(f"{self.url}{path}?timeout=30s", content=body, headers=sent, trust_env=False).status_code

    def send(self, *events: Any, path: str = f"/audit/main/{TOKEN}", **headers: str) -> int:
        """Post a batch as an API server does; the status of the answer."""
        return self.post(json.dumps(batch(*events)).encode(), path, **headers)

    def event(self, **changed: Any) -> Json:
        """Something that lin, unless somebody else is named, does in e-blue at this instant."""
        return event(**{"user": LIN, "at": self.clock.now()} | changed)

    def shell(self, audit_id: str, stage: str, **changed: Any) -> Json:
        """One end of lin's shell in e-blue."""
        told: Json = {"user": LIN, "at": self.clock.now()}
        return session(audit_id, stage, **told | changed)

    @property
    def blue(self) -> Environment:
        """The environment, as it is known now."""
        with self.store.read() as records:
            found = records.environments.get(self.blue_id)
        assert found is not None
        return found

    def used(self) -> tuple[str, str]:
        """Who is known to have used blue last, and how."""
        return self.blue.last_activity_by, self.blue.last_activity_what

    def open(self) -> list[tuple[str, str, str]]:
        """The sessions that stand open in blue: which, whose and what."""
        with self.store.read() as records:
            found = records.sessions.open_in(self.blue_id, self.clock.now())
        return [(each.audit_id, each.by, each.what) for each in found]


Opens = Callable[..., Outside]


@pytest.fixture
def opened() -> Iterator[Opens]:
    """Opens a door over a store; blue was last used an hour ago, by ada."""
    with ExitStack() as stack:

        def opened(store: Store, activity: ActivityPolicy = EVERYBODY) -> Outside:
            clock = MovedClock()
            catalogue = Catalogue([ClusterSpec("main")], (), (), activity=activity)
            door = AuditDoor(TOKEN, ApiActivity(store, catalogue, clock))
            server = HttpServer(application(None, CollectorRegistry(), [], door.routes()), "127.0.0.1", 0)
            with store.begin() as records:
                earlier = clock.now() - timedelta(hours=1)
                blue = records.environments.add(environment(namespace="e-blue", last_activity_at=earlier))
            server.start()
            stack.callback(server.stop)
            return Outside(server.url, store, clock, blue.id)

        yield opened


@pytest.fixture
def outside(opened: Opens, databases: Databases, tmp_path: Path) -> Iterator[Outside]:
    """A door over SQLite."""
    store = Store(databases.fresh("sqlite", tmp_path))
    yield opened(store)
    store.close()


# -- what is noted -----------------------------------------------------------------------------------------------------


def test_use_and_sessions_are_noted_on_every_database(store: Store, opened: Opens) -> None:
    outside = opened(store)

    status = outside.send(outside.shell("a-1", "ResponseStarted"), outside.event(verb="list"))

    assert status == 200
    assert outside.used() == ("<@U2>", "read pods")
    assert outside.open() == [("a-1", "<@U2>", "opened a shell in web-1")]
    assert outside.send(outside.shell("a-1", "ResponseComplete")) == 200
    assert outside.open() == []


def test_what_machines_do_is_not_noted(outside: Outside) -> None:
    now, before = outside.clock.now().isoformat(), outside.used()
    noise = [found | {"stageTimestamp": now} for found in recorded() if found["user"]["username"] != ALICE]

    assert len(noise) == 20
    assert outside.send(*noise) == 200
    assert outside.used() == before


def test_what_the_policy_ignores_is_not_noted(opened: Opens, databases: Databases, tmp_path: Path) -> None:
    policy = ActivityPolicy(ignore_agents=["kubectl/"], ignore_users=["poller"])
    outside = opened(Store(databases.fresh("sqlite", tmp_path)), policy)
    before = outside.used()

    outside.send(outside.event(), outside.event(user="poller", userAgent="curl/8"))
    unchanged = outside.used()
    outside.send(outside.event(userAgent="curl/8"))

    assert unchanged == before
    assert outside.used() == ("<@U2>", "read pods")
    outside.store.close()


@pytest.mark.parametrize(
    "stages",
    [
        [["ResponseStarted", "ResponseComplete"]],
        [["ResponseComplete", "ResponseStarted"]],
        [["ResponseComplete"], ["ResponseStarted"]],
        [["ResponseStarted"], ["ResponseComplete"], ["ResponseStarted"]],
        [["ResponseStarted"], ["Panic"]],
    ],
)
def test_a_session_whose_end_was_told_is_not_open(outside: Outside, stages: Sequence[Sequence[str]]) -> None:
    for together in stages:
        outside.send(*[outside.shell("a-1", stage) for stage in together])

    assert outside.open() == []


def test_a_clock_that_is_ahead_on_the_cluster_keeps_nothing_awake_longer(outside: Outside) -> None:
    ahead = outside.clock.now() + timedelta(days=30)
    outside.send(outside.event(at=ahead), outside.shell("a-1", "ResponseStarted", at=ahead))

    later = outside.clock.now() + timedelta(hours=12)
    assert outside.blue.last_activity_at <= outside.clock.now()
    with outside.store.read() as records:
        assert not records.sessions.open_in(outside.blue_id, later)


def test_older_news_than_what_is_known_changes_nothing(outside: Outside) -> None:
    outside.send(outside.event(verb="delete", objectRef={"name": "web-1"}))
    known = outside.used()

    outside.send(outside.event(user="ada", at=outside.clock.now() - timedelta(minutes=5)))

    assert outside.used() == known == ("<@U2>", "deleted Pod web-1")


def test_of_a_persons_many_requests_one_a_minute_is_written(outside: Outside) -> None:
    seen = []
    for seconds in (0, 50, 20):
        outside.clock.advance(seconds=seconds)
        outside.send(outside.event())
        seen.append(outside.blue.last_activity_at)

    assert seen[0] == seen[1]
    assert seen[2] - seen[0] >= timedelta(seconds=70)


def test_another_persons_use_is_written_at_once(outside: Outside) -> None:
    outside.send(outside.event())
    outside.clock.advance(seconds=1)

    outside.send(outside.event(user=ALICE))

    assert outside.used() == (ALICE, "read pods")


def test_what_answers_a_warning_is_written_at_once_and_judged_next(outside: Outside) -> None:
    outside.send(outside.event())
    with outside.store.begin() as records:
        blue = records.environments.lock(outside.blue_id)
        assert blue is not None
        blue.deadline_at = blue.check_at = outside.clock.now() + timedelta(minutes=15)
    outside.clock.advance(seconds=1)

    outside.send(outside.event(verb="delete", objectRef={"name": "web-1"}))

    assert outside.used() == ("<@U2>", "deleted Pod web-1")
    with outside.store.read() as records:
        assert [due.id for due in records.environments.to_check(outside.clock.now())] == [outside.blue_id]


def test_a_namespace_of_the_same_name_elsewhere_and_one_of_nobodys_are_left_alone(outside: Outside) -> None:
    with outside.store.begin() as records:
        gone = records.environments.add(environment("gone", namespace="e-gone", phase="DELETED")).id
        other = records.environments.add(environment("other", namespace="e-other", cluster="gpu")).id

    elsewhere = [outside.event(objectRef={"namespace": name}) for name in ("e-gone", "e-other", "kube-system")]

    assert outside.send(*elsewhere) == 200
    with outside.store.read() as records:
        found = [records.environments.get(each) for each in (gone, other)]
        assert [each.last_activity_by for each in found if each] == ["U1", "U1"]


def test_batches_of_a_busy_cluster_are_taken_as_fast_as_they_come(outside: Outside) -> None:
    """An API server sends 400 events at once, and at the most 10 such batches a second."""
    body = json.dumps(batch(*(recorded() * 7)[:399], outside.event())).encode()
    outside.post(body)

    began = time.process_time()
    statuses = {outside.post(body) for _ in range(10)}

    assert statuses == {200}
    assert time.process_time() - began < 1


# -- who may tell it ---------------------------------------------------------------------------------------------------


def test_the_token_may_come_in_the_path_or_as_a_bearer(outside: Outside) -> None:
    assert outside.send(outside.event()) == 200
    assert outside.send(outside.event(), path="/audit/main", **BEARER) == 200


def test_both_kubeconfigs_of_the_readme_reach_the_door_with_their_token(outside: Outside) -> None:
    configs = [document for document in _readme() if document["kind"] == "Config"]
    paths = [urlsplit(config["clusters"][0]["cluster"]["server"]).path for config in configs]
    tokens = [config["users"][0]["user"]["token"] if "users" in config else None for config in configs]

    statuses = [
        outside.send(outside.event(), path=path.replace("THE-TOKEN", TOKEN), **(BEARER if token else {}))
        for path, token in zip(paths, tokens, strict=True)
    ]

    assert tokens == ["THE-TOKEN", None]
    assert statuses == [200, 200]


def test_the_policy_of_the_readme_leaves_out_nothing_that_counts() -> None:
    (policy,) = [document for document in _readme() if document["kind"] == "Policy"]

    spared = [rule for rule in policy["rules"] if rule["level"] == "None"]

    assert policy["omitStages"] == ["RequestReceived"]
    assert policy["rules"][-1] == {"level": "Metadata", "userGroups": ["system:authenticated"]}
    assert all(
        name.startswith("system:") for rule in spared for key in ("users", "userGroups") for name in rule.get(key, [])
    )


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/audit/main", {}, 401),
        ("/audit/main/guessed", {}, 401),
        ("/audit/main/é", {}, 401),
        ("/audit/main", {"Authorization": "Bearer guessed"}, 401),
        ("/audit/main", {"Authorization": f"Basic {TOKEN}"}, 401),
        ("/audit/elsewhere", {}, 401),
        ("/audit/elsewhere", BEARER, 404),
        (f"/audit/elsewhere/{TOKEN}", {}, 404),
        (f"/audit/main/{TOKEN}/more", {}, 404),
    ],
)
def test_whoever_has_no_token_or_names_no_cluster_is_turned_away(
    outside: Outside, path: str, headers: dict[str, str], status: int
) -> None:
    before = outside.used()

    assert outside.send(outside.event(), path=path, **headers) == status
    assert outside.used() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"kind": "Event"}',
        b'{"kind": "EventList"}',
        b'{"kind": "EventList", "items": {}}',
        b'{"kind": "EventList", "items": [{"auditID": "\\ud800"}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_of_events_is_refused(outside: Outside, body: bytes) -> None:
    assert outside.post(body) == 400


def test_a_list_may_be_empty_or_hold_what_makes_no_sense(outside: Outside) -> None:
    odd: list[Any] = [None, [], "x", {}, {"stage": "ResponseComplete", "objectRef": {"namespace": []}}]

    assert outside.send() == 200
    assert outside.send(*odd, outside.event()) == 200
    assert outside.used() == ("<@U2>", "read pods")


def test_a_body_beyond_all_batches_is_refused_before_it_is_read(outside: Outside) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(17):
            yield b" " * (1 << 20)

    assert outside.post(b" " * ((16 << 20) + 1)) == 413
    assert outside.post(endless()) == 413


def test_nothing_of_a_request_nor_the_token_is_logged(
    outside: Outside, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    outside.send(outside.event(requestURI=f"/{SECRET_WORDS}"))
    outside.send(outside.event(), path=f"/audit/main/{SECRET_WORDS}")
    outside.post(SECRET_WORDS.encode())

    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    printed = capfd.readouterr()
    for secret in (TOKEN, SECRET_WORDS):
        assert secret not in "".join(ours) + printed.out + printed.err


def test_a_batch_that_cannot_be_kept_is_asked_for_again(outside: Outside) -> None:
    done = outside.event()
    _rename(outside.store, "environment", "elsewhere")
    refused = outside.send(done)
    _rename(outside.store, "elsewhere", "environment")

    assert refused == 503
    assert outside.send(done) == 200
    assert outside.used() == ("<@U2>", "read pods")


def _rename(store: Store, table: str, name: str) -> None:
    with store.transaction(writes=True) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")


def _readme() -> list[Any]:
    """The YAML documents that the README shows."""
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)]


def test_answers_over_a_kept_connection_do_not_wait_to_be_sent(outside: Outside) -> None:
    with httpx.Client(base_url=outside.url, trust_env=False) as kept:
        took = sorted(kept.get("/healthz").elapsed for _ in range(20))

    assert took[5] < timedelta(milliseconds=35), "Nagle's algorithm holds each back for 40 ms"
