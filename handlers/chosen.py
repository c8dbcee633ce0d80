"""What a click says: a button's value, or what stands chosen in all menus around the one that was changed."""

import json
from collections.abc import Mapping
from typing import Any

from handlers.ids import original


def value_of(body: Mapping[str, Any]) -> str:
    """A button's value; for a menu, JSON with what is chosen in each menu of the view or message, by its id."""
    action = body["actions"][0]
    if action.get("type", "button") == "button":
        return action.get("value") or ""
    state = ((body.get("view") or body).get("state") or {}).get("values") or {}
    menus = {original(menu): _chosen(held) for block in state.values() for menu, held in block.items()}
    return json.dumps({menu: value for menu, value in menus.items() if value})


def _chosen(held: Mapping[str, Any]) -> str:
    option = held.get("selected_option") or {}
    return str(option.get("value") or held.get("selected_user") or "")
