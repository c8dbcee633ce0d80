"""Modals and Home, filled in by keyboard and mouse."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page.conftest import Harbour, Opener

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def form(visit: Opener) -> Page:
    """Ada's page with the form open."""
    page = visit("?as=ada&channel=general")
    page.get_by_test_id("composer").fill("/k8s form")
    page.get_by_test_id("composer").press("Enter")
    page.get_by_test_id("modal").wait_for()
    return page


def name_field(page: Page) -> Locator:
    return page.get_by_test_id("modal").get_by_label("Name", exact=True)


def submitted(harbour: Harbour) -> Any:
    heard = harbour.app.hears("view_submission")
    return {action: state for block in heard["view"]["state"]["values"].values() for action, state in block.items()}


def test_the_first_field_has_the_focus_and_tabbing_never_leaves_the_form(form: Page) -> None:
    expect(name_field(form)).to_be_focused()

    for _ in range(12):
        form.keyboard.press("Tab")
        outside = form.evaluate("!document.activeElement.closest('dialog') && document.activeElement !== document.body")
        assert not outside


def test_an_empty_required_field_is_told_before_anything_is_sent(form: Page, harbour: Harbour) -> None:
    harbour.app.forget()

    form.get_by_test_id("modal-submit").click()

    expect(form.get_by_test_id("input-error")).to_contain_text("complete this required field")
    expect(name_field(form)).to_be_focused()
    expect(name_field(form)).to_have_accessible_description("Please complete this required field Letters and digits")
    assert harbour.app.heard("view_submission") == []


def test_the_apps_objection_stands_at_its_field_and_keeps_what_was_entered(form: Page) -> None:
    name_field(form).fill("blue!")
    form.get_by_test_id("modal-submit").click()

    expect(form.get_by_test_id("input-error")).to_have_text("“blue!” is not a name: try blue2")
    expect(name_field(form)).to_have_value("blue!")
    name_field(form).fill("blue2")
    form.get_by_test_id("modal-submit").click()

    expect(form.get_by_test_id("modal")).to_be_hidden()
    expect(form.get_by_test_id("composer")).to_be_focused()


def test_everything_filled_in_reaches_the_app_as_slack_sends_it(form: Page, harbour: Harbour) -> None:
    modal = form.get_by_test_id("modal")
    name_field(form).fill("blue")
    modal.locator("[data-action-id=size]").click()
    form.get_by_test_id("listbox").get_by_role("option", name="small").click()
    modal.locator("[data-action-id=people]").click()
    form.get_by_test_id("listbox").get_by_role("option", name="Lin Ortega").click()
    form.get_by_test_id("listbox").get_by_role("option", name="Mio Tanaka").click()
    form.keyboard.press("Escape")
    modal.locator("[data-action-id=template]").click()
    form.keyboard.type("web")
    form.get_by_test_id("listbox").get_by_role("option", name="web-large").click()
    modal.get_by_label("Virtual cluster").check()
    modal.get_by_label("Until").fill("2026-12-24")

    form.get_by_test_id("modal-submit").click()
    expect(modal).to_be_hidden()

    values = submitted(harbour)
    assert values["name"]["value"] == "blue"
    assert values["size"]["selected_option"]["value"] == "s"
    people = harbour.control.get("/workspace").json()["people"]
    chosen = {one["name"] for one in people if one["id"] in values["people"]["selected_users"]}
    assert chosen == {"lin", "mio"}
    assert values["template"]["selected_option"]["value"] == "large"
    assert values["kind"]["selected_option"]["value"] == "vcluster"
    assert values["until"]["selected_date"] == "2026-12-24"


def test_escape_closes_an_open_list_first_and_only_then_the_form(form: Page) -> None:
    form.get_by_test_id("modal").locator("[data-action-id=size]").click()
    expect(form.get_by_test_id("listbox")).to_be_visible()

    form.keyboard.press("Escape")
    expect(form.get_by_test_id("listbox")).to_have_count(0)
    expect(form.get_by_test_id("modal")).to_be_visible()
    form.keyboard.press("Escape")

    expect(form.get_by_test_id("modal")).to_be_hidden()


def test_a_view_on_top_goes_back_to_the_one_below_with_its_values(form: Page) -> None:
    name_field(form).fill("deep")
    form.get_by_test_id("modal-submit").click()
    expect(form.get_by_test_id("modal")).to_contain_text("Are you sure?")

    form.get_by_role("button", name="Back").click()

    expect(form.get_by_test_id("modal")).to_contain_text("New environment")
    expect(name_field(form)).to_have_value("deep")


def test_the_x_closes_every_view_and_tells_the_app(form: Page, harbour: Harbour) -> None:
    harbour.app.forget()
    name_field(form).fill("deep")
    form.get_by_test_id("modal-submit").click()
    expect(form.get_by_test_id("modal")).to_contain_text("Are you sure?")

    form.get_by_test_id("modal-x").click()

    expect(form.get_by_test_id("modal")).to_be_hidden()
    assert harbour.app.hears("view_closed")["is_cleared"] is True


def test_home_is_published_when_it_is_opened_and_its_buttons_act(visit: Opener, harbour: Harbour) -> None:
    page = visit("?as=mio&channel=app")

    page.get_by_test_id("tab-home").click()
    page.get_by_test_id("home").get_by_role("button", name="New environment").click()

    assert harbour.app.acts("new")["view"]["type"] == "home"


def test_a_home_button_that_nobody_answers_says_so_beside_it(visit: Opener) -> None:
    page = visit("?as=mio&channel=app&tab=home")

    page.get_by_test_id("home").get_by_role("button", name="Hush").click()

    expect(page.get_by_test_id("home").get_by_test_id("failure")).to_contain_text("isn’t responding")


def test_the_arrow_keys_walk_the_apps_tabs(visit: Opener) -> None:
    page = visit("?as=mio&channel=app&tab=home")

    page.get_by_test_id("tab-home").focus()
    page.keyboard.press("ArrowLeft")

    expect(page.get_by_test_id("tab-about")).to_be_focused()
    expect(page.get_by_test_id("about")).to_contain_text("/k8s help")
