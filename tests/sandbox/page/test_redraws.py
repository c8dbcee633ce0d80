"""What a person did and was told outlives a redraw: the app changes what stands there while a click is under way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page import samples
from tests.sandbox.page.conftest import Harbour, Opener
from tests.sandbox.page.held import Held

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Json = dict[str, Any]
Change = Callable[[str], object]


def titled(title: str, *blocks: Json) -> list[Json]:
    return [{"type": "header", "text": samples.plain(title)}, *blocks]


HUSH = {"type": "actions", "elements": [samples.button("New", "new"), samples.button("Hush", "mute", value="blue")]}


def home(harbour: Harbour, *blocks: Json) -> Change:
    """What publishes Mio's Home anew, each time under another title."""
    mio = next(one["id"] for one in harbour.control.get("/workspace").json()["people"] if one["name"] == "mio")
    client = harbour.app.client
    return lambda title: client.views_publish(
        user_id=mio, view={"type": "home", "blocks": titled(title, *(blocks or (HUSH,)))}
    )


def opened(visit: Opener, harbour: Harbour) -> Page:
    """Mio's Home, as the app published it for being opened just now."""
    harbour.app.forget()
    page = visit("?as=mio&channel=app&tab=home")
    harbour.app.hears("event", lambda body: bool(body["event"]["type"] == "app_home_opened"))
    expect(page.get_by_test_id("home").get_by_role("heading", name="Your environments")).to_be_visible()
    return page


def pressed_and_redrawn(place: Locator, change: Change, title: str) -> None:
    """Presses Hush, has the app change what stands there, and sees the button wait on."""
    hush = place.get_by_role("button", name="Hush")
    hush.click()
    expect(hush).to_have_attribute("aria-busy", "true")

    change(title)

    expect(place.get_by_role("heading", name=title)).to_be_visible()
    expect(hush).to_have_attribute("aria-busy", "true")
    expect(place.get_by_role("button", name="New", exact=True)).not_to_have_attribute("aria-busy", "true")


def told_beside(place: Locator) -> None:
    """The failure stands in the very block of the button, which waits no more."""
    block = place.locator("[data-block-type=actions]")
    expect(block.get_by_test_id("failure")).to_contain_text("isn’t responding")
    expect(block.get_by_role("button", name="Hush")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("more", [{"block_id": "acts"}, {}], ids=["the block is named", "the block gets a new id"])
def test_a_home_that_is_published_anew_while_a_click_waits_tells_that_nobody_answered(
    visit: Opener, harbour: Harbour, more: Json
) -> None:
    page = opened(visit, harbour)
    place, held = page.get_by_test_id("home"), Held(page)
    change = home(harbour, HUSH | more)
    change("At first")
    expect(place.get_by_role("heading", name="At first")).to_be_visible()

    pressed_and_redrawn(place, change, "While it waits")
    held.go_on()
    told_beside(place)
    change("Afterwards")

    expect(place.get_by_role("heading", name="Afterwards")).to_be_visible()
    told_beside(place)
    page.get_by_test_id("tab-about").click()
    page.get_by_test_id("tab-home").click()
    expect(place.get_by_role("button", name="Hush")).to_be_visible()
    expect(place.get_by_test_id("failure")).to_have_count(0)


def test_a_form_that_changes_while_a_click_waits_tells_that_nobody_answered(visit: Opener, harbour: Harbour) -> None:
    harbour.app.forget()
    page = visit("?as=mio&channel=general")
    page.get_by_test_id("composer").fill("/k8s form")
    page.get_by_test_id("composer").press("Enter")
    place, held = page.get_by_test_id("modal"), Held(page)
    place.get_by_label("Name", exact=True).wait_for()
    view_id = place.locator("form").get_attribute("data-view-id")

    def change(title: str) -> None:
        view = samples.FORM | {"blocks": titled(title, HUSH | {"block_id": "acts"})}
        harbour.app.client.views_update(view_id=view_id, view=view)

    change("At first")
    pressed_and_redrawn(place, change, "While it waits")
    held.go_on()

    told_beside(place)
    place.get_by_role("button", name="New", exact=True).click()
    expect(place.get_by_test_id("failure")).to_have_count(0)
    held.go_on()
    harbour.app.acts("new")


def test_a_message_that_changes_while_a_click_is_lost_tells_so(visit: Opener, harbour: Harbour, mark: str) -> None:
    acts, general = HUSH | {"block_id": mark}, harbour.channel("general")
    ts = harbour.post(general, mark, titled("At first", acts))
    page = visit("?as=ada&channel=general")
    place, held = page.locator(f"[data-ts='{ts}']"), Held(page)

    def change(title: str) -> None:
        harbour.app.client.chat_update(channel=general, ts=ts, text=mark, blocks=titled(title, acts))

    pressed_and_redrawn(place, change, "While it waits")
    held.get_lost()
    told_beside(place)
    change("Afterwards")

    expect(place.get_by_role("heading", name="Afterwards")).to_be_visible()
    told_beside(place)


def test_a_failure_whose_button_is_gone_is_told_all_the_same(visit: Opener, harbour: Harbour) -> None:
    page = opened(visit, harbour)
    place, held = page.get_by_test_id("home"), Held(page)

    place.get_by_role("button", name="Hush").click()
    home(harbour, {"type": "divider"})("Nothing left")
    expect(place.get_by_role("heading", name="Nothing left")).to_be_visible()
    held.go_on()

    expect(page.get_by_role("alert").filter(has_text="isn’t responding")).to_be_visible()


def press_down(page: Page, target: Locator) -> None:
    """Lets the pointer go down on it, and stay."""
    target.hover()
    page.mouse.down()


def test_a_button_that_is_drawn_anew_under_the_pointer_is_pressed_once(visit: Opener, harbour: Harbour) -> None:
    page = opened(visit, harbour)
    place, change = page.get_by_test_id("home"), home(harbour, HUSH | {"block_id": "acts"})
    change("At first")
    expect(place.get_by_role("heading", name="At first")).to_be_visible()

    press_down(page, place.get_by_role("button", name="New", exact=True))
    change("While it is pressed")
    expect(place.get_by_role("heading", name="While it is pressed")).to_be_visible()
    page.mouse.up()

    harbour.app.acts("new")
    expect(place.locator("[aria-busy=true]")).to_have_count(0)
    pressed = [one for one in harbour.app.heard("block_actions") if one["view"]["type"] == "home"]
    assert [one["actions"][0]["action_id"] for one in pressed] == ["new"]


def test_a_box_whose_words_are_pressed_while_its_message_changes_is_ticked(
    visit: Opener, harbour: Harbour, mark: str
) -> None:
    days = next(one for one in samples.WARNING[2]["elements"] if one["type"] == "checkboxes")
    acts: Json = {"type": "actions", "block_id": mark, "elements": [days]}
    last: Json = {"type": "section", "text": samples.words("has room for the mark that it was edited")}
    general = harbour.channel("general")
    ts = harbour.post(general, mark, titled("At first", acts, last))
    page = visit("?as=ada&channel=general")
    place = page.locator(f"[data-ts='{ts}']")

    press_down(page, place.get_by_text("Weekends"))
    harbour.app.client.chat_update(channel=general, ts=ts, text=mark, blocks=titled("While it is pressed", acts, last))
    expect(place.get_by_role("heading", name="While it is pressed")).to_be_visible()
    page.mouse.up()

    expect(place.get_by_label("Weekends")).to_be_checked()


def test_a_conversation_that_becomes_unread_under_the_pointer_is_gone_to(
    visit: Opener, harbour: Harbour, mark: str
) -> None:
    page = visit("?as=lin&channel=general")
    room = page.get_by_test_id("channel-payments")

    press_down(page, room)
    harbour.say("ada", harbour.channel("payments"), mark)
    expect(room).to_have_accessible_name(re.compile("unread"))
    page.mouse.up()

    expect(page.get_by_test_id("title")).to_have_text("payments")
