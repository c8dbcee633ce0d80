"""The message box: sending, its menus, its buttons and what it remembers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page.conftest import Harbour, Opener

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def message(page: Page, text: str) -> Locator:
    return page.get_by_test_id("message").filter(has_text=text)


def composer(page: Page) -> Locator:
    return page.get_by_test_id("composer")


def test_enter_sends_and_shift_enter_breaks_the_line(visit: Opener, mark: str) -> None:
    page = visit("?as=ada&channel=general")

    composer(page).press_sequentially(f"{mark} one")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("two")
    composer(page).press("Enter")

    expect(message(page, mark).locator("br")).to_have_count(1)
    expect(composer(page)).to_have_value("")


def test_the_slash_menu_shows_command_hint_and_description_and_tab_takes_it(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")

    composer(page).press_sequentially("/k")
    entry = page.get_by_test_id("slash-menu").get_by_role("option")
    expect(entry).to_contain_text("/k8s")
    expect(entry).to_contain_text("help")
    expect(entry).to_contain_text("Your environments on the cluster")
    composer(page).press("Tab")

    expect(composer(page)).to_have_value("/k8s ")
    expect(page.get_by_test_id("slash-menu")).to_be_hidden()


def test_an_unknown_command_is_named_and_given_back_for_correction(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")

    composer(page).fill("/k9s create")
    composer(page).press("Enter")

    expect(page.get_by_role("alert").filter(has_text="/k9s isn’t a command")).to_be_visible()
    expect(composer(page)).to_have_value("/k9s create")


def test_arrow_up_brings_back_what_was_sent_last(visit: Opener, mark: str) -> None:
    page = visit("?as=ada&channel=general")
    composer(page).fill(mark)
    composer(page).press("Enter")
    expect(message(page, mark)).to_be_visible()

    composer(page).press("ArrowUp")

    expect(composer(page)).to_have_value(mark)


def test_a_draft_waits_while_one_is_elsewhere(visit: Opener, mark: str) -> None:
    page = visit("?as=ada&channel=general")

    composer(page).fill(mark)
    page.get_by_test_id("channel-payments").click()
    expect(composer(page)).to_have_value("")
    page.get_by_test_id("channel-general").click()

    expect(composer(page)).to_have_value(mark)


def test_a_mention_in_a_command_reaches_the_app_as_a_reference(visit: Opener, harbour: Harbour, mark: str) -> None:
    page = visit("?as=ada&channel=general")

    composer(page).press_sequentially(f"/k8s share {mark} @li")
    page.get_by_test_id("people-menu").get_by_role("option").filter(has_text="Lin").click()
    composer(page).press("Enter")

    expect(message(page, mark)).to_be_visible()
    heard = harbour.app.hears("command", lambda body: mark in body["text"])
    assert re.fullmatch(rf"share {mark} <@U\w+\|lin>", heard["text"])


def test_the_message_boxs_buttons_and_keys_mark_words_and_open_its_menus(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")

    page.get_by_role("button", name="Commands").click()
    expect(page.get_by_test_id("slash-menu").get_by_role("option")).to_have_count(1)
    composer(page).fill("now")
    composer(page).select_text()
    composer(page).press("Control+b")
    expect(composer(page)).to_have_value("*now*")
    page.get_by_role("button", name="Italic").click()
    expect(composer(page)).to_have_value("*_now_*")
    composer(page).press("End")
    page.get_by_role("button", name="Mention somebody").click()

    expect(composer(page)).to_have_value("*_now_* @")
    expect(page.get_by_test_id("people-menu").get_by_role("option").first).to_be_visible()
    composer(page).fill("")
