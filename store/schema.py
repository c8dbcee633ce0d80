"""The tables' version: what a database still lacks, and bringing it up to date.

Migrations only go forwards: going back would have to throw away what was remembered since. Several replicas may start
at once; one migrates and the others find it done.
"""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection

from store import migrations
from store.database import Store

_MIGRATION_LOCK = 0x6D_69_67_72  # "migr": one advisory lock for all who would migrate
_ALEMBIC = threading.Lock()  # Alembic's operations are one global of the process


class SchemaTooNew(Exception):
    """A newer Berth has migrated the database to a revision that this one does not know."""


def migrate(store: Store | str) -> list[str]:
    """Bring the tables of a store, or of a database URL, up to date; all of it or, if it fails, nothing.

    Gives the revisions it applied. Raises SchemaTooNew.
    """
    if isinstance(store, str):
        opened = Store(store)
        try:
            return migrate(opened)
        finally:
            opened.close()
    with _ALEMBIC, store.transaction(writes=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # another's migration may take its time
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        missing = _missing(connection)
        if missing:
            _upgrade(connection)
        return missing


def revisions() -> list[str]:
    """Every revision there is, oldest first."""
    return [step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def pending(store: Store) -> list[str]:
    """The revisions that `migrate` would apply, oldest first. Raises SchemaTooNew."""
    with store.transaction() as connection:
        return _missing(connection)


def _missing(connection: Connection) -> list[str]:
    at = MigrationContext.configure(connection).get_current_heads()
    try:
        steps = list(ScriptDirectory.from_config(_config()).iterate_revisions("heads", at or "base"))
    except RevisionError as error:
        raise SchemaTooNew(
            f"the database is at revision {', '.join(at)}, which this Berth does not know: run a newer one"
        ) from error
    return [f"{step.revision} {step.doc}" for step in reversed(steps)]


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    return config
