"""Writing rows that must exist once, where another transaction may write the same one at the same moment.

The database judges, in a savepoint, so that the loser's transaction can go on and tell.
"""

import sqlite3
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

_SQLITE_DUPLICATES = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
_POSTGRESQL_DUPLICATE = "23505"  # unique_violation, in the SQLSTATE table of PostgreSQL's manual

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add_once(session: Session, row: SQLModel) -> bool:
    """Whether `row` was added; False if one of its kind is there already."""
    session.flush()  # a fault of what was added before must not be taken for this row's
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if not _is_duplicate(error):
            raise
        return False
    return True


def insert_once(session: Session, row: SQLModel) -> bool:
    """Like `add_once`, in one statement and without a savepoint: for what every delivery waits for.

    The row itself stays outside the session.
    """
    insert = _INSERTS[session.get_bind().dialect.name]
    table = inspect(type(row)).local_table  # the mapped class itself would take the way of bulk inserts, uncounted
    statement = insert(table).values(row.model_dump()).on_conflict_do_nothing()
    return bool(session.exec(statement, execution_options={"preserve_rowcount": True}).rowcount == 1)


def replace(session: Session, row: SQLModel) -> None:
    """Write `row` over the one with its primary key, or as the first."""
    session.flush()
    try:
        with session.begin_nested():
            session.merge(row)
    except IntegrityError as error:
        if not _is_duplicate(error):
            raise
        session.merge(row)  # somebody was first a moment ago, so now there is one to write over


def _is_duplicate(error: IntegrityError) -> bool:
    cause = error.orig
    return (
        getattr(cause, "sqlite_errorcode", None) in _SQLITE_DUPLICATES
        or getattr(cause, "sqlstate", None) == _POSTGRESQL_DUPLICATE
    )
