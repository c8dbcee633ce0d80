"""What the sample app says: messages, a form and a Home, as plain Block Kit."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def words(text: str) -> Json:
    """A mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> Json:
    """An option of a menu."""
    return {"text": plain(text), "value": value}


def button(text: str, action: str, **more: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain(text), "action_id": action, **more}


def raw(*texts: str) -> list[Json]:
    """A row of text cells."""
    return [{"type": "raw_text", "text": text} for text in texts]


DELETE = {
    "title": plain("Delete blue?"),
    "text": words("*blue* will be gone for good."),
    "confirm": plain("Delete blue"),
    "deny": plain("Keep it"),
    "style": "danger",
}

WARNING: list[Json] = [
    {"type": "header", "text": plain("blue falls asleep soon")},
    {
        "type": "section",
        "text": words("It falls asleep <!date^1700000000^{date_num} at {time}|later>"),
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": [option("Why?", "why"), option("Policy", "policy")],
        },
    },
    {
        "type": "actions",
        "elements": [
            button("Keep awake", "extend", style="primary", value="4h"),
            button("Say nothing", "mute"),
            button("Delete", "delete", style="danger", value="blue", confirm=DELETE),
            {
                "type": "static_select",
                "action_id": "until",
                "placeholder": plain("Extend by…"),
                "options": [option("2 hours", "2h"), option("3 days", "3d")],
            },
            {
                "type": "checkboxes",
                "action_id": "days",
                "options": [option("Weekdays", "week"), option("Weekends", "end")],
            },
        ],
    },
    {"type": "context", "elements": [words(":zzz: after two hours")]},
]

LONG: list[Json] = [
    {"type": "header", "text": plain("h" * 150)},
    {"type": "section", "text": words("s" * 300), "accessory": button("p" * 75, "wide")},
    {"type": "section", "fields": [words("*Name*\n" + "f" * 200), words("*Owner*\nada")]},
    {"type": "actions", "elements": [button("b" * 75, "wider")]},
    {"type": "context", "elements": [words("c" * 200)]},
]

EXTENDED: list[Json] = [{"type": "section", "text": words("blue stays awake until tonight")}]

DAYS = ["Mon", "Tue", "Wed"]


def plot(kind: str) -> Json:
    """A chart with two series."""
    series = [
        {"name": name, "data": [{"label": day, "value": at + plus} for at, day in enumerate(DAYS, 1)]}
        for name, plus in (("blue", 0), ("green", 3))
    ]
    axes = {"categories": DAYS, "x_label": "Day", "y_label": "Hours"}
    chart = {"type": kind, "series": series, "axis_config": axes}
    return {"type": "data_visualization", "title": f"Hours as {kind}", "chart": chart}


PIE: Json = {
    "type": "data_visualization",
    "title": "Shares",
    "chart": {"type": "pie", "segments": [{"label": "blue", "value": 3}, {"label": "green", "value": 1}]},
}

COSTS: Json = {
    "type": "table",
    "rows": [raw("Name", "Cost"), [*raw("blue"), {"type": "raw_number", "value": 12.5, "text": "€ 12.50"}]],
    "column_settings": [{}, {"align": "right"}],
}

MANY: Json = {
    "type": "data_table",
    "caption": "All environments",
    "page_size": 3,
    "row_header_column_index": 0,
    "rows": [raw("Name", "Cost")]
    + [[*raw(f"env-{at}"), {"type": "raw_number", "value": cost}] for at, cost in enumerate((7, 30, 4, 12))],
}

HANDBOOK: list[Json] = [
    {"type": "markdown", "text": "## Connect\n1. Run **this**:\n```sh\nkubectl get pods\n```\n- [x] done"},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "an item"}]}],
            }
        ],
    },
    {"type": "divider"},
    {"type": "card", "title": words("A card"), "body": words("with a body"), "actions": [button("Open", "open")]},
    {"type": "section", "fields": [words("*Size*\nm"), words("*Owner*\nada")]},
    {"type": "image", "image_url": "/page/icon.svg", "alt_text": "An anchor", "title": plain("Our mark")},
]

FORM: Json = {
    "type": "modal",
    "callback_id": "create",
    "title": plain("New environment"),
    "submit": plain("Create"),
    "close": plain("Cancel"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Name"),
            "hint": plain("Letters and digits"),
            "element": {"type": "plain_text_input", "action_id": "name"},
        },
        {
            "type": "input",
            "block_id": "size",
            "label": plain("Size"),
            "element": {
                "type": "static_select",
                "action_id": "size",
                "options": [option("small", "s"), option("middle", "m")],
                "initial_option": option("middle", "m"),
            },
        },
        {
            "type": "input",
            "block_id": "people",
            "optional": True,
            "label": plain("Share with"),
            "element": {"type": "multi_users_select", "action_id": "people"},
        },
        {
            "type": "input",
            "block_id": "template",
            "optional": True,
            "label": plain("Template"),
            "element": {"type": "external_select", "action_id": "template", "min_query_length": 2},
        },
        {
            "type": "input",
            "block_id": "kind",
            "label": plain("Kind"),
            "element": {
                "type": "radio_buttons",
                "action_id": "kind",
                "options": [option("Namespace", "namespace"), option("Virtual cluster", "vcluster")],
                "initial_option": option("Namespace", "namespace"),
            },
        },
        {
            "type": "input",
            "block_id": "until",
            "optional": True,
            "label": plain("Until"),
            "element": {"type": "datepicker", "action_id": "until"},
        },
    ],
}

SURE: Json = {
    "type": "modal",
    "callback_id": "sure",
    "title": plain("Are you sure?"),
    "submit": plain("Yes"),
    "close": plain("Not yet"),
    "blocks": [{"type": "section", "text": words("It goes *deep*.")}],
}

HOME: Json = {
    "type": "home",
    "blocks": [
        {"type": "header", "block_id": "title", "text": plain("Your environments")},
        {
            "type": "actions",
            "block_id": "acts",  # the same at every publication, so that a click on the one before still counts
            "elements": [button("New environment", "new", style="primary"), button("Hush", "mute")],
        },
    ],
}
