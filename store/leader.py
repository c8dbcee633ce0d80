"""Which of several replicas runs the timed passes: the one whose connection holds a PostgreSQL advisory lock.

The lock is the connection's, so a leader that dies loses it at once, and one whose connection broke is no longer the
leader, whatever it believes.
"""

from sqlalchemy import Connection, Engine

from store.own_connection import OwnConnection

_KEY = 0x62_65_72_74_68  # "berth"


class Leadership:
    """One process's wish to lead."""

    def __init__(self, engine: Engine) -> None:
        self._own = OwnConnection(engine, self._begin, self._leads)
        self._held = False

    def held(self) -> bool:
        """Whether this process leads now; it does from the moment nobody else does. Raises if there is no database."""
        return self._own.ask()

    def close(self) -> None:
        """Stop leading, and let another."""
        self._own.close()

    def _begin(self, _: Connection) -> None:
        self._held = False  # it competes again

    def _leads(self, connection: Connection) -> bool:
        # A lock taken twice is kept until it is given back twice, so a leader only asks whether its connection lives.
        question = "SELECT true" if self._held else f"SELECT pg_try_advisory_lock({_KEY})"
        self._held = bool(connection.exec_driver_sql(question).scalar_one())
        return self._held
