"""On a Monday morning all wake at once, and the cluster is not asked to start more than it is said to bear."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.rules.manifests import Tenancy, agent_binding
from bot.rules.words import (
    ANNOTATION_CYCLE,
    ANNOTATION_WAKE,
    BERTH,
    LABEL_ENVIRONMENT,
    LABEL_MANAGED_BY,
    Phase,
    Step,
    Wanted,
)
from bot.usecases import intents
from store.tables import Environment
from tests.databases import Databases
from tests.world import Harbour, World, world

LIMIT: Final = 4
MANY: Final = 30
GOOD, BAD = "busybox", "does-not-exist:1"


@pytest.fixture
def morning(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Berth on a cluster that starts few at once."""
    clusters = [{"name": "main", "wakes_at_once": LIMIT}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as found:
        yield found


def _sleeping(company: World, count: int, image: str = GOOD, first: int = 0) -> list[Environment]:
    """Environments that sleep, each with a Deployment that says how it is woken; nobody else remembers."""
    rows = [_row(company.clock.now(), number) for number in range(first, first + count)]
    for row in rows:
        _furnish(company, row, image)
    with company.berth.store.begin() as records:
        for row in rows:
            records.environments.add(row)
    return rows


def _row(now: datetime, number: int) -> Environment:
    return Environment(
        workspace_id="T1",
        owner_id=f"U{number}",
        owner_email=f"person{number}@harbour.example",
        name=f"storm-{number}",
        title=f"storm-{number}",
        cluster="main",
        namespace=f"env-storm-{number}",
        template="blank",
        size="s",
        phase=Phase.SLEEPING,
        wanted=Wanted.SLEEPING,
        steps=[step.value for step in Step],
        operation_by=BERTH,
        operation_at=now,
        released_at=now - timedelta(hours=1),
        created_at=now,
        slept_at=now,
        last_activity_at=now,
        last_activity_by="U1",
        last_activity_what="created it",
    )


def _furnish(company: World, row: Environment, image: str) -> None:
    admin, space = company.harbour.admin, f"/namespaces/{row.namespace}"
    labels = {LABEL_MANAGED_BY: BERTH, LABEL_ENVIRONMENT: row.id}
    admin.call("POST", "/api/v1/namespaces", body={"metadata": {"name": row.namespace, "labels": labels}})
    size = company.berth.uses.catalogue.sizes[0]
    place = Tenancy(
        environment_id=row.id,
        name=row.name,
        namespace=row.namespace,
        owner_id=row.owner_id,
        owner_email=row.owner_email,
        team=None,
        template=row.template,
        size=size,
        expires_at=None,
        ingress_namespaces=(),
    )
    admin.apply(agent_binding(place))
    path = f"/apis/apps/v1{space}/deployments"
    admin.call("POST", path, {"fieldManager": BERTH}, _asleep(image))


def _asleep(image: str) -> dict[str, Any]:
    wake = {"metadata": {"annotations": {ANNOTATION_CYCLE: None, ANNOTATION_WAKE: None}}, "spec": {"replicas": 1}}
    marks = {ANNOTATION_CYCLE: "c", ANNOTATION_WAKE: json.dumps(wake)}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": image}]}}
    return {
        "metadata": {"name": "web", "annotations": marks},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }


def _order(company: World, rows: list[Environment]) -> None:
    with company.berth.store.begin() as records:
        for number, row in enumerate(rows):
            environment = records.environments.lock(row.id)
            assert environment is not None
            asked = company.clock.now() + timedelta(microseconds=number)
            intents.order(environment, intents.by_time(Wanted.RUNNING, "it is Monday"), asked)


def _work_on(company: World) -> None:
    """Do what is due within some seconds."""
    for _ in range(3):
        company.work()
        company.clock.advance(seconds=1)


def _started(company: World) -> list[str]:
    """The namespaces whose Deployment was started."""
    found = company.harbour.admin.list("Deployment")
    return [one["metadata"]["namespace"] for one in found if one["spec"]["replicas"]]


def _unready(company: World) -> int:
    """How many Deployments are started and not ready."""
    found = company.harbour.admin.list("Deployment")
    return sum(one["spec"]["replicas"] > one.get("status", {}).get("readyReplicas", 0) for one in found)


def _work_at_once(company: World, hands: int = 4) -> None:
    """Several workers do what is due."""
    with ThreadPoolExecutor(hands) as pool:
        list(pool.map(lambda _: company.work(), range(hands)))


@pytest.mark.slow
def test_thirty_that_wake_at_once_all_wake_and_never_more_start_than_the_limit(morning: World) -> None:
    rows = _sleeping(morning, MANY)
    _order(morning, rows)

    seen = []
    while morning.waiting():
        while morning.berth.passes.engine.work_one():
            seen.append(_unready(morning))
        morning._wait(min(morning.waiting(), default=morning.clock.now()) - morning.clock.now())

    assert max(seen) <= LIMIT
    assert len(_started(morning)) == MANY
    assert {morning.environment(row.name).phase for row in rows} == {Phase.RUNNING}


def test_what_never_becomes_ready_holds_nobody_up_for_ever_and_the_oldest_come_first(morning: World) -> None:
    stuck = _sleeping(morning, LIMIT, BAD)
    others = _sleeping(morning, LIMIT, first=LIMIT)
    _order(morning, stuck)
    morning.clock.advance(seconds=1)
    _order(morning, others)

    _work_on(morning)
    first = set(_started(morning))
    morning.clock.advance(minutes=2, seconds=5)
    morning.settle()

    assert first == {row.namespace for row in stuck}
    assert set(_started(morning)) == {row.namespace for row in [*stuck, *others]}
    assert {morning.environment(row.name).phase for row in [*stuck, *others]} == {Phase.RUNNING}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_workers_at_once_do_not_exceed_the_limit_together(
    port: Harbour, tmp_path: Path, databases: Databases, kind: str
) -> None:
    url = databases.fresh(kind, tmp_path)
    with world(port, url, tmp_path, clusters=[{"name": "main", "wakes_at_once": LIMIT}]) as company:
        _order(company, _sleeping(company, 10, BAD))

        for _ in range(3):
            _work_at_once(company)
            company.clock.advance(seconds=3)

        assert len(_started(company)) == LIMIT


def test_who_waits_is_told_how_many_come_before(morning: World) -> None:
    morning.says(morning.ada, "/k8s create blue template=web")
    morning.settle()
    morning.says(morning.ada, "/k8s sleep blue")
    morning.settle()
    _order(morning, _sleeping(morning, LIMIT + 2, BAD))
    _work_on(morning)

    morning.says(morning.ada, "/k8s wake blue")
    _work_on(morning)

    told = morning.notices("blue")[-1].facts
    assert told["missing"] == ["Deployment web waiting for its turn (2 before it)"]
    assert told["ready"] == "0/1"
