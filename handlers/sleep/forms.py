"""The form that asks why an environment must never sleep. Pure functions."""

from collections.abc import Mapping
from typing import Any

from bot.usecases.exemptions import LONGEST_REASON
from handlers.blocks import View, code, context, question, section, text_input
from handlers.ids import BlockId, CallbackId, FieldId
from store.tables import Environment


def exempt_form(row: Environment) -> View:
    """The question, with what follows from the answer."""
    reason = text_input("a customer tests on it until Friday", most=LONGEST_REASON)
    blocks = [
        section(f"{code(row.name)} will not fall asleep by itself any more, however long nobody uses it."),
        question(BlockId.REASON, "Why must it never sleep?", reason, "Everybody who may see it sees the reason."),
        context("Its end comes as before. It can be let sleep again with one click, here or from its status."),
    ]
    return View("Never sleep it?", blocks, CallbackId.ENVIRONMENT_EXEMPT, "Never sleep it", "Cancel", row.id)


def given_reason(view: Mapping[str, Any]) -> str:
    """The reason as typed. Raises KeyError for a view that is not this form."""
    value: str | None = view["state"]["values"][BlockId.REASON][FieldId.VALUE].get("value")
    return value or ""
