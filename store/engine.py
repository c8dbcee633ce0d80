"""One way to open SQLite and PostgreSQL, so that a transaction means the same on both."""

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

_PATIENCE = 15.0  # seconds to wait for SQLite's write lock while another process has it

# What a waiting writer finds after its wait is what the other left, whatever the server's own default is.
WRITES: dict[str, dict[str, Any]] = {
    "sqlite": {"writes": True},
    "postgresql": {"isolation_level": "READ COMMITTED"},
}
# A look sees one moment, however many queries it takes, and cannot write by mistake. SQLite's are so by nature.
READS: dict[str, dict[str, Any]] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
# A replica that freezes, or whose machine is gone, must not keep its locks: the server lets go within a minute.
_POSTGRESQL_SETTINGS = {
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "30s",
    "tcp_keepalives_idle": 30,  # seconds
    "tcp_keepalives_interval": 10,  # seconds
    "tcp_keepalives_count": 3,
}


def open_engine(url: str, pool_size: int) -> Engine:
    """An engine for a database URL. Raises ValueError for a URL of anything but SQLite or PostgreSQL."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed, pool_size=pool_size, max_overflow=8, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    engine = create_engine(
        parsed,
        connect_args={"check_same_thread": False, "timeout": _PATIENCE},
        pool_size=pool_size,
        max_overflow=8,
        hide_parameters=True,  # errors go to the log, people's e-mails do not
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError("the database URL cannot be read: try sqlite:///berth.sqlite") from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
            raise ValueError("the database URL names no file: try sqlite:///berth.sqlite")
        return parsed
    raise ValueError(f"database {parsed.drivername!r} is not supported: use sqlite:///FILE or postgresql://HOST/NAME")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute("; ".join(f"SET {setting} = '{value}'" for setting, value in _POSTGRESQL_SETTINGS.items()))
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own: _begin_sqlite does
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can lose to another writer half-way; taking the write lock at the
    # start makes it wait its turn instead.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
