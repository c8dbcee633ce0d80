"""A company to live in; on a real cluster with `--kubeconfig PATH`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.custom_kinds import install_custom_kinds
from tests.journeys.fleet import Fleet
from tests.world import Harbour, World, harbour, world


@pytest.fixture
def kubeconfig(request: pytest.FixtureRequest) -> str | None:
    """The real cluster's kubeconfig, if one was given; only for tests that need nothing of the sandbox itself."""
    path: str | None = request.config.getoption("--kubeconfig")
    return path if request.node.get_closest_marker("cluster") else None


@pytest.fixture
def port(tmp_path: Path, kubeconfig: str | None) -> Iterator[Harbour]:
    """The outside worlds."""
    with harbour(tmp_path, kubeconfig) as found:
        yield found


@pytest.fixture
def company(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Berth between them, on SQLite."""
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path) as found:
        yield found


@pytest.fixture
def fleet(company: World) -> Fleet:
    """Ada's environment blue, on a cluster that knows every kind."""
    install_custom_kinds(company.harbour.admin)
    company.says(company.ada, "/k8s create blue")
    company.settle()
    return Fleet(company.harbour.admin, company.environment("blue").namespace)
