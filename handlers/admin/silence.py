"""What admins are told when an API server tells nothing any more of what people do. A pure function of facts."""

from collections.abc import Mapping
from typing import Any

from bot.seams.slack import Message
from handlers.blocks import code, header, message, section
from handlers.wording import when

Facts = Mapping[str, Any]


def silence(facts: Facts, tz: str) -> Message:
    """A cluster's API server is silent, and later that it speaks again."""
    cluster = str(facts.get("cluster") or "")
    if facts.get("over_at"):
        over = f"The API server of {code(cluster)} tells again what people do there, since {_at(facts, 'over_at', tz)}."
        return message(
            over, [header("Use is known again"), section(f"{over} Time puts environments to sleep as before.")]
        )
    last = f"told last {_at(facts, 'heard_at', tz)}" if facts.get("heard_at") else "has never told anything"
    told = f"The API server of {code(cluster)} is meant to tell me what people do there, and {last}."
    then = (
        "So nobody knows which environments there are in use, and none of them falls asleep by itself until it tells "
        "again.\nLook at its `--audit-webhook-config-file` and whether it reaches me at `/audit/…`; its policy must "
        "let my own requests for `/version` be told, as README’s does. If it is not meant to tell: set `audit: false` "
        f"for {code(cluster)} in berth.yaml."
    )
    return message(told, [header("Use is not known"), section(f"{told} {then}")])


def _at(facts: Facts, name: str, tz: str) -> str:
    return when(str(facts[name]), tz)
