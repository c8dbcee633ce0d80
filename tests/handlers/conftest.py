"""A company to type and click in. One for all tests of a module: each makes environments of its own."""

from collections.abc import Iterator

import pytest

from tests.world import World, harbour, world


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Berth between a workspace and a cluster, on SQLite."""
    folder = tmp_path_factory.mktemp("company")
    with harbour(folder, None) as outside, world(outside, f"sqlite:///{folder / 'berth.sqlite'}", folder) as found:
        yield found
        found.settle()


@pytest.fixture
def faulty(company: World) -> Iterator[World]:
    """The same company, for tests that make Slack or the cluster fail; whole again afterwards."""
    yield company
    company.harbour.control.http.delete("/faults")
    if company.harbour.sandbox is not None:
        company.harbour.sandbox.faults.clear()
