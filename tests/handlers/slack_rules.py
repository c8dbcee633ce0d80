"""Slack's word on a message or view: no reason against it, and nothing in it that a person's text put there."""

import json
import re
from typing import Any

from bot.sandbox.slack.blocks import reasons_against, reasons_against_view
from bot.seams.slack import Message

MOST_CHARACTERS = 13_000
"""Of a message's blocks: Slack answers msg_blocks_too_long somewhat above."""


def refuse_nothing(message: Message) -> None:
    """Slack takes the message, with a sentence for those who see no blocks."""
    assert message.text.strip()
    assert len(message.text) <= 3_000
    assert reasons_against(list(message.blocks), "message", frozenset()) == []
    assert len(json.dumps(message.blocks, ensure_ascii=False)) <= MOST_CHARACTERS
    actions = action_ids(list(message.blocks))
    assert len(actions) == len(set(actions))


def refuse_no_view(view: dict[str, Any]) -> None:
    """Slack takes the modal or Home."""
    assert reasons_against_view(view, view["type"], frozenset()) == []


def action_ids(part: Any) -> list[str]:
    """Every action id in blocks, in order; those of forms' fields, which are never clicked, left out."""
    if isinstance(part, list):
        return [found for one in part for found in action_ids(one)]
    if not isinstance(part, dict) or part.get("type") == "input":
        return []
    own = [part["action_id"]] if "action_id" in part else []
    return own + [found for one in part.values() for found in action_ids(one)]


def texts(part: Any) -> list[str]:
    """Everything that Slack reads as mrkdwn."""
    if isinstance(part, list):
        return [found for one in part for found in texts(one)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if part.get("type") == "mrkdwn" else []
    return own + [found for one in part.values() for found in texts(one)]


def references(message: Message) -> set[str]:
    """Every piece of Slack's own markup in a message, but dates and mentions of single people."""
    markup = {found for text in [message.text, *texts(list(message.blocks))] for found in re.findall(r"<[^>]*>?", text)}
    return {one for one in markup if not re.fullmatch(r"<@[UW][A-Z0-9]+>|<!date\^\d+\^[^|<>]+\|[^|<>]+>", one)}
