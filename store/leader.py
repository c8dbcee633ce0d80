"""Which of several replicas runs the timed passes: the one whose connection holds a PostgreSQL advisory lock.

The lock is the connection's, so a leader that dies loses it at once, and one whose connection broke is no longer the
leader, whatever it believes. A pooler that shares connections between clients (PgBouncer's transaction mode) must not
stand between.
"""

import contextlib
import threading

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

_KEY = 0x62_65_72_74_68  # "berth"


class Leadership:
    """One process's wish to lead."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._one_at_a_time = threading.Lock()
        self._connection: Connection | None = None
        self._held = False

    def held(self) -> bool:
        """Whether this process leads now; it does from the moment nobody else does. Raises if there is no database."""
        with self._one_at_a_time:
            if self._connection is not None:
                try:
                    return self._ask(self._connection)
                except DBAPIError:  # the connection broke and the lock went with it: compete again
                    self._leave()
            self._connection = self._join()
            return self._ask(self._connection)

    def close(self) -> None:
        """Stop leading, and let another."""
        with self._one_at_a_time:
            self._leave()

    def _join(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closing it must end it, not give it to the next user of the pool with its lock
        return connection

    def _ask(self, connection: Connection) -> bool:
        # A lock taken twice is kept until it is given back twice, so a leader only asks whether its connection lives.
        question = "SELECT true" if self._held else f"SELECT pg_try_advisory_lock({_KEY})"
        self._held = bool(connection.exec_driver_sql(question).scalar_one())
        return self._held

    def _leave(self) -> None:
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            with contextlib.suppress(DBAPIError):
                connection.close()
