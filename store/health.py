"""Whether a database can be used, in words: for the command line, which may not know SQLAlchemy.

Changes nothing by itself but what `store.schema.migrate` does, and never repeats a URL, which may hold a password.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from store import schema
from store.database import Store

T = TypeVar("T")


class Unusable(Exception):
    """The database cannot be used as it is; the text says why."""


def pending(url: str) -> list[str]:
    """The migrations that this database lacks, oldest first. Raises Unusable."""
    return _usable(lambda: _pending(url))


def migrate(url: str) -> list[str]:
    """Apply the migrations that this database lacks and give them, oldest first. Raises Unusable."""
    return _usable(lambda: schema.migrate(url))


def _pending(url: str) -> list[str]:
    store = Store(url)
    try:
        file = None if store.is_shared else Path(store.engine.url.database or "")
        return schema.pending(store) if file is None or file.exists() else _of_new(file)
    finally:
        store.close()


def _of_new(file: Path) -> list[str]:
    """What a file that is not there yet will need: looking into it would make it."""
    if not os.access(file.parent, os.W_OK):
        raise ValueError(f"the file {file} cannot be made")
    return schema.revisions()


def in_words(error: Exception) -> str:
    """Why the database cannot be used, from what opening or migrating it raised."""
    if isinstance(error, DBAPIError):
        return f"the database does not answer: {_first_line(error.orig)}"
    if isinstance(error, SQLAlchemyError):
        return f"the database cannot be used: {type(error).__name__}"
    return _first_line(error)


def _usable(work: Callable[[], T]) -> T:
    try:
        return work()
    except (SQLAlchemyError, schema.SchemaTooNew, ValueError) as error:
        raise Unusable(in_words(error)) from error


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
