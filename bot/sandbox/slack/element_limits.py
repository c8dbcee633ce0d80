"""Limits of what stands inside blocks: interactive elements, images and composition objects.

Data only, as of late 2026. A limit changes here and nowhere else.
"""

from __future__ import annotations

from bot.sandbox.slack.rules import Anything, Choice, Flag, Many, Number, Rule, Shape, Text, Words

NAME = Words(255)
URL = Words(3000, least=1, pattern=r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
PLACE = Words(3000, least=1)
"""A picture's address, which may be one of this workspace's own, without a host: there is no internet to fetch from."""
WEB_URL = Words(3000, least=1, pattern=r"https?://\S+")
SECURE_URL = Words(3000, least=1, pattern=r"https://\S+")
PLACEHOLDER = Text(150, plain=True)

CONFIRM = Shape(
    {
        "title": Text(100, plain=True),
        "text": Text(300),
        "confirm": Text(30, plain=True),
        "deny": Text(30, plain=True),
        "style": Choice(("primary", "danger")),
    },
    ("title", "text", "confirm", "deny"),
)


def _option(plain: bool, value: int = 150) -> Shape:
    text = Text(75, plain=plain)
    return Shape({"text": text, "value": Words(value), "description": text, "url": URL}, ("text", "value"))


OPTION, RICH_OPTION = _option(plain=True), _option(plain=False)
OPTION_GROUP = Shape({"label": Text(75, plain=True), "options": Many(OPTION, 100)}, ("label", "options"))
SLACK_FILE = Shape({"id": Words(pattern=r"F[A-Z0-9]{8,}"), "url": URL}, one_of=("id", "url"), exactly=True)
DISPATCH = Shape({"trigger_actions_on": Many(Choice(("on_enter_pressed", "on_character_entered")), 2)})
FILTER = Shape(
    {
        "include": Many(Choice(("im", "mpim", "private", "public")), 4),
        "exclude_external_shared_channels": Flag(),
        "exclude_bot_users": Flag(),
    },
    one_of=("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
DATE, TIME = Words(pattern=r"\d{4}-\d\d-\d\d"), Words(pattern=r"([01]\d|2[0-3]):[0-5]\d")
STYLE = Choice(("primary", "danger"))
LABEL = Words(75)

PICTURE: dict[str, Rule] = {"image_url": PLACE, "slack_file": SLACK_FILE, "alt_text": Words(2000)}
IMAGE = Shape(PICTURE, ("alt_text",), ("image_url", "slack_file"), exactly=True)


def _element(required: tuple[str, ...] = (), one_of: tuple[str, ...] = (), /, **fields: Rule) -> Shape:
    common: dict[str, Rule] = {"action_id": NAME, "confirm": CONFIRM, "focus_on_load": Flag()}
    return Shape(common | fields, required, one_of, exactly=bool(one_of))


def _select(required: tuple[str, ...] = (), one_of: tuple[str, ...] = (), /, **fields: Rule) -> Shape:
    return _element(required, one_of, placeholder=PLACEHOLDER, **fields)


def _input(required: tuple[str, ...] = (), /, **fields: Rule) -> Shape:
    return _element(required, placeholder=PLACEHOLDER, dispatch_action_config=DISPATCH, **fields)


MENU: dict[str, Rule] = {"options": Many(OPTION, 100), "option_groups": Many(OPTION_GROUP, 100)}
SEVERAL = Number(1, whole=True)
IDS = Many(Words(255), 100, 0)
TYPED = Number(0, whole=True)
MENU_SOURCE = ("options", "option_groups")
FEEDBACK = Shape({"text": Text(75, plain=True), "value": Words(2000), "accessibility_label": LABEL}, ("text", "value"))
CONVERSATIONS: dict[str, Rule] = {"default_to_current_conversation": Flag(), "filter": FILTER}

ELEMENTS: dict[str, Shape] = {
    "button": _element(
        ("text",), text=Text(75, plain=True), value=Words(2000), url=URL, style=STYLE, accessibility_label=LABEL
    ),
    "workflow_button": _element(
        ("text", "workflow"), text=Text(75, plain=True), workflow=Anything(), style=STYLE, accessibility_label=LABEL
    ),
    "icon_button": _element(
        ("icon", "text"),
        icon=Choice(("trash",)),
        text=Text(75, plain=True),
        value=Words(2000),
        visible_to_user_ids=IDS,
        accessibility_label=LABEL,
    ),
    "feedback_buttons": _element(
        ("positive_button", "negative_button"), positive_button=FEEDBACK, negative_button=FEEDBACK
    ),
    "overflow": _element(("options",), options=Many(OPTION, 5)),
    "checkboxes": _element(
        ("options",), options=Many(RICH_OPTION, 10), initial_options=Many(RICH_OPTION, 10), accessibility_label=LABEL
    ),
    "radio_buttons": _element(("options",), options=Many(RICH_OPTION, 10), initial_option=RICH_OPTION),
    "datepicker": _select(initial_date=DATE),
    "timepicker": _select(initial_time=TIME, timezone=Words(100)),
    "datetimepicker": _element(initial_date_time=Number(0, 9_999_999_999, whole=True)),
    "static_select": _select((), MENU_SOURCE, initial_option=OPTION, **MENU),
    "external_select": _select(initial_option=OPTION, min_query_length=TYPED),
    "users_select": _select(initial_user=NAME),
    "channels_select": _select(initial_channel=NAME, response_url_enabled=Flag()),
    "conversations_select": _select(initial_conversation=NAME, response_url_enabled=Flag(), **CONVERSATIONS),
    "multi_static_select": _select(
        (), MENU_SOURCE, initial_options=Many(OPTION, 100), max_selected_items=SEVERAL, **MENU
    ),
    "multi_external_select": _select(
        initial_options=Many(OPTION, 100), max_selected_items=SEVERAL, min_query_length=TYPED
    ),
    "multi_users_select": _select(initial_users=IDS, max_selected_items=SEVERAL),
    "multi_channels_select": _select(initial_channels=IDS, max_selected_items=SEVERAL),
    "multi_conversations_select": _select(initial_conversations=IDS, max_selected_items=SEVERAL, **CONVERSATIONS),
    "plain_text_input": _input(
        initial_value=Words(3000),
        multiline=Flag(),
        min_length=Number(0, 3000, whole=True),
        max_length=Number(1, 3000, whole=True),
    ),
    "number_input": _input(
        ("is_decimal_allowed",), is_decimal_allowed=Flag(), initial_value=Words(), min_value=Words(), max_value=Words()
    ),
    "email_text_input": _input(initial_value=Words()),
    "url_text_input": _input(initial_value=Words()),
    "rich_text_input": _input(initial_value=Anything()),
    "file_input": _element(filetypes=Many(Words(100), 100), max_files=Number(1, 10, whole=True)),
    "image": IMAGE,
    "plain_text": Shape({"text": Words(3000, 1), "emoji": Flag()}, ("text",)),
    "mrkdwn": Shape({"text": Words(3000, 1), "verbatim": Flag()}, ("text",)),
}

MENUS = tuple(kind for kind in ELEMENTS if kind.endswith("_select"))
CLICKABLE = ("button", "workflow_button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", *MENUS)
TYPEABLE = tuple(kind for kind in ELEMENTS if kind.endswith("_input"))
CHOOSABLE = ("checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker", "file_input", *MENUS)
