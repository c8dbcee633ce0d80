"""Every length and number Block Kit limits: the last that fits is accepted, one more is refused at its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.slack.blocks import reasons_against, reasons_against_view
from tests.sandbox.slack.person import Json
from tests.sandbox.slack.test_blocks import (
    CARD,
    CONTAINER,
    DATA_TABLE,
    IMAGE,
    SAMPLES,
    TASK,
    VISUAL,
    actions,
    button,
    cells,
    chart,
    field,
    mrkdwn,
    option,
    plain,
    rich,
    section,
)

URL = "https://x.example/"
Build = Callable[[int], Json]
TABLE = {"type": "table", "rows": [cells("a")]}
ALERT = SAMPLES["alert"]


def confirm(**more: Any) -> Json:
    """A button that asks first."""
    texts = {name: plain(name) for name in ("title", "text", "confirm", "deny")}
    return actions(button(confirm=texts | more))


def options(count: int) -> list[Json]:
    """That many different options."""
    return [option(str(number)) for number in range(count)]


def group(label: str = "g", count: int = 1) -> Json:
    """A menu of one group."""
    groups = [{"label": plain(label), "options": options(count)}]
    return actions({"type": "static_select", "option_groups": groups})


def points(count: int) -> Json:
    """A chart of that many points."""
    names = [str(number) for number in range(count)]
    series = [{"name": "a", "data": [{"label": name, "value": 1} for name in names]}]
    return VISUAL | {"chart": chart(series=series, axis_config={"categories": names})}


def series(count: int, name: str = "") -> Json:
    """A chart of that many series."""
    data = [{"label": "Mon", "value": 7}]
    return VISUAL | {"chart": chart(series=[{"name": f"{name}{number}", "data": data} for number in range(count)])}


def axes(**more: Any) -> Json:
    """A chart with more about its axes."""
    return VISUAL | {"chart": chart(axis_config={"categories": ["Mon"]} | more)}


def select(kind: str = "static_select", **more: Any) -> Json:
    """An input of a select."""
    return field(**({"type": kind} | ({"options": [option()]} if "static" in kind else {}) | more))


def slice_of(label: str) -> Json:
    """A pie of one segment."""
    return VISUAL | {"chart": {"type": "pie", "segments": [{"label": label, "value": 1}]}}


BLOCKS: list[tuple[str, int, Build]] = [
    ("section text", 3000, lambda n: section(text=plain("x" * n))),
    ("section fields", 10, lambda n: section(fields=[plain("x")] * n)),
    ("section field text", 2000, lambda n: section(fields=[mrkdwn("x" * n)])),
    ("header text", 150, lambda n: {"type": "header", "text": plain("x" * n)}),
    ("context elements", 10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}),
    ("actions elements", 25, lambda n: actions(*[button()] * n)),
    ("image url", 3000, lambda n: IMAGE | {"image_url": URL.ljust(n, "x")}),
    ("image title", 2000, lambda n: IMAGE | {"title": plain("x" * n)}),
    ("image alternative", 2000, lambda n: IMAGE | {"alt_text": "x" * n}),
    ("input label", 2000, lambda n: field(type="plain_text_input") | {"label": plain("x" * n)}),
    ("input hint", 2000, lambda n: field(type="plain_text_input") | {"hint": plain("x" * n)}),
    ("input initial value", 3000, lambda n: field(type="plain_text_input", initial_value="x" * n)),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": "x" * n}),
    ("table rows", 100, lambda n: TABLE | {"rows": [cells("a")] * n}),
    ("table columns", 20, lambda n: TABLE | {"rows": [cells(*"x" * n)]}),
    ("table settings", 20, lambda n: TABLE | {"column_settings": [{"align": "left"}] * n}),
    ("data_table rows below the header", 200, lambda n: DATA_TABLE | {"rows": [cells("a")] * (n + 1)}),
    ("data_table columns", 20, lambda n: DATA_TABLE | {"rows": [cells(*"x" * n)] * 2}),
    ("data_table page", 100, lambda n: DATA_TABLE | {"page_size": n}),
    ("data_table header column", 0, lambda n: DATA_TABLE | {"row_header_column_index": n}),
    ("chart title", 50, lambda n: VISUAL | {"title": "x" * n}),
    ("chart series", 12, series),
    ("chart series name", 20, lambda n: series(1, "x" * (n - 1))),
    ("chart points", 20, points),
    ("chart x label", 50, lambda n: axes(x_label="x" * n)),
    ("chart y label", 50, lambda n: axes(y_label="x" * n)),
    ("pie label", 20, lambda n: slice_of("x" * n)),
    ("card title", 150, lambda n: CARD | {"title": plain("x" * n)}),
    ("card subtitle", 150, lambda n: CARD | {"subtitle": plain("x" * n)}),
    ("card body", 200, lambda n: CARD | {"body": mrkdwn("x" * n)}),
    ("card subtext", 200, lambda n: CARD | {"subtext": plain("x" * n)}),
    ("card actions", 3, lambda n: CARD | {"actions": [button()] * n}),
    ("carousel cards", 10, lambda n: {"type": "carousel", "elements": [CARD] * n}),
    ("container title", 150, lambda n: CONTAINER | {"title": plain("x" * n)}),
    ("container subtitle", 150, lambda n: CONTAINER | {"subtitle": plain("x" * n)}),
    ("container children", 10, lambda n: CONTAINER | {"child_blocks": [{"type": "divider"}] * n}),
    (
        "container rich title",
        150,
        lambda n: {
            "type": "container",
            "child_blocks": [{"type": "divider"}],
            "rich_text_title": rich(
                elements=[{"type": "rich_text_section", "elements": [{"type": "text", "text": "x" * n}]}]
            ),
        },
    ),
    (
        "context actions",
        5,
        lambda n: {
            "type": "context_actions",
            "elements": [{"type": "icon_button", "icon": "trash", "text": plain("x")}] * n,
        },
    ),
    ("plan tasks", 50, lambda n: {"type": "plan", "title": "p", "tasks": [TASK] * n}),
    ("provider value", 150, lambda n: SAMPLES["auth_provider"] | {"value": "x" * n}),
    ("provider name", 75, lambda n: SAMPLES["auth_provider"] | {"name": plain("x" * n)}),
    ("button text", 75, lambda n: actions(button(text=plain("x" * n)))),
    ("button value", 2000, lambda n: actions(button(value="x" * n))),
    ("button url", 3000, lambda n: actions(button(url=URL.ljust(n, "x")))),
    ("button accessibility label", 75, lambda n: actions(button(accessibility_label="x" * n))),
    ("action_id", 255, lambda n: actions(button(action_id="x" * n))),
    ("block_id", 255, lambda n: {"type": "divider", "block_id": "x" * n}),
    ("confirm title", 100, lambda n: confirm(title=plain("x" * n))),
    ("confirm text", 300, lambda n: confirm(text=mrkdwn("x" * n))),
    ("confirm yes", 30, lambda n: confirm(confirm=plain("x" * n))),
    ("confirm no", 30, lambda n: confirm(deny=plain("x" * n))),
    ("option text", 75, lambda n: actions({"type": "overflow", "options": [option(text="x" * n)]})),
    ("option value", 150, lambda n: select(options=[option("x" * n)])),
    ("option description", 75, lambda n: select(options=[option() | {"description": plain("x" * n)}])),
    ("select options", 100, lambda n: select(options=options(n))),
    ("group label", 75, lambda n: group("x" * n)),
    ("group options", 100, lambda n: group(count=n)),
    ("overflow options", 5, lambda n: actions({"type": "overflow", "options": options(n)})),
    ("checkboxes", 10, lambda n: select("checkboxes", options=options(n))),
    ("radio buttons", 10, lambda n: select("radio_buttons", options=options(n))),
    ("placeholder", 150, lambda n: select(placeholder=plain("x" * n))),
    ("blocks' markdown together", 6000, lambda n: {"type": "markdown", "text": "x" * 2 * n}),
]


@pytest.mark.parametrize(("name", "most", "build"), BLOCKS, ids=[row[0] for row in BLOCKS])
def test_a_block_takes_so_much_and_no_more(name: str, most: int, build: Build) -> None:
    assert reasons_against([build(most)], "message", frozenset()) == []

    refused = reasons_against([build(most + 1)], "message", frozenset())
    assert refused
    assert all("[json-pointer:/blocks/0" in reason or reason.endswith("/blocks]") for reason in refused)


def test_an_alert_takes_two_hundred_characters() -> None:
    assert reasons_against([ALERT | {"text": mrkdwn("x" * 200)}], "modal", frozenset()) == []
    assert reasons_against([ALERT | {"text": mrkdwn("x" * 201)}], "modal", frozenset())


VIEWS: list[tuple[str, int, Build]] = [
    ("title", 24, lambda n: {"title": plain("x" * n)}),
    ("submit", 24, lambda n: {"submit": plain("x" * n)}),
    ("close", 24, lambda n: {"close": plain("x" * n)}),
    ("private_metadata", 3000, lambda n: {"private_metadata": "x" * n}),
    ("callback_id", 255, lambda n: {"callback_id": "x" * n}),
    ("external_id", 255, lambda n: {"external_id": "x" * n}),
    ("blocks", 100, lambda n: {"blocks": [{"type": "divider"}] * n}),
]


@pytest.mark.parametrize(("name", "most", "build"), VIEWS, ids=[row[0] for row in VIEWS])
def test_a_view_takes_so_much_and_no_more(name: str, most: int, build: Build) -> None:
    modal: Json = {"type": "modal", "title": plain("T"), "blocks": []}

    assert reasons_against_view(modal | build(most), "modal", frozenset()) == []
    assert f"/view/{name}" in reasons_against_view(modal | build(most + 1), "modal", frozenset())[0]


@pytest.mark.parametrize(
    "block",
    [
        actions(button(url="no address")),
        IMAGE | {"slack_file": {"id": "F12345678"}},
        section(accessory={"type": "plain_text_input"}),
        actions({"type": "hologram"}),
    ],
    ids=["button url", "two sources", "accessory", "element"],
)
def test_what_has_the_wrong_form_is_refused(block: Json) -> None:
    assert reasons_against([block], "message", frozenset())
