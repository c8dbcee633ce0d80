"""The button and the forms by which more is asked for, and decided about. Pure functions."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.rules.raises import RaiseDays, day_words
from bot.usecases.approvals import LONGEST_REASON
from bot.usecases.refusal import Refusal
from bot.usecases.wishes import Wish
from handlers.blocks import (
    Block,
    Button,
    View,
    code,
    context,
    date_picker,
    person,
    question,
    quotation,
    section,
    text_input,
)
from handlers.ids import COMMAND, ActionId, BlockId, CallbackId, FieldId
from store.tables import LimitRequest


def ask_for_more(wish: Mapping[str, Any]) -> Button:
    """The button under a refusal. Its value says what is wished, and lets nothing through: it is judged when asked."""
    value = json.dumps(dict(wish), ensure_ascii=False)
    return Button(ActionId.LIMIT_ASK, "Ask for more", value, "primary", spoken="Ask for more than the limit")


def wish_of(value: str) -> Wish:
    """The wish of such a button. Raises Refusal for what is none."""
    try:
        return Wish.read(json.loads(value))
    except ValueError as error:
        raise Refusal("This button says nothing that could be asked for", "Type the command again.") from error


def ask_form(wish: Wish, value: str) -> View:
    """Why it is needed."""
    reason = text_input("the load test of release 5 needs it this week", most=LONGEST_REASON)
    blocks = [
        section(f"You ask for {code(f'{COMMAND} {wish.line()}', 200)}, which somebody else has to allow."),
        question(BlockId.REASON, "Why?", reason, "Whoever decides reads it, with what a week of it costs."),
        context("If it is approved it is done by itself, and you are told. Nobody decides about their own request."),
    ]
    return View("Ask for more", blocks, CallbackId.LIMIT_ASK, "Ask", "Cancel", value)


def until_form(request: LimitRequest, days: RaiseDays) -> View:
    """Until when. Old limits hold again after the end of the day, where whoever approves is."""
    hint = f"The limit is raised to the end of that day in {days.zone}, {day_words(days.last)} at the latest."
    blocks = [*_wanted(request), question(BlockId.UNTIL, "Until which day?", date_picker(days.usual), hint)]
    return View("Approve until…", blocks, CallbackId.LIMIT_APPROVE_UNTIL, "Approve", "Cancel", request.id)


def deny_form(request: LimitRequest) -> View:
    """Why not."""
    reason = text_input("the budget of this month is needed for the release", most=LONGEST_REASON)
    blocks = [
        *_wanted(request),
        question(BlockId.REASON, "Why not?", reason, "Whoever asked reads it."),
    ]
    return View("Deny?", blocks, CallbackId.LIMIT_DENY, "Deny", "Cancel", request.id)


def given_reason(view: Mapping[str, Any]) -> str:
    """The reason as typed. Raises KeyError for a view that is not such a form."""
    value: str | None = view["state"]["values"][BlockId.REASON][FieldId.VALUE].get("value")
    return value or ""


def given_day(view: Mapping[str, Any]) -> date:
    """The day as chosen. Raises KeyError for a view that is not that form, and Refusal where no day is."""
    chosen = view["state"]["values"][BlockId.UNTIL][FieldId.VALUE].get("selected_date")
    try:
        return date.fromisoformat(chosen or "")
    except ValueError as error:
        raise Refusal("That is no day", "Choose one in the calendar.") from error


def _wanted(request: LimitRequest) -> list[Block]:
    line = code(f"{COMMAND} {Wish.read(request.wish).line()}", 200)
    return [section(f"{person(request.asker_id)} asks for {line}:"), quotation(request.reason)]
