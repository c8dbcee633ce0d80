"""What is answered to those who ask for more than a limit allows, and to those who decide about it."""

from functools import partial
from typing import Any

from bot.seams.slack import Message
from bot.usecases.request_news import decided_words
from handlers.blocks import View, code, message, person, sentence
from handlers.call import Call, Modal
from handlers.environments.forms import notice_view
from handlers.grammar import Command
from handlers.ids import COMMAND
from handlers.limits import asking, standing
from handlers.wording import when
from store.tables import LimitRequest


def limits(call: Call, command: Command) -> Message:
    """/k8s limits"""
    return standing.mine(call.uses.limits.mine(call.actor), call.tz)


def ask_clicked(call: Call, value: str) -> Modal:
    """The button Ask for more: asks why."""
    return Modal(asking.ask_form(asking.wish_of(value), value))


def asked(call: Call, view: dict[str, Any]) -> View:
    """Why was given."""
    wish = asking.wish_of(view["private_metadata"])
    request, changed = call.uses.approvals.ask(call.actor, wish, asking.given_reason(view), call.source)
    whom = "a lead of your team" if request.approvers == "leads" else "an admin"
    line = code(f"{COMMAND} {wish.line()}", 200)
    said = f"You asked for {line}." if changed else f"You have asked for {line} already."
    until = when(request.expires_at, call.tz)
    return notice_view(
        "Ask for more",
        f"{said} Now {whom} decides, until {until}. The answer comes into your direct messages with {call.berth}; what "
        "is approved is done by itself.",
    )


def approve_clicked(call: Call, request_id: str) -> Message:
    """The button Approve once."""
    request, changed = call.uses.approvals.approve(call.actor, request_id, None, call.source)
    _go_on(call)
    return message(_approved(call, request) if changed else sentence(decided_words(request)))


def until_clicked(call: Call, request_id: str) -> Modal:
    """The button Approve until…: asks for the day, of those who may."""
    approvals = call.uses.approvals
    return Modal(asking.until_form(approvals.pending(call.actor, request_id), approvals.days(call.actor)))


def approved_until(call: Call, view: dict[str, Any]) -> View:
    """The day was chosen."""
    day = asking.given_day(view)
    request, changed = call.uses.approvals.approve(call.actor, view["private_metadata"], day, call.source)
    _go_on(call)
    return notice_view("Approve until…", _approved(call, request) if changed else sentence(decided_words(request)))


def deny_clicked(call: Call, request_id: str) -> Modal:
    """The button Deny…: asks why, of those who may."""
    return Modal(asking.deny_form(call.uses.approvals.pending(call.actor, request_id)))


def denied(call: Call, view: dict[str, Any]) -> View:
    """Why not was given."""
    reason = asking.given_reason(view)
    request, changed = call.uses.approvals.deny(call.actor, view["private_metadata"], reason, call.source)
    told = f"Denied. {person(request.asker_id)} is told why."
    return notice_view("Deny?", told if changed else sentence(decided_words(request)))


def _approved(call: Call, request: LimitRequest) -> str:
    until = f" until {when(request.raised_until, call.tz)}" if request.raised_until else ", this once"
    return f"Approved{until}. It goes on by itself, and {person(request.asker_id)} is told."


def _go_on(call: Call) -> None:
    """What is approved is done at once; should this process die, the next pass does it."""
    call.uses.background(partial(_settle, call))


def _settle(call: Call) -> None:
    call.uses.carrying_out.settle_due()
