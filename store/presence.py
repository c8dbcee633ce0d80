"""Which processes live: with PostgreSQL each holds an advisory lock, named by its number, for as long as it does.

The lock is a connection's, and a dead process's connections end with it: so what a dead process had claimed can be
told from what a slow one is still working on, at once and without a heartbeat.
"""

import secrets

from sqlalchemy import Connection, Engine

from store.own_connection import OwnConnection

_KEY = 0x62_65_72_74  # "bert"; PostgreSQL keeps locks of two numbers apart from those of one, as leadership's
_OURS = (
    "locktype = 'advisory' AND granted AND objsubid = 2 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Presence:
    """One process among those that share a database."""

    def __init__(self, engine: Engine) -> None:
        self._own = OwnConnection(engine, self._begin, _living)
        self._number = secrets.randbelow(2**31)

    @property
    def process(self) -> str:
        """What this process is called in `living`."""
        return f"{self._number:08x}"

    def living(self) -> frozenset[str]:
        """Every process that lives, this one included from now on. Raises if there is no database."""
        return self._own.ask()

    def close(self) -> None:
        """Live no longer."""
        self._own.close()

    def _begin(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_KEY}, {self._number})")


def _living(connection: Connection) -> frozenset[str]:
    rows = connection.exec_driver_sql(f"SELECT objid FROM pg_locks WHERE classid = {_KEY} AND {_OURS}")  # noqa: S608  two constants
    return frozenset(f"{number:08x}" for (number,) in rows)
