"""That one process alone works on an SQLite file: it holds a lock beside it for as long as it lives.

The lock is the kernel's and ends with its holder, however that ends. It is on a file of its own: closing a second
handle of the database would release the locks by which SQLite itself keeps order.
"""

import fcntl
import os
from pathlib import Path

from store.engine import open_engine


class InUse(Exception):
    """Another process works on the database. The text says which file it is."""


class Sole:
    """The lock of one database, once `take` has it. With PostgreSQL there is none: replicas share."""

    def __init__(self, url: str) -> None:
        parsed = open_engine(url, 1).url
        self._database = parsed.database if parsed.get_backend_name() == "sqlite" else None
        self._handle: int | None = None

    def take(self) -> None:
        """Hold the lock until `close` or the end of the process. Raises InUse; OSError where no file can be written."""
        if self._database is None:
            return
        database = Path(self._database).resolve()
        handle = os.open(f"{database}-lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise InUse(
                f"another process works on the database {database}: stop that one, or give this one another "
                "BERTH_DATABASE_URL. Several at once need PostgreSQL"
            ) from None
        self._handle = handle

    def close(self) -> None:
        """Let go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
