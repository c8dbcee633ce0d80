"""Columns as revisions write them; one that a released revision uses is never changed."""

from typing import Any

import sqlalchemy as sa


def text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    """A text."""
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=primary_key)


def instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """An instant, with its zone."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def json(name: str) -> sa.Column[Any]:
    """A document."""
    return sa.Column(name, sa.JSON(), nullable=False)


def count(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=nullable)


def flag(name: str) -> sa.Column[Any]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean(), nullable=False)


def environment(*, primary_key: bool = False) -> sa.Column[Any]:
    """Of which environment a row is."""
    return sa.Column(
        "environment_id", sa.String(), sa.ForeignKey("environment.id"), nullable=False, primary_key=primary_key
    )
