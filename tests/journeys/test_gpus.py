"""GPUs cost like cores and memory: metered while awake, saved by sleep, in budgets and in what a request would cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.rules.words import Phase
from tests.journeys.people import click, direct, modal, send, text_of
from tests.world import Harbour, World, world

HOURLY = Decimal("2.50")
CLUSTERS = [{"name": "main", "prices": {"cpu_core_hour": 0, "memory_gib_hour": 0, "gpu_hour": 2.5}}]
SIZES = [
    {"name": "s", "cpu": 2, "memory": "4Gi", "storage": "1Gi", "pods": 9},
    {"name": "g", "cpu": 2, "memory": "4Gi", "storage": "1Gi", "pods": 9, "gpu": 2},
]


def trainer(gpus: int) -> dict[str, Any]:
    """A template that trains on so many GPUs."""
    asked = {"nvidia.com/gpu": str(gpus)}
    container = {
        "name": "train",
        "image": "docker.io/library/busybox:1.37",
        "command": ["sleep", "infinity"],
        "resources": {"requests": asked, "limits": asked},
    }
    labels = {"app": "train"}
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pods}
    return {"name": "train", "manifests": [{"apiVersion": "apps/v1", "kind": "Deployment", **_named("train", spec)}]}


def _named(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": spec}


@contextmanager
def opened(port: Harbour, directory: Path, **changes: Any) -> Iterator[World]:
    told: dict[str, Any] = {
        "clusters": CLUSTERS,
        "sizes": SIZES,
        "templates": [trainer(2), {"name": "blank"}],
        **changes,
    }
    with world(port, f"sqlite:///{directory / 'berth.sqlite'}", directory, **told) as found:
        yield found


@pytest.fixture
def trained(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Ada's environment `blue` trains on two GPUs."""
    with opened(port, tmp_path) as found:
        found.says(found.ada, "/k8s create blue template=train size=g")
        found.settle()
        found.tick()
        yield found


def test_a_gpu_is_paid_awake_and_saved_asleep(trained: World) -> None:
    trained.says(trained.ada, "/k8s extend blue 7d")
    trained.pass_time(hours=10)
    trained.says(trained.ada, "/k8s sleep blue")
    trained.settle()
    trained.pass_time(hours=4)
    told = text_of(trained.says(trained.ada, "/k8s cost blue"))
    report = trained.berth.uses.costs.mine(trained.berth.uses.people.identify("", trained.ada.id))

    assert trained.environment("blue").phase is Phase.SLEEPING
    assert float(report.lines[0].cost) == pytest.approx(float(2 * HOURLY * 10), rel=0.02)
    assert float(report.lines[0].saved) == pytest.approx(float(2 * HOURLY * 4), rel=0.02)
    assert "2.5 per GPU and hour" in told


def test_admins_see_how_many_are_requested_and_what_a_day_of_them_costs(trained: World) -> None:
    trained.says(trained.root, "/k8s admin")
    seen = text_of(modal(trained.root, "a day"))

    assert "2 GPU" in seen
    assert "120.01 USD a day" in seen or "120.00 USD a day" in seen


def test_a_request_says_what_a_week_of_its_gpus_costs(port: Harbour, tmp_path: Path) -> None:
    with opened(port, tmp_path, limits={"person": {"gpu": 0}}) as company:
        click(company.ada, company.says(company.ada, "/k8s create blue size=g"), "Ask for more")
        send(company.ada, modal(company.ada, "somebody else has to allow"), reason="a model")
        modal(company.ada, "The answer comes into your direct messages")
        company.settle()
        where = company.lin.channel("channel", "payments")["id"]

        assert any("up to 840.01 USD a week" in text_of(row) for row in company.lin.sees(where))


def test_a_budget_counts_them(port: Harbour, tmp_path: Path) -> None:
    with opened(port, tmp_path, limits={"person": {"budget": 1}}) as company:
        refused = text_of(company.says(company.ada, "/k8s create blue size=g ttl=2h"))
        made = text_of(company.says(company.ada, "/k8s create red size=s ttl=2h"))

        assert "at most 1 USD" in refused or "may spend 1 USD" in refused
        assert "Making `red`" in made


def test_a_smaller_size_says_which_gpus_will_not_start(trained: World) -> None:
    trained.says(trained.ada, "/k8s sleep blue")
    trained.settle()
    trained.says(trained.ada, "/k8s resize blue s")
    trained.settle()

    assert any("2 GPU, and the size has 0" in text_of(row) for row in direct(trained.ada))
