"""The migrations make exactly the tables that the code works with, once, on both databases."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from store.database import Store
from store.schema import SchemaTooNew, migrate, pending
from tests.databases import KINDS, Databases


@pytest.fixture(params=KINDS)
def bare(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """A Store over a database without tables."""
    url = databases.bare(request.param, tmp_path)
    store = Store(url)
    yield store
    store.close()
    databases.drop(url)


def test_the_migrated_tables_are_those_of_the_code(store: Store) -> None:
    with store.transaction() as connection:
        wanted = produce_migrations(MigrationContext.configure(connection), SQLModel.metadata).upgrade_ops

    assert isinstance(wanted, UpgradeOps)
    assert wanted.is_empty(), f"the migrations lack:\n{render_python_code(wanted)}"


def test_a_bare_database_lacks_every_revision_and_a_migrated_one_none(bare: Store) -> None:
    assert [line.split()[0] for line in pending(bare)][:1] == ["0001"]

    lacking = pending(bare)

    assert migrate(bare) == lacking
    assert pending(bare) == []
    assert migrate(bare) == []


def test_a_database_is_migrated_by_its_url_too(bare: Store) -> None:
    assert migrate(bare.url)

    assert pending(bare) == []


@pytest.mark.slow
def test_replicas_that_start_at_once_migrate_once(bare: Store) -> None:
    start = [sys.executable, "-c", "import sys; from store.schema import migrate; print(len(migrate(sys.argv[1])))"]

    replicas = [subprocess.Popen([*start, bare.url], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    applied = [int(replica.communicate(timeout=60)[0]) for replica in replicas]

    assert [replica.returncode for replica in replicas] == [0] * 4
    assert sorted(applied)[:3] == [0, 0, 0]
    assert max(applied) > 0
    assert pending(bare) == []


def test_a_failed_migration_leaves_nothing_behind(bare: Store) -> None:
    with bare.transaction(writes=True) as connection:
        connection.execute(text("CREATE TABLE person (in_the_way INTEGER)"))

    with pytest.raises(Exception, match="person"):
        migrate(bare)

    with bare.transaction() as connection:
        tables = connection.dialect.get_table_names(connection)
    assert tables == ["person"]
    assert pending(bare)


def test_a_database_of_a_newer_berth_is_left_alone(store: Store) -> None:
    with store.transaction(writes=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaTooNew, match="9999"):
        pending(store)
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(store)
