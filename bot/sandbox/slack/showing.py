"""Opening, changing and closing views: a person's stack of modals and their Home.

Used by the views.* methods and by what an app answers to a submission; both must obey the same rules.
"""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.slack import blocks as block_kit
from bot.sandbox.slack.elements import STATEFUL, placed, states
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.posting import ready_files
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.workspace import Workspace

DEEPEST_STACK = 3
LARGEST_VIEW = 250_000
"""Bytes of a view's JSON."""

TEXTS = ("title", "submit", "close")
DEFAULTS: Json = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "submit_disabled": False,
}


def content(workspace: Workspace, given: Any, kind: str) -> Json:
    """A checked and completed view; raises `view_too_large` and `invalid_arguments` with the reasons."""
    if len(json.dumps(given).encode()) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    if reasons := block_kit.reasons_against_view(given, kind, ready_files(workspace)):
        raise invalid("invalid_arguments", reasons)
    checked: Json = block_kit.without_nulls(given)
    completed = block_kit.completed(checked["blocks"], workspace.new_code)
    return dict.fromkeys(TEXTS) | DEFAULTS | checked | {"blocks": completed}


def wire(workspace: Workspace, view: View) -> Json:
    """The view object of answers and payloads."""
    return view.content | {
        "id": view.id,
        "team_id": workspace.id,
        "state": {"values": states(view.blocks, view.values)},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.id,
        "bot_id": workspace.bot_id,
    }


def _new(
    workspace: Workspace, user: str, given: Json, *, below: View | None = None, channel: str | None = None
) -> View:
    _keep_external_id_unique(workspace, given, None)
    name = workspace.new_id("V")
    root = below.root_id if below else name
    view = View(name, user, given, _hash(workspace), root, below.id if below else None)
    view.channel = below.channel if below else channel
    _choose_current(view)
    return view


def _choose_current(view: View) -> None:
    """Selects that ask for it start with the conversation the person came from, unless they name another."""
    for one in placed(view.blocks):
        asks = one.element.get("default_to_current_conversation") and view.channel
        held, initial = STATEFUL.get(one.element["type"], ("", ""))
        if asks and not one.element.get(initial):
            chosen = [view.channel] if held.endswith("s") else view.channel
            state = {"type": one.element["type"], held: chosen}
            view.values.setdefault(one.block_id, {}).setdefault(one.action_id, state)


def _keep_external_id_unique(workspace: Workspace, given: Json, view: View | None) -> None:
    name = given["external_id"]
    if name and any(one.content["external_id"] == name for one in workspace.open_views() if one is not view):
        raise SlackError("duplicate_external_id")


def _hash(workspace: Workspace) -> str:
    return f"{int(workspace.epoch)}.{workspace.new_code(8)}"


def open_modal(workspace: Workspace, user: str, given: Any, channel: str | None = None) -> View:
    """A new modal, opened from that channel; whatever was open before is gone."""
    view = _new(workspace, user, content(workspace, given, "modal"), channel=channel)
    workspace.stacks[user] = [view]
    workspace.changed("views", user)
    return view


def push(workspace: Workspace, user: str, given: Any) -> View:
    """A modal on top of the open ones; raises `not_found` without one, `push_limit_reached` beyond three."""
    stack = workspace.stacks.get(user)
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= DEEPEST_STACK:
        raise SlackError("push_limit_reached")
    view = _new(workspace, user, content(workspace, given, "modal"), below=stack[-1])
    stack.append(view)
    workspace.changed("views", user)
    return view


def change(workspace: Workspace, view: View, given: Any, expected_hash: str = "") -> View:
    """New content for a view; what was entered stays where block and action ids stay. Raises `hash_conflict`."""
    if expected_hash and expected_hash != view.hash:
        raise SlackError("hash_conflict")
    fresh = content(workspace, given, view.content["type"])
    _keep_external_id_unique(workspace, fresh, view)
    view.content, view.hash, view.errors = fresh, _hash(workspace), {}
    kept = {(one.block_id, one.action_id) for one in placed(view.blocks)}
    view.values = {
        block_id: {name: state for name, state in held.items() if (block_id, name) in kept}
        for block_id, held in view.values.items()
    }
    _choose_current(view)
    workspace.changed("home" if view.content["type"] == "home" else "views", view.user)
    return view


def publish(workspace: Workspace, user: str, given: Any, expected_hash: str = "") -> View:
    """A person's Home; raises `not_enabled` where the app has no Home tab."""
    if not workspace.home_setting("home_tab_enabled"):
        raise SlackError("not_enabled")
    home = workspace.homes.get(user)
    if home is not None:
        return change(workspace, home, given, expected_hash)
    if expected_hash:
        raise SlackError("hash_conflict")
    workspace.homes[user] = _new(workspace, user, content(workspace, given, "home"))
    workspace.changed("home", user)
    return workspace.homes[user]


def close(workspace: Workspace, user: str, *, everything: bool) -> list[View]:
    """Closes the topmost modal, or all; returns those that went, topmost first."""
    stack = workspace.stacks.get(user, [])
    kept = [] if everything else stack[:-1]
    gone = stack[len(kept) :]
    workspace.stacks[user] = kept
    workspace.changed("views", user)
    return gone[::-1]


def found(workspace: Workspace, view_id: str = "", external_id: str = "") -> View:
    """An open modal or a Home by either id; raises `not_found`."""
    for view in workspace.open_views():
        if view_id == view.id or (external_id and external_id == view.content["external_id"]):
            return view
    raise SlackError("not_found")
