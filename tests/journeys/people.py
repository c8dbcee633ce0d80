"""What people see of Berth, and how they answer it: messages, buttons, forms."""

from typing import Any

from tests.sandbox.slack.person import Json, Person, until


def text_of(message: Json) -> str:
    """Everything a message or view says, joined: its text and the text of all its blocks."""
    return " ".join([message.get("text") or "", *_texts(message.get("blocks") or [])])


def _texts(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for item in node for text in _texts(item)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if isinstance(node.get("text"), str) else []
    return own + [text for value in node.values() if isinstance(value, dict | list) for text in _texts(value)]


def buttons(message: Json) -> dict[str, Json]:
    """The buttons of a message or view, by what stands on them."""
    found = {}
    for block in message.get("blocks") or []:
        for element in [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]:
            if element.get("type") == "button":
                found[element["text"]["text"]] = {"block_id": block.get("block_id"), "action_id": element["action_id"]}
    return found


def direct(who: Person) -> list[Json]:
    """What stands in a person's conversation with Berth, oldest first."""
    return who.sees(who.channel()["id"])


def last(who: Person, *containing: str) -> Json:
    """The newest direct message that stays, with any of these words."""
    lasting = [row for row in direct(who) if not row.get("ephemeral")]
    return next(row for row in reversed(lasting) if any(words in text_of(row) for words in containing))


def click(who: Person, message: Json, label: str, channel: str = "") -> Json:
    """Press a button of a message, as this person sees it, and wait for what they are answered."""
    where = channel or who.channel()["id"]
    before = _answers(who, where)
    pressed = who.does("click", channel=where, ts=message["ts"], **buttons(message)[label])
    until(lambda: _answers(who, where) != before, f"an answer to {label}")
    return pressed


def _answers(who: Person, where: str) -> list[Any]:
    """What only this person sees in a conversation, how much stands there, and their open windows."""
    rows = who.sees(where)
    private = [(row["ts"], row["text"], row.get("blocks")) for row in rows if row.get("ephemeral")]
    return [*private, len(rows), *(view["id"] for view in who.modals())]


def modal(who: Person, containing: str) -> Json:
    """The modal with these words, once it stands before the person."""
    return until(lambda: [view for view in who.modals() if containing in text_of(view)], f"a modal with {containing}")[
        0
    ]


def send(who: Person, form: Json, **entered: str) -> Json:
    """Fill in a form by its blocks, choosing what is offered, and send it."""
    values: dict[str, Json] = {}
    for block in form["blocks"]:
        if block.get("block_id") in entered:
            element, wanted = block["element"], entered[block["block_id"]]
            offered = [one for one in element.get("options", []) if one["value"] == wanted]
            held = {"selected_option": offered[0]} if offered else {"value": wanted}
            held = {"selected_date": wanted} if element["type"] == "datepicker" else held
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"]} | held}
    return who.does("submit", view_id=form["id"], values=values)


def kubeconfig_of(view: Json) -> str:
    """The kubeconfig that a modal shows, in however many parts."""
    parts = [block["elements"] for block in view["blocks"] if block["type"] == "rich_text"]
    return "".join(text["text"] for part in parts for element in part for text in element["elements"])


def click_in(who: Person, view: Json, label: str, containing: str) -> Json:
    """Press a button of a modal, and wait for the modal that shows this."""
    who.does("click", view_id=view["id"], **buttons(view)[label])
    return modal(who, containing)
