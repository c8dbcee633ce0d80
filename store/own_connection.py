"""A connection that one process keeps for itself, with the advisory lock it holds: both end together.

So a dead process loses its lock at once. A pooler that shares connections between clients (PgBouncer's transaction
mode) must not stand between.
"""

import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

Answer = TypeVar("Answer")


class OwnConnection(Generic[Answer]):
    """Asks one question, again and again, over a connection of its own; `begin` is what is done on each new one."""

    def __init__(
        self, engine: Engine, begin: Callable[[Connection], None], question: Callable[[Connection], Answer]
    ) -> None:
        self._engine = engine
        self._begin = begin
        self._question = question
        self._one_at_a_time = threading.Lock()
        self._connection: Connection | None = None

    def ask(self) -> Answer:
        """The answer now, over another connection where the last one broke. Raises if there is no database."""
        with self._one_at_a_time:
            if self._connection is not None:
                try:
                    return self._question(self._connection)
                except DBAPIError:  # the connection broke and the lock went with it
                    self._leave()
            self._connection = self._join()
            return self._question(self._connection)

    def close(self) -> None:
        """End the connection, and what it holds."""
        with self._one_at_a_time:
            self._leave()

    def _join(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closing it must end it, not give it to the next user of the pool with its lock
        self._begin(connection)
        return connection

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(DBAPIError):
                connection.close()
