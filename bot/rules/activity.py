"""Signs that somebody uses an environment, read from what the objects of its namespace carry.

Doubt means use.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rules.managers import is_person


@dataclass(frozen=True)
class Activity:
    """The newest sign of use: when, by whom, doing what."""

    at: datetime
    by: str
    what: str


def newest(signs: Iterable[Activity | None]) -> Activity | None:
    """The newest of several signs."""
    return max((sign for sign in signs if sign is not None), key=lambda sign: sign.at, default=None)


def written_by_people(found: Mapping[str, Any], kind: str) -> list[Activity]:
    """The writes of people to an object, by its managedFields.

    A field belongs to its last writer, so a person's older write may no longer be there: remember what was seen before.
    """
    metadata = found["metadata"]
    return [
        Activity(
            datetime.fromisoformat(entry["time"]),
            entry.get("manager", "somebody"),
            f"changed {kind} {metadata['name']}",
        )
        for entry in metadata.get("managedFields", ())
        if entry.get("time") and entry.get("subresource") != "status" and is_person(entry.get("manager", ""))
    ]
