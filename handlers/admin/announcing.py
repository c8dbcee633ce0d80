"""What is answered to admins who tell something to every owner: how many, and how it will look; then it is told."""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.seams.slack import Message
from bot.usecases.announcing import EVERYWHERE, Announcement
from handlers.blocks import Block, View, code, context, divider, escape, linking, message, person, section
from handlers.call import Call, Modal
from handlers.environments.forms import loading
from handlers.grammar import Command
from handlers.ids import CallbackId

_TITLE: Final = "Announce"
_ID: Final = re.compile(r"@([UW][A-Z0-9]{6,20})\b")  # what is left of a mention that was typed


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
    return [linking(_text(facts)), context(f"{where}. Told to everybody who has, by {by}.")]


def _text(facts: Mapping[str, Any]) -> str:
    """The text, in which nobody but single people can be mentioned."""
    return _ID.sub(lambda found: f"<@{found[1]}>", escape(str(facts.get("text") or ""))) or "(nothing)"
