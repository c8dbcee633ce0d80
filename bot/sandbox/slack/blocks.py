"""Checks blocks and views against Slack's limits, and completes them with the ids Slack would generate.

The limits of single fields are rows of a table; here are the rules that span fields or whole messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.elements import MOMENTARY, STATEFUL, options_of, placed
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.rules import Many, Part, objection

Check = Callable[[Json, str], Iterator[str]]


def reasons_against(blocks: list[Any], surface: str, files: frozenset[str], at: str = "/blocks") -> list[str]:
    """Every reason for which Slack would refuse these blocks there; `files` are the images it may show."""
    blocks = without_nulls(blocks)
    kinds = tuple(kind for kind, block in limits.BLOCKS.items() if surface in block.surfaces)
    rule = Many(Part(limits.SHAPES, kinds), limits.MOST_BLOCKS[surface], 0)
    found = list(rule.objections(blocks, at))
    if found:
        return found
    for index, block in enumerate(blocks):
        found += _spanning(block, f"{at}/{index}", files)
    return found + list(_repeated_ids(blocks, at)) + list(_too_many(blocks, at))


def reasons_against_view(view: Any, kind: str, files: frozenset[str]) -> list[str]:
    """Every reason for which Slack would refuse that view as a modal or a Home."""
    if not isinstance(view, dict):
        return [objection("must provide an object", "/view")]
    if view.get("type") != kind or kind not in tuple(limits.VIEWS):
        return [objection(f"must be one of: {kind or 'modal, home'}", "/view/type")]
    found = list(limits.VIEWS[kind].objections(view, "/view"))
    blocks = view.get("blocks")
    found += reasons_against(blocks if isinstance(blocks, list) else [], kind, files, "/view/blocks")
    if not isinstance(blocks, list):
        found.append(objection("must provide an array", "/view/blocks"))
    elif kind == "modal" and not view.get("submit") and any(_kind(block) == "input" for block in blocks):
        found.append(objection("missing required field: submit", "/view"))
    return found


def holds(part: Any, kind: str) -> bool:
    """Whether a block of that type stands in there, however deep."""
    if isinstance(part, list):
        return any(holds(one, kind) for one in part)
    return isinstance(part, dict) and (part.get("type") == kind or any(holds(one, kind) for one in part.values()))


def without_nulls(part: Any) -> Any:
    """A copy without the fields that are null: Slack takes them for absent."""
    if isinstance(part, list):
        return [without_nulls(one) for one in part]
    if isinstance(part, dict):
        return {name: without_nulls(one) for name, one in part.items() if one is not None}
    return part


def _kind(block: Any) -> Any:
    return block.get("type") if isinstance(block, dict) else None


def _spanning(part: Any, at: str, files: frozenset[str]) -> Iterator[str]:
    """Objections of the rules that span fields, for a part and everything in it."""
    if isinstance(part, list):
        for index, one in enumerate(part):
            yield from _spanning(one, f"{at}/{index}", files)
    elif isinstance(part, dict):
        check = SPANNING.get(str(part.get("type")))
        if check:
            yield from check(part, at)
        if "slack_file" in part and (part["slack_file"] or {}).get("id", "") not in files | {""}:
            yield objection("invalid slack file", f"{at}/slack_file")
        for name, one in part.items():
            yield from _spanning(one, f"{at}/{name}", files)


def _initial_choice(element: Json, at: str) -> Iterator[str]:
    known = [option["value"] for option in options_of(element)]
    for name in ("initial_option", "initial_options"):
        given = element.get(name) or []
        chosen = given if isinstance(given, list) else [given]
        if any(option["value"] not in known for option in chosen):
            yield objection(f"{name} must be among the options", f"{at}/{name}")
    if len(set(known)) < len(known) and element["type"] in {"checkboxes", "radio_buttons"}:
        yield objection("option values must be unique", f"{at}/options")


def _even_rows(block: Json, at: str) -> Iterator[str]:
    if len({len(row) for row in block["rows"]}) > 1:
        yield objection("all rows must have the same number of cells", f"{at}/rows")
    if block["type"] == "data_table":
        if block.get("row_header_column_index", 0) >= len(block["rows"][0]):
            yield objection("must be the index of a column", f"{at}/row_header_column_index")
        if any(cell["type"] == "rich_text" for cell in block["rows"][0]):
            yield objection("header cells cannot be rich_text", f"{at}/rows/0")
        if _length(block["rows"]) > limits.MOST_TABLE_CHARACTERS:
            yield objection(f"must be less than {limits.MOST_TABLE_CHARACTERS + 1} characters", f"{at}/rows")


def _matching_series(chart: Json, at: str) -> Iterator[str]:
    categories = chart["axis_config"]["categories"]
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) < len(names):
        yield objection("series names must be unique", f"{at}/series")
    for index, series in enumerate(chart["series"]):
        if [point["label"] for point in series["data"]] != categories:
            yield objection("must have one point per category, in the same order", f"{at}/series/{index}/data")


def _plain_header(block: Json, at: str) -> Iterator[str]:
    if block.get("is_collapsible") and block.get("has_header_divider"):
        yield objection("has_header_divider cannot be combined with is_collapsible", f"{at}/has_header_divider")
    if _length(block.get("rich_text_title") or {}) > limits.MOST_RICH_TITLE:
        yield objection(f"must be less than {limits.MOST_RICH_TITLE + 1} characters", f"{at}/rich_text_title")


def _started(block: Json, at: str) -> Iterator[str]:
    if block.get("status") == "pending" and "/tasks/" not in at:
        yield objection("a task on its own cannot be pending", f"{at}/status")


SPANNING: dict[str, Check] = {
    **dict.fromkeys(("static_select", "multi_static_select", "checkboxes", "radio_buttons"), _initial_choice),
    **dict.fromkeys(("table", "data_table"), _even_rows),
    **dict.fromkeys(("bar", "line", "area"), _matching_series),
    "container": _plain_header,
    "task_card": _started,
}


def _repeated_ids(blocks: list[Json], at: str) -> Iterator[str]:
    """block_id is unique in a message or view; action_id within its block, which is what Slack enforces."""
    named = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    for block_id, times in named.items():
        if times > 1:
            yield objection(f"block_id {block_id} already exists for another block", at)
    elements = [(id(one.block), one.element.get("action_id")) for one in placed(blocks)]
    for (_, action_id), times in Counter(elements).items():
        if action_id and times > 1:
            yield objection(f"action_id {action_id} already exists for another element", at)


def _too_many(blocks: list[Json], at: str) -> Iterator[str]:
    counted = Counter(block["type"] for block in blocks)
    for kind, most in limits.MOST_OF_A_KIND.items():
        if counted[kind] > most:
            yield objection(f"no more than {most} blocks of type {kind} allowed", at)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > limits.MOST_MARKDOWN:
        yield objection(f"markdown must be less than {limits.MOST_MARKDOWN + 1} characters in all", at)


def characters(blocks: list[Json]) -> int:
    """How many characters the blocks show, those of tables and charts aside: they have limits of their own."""
    return sum(_length(block) for block in blocks if block["type"] not in {"data_table", "table", "data_visualization"})


def _length(part: Any) -> int:
    if isinstance(part, list):
        return sum(_length(one) for one in part)
    if isinstance(part, dict):
        own = len(part["text"]) if isinstance(part.get("text"), str) else 0
        return own + sum(_length(one) for one in part.values() if isinstance(one, dict | list))
    return 0


def completed(blocks: list[Json], new_code: Callable[[int], str]) -> list[Json]:
    """A copy in which every block has a block_id and every interactive element an action_id."""
    fresh: list[Json] = without_nulls(blocks)
    for block in fresh:
        block.setdefault("block_id", new_code(5))
        _name_parts(block, new_code)
    return fresh


def _name_parts(part: Any, new_code: Callable[[int], str]) -> None:
    if isinstance(part, list):
        for one in part:
            _name_parts(one, new_code)
    elif isinstance(part, dict):
        if part.get("type") in STATEFUL or part.get("type") in MOMENTARY:
            part.setdefault("action_id", new_code(5))
        for child in [*(part.get("child_blocks") or []), *_cards(part)]:
            child.setdefault("block_id", new_code(5))
        for value in part.values():
            _name_parts(value, new_code)


def _cards(part: Json) -> list[Json]:
    cards: list[Json] = part["elements"] if part.get("type") == "carousel" else []
    return cards
