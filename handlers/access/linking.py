"""Linking the company's login: the URL for one person's eyes, and the question in Slack whether it was them."""

from collections.abc import Mapping
from typing import Any

from bot.rules.identity import Login
from bot.seams.slack import Message
from bot.usecases.link_tickets import TICKETS_LAST
from handlers.blocks import (
    Button,
    View,
    actions,
    code,
    context,
    escape,
    header,
    message,
    question,
    section,
    shorten,
    text_input,
)
from handlers.call import Call, Modal
from handlers.environments.forms import notice_view
from handlers.grammar import Command
from handlers.ids import COMMAND, ActionId, BlockId, CallbackId, FieldId
from handlers.wording import lasting, parsed, when


def link(call: Call, command: Command) -> Message:
    """/k8s link"""
    url = call.uses.links.offer(call.actor)
    text = "Log in with your company login to prove who you are."
    return message(
        text,
        [
            header("Link your company login"),
            section(f"*<{url}|Log in>*, then come back: I ask you here whether it was you."),
            context(f"The link is for you alone, works once and for {lasting(TICKETS_LAST)}. Give it to nobody."),
        ],
    )


def unlink(call: Call, command: Command) -> Message:
    """/k8s unlink"""
    login = call.uses.links.unlink(call.actor, call.source)
    return message(
        f"You are no longer linked to {_login(login.email)}. {code(f'{COMMAND} whoami')} says who you are now."
    )


def confirm_clicked(call: Call, ticket: str) -> Message | Modal:
    """The button That was me."""
    if call.uses.links.needs_code(call.actor, ticket):
        return Modal(_code_form(ticket))
    return message(_linked(call.uses.links.confirm(call.actor, ticket, "", call.source)))


def code_given(call: Call, view: dict[str, Any]) -> View:
    """The code from the browser was entered."""
    typed = view["state"]["values"][BlockId.CODE][FieldId.VALUE].get("value") or ""
    login = call.uses.links.confirm(call.actor, view["private_metadata"], typed, call.source)
    return notice_view("Linked", _linked(login))


def undo_clicked(call: Call, ticket: str) -> Message:
    """The buttons That was not me and Undo."""
    call.uses.links.undo(call.actor, ticket, call.source)
    return message(
        f"That login is not linked to you. {code(f'{COMMAND} link')} gives you a new link. "
        "If you did not give the last one away, tell an admin."
    )


def link_asked(facts: Mapping[str, Any], tz: str) -> Message:
    """The message that asks whether it was them, and what came of it."""
    who, ticket = _login(str(facts.get("email") or "somebody")), str(facts.get("ticket") or "")
    outcome = facts.get("outcome")
    if outcome == "linked":
        text = f"You have linked your company login {who}."
        undo = Button(ActionId.LINK_UNDO, "Undo", ticket, spoken="Undo: I am not this login")
        return message(text, [section(text), *actions([undo])])
    if outcome:
        return message(f"The login {who} is not linked to you.")
    text = f"Somebody has logged in as {who} by the link that I gave you. Was that you?"
    coded = " The page in your browser shows a code that I shall ask for." if facts.get("coded") else ""
    at = f" at {code(str(facts['issuer']), 120)}" if facts.get("issuer") else ""
    return message(
        text,
        [
            section(f"Somebody has logged in as *{who}*{at} by the link that I gave you. *Was that you?*{coded}"),
            *actions(
                [
                    Button(ActionId.LINK_CONFIRM, "That was me", ticket, "primary", spoken="That was me: link it"),
                    Button(ActionId.LINK_UNDO, "That was not me", ticket, "danger"),
                ]
            ),
            context("Nothing is linked before you say so. If you do not know this login, somebody else had your link."),
        ],
    )


def login_ends(facts: Mapping[str, Any], tz: str) -> Message:
    """The message that groups of the company login will not count much longer."""
    ends_at = parsed(facts.get("ends_at"))
    until = f" until {when(ends_at, tz)}" if ends_at is not None else ""
    return message(
        f"What you may by groups of the company login holds{until}, as nobody tells me when they change. "
        f"{code(f'{COMMAND} link')} lets them count on; your environments stay yours either way."
    )


def _linked(login: Login) -> str:
    return f"You are linked to {_login(login.email)}. {code(f'{COMMAND} whoami')} says what follows from it."


def _login(email: str) -> str:
    return escape(shorten(email, 254))


def _code_form(ticket: str) -> View:
    field = question(BlockId.CODE, "The code", text_input("ABCD-EFGH", most=20), "It stands in your browser.")
    said = "Enter the code from the page in the browser in which you have just logged in."
    return View("That was me", [section(said), field], CallbackId.LINK_CODE, "Link", metadata=ticket)
