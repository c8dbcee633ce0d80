"""What is answered to admins who look at everything: figures, and a list that filters and pages narrow down."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.rules.selection import Selection
from handlers.admin import overview_views as views
from handlers.blocks import View
from handlers.call import Call, Modal
from handlers.environments import listeners as environments
from handlers.environments.forms import loading
from handlers.grammar import Command
from handlers.ids import ActionId

FILTERS: Final[Mapping[ActionId, str]] = {
    ActionId.ADMIN_FILTER_TEAM: "team",
    ActionId.ADMIN_FILTER_CLUSTER: "cluster",
    ActionId.ADMIN_FILTER_PHASE: "phase",
    ActionId.ADMIN_FILTER_OWNER: "owner",
    ActionId.ADMIN_FILTER_UNUSED: "unused",
}
"""Which condition each menu sets."""


def overview(call: Call, command: Command) -> Modal:
    """/k8s admin"""
    return _shown_modal(call, Selection.of(command.given), 0)


def overview_clicked(call: Call, value: str) -> Modal:
    """The button Overview, and those that turn the page: `first selection`, or nothing."""
    first, _, written = value.partition(" ")
    return _shown_modal(call, Selection.read(written), int(first) if first.isdecimal() else 0)


def filtered(call: Call, chosen: str) -> Modal:
    """A menu was changed: the list that all of them mean, from its beginning."""
    found: Mapping[str, str] = json.loads(chosen)
    menus = {FILTERS[ActionId(menu)]: value for menu, value in found.items() if menu in FILTERS}
    return _shown_modal(call, Selection.of({word: value for word, value in menus.items() if value != views.ANY}), 0)


def shown(call: Call, environment_id: str) -> Modal:
    """The button Open of one environment in the list."""
    said = environments.status_clicked(call, environment_id)
    return Modal(loading("Environment", "Looking at it"), lambda: View("Environment", said.message().blocks))


def _shown_modal(call: Call, selection: Selection, first: int) -> Modal:
    return Modal(loading(views.TITLE, "Counting"), lambda: _view(call, selection, first))


def _view(call: Call, selection: Selection, first: int) -> View:
    uses = call.uses.overview
    stretch, summary = uses.stretch(call.actor, selection, first), uses.summary(call.actor)
    if not first:  # it is looked up for each person, which need not be done for each page
        summary = replace(summary, over=call.uses.limits.over(call.actor))
    return views.everything(summary, stretch, call.uses.catalogue, call.tz)
