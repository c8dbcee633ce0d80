"""Block Kit in messages: what is drawn, and what a click comes to."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page import samples
from tests.sandbox.page.conftest import Harbour, Opener
from tests.sandbox.page.held import Held

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def warned(visit: Opener, harbour: Harbour, mark: str) -> Page:
    """Ada's page with the newest warning in #payments."""
    harbour.post(harbour.channel("payments"), mark, [samples.WARNING[0] | {"block_id": mark}, *samples.WARNING[1:]])
    page = visit("?as=ada&channel=payments")
    warning(page, mark).wait_for()
    return page


def warning(page: Page, mark: str) -> Locator:
    return page.get_by_test_id("message").filter(has=page.locator(f"[data-block-id={mark}]"))


def test_a_button_is_busy_until_the_app_answers_and_the_update_is_marked_edited(
    warned: Page, harbour: Harbour, mark: str
) -> None:
    ts = warning(warned, mark).get_attribute("data-ts")

    warning(warned, mark).get_by_role("button", name="Keep awake").click()

    message = warned.locator(f"[data-ts='{ts}']")
    expect(message).to_contain_text("blue stays awake until tonight (edited)")
    assert harbour.app.acts("extend")["actions"][0]["value"] == "4h"


def test_a_button_whose_app_never_answers_tells_so(warned: Page, mark: str) -> None:
    button, held = warning(warned, mark).get_by_role("button", name="Say nothing"), Held(warned)

    button.click()

    expect(button).to_have_attribute("aria-busy", "true")
    held.go_on()
    expect(warning(warned, mark).get_by_test_id("failure")).to_contain_text("trouble connecting")


def test_a_declined_confirmation_sends_nothing_and_an_agreed_one_does(
    warned: Page, harbour: Harbour, mark: str
) -> None:
    harbour.app.forget()
    delete = warning(warned, mark).get_by_role("button", name="Delete")
    dialog = warned.get_by_test_id("confirm")

    delete.click()
    expect(dialog).to_contain_text("blue will be gone for good.")
    expect(warned.get_by_test_id("confirm-deny")).to_be_focused()
    warned.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert harbour.app.heard("block_actions") == []
    delete.click()
    warned.get_by_test_id("confirm-yes").click()

    assert harbour.app.acts("delete")["actions"][0]["value"] == "blue"


def test_a_select_is_worked_by_keyboard_alone(warned: Page, harbour: Harbour, mark: str) -> None:
    select = warning(warned, mark).locator("[data-action-id=until]")

    select.focus()
    warned.keyboard.press("Enter")
    warned.keyboard.type("day")
    expect(warned.get_by_test_id("listbox").get_by_role("option")).to_have_text(["3 days"])
    warned.keyboard.press("Enter")

    expect(select).to_have_text("3 days")
    expect(select).to_be_focused()
    assert harbour.app.acts("until")["actions"][0]["selected_option"]["value"] == "3d"


def test_what_was_ticked_travels_with_every_later_click(warned: Page, harbour: Harbour, mark: str) -> None:
    days = warning(warned, mark).locator("[data-action-id=days]")

    days.get_by_label("Weekends").check()
    harbour.app.acts("days")
    warning(warned, mark).get_by_role("button", name="More actions").click()
    warned.get_by_test_id("overflow").get_by_text("Why?").click()

    last = harbour.app.acts("more")
    assert last["actions"][0]["selected_option"]["value"] == "why"
    held = [state for by_action in last["state"]["values"].values() for state in by_action.values()]
    assert [[o["value"] for o in one["selected_options"]] for one in held if one["type"] == "checkboxes"] == [["end"]]


@pytest.mark.parametrize("kind", ["bar", "line", "area"])
def test_a_chart_is_drawn_and_told_in_words(visit: Opener, harbour: Harbour, kind: str, mark: str) -> None:
    harbour.post(harbour.channel("general"), mark, [samples.plot(kind) | {"block_id": mark}])
    page = visit("?as=ada&channel=general")

    chart = page.locator(f"[data-block-id={mark}] svg[role=img]")
    expect(chart).to_have_accessible_name(
        f"Hours as {kind}. {kind} chart. blue: Mon 1, Tue 2, Wed 3; green: Mon 4, Tue 5, Wed 6"
    )
    expect(chart.locator(".mark")).to_have_count(6)
    expect(page.locator(f"[data-block-id={mark}] .legend")).to_have_text("bluegreen")


def test_a_pie_tells_each_share(visit: Opener, harbour: Harbour, mark: str) -> None:
    harbour.post(harbour.channel("general"), mark, [samples.PIE | {"block_id": mark}])
    page = visit("?as=ada&channel=general")

    expect(page.locator(f"[data-block-id={mark}] .slice")).to_have_count(2)
    expect(page.locator(f"[data-block-id={mark}] .legend")).to_contain_text("blue 3 (75%)")


def test_a_table_stands_as_a_table_with_its_numbers_right(visit: Opener, harbour: Harbour, mark: str) -> None:
    harbour.post(harbour.channel("general"), mark, [samples.COSTS | {"block_id": mark}])
    page = visit("?as=ada&channel=general")

    table = page.locator(f"[data-block-id={mark}]").get_by_role("table")
    expect(table.get_by_role("columnheader", name="Cost")).to_be_visible()
    expect(table.get_by_role("cell", name="€ 12.50")).to_have_css("text-align", "right")


def test_a_data_table_turns_pages_and_sorts_by_its_headings(visit: Opener, harbour: Harbour, mark: str) -> None:
    harbour.post(harbour.channel("general"), mark, [samples.MANY | {"block_id": mark}])
    page = visit("?as=ada&channel=general")
    block = page.locator(f"[data-block-id={mark}]")
    expect(block.get_by_role("rowheader")).to_have_text(["env-0", "env-1", "env-2"])

    block.get_by_role("button", name="Next page").click()
    expect(block.get_by_role("rowheader")).to_have_text(["env-3"])
    block.get_by_role("button", name="Cost").click()

    expect(block.get_by_role("rowheader")).to_have_text(["env-2", "env-0", "env-3"])
    expect(block.get_by_role("columnheader", name="Cost")).to_have_attribute("aria-sort", "ascending")


def test_the_handbooks_blocks_are_all_drawn(visit: Opener, harbour: Harbour, mark: str) -> None:
    harbour.post(harbour.channel("general"), mark, [*samples.HANDBOOK, samples.WARNING[0] | {"block_id": mark}])
    page = visit("?as=ada&channel=general")
    message = warning(page, mark)

    expect(message.locator("pre")).to_have_text("kubectl get pods")
    expect(message.get_by_role("checkbox")).to_be_checked()
    expect(message.get_by_role("listitem").filter(has_text="an item")).to_be_visible()
    expect(message.get_by_role("button", name="Open")).to_be_visible()
    expect(message.get_by_role("img", name="An anchor")).to_be_visible()
    expect(message.get_by_test_id("unsupported")).to_have_count(0)


def test_a_block_the_page_does_not_know_is_shown_as_such(visit: Opener, harbour: Harbour, mark: str) -> None:
    page = visit("?as=ada&channel=general")

    # The sandbox refuses unknown blocks as Slack does, so the page's own module is handed one.
    shown = page.evaluate(
        """async () => {
          const [{ blocks }, { Surface }] = await Promise.all([import("/page/blocks.js"), import("/page/surface.js")]);
          return blocks([{ type: "hologram", block_id: "x" }], new Surface({}, {}))[0].textContent;
        }"""
    )

    assert shown == "Unsupported block: hologram"


def test_focus_stays_in_a_message_whose_pressed_button_is_gone(warned: Page, mark: str) -> None:
    ts = warning(warned, mark).get_attribute("data-ts")

    warning(warned, mark).get_by_role("button", name="Keep awake").focus()
    warned.keyboard.press("Enter")

    expect(warned.locator(f"[data-ts='{ts}']")).to_contain_text("stays awake")
    expect(warned.locator(f"[data-ts='{ts}']")).to_be_focused()


def test_a_date_and_time_is_picked_in_the_persons_zone_not_the_browsers(
    visit: Opener, harbour: Harbour, mark: str
) -> None:
    ten_in_utc = 1798106400  # 2026-12-24
    picker = {"type": "datetimepicker", "action_id": "when", "initial_date_time": ten_in_utc}
    block = {"type": "actions", "block_id": mark, "elements": [picker]}
    harbour.post(harbour.channel("general"), mark, [block])
    page = visit("?as=mio&channel=general", timezone_id="Pacific/Honolulu")
    field = page.locator(f"[data-block-id={mark}] input")
    expect(field).to_have_value("2026-12-24T19:00")

    field.fill("2026-12-25T08:30")
    field.blur()

    assert harbour.app.acts("when")["actions"][0]["selected_date_time"] == ten_in_utc + 13.5 * 3600


def test_a_long_list_stands_beside_its_select_and_tab_leaves_it(visit: Opener, harbour: Harbour, mark: str) -> None:
    options = [samples.option(f"Number {at}", str(at)) for at in range(60)]
    select = {"type": "static_select", "action_id": "long", "placeholder": samples.plain("Which?"), "options": options}
    harbour.post(harbour.channel("general"), mark, [{"type": "actions", "block_id": mark, "elements": [select]}])
    page = visit("?as=ada&channel=general", size=(900, 500))
    box = page.locator(f"[data-block-id={mark}] [role=combobox]")

    box.click()
    listbox = page.get_by_test_id("listbox")
    expect(listbox.get_by_role("option")).to_have_count(60)
    at, list_at = box.bounding_box(), listbox.bounding_box()
    assert at
    assert list_at
    assert list_at["y"] >= 0
    assert list_at["y"] + list_at["height"] <= 500
    assert list_at["y"] + list_at["height"] <= at["y"] or list_at["y"] >= at["y"] + at["height"]
    page.keyboard.press("Tab")

    expect(listbox).to_have_count(0)


def text_of(kind: str, text: str, **more: object) -> dict[str, object]:
    return {"type": kind, "elements": [{"type": "text", "text": text}], **more}


def items(style: str, indent: int, *texts: str) -> dict[str, object]:
    rows = [text_of("rich_text_section", text) for text in texts]
    return {"type": "rich_text_list", "style": style, "indent": indent, "elements": rows}


def test_rich_text_keeps_its_depths_its_marks_and_its_lines(visit: Opener, harbour: Harbour, mark: str) -> None:
    parts = [
        items("bullet", 0, "outer"),
        items("bullet", 1, "inner"),
        items("ordered", 2, "deep"),
        text_of("rich_text_quote", "two\nlines"),
        text_of("rich_text_preformatted", "as\n  typed"),
    ]
    harbour.post(harbour.channel("general"), mark, [{"type": "rich_text", "block_id": mark, "elements": parts}])
    page = visit("?as=ada&channel=general")
    block = page.locator(f"[data-block-id={mark}]")

    lists = block.get_by_role("list")
    for at, (style, inset) in enumerate([("disc", "0px"), ("circle", "24px"), ("lower-roman", "48px")]):
        expect(lists.nth(at)).to_have_css("list-style-type", style)
        expect(lists.nth(at)).to_have_css("margin-left", inset)
    assert block.locator("blockquote").inner_text() == "two\nlines"
    assert block.locator("pre").inner_text() == "as\n  typed"


def test_every_kind_of_block_is_drawn_and_nothing_in_one_is_left_out(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")
    card = {"title": samples.words("card"), "actions": [samples.button("press", "press")]}
    source = {"url": "https://a.b", "text": "source"}
    task = {"type": "task_card", "title": "task", "status": "complete", "sources": [source]}
    box = {"title": samples.plain("box"), "child_blocks": [{"type": "hologram"}]}
    film = {"title": samples.plain("film"), "description": samples.plain("long"), "video_url": "https://a.b"}
    given: list[tuple[str, samples.Json, str]] = [
        ("alert", {"level": "warning", "text": samples.words("careful")}, "careful"),
        ("card", card, "cardpress"),
        ("carousel", {"elements": [card, card]}, "cardpresscardpress"),
        ("container", box, "boxUnsupported block: hologram"),
        ("plan", {"title": "plan", "tasks": [task]}, "plan✓tasksource"),
        ("context", {"elements": [samples.words("here"), {"type": "scent"}]}, "here[scent]"),
        ("section", {"text": samples.words("a"), "accessory": {"type": "lever"}}, "aUnsupported element: lever"),
        ("table", {"rows": [[{"type": "raw_text", "text": "head"}], [{"type": "smell"}]]}, "head[smell]"),
        ("rich_text", {"elements": [{"type": "rich_text_poem"}]}, "[rich_text_poem]"),
        ("data_visualization", {"title": "t", "chart": {"type": "radar"}}, "Unsupported chart: radar"),
        ("file", {"external_id": "F1"}, "File F1"),
        ("video", film, "filmlong"),
    ]

    shown = page.evaluate(
        """async (given) => {
          const [{ blocks }, { Surface }] = await Promise.all([import("/page/blocks.js"), import("/page/surface.js")]);
          return given.map((block) => blocks([block], new Surface({}, {}))[0].textContent);
        }""",
        [{"type": kind, "block_id": kind, **block} for kind, block, _ in given],
    )

    assert shown == [text for _, _, text in given]
