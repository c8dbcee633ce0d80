"""What every test may ask for. Fixtures of one part of the product live beside its tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from store.database import Store
from tests.databases import KINDS, Databases

# How long an example takes says how busy the machine is; and whoever judges a change must try the same as its author.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("fresh", deadline=None)  # to look for what nobody has thought of
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The cluster that the tests marked `cluster` run against."""
    parser.addoption("--kubeconfig", default=None, help="a real cluster's admin kubeconfig, instead of the sandbox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Chromiums and demos crowd each other out, so one worker runs all that start one, one after the other."""
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("demo"):
            item.add_marker(pytest.mark.xdist_group("crowding"))


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """SQLite files and a real PostgreSQL to make databases in."""
    databases = Databases()
    yield databases
    databases.close()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database; each test runs once on SQLite and once on PostgreSQL."""
    url = databases.fresh(request.param, tmp_path)
    yield url
    databases.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A Store over a migrated, empty database; each test runs once on SQLite and once on PostgreSQL."""
    store = Store(database_url)
    yield store
    store.close()
