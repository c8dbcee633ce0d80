"""Block Kit as plain dicts, built by pure functions that keep within Slack's limits.

Slack refuses a whole message for one character too many, so every builder clamps, and `message` and the views clamp
once more. Text that a person typed gets in only through `escape`, `code`, `person` or a plain_text object: none of
these can mention a channel, forge a link, look like ours or break out of a code span. Plain dicts rather than
slack_sdk's models, because those drop the blocks they do not know.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from bot.rules.words import JOINED, NAMED
from bot.seams.slack import Message
from handlers.ids import COPY_MARK, ActionId, BlockId, CallbackId, FieldId
from handlers.literal import entities, literal, one_line

Block = dict[str, Any]

MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
MESSAGE_CHARACTERS: Final = 12_000  # Slack answers msg_blocks_too_long somewhere above 13,000
VIEW_CHARACTERS: Final = 60_000  # a quarter of Slack's 250 kB, which counts bytes after its own encoding
TEXT_CHARACTERS: Final = 3_000
CUT: Final = "…"
_OURS: Final = re.compile(rf"{NAMED}([^{NAMED}]*){NAMED}|/k8s(?:{JOINED}\S+)+")
"""A name or a command, set apart by what nobody else writes."""
_STOPS: Final = ".,:;)"
_STANDS_FOR_ONE: Final = "\ue000"


@dataclass(frozen=True)
class Confirm:
    """What Slack asks before a click counts."""

    title: str
    text: str
    yes: str
    no: str

    def block(self) -> Block:
        """The object. Its style is that of what cannot be taken back."""
        return {
            "title": plain(self.title, 100),
            "text": plain(self.text, 300),
            "confirm": plain(self.yes, 30),
            "deny": plain(self.no, 30),
            "style": "danger",
        }


@dataclass(frozen=True)
class Button:
    """A button. `value` is what comes back; `spoken` is read aloud where the label alone says too little."""

    action: ActionId
    label: str
    value: str = ""
    style: Literal["", "primary", "danger"] = ""
    spoken: str = ""
    confirm: Confirm | None = None

    def block(self) -> Block:
        """The element."""
        built: Block = {"type": "button", "action_id": str(self.action), "text": plain(self.label, 75)}
        extras: Block = {
            "value": shorten(self.value, 2000),
            "style": self.style,
            "accessibility_label": shorten(self.spoken, 75),
            "confirm": self.confirm.block() if self.confirm else None,
        }
        return built | {name: value for name, value in extras.items() if value}


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of text in which Slack reads no markup."""
    return text if len(text) <= limit else text[: limit - 1] + CUT


def clamp(text: str, limit: int) -> str:
    """At most `limit` characters of mrkdwn, never ending inside an entity, a mention or a code span."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 2]
    cut = cut[: cut.rindex("<")] if cut.rfind("<") > cut.rfind(">") else cut
    cut = re.sub(r"&[a-z]*$", "", cut)
    return cut + ("`" if cut.count("`") % 2 else "") + CUT


def escape(text: str) -> str:
    """Foreign text on one line, which shows its very characters and has no effect."""
    return literal(text)


def code(text: str, limit: int = 80) -> str:
    """What a person typed, as a code span that it cannot break out of."""
    line = one_line(text.replace("`", "'"))
    return f"`{entities(shorten(line, limit)) or ' '}`"


def person(slack_id: str) -> str:
    """A mention of a Slack user, given as `U1` or `<@U1>`; anything that is no Slack id stays text.

    Only for what holds a user's id and nothing else: words in capitals look like one. `whoever` takes either.
    """
    mentioned = re.fullmatch(r"(?:<@)?([UW][A-Z0-9]{2,20})>?", slack_id)
    if mentioned:
        return f"<@{mentioned[1]}>"
    return "Berth" if slack_id == "berth" else escape(shorten(slack_id, 80)) or "somebody"


def whoever(noted: str) -> str:
    """Who did something, as it was noted: a Slack user as `<@U1>`, who is mentioned, or any other name as text."""
    return person(noted) if noted.startswith("<@") else escape(shorten(noted, 80)) or "somebody"


def sentence(text: str) -> str:
    """Text from a use case: escaped but for its mentions of people, its names and commands, and with a full stop."""
    ours: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        shown = found[0].rstrip(_STOPS) if found[1] is None else found[1]
        ours.append(shown)
        return _STANDS_FOR_ONE + (found[0][len(shown) :] if found[1] is None else "")

    marked = _OURS.sub(put_aside, text.replace(_STANDS_FOR_ONE, ""))
    told = re.sub(r"&lt;@([UW][A-Z0-9]{2,20})&gt;", r"<@\1>", escape(marked))
    for one in ours:
        told = told.replace(_STANDS_FOR_ONE, code(one, 200), 1)
    return told if not told or told[-1] in ".!?" else f"{told}."


def plain(text: str, limit: int) -> Block:
    """A plain_text object; Slack refuses an empty one."""
    return {"type": "plain_text", "text": shorten(one_line(text), limit) or "-", "emoji": False}


def mrkdwn(text: str, limit: int = TEXT_CHARACTERS) -> Block:
    """A mrkdwn object of text whose foreign parts are escaped already; Slack links nothing in it that is no link."""
    return {"type": "mrkdwn", "text": clamp(text, limit) or " ", "verbatim": True}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, 150)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph."""
    return {"type": "section", "text": mrkdwn(text)} | ({"accessory": accessory} if accessory else {})


def linking(text: str) -> Block:
    """A paragraph in which Slack makes links of bare addresses, where whoever wrote it may point people anywhere."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": clamp(text, TEXT_CHARACTERS) or " "}}


def quotation(text: str) -> Block:
    """A paragraph of somebody else's words alone."""
    return {"type": "section", "text": plain(text, TEXT_CHARACTERS)}


def fields(*texts: str) -> Block:
    """Up to ten short texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(text, 2000) for text in texts[:10]]}


def context(*texts: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(text, 2000) for text in texts[:10]]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def actions(buttons: Sequence[Button]) -> list[Block]:
    """A row of buttons; no block at all for none, since Slack refuses an empty row."""
    return [{"type": "actions", "elements": [button.block() for button in buttons[:25]]}] if buttons else []


def bullets(lines: Sequence[str], most: int = 12) -> str:
    """Lines of ready mrkdwn as a list, with a count of those left out."""
    shown = [f"• {line}" for line in lines[:most]]
    return "\n".join(shown + ([f"• and {len(lines) - most} more"] if len(lines) > most else []))


def option(value: str, label: str = "", description: str = "") -> Block:
    """One choice of a select."""
    built = {"text": plain(label or value, 75), "value": shorten(value, 150) or "-"}
    return built | ({"description": plain(description, 75)} if description else {})


def select(options: Sequence[Block], initial: str) -> Block:
    """A menu with one choice made."""
    chosen = next((one for one in options if one["value"] == initial), options[0])
    return {
        "type": "static_select",
        "action_id": str(FieldId.VALUE),
        "options": list(options)[:100],
        "initial_option": chosen,
    }


def date_picker(initial: date) -> Block:
    """A calendar with one day chosen."""
    return {"type": "datepicker", "action_id": str(FieldId.VALUE), "initial_date": initial.isoformat()}


def menu(action: ActionId, placeholder: str, options: Sequence[Block], chosen: str = "") -> Block:
    """A menu that acts when something is chosen; Slack shows a hundred choices at the most."""
    offered = list(options)[:100]
    initial = next((one for one in offered if one["value"] == chosen), None)
    built: Block = {"type": "static_select", "action_id": str(action), "placeholder": plain(placeholder, 150)}
    return built | {"options": offered} | ({"initial_option": initial} if initial else {})


def people_menu(action: ActionId, placeholder: str, chosen: str = "") -> Block:
    """A menu of the workspace's people."""
    built: Block = {"type": "users_select", "action_id": str(action), "placeholder": plain(placeholder, 150)}
    known = re.fullmatch(r"[UW][A-Z0-9]{2,20}", chosen)
    return built | ({"initial_user": chosen} if known else {})


def people_field() -> Block:
    """A form's field in which one of the workspace's people is chosen."""
    return {"type": "users_select", "action_id": str(FieldId.VALUE), "placeholder": plain("Choose a colleague", 150)}


def row(block_id: str, elements: Sequence[Block]) -> Block:
    """A row of menus and buttons with an id of its own: Slack keeps what was chosen as long as the id stays."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)[:25]}


def text_input(placeholder: str, initial: str = "", most: int = 80) -> Block:
    """A line to type in."""
    built: Block = {
        "type": "plain_text_input",
        "action_id": str(FieldId.VALUE),
        "placeholder": plain(placeholder, 150),
        "max_length": most,
    }
    return built | ({"initial_value": initial[:most]} if initial else {})


def question(block: BlockId, label: str, element: Block, hint: str) -> Block:
    """An input of a form."""
    return {
        "type": "input",
        "block_id": str(block),
        "label": plain(label, 2000),
        "hint": plain(hint, 2000),
        "element": element,
    }


def preformatted(text: str) -> Block:
    """Text that is to be copied as it stands; Slack reads no markup in it."""
    part = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text or " "}]}
    return {"type": "rich_text", "elements": [part]}


def message(text: str, blocks: Sequence[Block] = ()) -> Message:
    """A message within Slack's limits. Without blocks, the sentence itself is the one block."""
    shown = list(blocks) or [section(text)]
    return Message(clamp(text, TEXT_CHARACTERS) or "Berth", unique(fitted(shown, MESSAGE_BLOCKS, MESSAGE_CHARACTERS)))


@dataclass(frozen=True)
class View:
    """A modal: its heading, its blocks, and what submitting it means, if it can be submitted."""

    title: str
    blocks: Sequence[Block]
    callback: CallbackId = CallbackId.READING
    submit: str = ""
    close: str = "Close"
    metadata: str = ""

    def block(self) -> Block:
        """The view, as views.open takes it."""
        built: Block = {
            "type": "modal",
            "callback_id": str(self.callback),
            "title": plain(self.title, 24),
            "close": plain(self.close, 24),
            "private_metadata": self.metadata[:TEXT_CHARACTERS],
            "blocks": unique(fitted(list(self.blocks), VIEW_BLOCKS, VIEW_CHARACTERS)),
        }
        return built | ({"submit": plain(self.submit, 24)} if self.submit else {})


def home(blocks: Sequence[Block]) -> Block:
    """An App Home view."""
    return {
        "type": "home",
        "callback_id": str(CallbackId.HOME),
        "blocks": unique(fitted(list(blocks), VIEW_BLOCKS, VIEW_CHARACTERS)),
    }


def fitted(blocks: list[Block], most: int, characters: int) -> list[Block]:
    """The blocks, less the largest ones without buttons if there is too much of them; what was left out is said."""
    kept = list(blocks)
    if len(kept) <= most and _size(kept) <= characters:
        return kept
    while len(kept) >= most or _size(kept) > characters:
        lesser = [block for block in kept if block["type"] not in {"header", "actions", "input"}] or kept
        kept.remove(max(lesser, key=lambda block: len(json.dumps(block))))
    return [*kept, context("Some of it is left out here: it is too long.")]


def unique(blocks: list[Block]) -> list[Block]:
    """The blocks with the second and later copies of an action id counted: an id may stand once in a message."""
    seen: dict[str, int] = {}
    return [_counted(block, seen) for block in blocks]


def _counted(block: Block, seen: dict[str, int]) -> Block:
    if block["type"] == "input":
        return block
    if "accessory" in block:
        return block | {"accessory": _numbered(block["accessory"], seen)}
    if block["type"] == "actions":
        return block | {"elements": [_numbered(element, seen) for element in block["elements"]]}
    return block


def _numbered(element: Block, seen: dict[str, int]) -> Block:
    action = element["action_id"]
    seen[action] = seen.get(action, 0) + 1
    return element if seen[action] == 1 else element | {"action_id": f"{action}{COPY_MARK}{seen[action]}"}


def _size(blocks: list[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))
