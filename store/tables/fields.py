"""How columns are declared, and ids made."""

import secrets
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from store.columns import Instant, Word


def new_id() -> str:
    """A fresh id: 16 lower-case hex digits, valid as a label value and as a part of a Kubernetes name."""
    return secrets.token_hex(8)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column of the type Instant."""
    return Field(default=None, sa_column=Column(Instant, nullable=nullable, index=index))


def word(default: StrEnum) -> Any:
    """A column of one of the words of `default`'s kind."""
    return Field(default=default, sa_column=Column(Word(type(default)), nullable=False))


def document(default: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """A JSON column that starts empty. Assign a new value to change it: changes inside are not seen."""

    def empty() -> Any:
        """Not `default` itself: pydantic asks for its signature, which takes a built-in type 0.3 ms to tell."""
        return default()

    return Field(default_factory=empty, sa_column=Column(JSON, nullable=False))
