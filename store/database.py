"""The transactions.

One `Store` a process. `begin()` is a transaction that may write; `read()` one that may not. No transaction is ever held
across a network call to Slack or Kubernetes.
"""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError as StoreError
from sqlmodel import Session

from store.engine import READS, WRITES, open_engine
from store.leader import Leadership
from store.presence import Presence
from store.records import Records

__all__ = ["Store", "StoreError"]

_LONGEST_WAIT = 30.0  # seconds a writer waits for its turn on SQLite before it gives up


class Store:
    """Berth's memory. `url` names an SQLite file or a PostgreSQL database.

    Raises ValueError for any other URL. Nothing is opened before it is used.
    """

    def __init__(self, url: str, *, pool_size: int = 32) -> None:
        self.url = url
        self.engine = open_engine(url, pool_size)
        self._kind = self.engine.dialect.name
        self._writing = threading.Lock()
        self._thread = threading.local()
        self._leadership = Leadership(self.engine)
        self._presence = Presence(self.engine)

    @contextmanager
    def begin(self) -> Iterator[Records]:
        """A transaction: committed at the end, rolled back by an exception. Never begin one inside another."""
        with (
            self.transaction(writes=True) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield Records(session)
            session.flush()

    @contextmanager
    def read(self) -> Iterator[Records]:
        """A look at one moment; nothing written here is kept."""
        with (
            self.transaction() as connection,
            Session(connection, autoflush=False, expire_on_commit=False) as session,
        ):
            yield Records(session)

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        """A bare transaction, for what knows no tables: the schema, and whether the database answers.

        Raises RuntimeError for a write begun inside another of the same thread: it would wait for itself.
        """
        options = WRITES if writes else READS
        with (
            self._turn() if writes else contextlib.nullcontext(),
            self.engine.connect().execution_options(**options[self._kind]) as connection,
            connection.begin(),
        ):
            yield connection

    def lead(self) -> bool:
        """Whether this process runs the timed passes. SQLite has one process; with PostgreSQL one holds a lock.

        The lock belongs to a connection, so a dead leader's lock is free at once.
        """
        return True if self._kind == "sqlite" else self._leadership.held()

    @property
    def is_shared(self) -> bool:
        """Whether other processes may be working on the same database."""
        return self._kind != "sqlite"

    @property
    def process(self) -> str:
        """This process's name among those that share the database; the names of its workers begin with it and `:`."""
        return self._presence.process

    def living(self) -> frozenset[str]:
        """The processes that live, of those that share the database; this one says with it that it does.

        What holds a claim under another name is dead, and was so when this was called.
        """
        return self._presence.living() if self.is_shared else frozenset({self.process})

    def close(self) -> None:
        """Close every connection; a leader's lock goes with its own."""
        self._leadership.close()
        self._presence.close()
        self.engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if getattr(self._thread, "writes", False):
            raise RuntimeError("a transaction was begun inside another")
        with self._queue() if self._kind == "sqlite" else contextlib.nullcontext():
            self._thread.writes = True
            try:
                yield
            finally:
                self._thread.writes = False

    @contextmanager
    def _queue(self) -> Iterator[None]:
        # SQLite lets one write at a time and has the others poll with growing pauses. A queue in the process wakes the
        # next one at once.
        if not self._writing.acquire(timeout=_LONGEST_WAIT):
            raise TimeoutError(f"no turn to write within {_LONGEST_WAIT:.0f} s: a transaction is held open somewhere")
        try:
            yield
        finally:
            self._writing.release()
