"""Limits of blocks and views: every block's fields, sizes and the surfaces it may appear on.

Data only, as of late 2026. A limit changes here and nowhere else.
"""

from __future__ import annotations

from bot.sandbox.slack.element_limits import (
    CHOOSABLE,
    CLICKABLE,
    ELEMENTS,
    IMAGE,
    NAME,
    PICTURE,
    SECURE_URL,
    TYPEABLE,
    URL,
    WEB_URL,
)
from bot.sandbox.slack.rules import Anything, Block, Choice, Flag, Many, Number, Part, Rule, Shape, Text, Words

RICH_LEAVES = ("text", "link", "emoji", "user", "channel", "usergroup", "broadcast", "date", "color", "team")
LEAF_FIELDS = (
    *("text", "url", "style", "name", "unicode", "skin_tone", "user_id", "channel_id", "usergroup_id", "range"),
    *("timestamp", "format", "fallback", "value", "team_id", "unsafe"),
)
LEAVES = {kind: Shape(dict.fromkeys(LEAF_FIELDS, Anything())) for kind in RICH_LEAVES}
SPANS = Many(Part(LEAVES), 1000, 0)
BORDER = Number(0, 1, whole=True)
RICH: dict[str, Shape] = {
    "rich_text_section": Shape({"elements": SPANS}, ("elements",)),
    "rich_text_quote": Shape({"elements": SPANS, "border": BORDER}, ("elements",)),
    "rich_text_preformatted": Shape({"elements": SPANS, "border": BORDER, "language": Words(100)}, ("elements",)),
}
RICH["rich_text_list"] = Shape(
    {
        "style": Choice(("bullet", "ordered")),
        "elements": Many(Part(RICH, ("rich_text_section",)), 1000),
        "indent": Number(0, 8, whole=True),
        "offset": Number(0, whole=True),
        "border": BORDER,
    },
    ("style", "elements"),
)
RICH_TEXT = Shape({"elements": Many(Part(RICH), 1000), "block_id": NAME}, ("elements",))

CELLS = {
    "raw_text": Shape({"text": Words(20_000)}, ("text",)),
    "raw_number": Shape({"value": Number(), "text": Words(3000)}, ("value",)),
    "rich_text": RICH_TEXT,
}
COLUMN = Shape({"align": Choice(("left", "center", "right")), "is_wrapped": Flag()})

POINT = Shape({"label": Words(20, 1), "value": Number()}, ("label", "value"))
SERIES = Shape({"name": Words(20, 1), "data": Many(POINT, 20)}, ("name", "data"))
SEGMENT = Shape({"label": Words(20, 1), "value": Number(above=0)}, ("label", "value"))
AXES = Shape({"categories": Many(Words(20, 1), 20), "x_label": Words(50), "y_label": Words(50)}, ("categories",))
PLOT = Shape({"series": Many(SERIES, 12), "axis_config": AXES}, ("series", "axis_config"))
CHARTS = {
    "pie": Shape({"segments": Many(SEGMENT, 12)}, ("segments",)),
    "bar": PLOT,
    "line": PLOT,
    "area": PLOT,
}

MESSAGE, EVERYWHERE = frozenset({"message"}), frozenset({"message", "modal", "home"})
MESSAGE_AND_HOME = frozenset({"message", "home"})
BLOCKS: dict[str, Block] = {}
SHAPES: dict[str, Shape] = {}
"""The blocks' shapes by type; filled by the rows below, some of which hold other blocks."""


def _block(kind: str, required: tuple[str, ...] = (), on: frozenset[str] = EVERYWHERE, **fields: Rule) -> None:
    _row(kind, Shape({"block_id": NAME} | fields, required), on)


def _row(kind: str, shape: Shape, on: frozenset[str] = EVERYWHERE) -> None:
    SHAPES[kind] = shape
    BLOCKS[kind] = Block(shape, on)


_row(
    "section",
    Shape(
        {
            "block_id": NAME,
            "text": Text(3000),
            "fields": Many(Text(2000), 10),
            "accessory": Part(ELEMENTS, (*CLICKABLE, "image")),
            "expand": Flag(),
        },
        one_of=("text", "fields"),
    ),
)
_block("header", ("text",), text=Text(150, plain=True), level=Number(1, 6, whole=True))
_block("divider")
_block("context", ("elements",), elements=Many(Part(ELEMENTS, ("image", "plain_text", "mrkdwn")), 10))
_block("actions", ("elements",), elements=Many(Part(ELEMENTS, (*CLICKABLE, "datetimepicker")), 25))
_row(
    "image", Shape(PICTURE | {"block_id": NAME, "title": Text(2000, plain=True)}, *(IMAGE.required, IMAGE.one_of, True))
)
_block(
    "input",
    ("label", "element"),
    label=Text(2000, plain=True),
    hint=Text(2000, plain=True),
    element=Part(ELEMENTS, (*TYPEABLE, *CHOOSABLE)),
    optional=Flag(),
    dispatch_action=Flag(),
)
_row("rich_text", RICH_TEXT)
_block("markdown", ("text",), MESSAGE, text=Words(12_000, 1))
_block(
    "table",
    ("rows",),
    MESSAGE_AND_HOME,
    rows=Many(Many(Part(CELLS), 20), 100),
    column_settings=Many(COLUMN, 20, 0),
)
_block(
    "data_table",
    ("caption", "rows"),
    MESSAGE_AND_HOME,
    caption=Words(3000, 1),
    rows=Many(Many(Part(CELLS), 20), 201, 2),
    page_size=Number(1, 100, whole=True),
    row_header_column_index=Number(0, 19, whole=True),
)
_block("data_visualization", ("title", "chart"), MESSAGE, title=Words(50, 1), chart=Part(CHARTS))
_block(
    "alert",
    ("text",),
    frozenset({"modal"}),
    text=Text(200),
    level=Choice(("default", "info", "warning", "error", "success")),
)
CARD = Shape(
    {
        "block_id": NAME,
        "hero_image": Part(ELEMENTS, ("image",)),
        "icon": Part(ELEMENTS, ("image",)),
        "slack_icon": Anything(),
        "title": Text(150),
        "subtitle": Text(150),
        "body": Text(200),
        "subtext": Text(200),
        "actions": Many(Part(ELEMENTS, ("button",)), 3),
    },
    one_of=("hero_image", "title", "actions", "body"),
)
_row("card", CARD)
_block("carousel", ("elements",), MESSAGE_AND_HOME, elements=Many(Part({"card": CARD}), 10))
HELD = ("actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video")
_row(
    "container",
    Shape(
        {
            "block_id": NAME,
            "title": Text(150),
            "rich_text_title": Part({"rich_text": RICH_TEXT}),
            "subtitle": Text(150),
            "child_blocks": Many(Part(SHAPES, HELD), 10),
            "width": Choice(("narrow", "standard", "wide", "full")),
            "icon": Anything(),
            "is_collapsible": Flag(),
            "default_collapsed": Flag(),
            "has_header_divider": Flag(),
        },
        ("child_blocks",),
        ("title", "rich_text_title"),
        exactly=True,
    ),
    MESSAGE_AND_HOME,
)
_block(
    "context_actions",
    ("elements",),
    MESSAGE,
    elements=Many(Part(ELEMENTS, ("feedback_buttons", "icon_button")), 5),
)
TASK: dict[str, Rule] = {
    "task_id": NAME,
    "title": Words(3000, 1),
    "details": Part(SHAPES, ("rich_text",)),
    "output": Part(SHAPES, ("rich_text",)),
    "sources": Many(Anything(), 100, 0),
    "status": Choice(("pending", "in_progress", "complete", "error")),
}
_block("task_card", ("task_id", "title"), MESSAGE, **TASK)
_block("plan", ("title",), MESSAGE, title=Words(3000, 1), tasks=Many(Part(SHAPES, ("task_card",)), 50, 0))
_block(
    "video",
    ("alt_text", "title", "thumbnail_url", "video_url"),
    alt_text=Words(2000),
    title=Text(200, plain=True),
    title_url=SECURE_URL,
    thumbnail_url=WEB_URL,
    video_url=SECURE_URL,
    description=Text(200, plain=True),
    author_name=Words(50),
    provider_name=Words(50),
    provider_icon_url=URL,
)
_block(
    "auth_provider",
    ("value", "name", "is_connected"),
    value=Words(150, 1),
    name=Text(75, plain=True),
    is_connected=Flag(),
    description=Text(150, plain=True),
    icon_url=SECURE_URL,
    auth_url=SECURE_URL,
    disconnect_url=SECURE_URL,
    connected_identity=Text(75, plain=True),
    connected_context=Text(75, plain=True),
    accessory=Part(ELEMENTS, ("overflow",)),
    fallback=Many(Anything(), 100, 0),
)
_block("file", ("external_id", "source"), MESSAGE, external_id=NAME, source=Choice(("remote",)))
_block("call", ("call_id",), MESSAGE, call_id=NAME, api_decoration_available=Flag(), call=Anything())

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MOST_OF_A_KIND = {"table": 1, "data_visualization": 2}
"""How many blocks of a kind one message takes."""
MOST_MARKDOWN = 12_000
MOST_RICH_TITLE = 150
"""Characters of a container's `rich_text_title`."""
VIDEO_SCOPE = "links.embed:write"
MOST_TABLE_CHARACTERS = 20_000

SMALL = Text(24, plain=True)
_VIEW: dict[str, Rule] = {
    "type": Choice(("modal", "home")),
    "blocks": Anything(),
    "private_metadata": Words(3000),
    "callback_id": NAME,
    "external_id": NAME,
}
_MODAL: dict[str, Rule] = {"title": SMALL, "submit": SMALL, "close": SMALL, "submit_disabled": Flag()}
_MODAL |= {"clear_on_close": Flag(), "notify_on_close": Flag()}
VIEWS: dict[str, Shape] = {
    "modal": Shape(_VIEW | _MODAL, ("title", "blocks")),
    "home": Shape(_VIEW | _MODAL, ("blocks",)),
}
