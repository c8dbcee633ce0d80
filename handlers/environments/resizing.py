"""Resizing: the form that asks for the size, what is answered, and the message that follows it."""

from collections.abc import Mapping
from typing import Any

from bot.rules.words import Phase
from bot.seams.slack import Message
from handlers.blocks import (
    Block,
    View,
    actions,
    bullets,
    code,
    context,
    escape,
    message,
    option,
    person,
    question,
    section,
    select,
    sentence,
)
from handlers.call import Answer, Call, Modal
from handlers.environments.buttons import RESIZE, Subject, buttons
from handlers.environments.forms import notice_view, size_words
from handlers.grammar import Command
from handlers.ids import BlockId, CallbackId, FieldId
from store.tables import Environment

Facts = Mapping[str, Any]

_ONLY_NEW = "The size holds for new pods: what runs already is never stopped by it"


def resize(call: Call, command: Command) -> Answer:
    """/k8s resize: with a size it begins, without one it asks."""
    row = call.uses.environments.named(call.actor, command.value("name"))
    if "size" not in command.given:
        return resize_clicked(call, row.id)
    return _resized(call, row.id, command.value("size"))


def resize_clicked(call: Call, environment_id: str) -> Modal:
    """The button Resize…: asks which size, of those who may."""
    row = call.uses.resizing.check(call.actor, environment_id)
    return Modal(resize_form(row, [option(one.name, description=size_words(one)) for one in call.uses.catalogue.sizes]))


def size_chosen(call: Call, view: dict[str, Any]) -> View:
    """The size was chosen."""
    size = view["state"]["values"][BlockId.SIZE][FieldId.VALUE]["selected_option"]["value"]
    return notice_view("Resize", _resized(call, view["private_metadata"], size).text)


def resize_form(row: Environment, sizes: list[Block]) -> View:
    """The question, with what follows from the answer."""
    blocks = [
        section(f"{code(row.name)} has size {code(row.size)} now."),
        question(BlockId.SIZE, "Size", select(sizes, row.size), "The most it may request."),
        context(f"{_ONLY_NEW}. Volumes keep theirs."),
    ]
    return View("Resize", blocks, CallbackId.ENVIRONMENT_RESIZE, "Resize", "Cancel", row.id)


def resized(facts: Facts, tz: str) -> Message:
    """The message of kind `resize`."""
    name, size, was = (code(_text(facts, key)) for key in ("name", "size", "was"))
    done, over = _text(facts, "state") == "done", [escape(str(one)) for one in facts.get("too_much") or []]
    if _text(facts, "state") == "overtaken":
        return message(f"{name} was to have size {size}, but yet another one was asked for.")
    text = f"{name} has size {size} now, it had {was}." if done else f"{name} gets size {size}, it has {was}."
    problem = facts.get("problem")
    trouble = [section(f"*What is wrong:* {sentence(str(problem))} It is tried again.")] if problem and not done else []
    return message(
        text,
        [
            section(f"*{text}*"),
            *trouble,
            *_too_much(facts, over),
            context(f"Asked for by {person(_text(facts, 'by'))} · {_ONLY_NEW}."),
        ],
    )


def _too_much(facts: Facts, over: list[str]) -> list[Block]:
    """What does not fit into the new size, and the way to another one."""
    if not over:
        return []
    asleep = bool(facts.get("asleep"))
    head = "What it requested when it fell asleep does not fit" if asleep else "What runs in it does not fit"
    then = "some of it will not start when it wakes" if asleep else "it goes on, but what starts anew may be refused"
    subject = Subject(_text(facts, "environment_id"), _text(facts, "name"), Phase.SLEEPING if asleep else Phase.RUNNING)
    said = section(f"*{head}*: {then}.\n{bullets(over)}")
    return [said, *actions(buttons(subject, [RESIZE]))]


def _resized(call: Call, environment_id: str, size: str) -> Message:
    row, changed = call.uses.resizing.resize(call.actor, environment_id, size, call.source)
    name = code(row.name)
    if not changed:
        return message(f"Nothing to do: {name} has size {code(row.size)}.")
    whose = "your" if row.owner_id == call.actor.id else f"{person(row.owner_id)}'s"
    return message(
        f"{name} gets size {code(row.size)}. How it goes is told in {whose} direct messages with {call.berth}."
    )


def _text(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return "" if value is None else str(value)
