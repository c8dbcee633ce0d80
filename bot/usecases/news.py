"""What people are told about an environment: a message of it, ready to be said in the transaction that causes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from store.tables import Environment, Notice


def about(
    environment: Environment, key: str, kind: str, facts: Mapping[str, Any], recipients: Sequence[str], now: datetime
) -> Notice:
    """A message of a kind, to whoever of the recipients can be reached first; nobody is named twice."""
    return Notice(
        key=key,
        workspace_id=environment.workspace_id,
        environment_id=environment.id,
        kind=kind,
        facts=dict(facts),
        recipients=list(dict.fromkeys(recipients)),
        created_at=now,
        due_at=now,
    )
