"""What shows use keeps awake, what is not known does too, and a wrong clock keeps nothing awake for ever."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.rules.words import Phase
from tests.audit import account_of, batch, session
from tests.journeys.people import last, text_of
from tests.journeys.told import TOKEN, ToldWorld
from tests.seams.sayer import Sayer, saying, series
from tests.world import Harbour, World, catalogue_of, launch, settings_for

QUERY = "sum by (namespace) (rate(requests_total[5m]))"
PATCH = "application/merge-patch+json"


@pytest.fixture
def prometheus() -> Iterator[Sayer]:
    """The cluster's Prometheus, which has nothing to say at first."""
    with saying() as sayer:
        sayer.says()
        yield sayer


@pytest.fixture
def blue(port: Harbour, tmp_path: Path, prometheus: Sayer) -> Iterator[World]:
    """Ada has a running `blue` on a cluster whose traffic is asked for. idle_after 4h, warned 15m before."""
    traffic = {"prometheus": prometheus.url, "query": QUERY}
    settings = settings_for(port, f"sqlite:///{tmp_path / 'berth.sqlite'}")
    settings = settings.model_copy(update={"audit_token": SecretStr(TOKEN)})
    catalogue = catalogue_of(tmp_path, clusters=[{"name": "main", "traffic": traffic}])
    found = ToldWorld(port, launch(port, settings, catalogue))
    found.says(found.ada, "/k8s create blue template=web")
    found.settle()
    yield found
    found.berth.stop()


def flows(world: World, prometheus: Sayer, value: str) -> None:
    """Prometheus tells this much traffic of blue."""
    prometheus.says(series(value, namespace=world.environment("blue").namespace))


def tell(world: World, audit_id: str, stage: str) -> None:
    """The API server tells of one end of lin's shell in blue."""
    blue = world.environment("blue")
    who = account_of(world.lin.id, blue.workspace_id)
    done = session(audit_id, stage, user=who, at=world.clock.now(), objectRef={"namespace": blue.namespace})
    answer = httpx.post(f"{world.berth.url}/audit/main/{TOKEN}", json=batch(done), trust_env=False)
    assert answer.status_code == 200


def warned(world: World) -> bool:
    return world.environment("blue").deadline_at is not None


def phase(world: World) -> Phase:
    return world.environment("blue").phase


def test_what_has_no_traffic_is_warned_and_falls_asleep(blue: World, prometheus: Sayer) -> None:
    flows(blue, prometheus, "0")

    blue.pass_time(hours=3, minutes=46)
    announced = warned(blue)
    blue.pass_time(minutes=16)

    assert announced
    assert phase(blue) is Phase.SLEEPING


def test_traffic_is_use_and_is_told_as_what_it_is(blue: World, prometheus: Sayer) -> None:
    flows(blue, prometheus, "2.5")

    blue.pass_time(hours=3, minutes=46)

    assert not warned(blue)
    assert "traffic: the query's value is 2.5" in text_of(blue.says(blue.ada, "/k8s status blue"))


def test_traffic_after_the_warning_answers_it(blue: World, prometheus: Sayer) -> None:
    flows(blue, prometheus, "0")
    blue.pass_time(hours=3, minutes=46)
    flows(blue, prometheus, "0.1")

    blue.pass_time(minutes=16)

    assert phase(blue) is Phase.RUNNING
    assert "traffic" in text_of(last(blue.ada, "Sleep warning"))


@pytest.mark.parametrize(
    ("status", "body", "why"), [(503, {"status": "error", "error": "too busy"}, "too busy"), (200, None, "no value")]
)
def test_traffic_that_is_not_known_keeps_awake(
    blue: World, prometheus: Sayer, status: int, body: Any, why: str
) -> None:
    if body is not None:
        prometheus.answers(body, status)

    blue.pass_time(hours=9)

    assert not warned(blue)
    assert why in " ".join(blue.environment("blue").kept_by)


def test_the_cluster_s_prometheus_is_asked_once_a_pass_and_only_where_something_seems_unused(
    blue: World, prometheus: Sayer
) -> None:
    for name in ("red", "green", "grey"):
        blue.says(blue.ada, f"/k8s create {name}")
    blue.settle()
    blue.pass_time(hours=3)
    asked_early = list(prometheus.asked)

    blue.pass_time(minutes=50)

    assert asked_early == []
    assert prometheus.asked == [("/api/v1/query", [QUERY])]


def test_an_open_shell_keeps_awake_for_as_long_as_it_is_open(blue: World, prometheus: Sayer) -> None:
    flows(blue, prometheus, "0")
    tell(blue, "shell-1", "ResponseStarted")
    blue.pass_time(hours=6)
    while_open = warned(blue)
    tell(blue, "shell-1", "ResponseComplete")
    blue.pass_time(hours=3, minutes=46)
    announced = warned(blue)
    blue.pass_time(minutes=16)

    assert not while_open
    assert announced
    assert phase(blue) is Phase.SLEEPING


def test_a_shell_opened_after_the_warning_answers_it(blue: World, prometheus: Sayer) -> None:
    flows(blue, prometheus, "0")
    blue.pass_time(hours=3, minutes=46)
    tell(blue, "shell-2", "ResponseStarted")

    blue.pass_time(minutes=16)

    assert phase(blue) is Phase.RUNNING
    assert "opened a shell in web-1" in text_of(last(blue.ada, "Sleep warning"))


def test_what_only_a_full_look_shows_is_looked_for_again_at_the_deadline(blue: World, prometheus: Sayer) -> None:
    flows(blue, prometheus, "0")
    blue.pass_time(hours=3, minutes=46)
    blue.clock.advance(minutes=10)
    edit(blue)

    blue.pass_time(minutes=5, seconds=30)

    assert phase(blue) is Phase.RUNNING
    assert "changed ConfigMap notes" in text_of(last(blue.ada, "Sleep warning"))


def test_a_cluster_whose_clock_is_a_year_ahead_keeps_awake_once_and_not_for_a_year(
    blue: World, prometheus: Sayer
) -> None:
    flows(blue, prometheus, "0")
    blue.clock.advance(days=365)
    edit(blue)
    blue.clock.advance(days=-365)
    blue.pass_time(hours=3, minutes=46)
    at_first = warned(blue)
    blue.pass_time(hours=3, minutes=46)
    announced = warned(blue)
    blue.pass_time(minutes=16)

    assert not at_first
    assert announced
    assert phase(blue) is Phase.SLEEPING


def test_a_rollout_dated_a_year_ahead_is_not_fresh_for_a_year(blue: World, prometheus: Sayer) -> None:
    flows(blue, prometheus, "0")
    blue.clock.advance(days=365)
    where = blue.environment("blue").namespace
    body = {"spec": {"template": {"metadata": {"annotations": {"example.com/build": "2"}}}}}
    manager = {"fieldManager": "argocd-controller"}
    blue.harbour.admin.call("PATCH", f"/apis/apps/v1/namespaces/{where}/deployments/web", manager, body, PATCH)
    if blue.harbour.sandbox is not None:
        blue.harbour.sandbox.settle()
    blue.clock.advance(days=-365)
    blue.pass_time(hours=3, minutes=46)
    blue.pass_time(minutes=16)

    assert phase(blue) is Phase.SLEEPING


def test_what_was_noted_while_berths_own_clock_was_ahead_keeps_awake_no_longer_than_use_of_now(
    blue: World, prometheus: Sayer
) -> None:
    flows(blue, prometheus, "0")
    with blue.berth.store.begin() as records:
        row = records.environments.lock(blue.environment("blue").id)
        assert row is not None
        row.last_activity_at += timedelta(days=365)
        row.check_at = blue.clock.now()
    blue.tick()

    blue.pass_time(hours=3, minutes=46)

    assert warned(blue)


def edit(world: World) -> None:
    """Somebody makes a ConfigMap with kubectl, as of the clock's present."""
    where = world.environment("blue").namespace
    body = {"metadata": {"name": "notes"}, "data": {"a": "1"}}
    world.harbour.admin.call("POST", f"/api/v1/namespaces/{where}/configmaps", {"fieldManager": "kubectl"}, body)
