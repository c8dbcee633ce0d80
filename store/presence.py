"""Which processes live: with PostgreSQL each holds an advisory lock, named by its number, for as long as it does.

The lock is a connection's, and a dead process's connections end with it: so what a dead process had claimed can be
told from what a slow one is still working on, at once and without a heartbeat. Like leadership, it needs a connection
of its own that no pooler shares.
"""

import contextlib
import secrets
import threading

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

_KEY = 0x62_65_72_74  # "bert"; PostgreSQL keeps locks of two numbers apart from those of one, as leadership's
_OURS = (
    "locktype = 'advisory' AND granted AND objsubid = 2 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Presence:
    """One process among those that share a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._one_at_a_time = threading.Lock()
        self._connection: Connection | None = None
        self._number = secrets.randbelow(2**31)

    @property
    def process(self) -> str:
        """What this process is called in `living`."""
        return f"{self._number:08x}"

    def living(self) -> frozenset[str]:
        """Every process that lives, this one included from now on. Raises if there is no database."""
        with self._one_at_a_time:
            if self._connection is not None:
                try:
                    return self._ask(self._connection)
                except DBAPIError:  # the connection broke and the lock went with it
                    self._leave()
            self._connection = self._join()
            return self._ask(self._connection)

    def close(self) -> None:
        """Live no longer."""
        with self._one_at_a_time:
            self._leave()

    def _join(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closing it must end it, not give it to the next user of the pool with its lock
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_KEY}, {self._number})")
        return connection

    def _ask(self, connection: Connection) -> frozenset[str]:
        rows = connection.exec_driver_sql(f"SELECT objid FROM pg_locks WHERE classid = {_KEY} AND {_OURS}")  # noqa: S608  two constants
        return frozenset(f"{number:08x}" for (number,) in rows)

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(DBAPIError):
                connection.close()
