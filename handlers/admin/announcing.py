"""What is answered to admins who tell something to every owner: how many, and how it will look; then it is told."""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.seams.slack import Message
from bot.usecases.announcing import EVERYWHERE, Announcement
from handlers.blocks import Block, View, code, context, divider, linking, message, person, section
from handlers.call import Call, Modal
from handlers.environments.forms import loading
from handlers.grammar import Command
from handlers.ids import CallbackId
from handlers.literal import entities

_TITLE: Final = "Announce"
_MARKUP: Final = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>|[<>]|&(?!(?:amp|lt|gt);)")
_KEPT: Final = re.compile(r"@[UW][A-Z0-9]{2,20}|#C[A-Z0-9]{2,20}|(?:https?|mailto):[^\s<>|]+")
"""What of Slack's markup an announcement may have: single people, channels by name, and links."""
_TYPED: Final = re.compile(r"&lt;<?((?:https?://|mailto:)[^\s<>|]+?)>?(?:\|([^\n<>|]+?))?&gt;")
"""A link as people write one in Slack's markup, which Slack escapes around the address that it knows itself."""
_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def announce(call: Call, command: Command) -> Modal:
    """/k8s admin announce"""
    cluster, text = command.value("cluster"), command.value("text")
    return Modal(
        loading(_TITLE, "Counting whom it reaches"),
        lambda: planned(call.uses.announcing.plan(call.actor, cluster, text), call.actor.id),
    )


def planned(found: Announcement, by: str) -> View:
    """How many would be told, and what they would see."""
    people = "1 person" if found.people == 1 else f"{found.people:,} people"
    shown = _blocks({"text": found.text, "by": by, "cluster": found.cluster})
    blocks = [section(f"*{people} would be told this.* Nothing has happened yet."), divider(), *shown]
    return View(_TITLE, blocks, CallbackId.ADMIN_BULK, f"Tell {found.people}", "Do not", found.plan_id)


def announcement(facts: Mapping[str, Any], tz: str) -> Message:
    """The message of kind `announcement`."""
    return message(_text(facts), _blocks(facts))


def _blocks(facts: Mapping[str, Any]) -> list[Block]:
    cluster = str(facts.get("cluster") or EVERYWHERE)
    where = "You have an environment" if cluster == EVERYWHERE else f"You have an environment on {code(cluster)}"
    by = person(str(facts.get("by") or ""))
    whom = "everybody who has one" if cluster == EVERYWHERE else "everybody who has one there"
    return [linking(_text(facts)), context(f"{where}. {by} tells this to {whom}.")]


def _text(facts: Mapping[str, Any]) -> str:
    """The text as it was typed, in which nobody but single people can be mentioned."""
    typed = _TURNS.sub("", str(facts.get("text") or ""))
    linked = _TYPED.sub(lambda found: f"<{found[1]}|{found[2] or found[1]}>", typed)
    return _MARKUP.sub(_harmless, linked).strip() or "(nothing)"


def _harmless(found: re.Match[str]) -> str:
    """A piece of markup as it is, if it may stand; what calls everybody becomes its words."""
    if found[1] is None:
        return entities(found[0])
    if _KEPT.fullmatch(found[1]):
        return found[0]
    return entities(found[2] or found[1].lstrip("!").partition("^")[0])
