"""Interactive elements: which state each kind holds, and what a person can do with it.

One row per kind, so that a click, a form's values and an initial value are read in one way for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json

State = dict[str, dict[str, Json]]

STATEFUL = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "file_input": ("files", ""),
}
"""Kind → the field of its state, and the field of its initial value."""

MOMENTARY = {
    "button": "",
    "workflow_button": "",
    "icon_button": "",
    "feedback_buttons": "",
    "overflow": "selected_option",
}
"""Kinds that act and hold nothing; an overflow menu still says what was chosen."""

ECHOED = ("value", "text", "style", "placeholder", "url")
"""Fields of an element that its action repeats."""


@dataclass(frozen=True)
class Placed:
    """An element and the block it stands in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The block's id."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's id."""
        return str(self.element["action_id"])


def placed(blocks: list[Json]) -> Iterator[Placed]:
    """Every interactive element of the blocks, in order, with its block."""
    for block in blocks:
        if block.get("type") in {"container", "carousel"}:
            yield from placed(block.get("child_blocks") or block.get("elements") or [])
            continue
        for element in _elements(block):
            if element.get("type") in STATEFUL or element.get("type") in MOMENTARY:
                yield Placed(block, element)


def _elements(block: Json) -> list[Json]:
    single = [block[name] for name in ("accessory", "element") if isinstance(block.get(name), dict)]
    many = block.get("actions" if block.get("type") == "card" else "elements", [])
    return single + [element for element in many if isinstance(element, dict)]


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> Placed:
    """The element with that id, in that block where one is named; raises `element_not_found`."""
    for one in placed(blocks):
        if one.action_id == action_id and block_id in {None, one.block_id}:
            return one
    raise SlackError("element_not_found", action_id=action_id, block_id=block_id)


def states(blocks: list[Json], entered: State) -> State:
    """What every stateful element holds: what was entered, else its initial value."""
    values: State = {}
    for one in placed(blocks):
        kind = one.element["type"]
        if kind not in STATEFUL:
            continue
        held, initial = STATEFUL[kind]
        known = entered.get(one.block_id, {}).get(one.action_id)
        empty: object = [] if held.endswith("s") and kind != "file_input" else None
        state = known or {"type": kind, held: one.element.get(initial, empty)}
        values.setdefault(one.block_id, {})[one.action_id] = state
    return values


def options_of(element: Json) -> list[Json]:
    """All options of an element, those inside groups included."""
    grouped = [option for group in element.get("option_groups") or [] for option in group["options"]]
    return list(element.get("options") or []) + grouped


def resolve(element: Json, given: object, offered: list[Json]) -> Json:
    """The full option that was chosen, by itself or by its value; raises `option_not_found`."""
    value = given.get("value") if isinstance(given, dict) else given
    for option in options_of(element) + offered:
        if option.get("value") == value:
            return option
    raise SlackError("option_not_found", value=value)


def state_of(element: Json, given: Json, offered: list[Json]) -> Json:
    """The state an element takes when a person enters `given` (the state's own field, or `value` for short)."""
    kind = element["type"]
    held = STATEFUL[kind][0] if kind in STATEFUL else MOMENTARY[kind]
    if not held:
        return {"type": kind}
    chosen = given.get(held, given.get("value"))
    if held == "selected_option" and chosen is not None:
        chosen = resolve(element, chosen, offered)
    if held == "selected_date" and chosen is not None and not _is_date(chosen):
        raise SlackError("invalid_date", value=chosen)
    if held == "selected_options":
        chosen = [resolve(element, one, offered) for one in chosen or []]
    return {"type": kind, held: chosen}


def _is_date(given: object) -> bool:
    """Whether a calendar could have given it: a day that there is, as `2026-11-02`."""
    try:
        return isinstance(given, str) and date.fromisoformat(given).isoformat() == given
    except ValueError:
        return False


def action_of(one: Placed, state: Json, ts: str) -> Json:
    """One entry of a block_actions payload's `actions`."""
    echoed = {name: one.element[name] for name in ECHOED if name in one.element and name not in state}
    return {"action_id": one.action_id, "block_id": one.block_id} | echoed | state | {"action_ts": ts}
