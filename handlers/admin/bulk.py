"""What admins do to many at once: they are shown who is concerned, agree in the same window, and that is done."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from bot.rules.durations import format_duration
from bot.rules.selection import Selection
from bot.rules.words import Verb, command
from bot.usecases.refusal import Refusal
from handlers.admin import bulk_views as views
from handlers.blocks import View
from handlers.call import Call, Modal
from handlers.environments.forms import loading
from handlers.grammar import Command
from handlers.ids import BlockId, FieldId

_USUAL: Final = "1d"  # how long the overview's button extends


def of(verb: Verb) -> Callable[[Call, Command], Modal]:
    """What answers /k8s admin <verb>."""
    return partial(_typed, verb)


def _typed(verb: Verb, call: Call, typed: Command) -> Modal:
    duration = typed.duration("duration")
    args = {"duration": format_duration(duration)} if duration else {}
    return _planned(call, verb, Selection.of(typed.given), args, typed.given.get("to", ""))


def clicked(call: Call, value: str) -> Modal:
    """A button below the list: `verb selection`."""
    call.uses.admin.authorise(call.actor)
    word, _, written = value.partition(" ")
    if word not in {*Verb}:
        raise Refusal("This button says nothing that could be done", f"Look again with {command('admin')}.")
    verb, selection = Verb(word), Selection.read(written)
    if verb is Verb.TRANSFER:
        return Modal(views.whom(selection))
    return _planned(call, verb, selection, {"duration": _USUAL} if verb is Verb.EXTEND else {})


def whom_given(call: Call, view: dict[str, Any]) -> View:
    """The form that asks to whom was sent: who would be given to them."""
    chosen = _entered(view, BlockId.WHOM).get("selected_user") or ""
    return _plan(call, Verb.TRANSFER, Selection.read(view["private_metadata"]), {}, chosen)


def agreed(call: Call, view: dict[str, Any]) -> View:
    """What was shown was agreed to, for deletion with its count typed."""
    typed = str(_entered(view, BlockId.COUNT).get("value") or "").replace(",", "").strip()
    counted = int(typed) if typed.isdecimal() else None
    report = call.uses.bulk.begin(call.actor, view["private_metadata"], call.source, counted=counted)
    call.uses.background(call.uses.bulk.carry_on_all)
    return views.begun(report, call.berth)


def _planned(call: Call, verb: Verb, selection: Selection, args: Mapping[str, str], to: str = "") -> Modal:
    return Modal(loading(views.TITLE, "Looking who is concerned"), lambda: _plan(call, verb, selection, args, to))


def _plan(call: Call, verb: Verb, selection: Selection, args: Mapping[str, str], to: str) -> View:
    call.uses.admin.authorise(call.actor)
    known = {**args, "to": call.uses.colleagues.find(call.actor, to).id} if to else args
    return views.plan(call.uses.bulk.plan(call.actor, verb, selection, known), call.tz)


def _entered(view: Mapping[str, Any], block: BlockId) -> Mapping[str, Any]:
    """What a field of a form holds; nothing for a form without it."""
    found: Mapping[str, Any] = view["state"]["values"].get(block, {}).get(FieldId.VALUE, {})
    return found
