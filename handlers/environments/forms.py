"""The form that makes an environment and the modal that asks before deleting one. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from bot.rules.catalogue import Catalogue, Size
from bot.rules.durations import DurationError, format_duration, parse_duration
from bot.usecases.environments import CreateRequest, Inventory
from bot.usecases.refusal import Refusal
from handlers.blocks import (
    Block,
    View,
    bullets,
    code,
    context,
    escape,
    option,
    question,
    section,
    select,
    text_input,
)
from handlers.ids import BlockId, CallbackId, FieldId
from handlers.wording import lasting
from store.tables import Environment

_A_CHOICE: Final = 2
_SELECTED: Final = 100  # options of one select, at the most
_TTLS: Final = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30, 90))


@dataclass(frozen=True)
class Prefilled:
    """What was typed already before the form was opened, by its word."""

    words: Mapping[str, str] = field(default_factory=dict)
    ttl: timedelta | None = None


def create_form(catalogue: Catalogue, teams: Sequence[str], prefilled: Prefilled) -> View:
    """The form for a new environment; it asks for a team and a cluster only where there is a choice."""
    templates = [option(one.name, description=one.summary) for one in catalogue.templates]
    sizes = [option(one.name, description=size_words(one)) for one in catalogue.sizes]
    ttl = min(prefilled.ttl or catalogue.ttl.default, catalogue.ttl.longest)
    lengths = sorted({one for one in _TTLS if one <= catalogue.ttl.longest} | {ttl})
    ttls = [option(format_duration(one), lasting(one)) for one in lengths]
    words = {"template": catalogue.default_template, "size": catalogue.default_size, **prefilled.words}
    blocks = [
        question(BlockId.NAME, "Name", text_input("blue"), "Yours to choose; a word is enough."),
        question(BlockId.TEMPLATE, "Template", select(templates, words["template"]), "What is in it at first."),
        question(BlockId.SIZE, "Size", select(sizes, words["size"]), "The most it may request."),
        question(BlockId.TTL, "Lives for", select(ttls, format_duration(ttl)), "You are warned first, and can extend."),
        *_choice(BlockId.TEAM, "Team", teams, words.get("team", "")),
        *_choice(BlockId.CLUSTER, "Cluster", [one.name for one in catalogue.clusters], words.get("cluster", "")),
    ]
    return View("New environment", blocks, CallbackId.ENVIRONMENT_CREATE, submit="Create", close="Cancel")


def _choice(block: BlockId, label: str, names: Sequence[str], chosen: str) -> list[Block]:
    if len(names) < _A_CHOICE:
        return []
    initial = chosen.lower() if chosen.lower() in names else names[0]
    hint = "Whose limits it counts in, and who looks after it when you are away." if block is BlockId.TEAM else ""
    return [question(block, label, select([option(name) for name in names[:_SELECTED]], initial), hint)]


def entered(view: Mapping[str, Any]) -> CreateRequest:
    """What the form says. Raises KeyError for a view that is not this form."""
    values = {block: fields[FieldId.VALUE] for block, fields in view["state"]["values"].items()}
    chosen = {block: field["selected_option"]["value"] for block, field in values.items() if block != BlockId.NAME}
    return CreateRequest(
        name=values[BlockId.NAME].get("value") or "",
        template=chosen[BlockId.TEMPLATE],
        size=chosen[BlockId.SIZE],
        ttl=_ttl(chosen[BlockId.TTL]),
        team=chosen.get(BlockId.TEAM),
        cluster=chosen.get(BlockId.CLUSTER),
    )


def _ttl(value: str) -> timedelta:
    try:
        return parse_duration(value, "ttl")
    except DurationError as error:
        raise Refusal(str(error), "") from error


def loading(title: str, doing: str) -> View:
    """What stands in a modal until the slow work is done."""
    return View(title, [section(f"{escape(doing)}…")])


def delete_form(row: Environment, inventory: Inventory) -> View:
    """The question before deleting, with everything that would be lost."""
    volumes = _held("Volumes, with all data in them", inventory.volumes)
    blocks: list[Block] = [
        section(f"*{code(row.name)} goes for good.* Nothing of it can be brought back."),
        section(_held("Workloads", inventory.workloads)),
        section(volumes),
        context("If you may need it again, let it sleep instead: asleep it keeps everything."),
    ]
    submit = f"Delete {row.name}" if len(row.name) <= 17 else "Delete it"
    return View("Delete?", blocks, CallbackId.ENVIRONMENT_DELETE, submit, "Keep it", row.id)


def notice_view(title: str, text: str) -> View:
    """A modal that says one thing; `text` is ready mrkdwn."""
    return View(title, [section(text)])


def _held(what: str, names: Any) -> str:
    lines = [escape(str(name)) for name in names]
    return f"*{what}*\n{bullets(lines)}" if lines else f"*{what}*\nnone"


def size_words(size: Size) -> str:
    """What a size holds."""
    gpu = f", {size.gpu} GPU" if size.gpu else ""
    return f"{size.cpu} CPU, {size.memory} memory, {size.storage} storage, {size.pods} pods{gpu}"
