"""Block Kit's limits: at the limit accepted, beyond it refused, with the place and the reason."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.blocks import reasons_against, reasons_against_view
from bot.sandbox.slack.limits import BLOCKS
from tests.sandbox.slack.person import Json


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def option(value: str = "v", text: str = "t") -> Json:
    """An option."""
    return {"text": plain(text), "value": value}


def button(**more: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain("Go")} | more


def cells(*texts: str) -> list[Json]:
    """A table row."""
    return [{"type": "raw_text", "text": text} for text in texts]


def rich(**more: Any) -> Json:
    """A rich_text block."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
    } | more


def chart(kind: str = "bar", **more: Any) -> Json:
    """A chart of one series."""
    series = [{"name": "awake", "data": [{"label": "Mon", "value": 7}]}]
    return {"type": kind, "series": series, "axis_config": {"categories": ["Mon"]}} | more


def pie(count: int, value: float = 1) -> Json:
    """A pie of that many segments."""
    return {"type": "pie", "segments": [{"label": str(number), "value": value} for number in range(count)]}


def actions(*elements: Json) -> Json:
    """An actions block."""
    return {"type": "actions", "elements": list(elements)}


def field(**element: Any) -> Json:
    """An input block around an element."""
    return {"type": "input", "label": plain("L"), "element": element}


def section(**more: Any) -> Json:
    """A section."""
    return {"type": "section", "text": mrkdwn("x")} | more


IMAGE = {"type": "image", "image_url": "https://harbour.example/x.png", "alt_text": "x"}
CARD = {"type": "card", "title": plain("t")}
VISUAL = {"type": "data_visualization", "title": "Hours", "chart": chart()}
TABLE = {"type": "table", "rows": [cells("a", "b")]}
DATA_TABLE = {"type": "data_table", "caption": "c", "rows": [cells("h"), cells("x")]}
TASK = {"type": "task_card", "task_id": "1", "title": "t", "status": "complete"}
CONTAINER = {"type": "container", "title": plain("t"), "child_blocks": [{"type": "divider"}]}

SAMPLES: dict[str, Json] = {
    "section": section(fields=[plain("f")], accessory=button()),
    "header": {"type": "header", "text": plain("h")},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [mrkdwn("x"), IMAGE]},
    "actions": actions(
        button(style="primary", confirm={name: plain(name) for name in ("title", "text", "confirm", "deny")}),
        {"type": "static_select", "placeholder": plain("p"), "options": [option()], "initial_option": option()},
        {"type": "overflow", "options": [option()]},
        {"type": "datetimepicker"},
        {"type": "timepicker", "initial_time": "23:59"},
    ),
    "image": IMAGE | {"title": plain("t")},
    "input": field(type="plain_text_input", multiline=True, max_length=10),
    "rich_text": rich(),
    "markdown": {"type": "markdown", "text": "# x"},
    "table": TABLE | {"column_settings": [{"align": "right"}]},
    "data_table": DATA_TABLE | {"page_size": 100},
    "data_visualization": VISUAL,
    "alert": {"type": "alert", "text": mrkdwn("x"), "level": "warning"},
    "card": CARD | {"actions": [button()]},
    "carousel": {"type": "carousel", "elements": [CARD]},
    "container": CONTAINER,
    "context_actions": {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "icon": "trash", "text": plain("x")}],
    },
    "task_card": TASK,
    "plan": {"type": "plan", "title": "p", "tasks": [TASK | {"status": "pending"}]},
    "video": {
        "type": "video",
        "alt_text": "x",
        "title": plain("t"),
        "thumbnail_url": "https://x.example",
        "video_url": "https://x.example",
    },
    "auth_provider": {"type": "auth_provider", "value": "x", "name": plain("x"), "is_connected": False},
    "file": {"type": "file", "external_id": "x", "source": "remote"},
    "call": {"type": "call", "call_id": "R1"},
}

AT_THE_LIMIT: list[tuple[str, list[Json], list[Json]]] = [
    ("empty text", [section(text=mrkdwn("x"))], [section(text=mrkdwn(""))]),
    ("header mrkdwn", [{"type": "header", "text": plain("x")}], [{"type": "header", "text": mrkdwn("x")}]),
    ("button style", [actions(button(style="danger"))], [actions(button(style="loud"))]),
    (
        "unique block_id",
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "b"}],
        [{"type": "divider", "block_id": "a"}] * 2,
    ),
    (
        "unique action_id in a block",
        [actions(button(action_id="a")), actions(button(action_id="a"))],
        [actions(button(action_id="a"), button(action_id="a"))],
    ),
    (
        "select needs options",
        [actions({"type": "static_select", "options": [option()]})],
        [actions({"type": "static_select"})],
    ),
    (
        "initial option",
        [actions({"type": "static_select", "options": [option()], "initial_option": option()})],
        [actions({"type": "static_select", "options": [option()], "initial_option": option("other")})],
    ),
    (
        "input max_length",
        [field(type="plain_text_input", max_length=3000)],
        [field(type="plain_text_input", max_length=3001)],
    ),
    ("input element", [field(type="radio_buttons", options=[option()])], [field(**button())]),
    ("date", [field(type="datepicker", initial_date="2026-11-02")], [field(type="datepicker", initial_date="2.11.")]),
    ("image source", [IMAGE], [{"type": "image", "alt_text": "x"}]),
    (
        "rich_text indent",
        [rich(elements=[{"type": "rich_text_list", "style": "bullet", "indent": 8, "elements": rich()["elements"]}])],
        [rich(elements=[{"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": rich()["elements"]}])],
    ),
    (
        "markdown in all",
        [{"type": "markdown", "text": "x" * 6000}] * 2,
        [{"type": "markdown", "text": "x" * 6000}, {"type": "markdown", "text": "x" * 6001}],
    ),
    ("one table", [TABLE], [TABLE, TABLE]),
    ("even rows", [DATA_TABLE], [DATA_TABLE | {"rows": [cells("a", "b"), cells("a")]}]),
    (
        "data_table header",
        [DATA_TABLE | {"rows": [cells("a"), [rich()]]}],
        [DATA_TABLE | {"rows": [[rich()], cells("a")]}],
    ),
    (
        "data_table characters",
        [DATA_TABLE | {"rows": [cells("h"), cells("x" * 19_999)]}],
        [DATA_TABLE | {"rows": [cells("h"), cells("x" * 20_000)]}],
    ),
    ("two charts", [VISUAL, VISUAL], [VISUAL, VISUAL, VISUAL]),
    ("pie segments", [VISUAL | {"chart": pie(12)}], [VISUAL | {"chart": pie(13)}]),
    ("pie value", [VISUAL | {"chart": pie(1, 0.5)}], [VISUAL | {"chart": pie(1, 0)}]),
    (
        "points per category",
        [VISUAL],
        [VISUAL | {"chart": chart(axis_config={"categories": ["Mon", "Tue"]})}],
    ),
    ("series names", [VISUAL], [VISUAL | {"chart": chart(series=[*chart()["series"], *chart()["series"]])}]),
    ("card content", [CARD], [{"type": "card", "subtitle": plain("x")}]),
    ("container in container", [CONTAINER], [CONTAINER | {"child_blocks": [CONTAINER]}]),
    (
        "container header",
        [CONTAINER | {"is_collapsible": True}],
        [CONTAINER | {"is_collapsible": True, "has_header_divider": True}],
    ),
    ("pending task", [TASK], [TASK | {"status": "pending"}]),
    ("blocks", [{"type": "divider"}] * 50, [{"type": "divider"}] * 51),
    ("unknown block", [{"type": "divider"}], [{"type": "hologram"}]),
    ("unknown field", [{"type": "divider"}], [{"type": "divider", "colour": "red"}]),
    ("missing field", [section()], [{"type": "section"}]),
    ("wrong type", [section()], [section(text="x")]),
]


@pytest.mark.parametrize(("name", "accepted", "refused"), AT_THE_LIMIT, ids=[row[0] for row in AT_THE_LIMIT])
def test_a_limit_is_kept_exactly(name: str, accepted: list[Json], refused: list[Json]) -> None:
    assert reasons_against(accepted, "message", frozenset()) == []

    assert reasons_against(refused, "message", frozenset())


def test_there_is_a_sample_of_every_block() -> None:
    assert set(SAMPLES) == set(BLOCKS)


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_a_block_is_accepted_where_it_may_stand_and_nowhere_else(kind: str, surface: str) -> None:
    reasons = reasons_against([SAMPLES[kind]], surface, frozenset())

    if surface in BLOCKS[kind].surfaces:
        assert reasons == []
    else:
        assert reasons == [f"unsupported type: {kind} [json-pointer:/blocks/0/type]"]


def test_a_view_takes_a_hundred_blocks() -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}] * 100}

    assert reasons_against_view(home, "home", frozenset()) == []
    assert reasons_against_view(home | {"blocks": [{"type": "divider"}] * 101}, "home", frozenset())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "elements"]), inner),
    max_leaves=8,
)


@given(blocks=st.lists(JSON | st.sampled_from(list(SAMPLES.values())), max_size=4))
def test_whatever_is_sent_is_judged_and_never_breaks_the_judge(blocks: list[Any]) -> None:
    for reason in reasons_against(blocks, "message", frozenset()):
        assert "[json-pointer:/blocks" in reason


@given(kind=st.sampled_from(sorted(SAMPLES)), name=st.sampled_from(["type", "text", "elements", "rows"]), value=JSON)
def test_a_block_with_one_field_spoilt_never_breaks_the_judge(kind: str, name: str, value: Any) -> None:
    reasons_against([SAMPLES[kind] | {name: value}], "message", frozenset())


def test_blocks_can_be_validated_without_a_token(slack: SandboxSlack) -> None:
    good = httpx.post(f"{slack.api_url}blocks.validate", json={"blocks": [{"type": "divider"}]}, trust_env=False)
    bad = httpx.post(f"{slack.api_url}blocks.validate", json={"blocks": [{"type": "section"}]}, trust_env=False)

    assert good.json() == {"ok": True, "valid": True, "errors": []}
    assert bad.json()["errors"][0]["pointer"] == "/blocks/0"
