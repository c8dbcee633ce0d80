"""What an environment uses now is shown where it is known, keeps nobody waiting, and decides nothing."""

import time
from datetime import timedelta
from typing import Any

import pytest

from bot.rules.words import AGENT_ROLE, Phase
from bot.sandbox.cluster import Fault, SandboxCluster
from bot.usecases.consumption import PATIENCE
from tests.journeys.people import buttons, click, direct, modal, text_of
from tests.sandbox.slack.person import until
from tests.world import World

_SLOW = timedelta(seconds=30)
TRIES = 2  # the client sends once more what was not answered
_ROLE = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{AGENT_ROLE}"


@pytest.fixture
def blue(company: World) -> World:
    """Ada has a running `blue` of one pod that requests 50m CPU and 64Mi. idle_after 4h, warned 15m before."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def cluster(world: World) -> SandboxCluster:
    assert world.harbour.sandbox is not None
    return world.harbour.sandbox


def uses(world: World, cpu: str, memory: str, pod: str = "") -> None:
    """From now on each container uses so much."""
    cluster(world).set_load(world.environment("blue").namespace, cpu, memory, pod)


def status(world: World) -> str:
    return text_of(world.says(world.ada, "/k8s status blue"))


def pods(world: World) -> list[dict[str, Any]]:
    return world.harbour.admin.list("Pod", world.environment("blue").namespace)


def test_a_status_shows_what_is_used_beside_what_is_requested(blue: World) -> None:
    uses(blue, "12345678n", "94208Ki")

    said = status(blue)

    assert "Uses 0.012 of 0.05 CPU, 92 of 64 MiB that its pods request; shown only, it never decides" in said


def test_so_do_the_answer_to_why_the_button_and_an_admins_window(blue: World) -> None:
    uses(blue, "20000u", "32Mi")

    why = blue.says(blue.ada, "/k8s why blue")
    click(blue.ada, why, "Status")
    blue.root.does("command", channel=blue.root.channel()["id"], text="/k8s admin")
    everything = modal(blue.root, "*Environments*")
    blue.root.does("click", view_id=everything["id"], **buttons(everything)["Open"])

    line = "Uses 0.02 of 0.05 CPU, 32 of 64 MiB"
    assert line in text_of(why)
    until(lambda: sum(line in text_of(row) for row in direct(blue.ada)) == 2, "the status")
    assert line in text_of(modal(blue.root, "shown only"))


def test_a_running_pod_uses_something_by_itself_once_it_was_measured(blue: World) -> None:
    at_first = status(blue)
    blue.clock.advance(minutes=1)

    said = status(blue)

    assert "CPU" not in at_first
    assert "of 0.05 CPU" in said


def test_a_pod_that_was_not_measured_yet_is_told_apart(blue: World) -> None:
    namespace = blue.environment("blue").namespace
    uses(blue, "50m", "64Mi", pods(blue)[0]["metadata"]["name"])
    blue.harbour.admin.patch("Deployment", "web", namespace, {"spec": {"replicas": 2}})
    until(lambda: len(pods(blue)) == 2, "a second pod")

    said = status(blue)

    assert "Uses 0.05 of 0.1 CPU, 64 of 128 MiB that its pods request (1 of its 2 pods measured yet)" in said


def test_what_sleeps_uses_nothing_and_nobody_is_asked(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    cluster(blue).requests.clear()

    said = status(blue)

    assert "CPU" not in said
    assert not [one for one in cluster(blue).requests.entries() if "metrics.k8s.io" in one.path]


def test_without_a_metrics_server_the_status_says_so_and_all_else(blue: World) -> None:
    cluster(blue).serve_metrics(False)

    said = status(blue)

    assert "What it uses is not known: the cluster has no metrics server." in said
    assert "Falls asleep" in said


def test_older_manifests_lose_the_line_and_nothing_else(blue: World) -> None:
    role = blue.harbour.admin.call("GET", _ROLE)
    rules = [rule for rule in role["rules"] if rule["apiGroups"] != ["metrics.k8s.io"]]
    assert len(rules) < len(role["rules"])
    blue.harbour.admin.call("PATCH", _ROLE, body={"rules": rules}, content_type="application/merge-patch+json")
    uses(blue, "50m", "64Mi")

    said = status(blue)

    assert "CPU" not in said
    assert "not known" not in said
    assert "Falls asleep" in said


@pytest.mark.parametrize("trouble", [{"status": 503}, {"drop": True}])
def test_a_metrics_server_that_fails_loses_the_line_and_nothing_else(blue: World, trouble: dict[str, Any]) -> None:
    uses(blue, "50m", "64Mi")
    namespace = blue.environment("blue").namespace
    cluster(blue).faults.add(Fault(verb="list", resource="pods", namespace=namespace, times=None, **trouble))

    said = status(blue)

    assert "CPU" not in said
    assert "Falls asleep" in said


def test_one_that_answers_late_is_not_waited_for_and_nobody_else_waits(blue: World) -> None:
    namespace = blue.environment("blue").namespace
    cluster(blue).faults.add(Fault(verb="list", resource="pods", namespace=namespace, times=None, latency=_SLOW))
    began = time.monotonic()

    for _ in range(5):
        blue.ada.does("command", channel=blue.ada.channel()["id"], text="/k8s status blue")
    blue.says(blue.mio, "/k8s whoami")
    others_waited = time.monotonic() - began
    said = until(lambda: _statuses(blue) if len(_statuses(blue)) == 5 else [], "every status")

    assert others_waited < 3 * PATIENCE.total_seconds() * TRIES
    assert time.monotonic() - began < _SLOW.total_seconds() / 2
    assert not any("CPU" in one for one in said)


def _statuses(world: World) -> list[str]:
    return [text for row in direct(world.ada) if "Last used" in (text := text_of(row))]


def test_what_is_busy_and_unused_is_warned_and_sleeps_all_the_same(blue: World) -> None:
    uses(blue, "500m", "128Mi")

    blue.pass_time(hours=3, minutes=46)
    warned = blue.environment("blue").deadline_at is not None
    busy = status(blue)
    blue.pass_time(minutes=16)

    assert warned
    assert "Uses 0.5 of 0.05 CPU" in busy
    assert blue.environment("blue").phase is Phase.SLEEPING
