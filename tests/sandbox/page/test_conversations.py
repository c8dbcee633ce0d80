"""Channels, threads, and being somebody else."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page import samples
from tests.sandbox.page.conftest import Harbour, Opener

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def message(page: Page, text: str) -> Locator:
    return page.get_by_test_id("message").filter(has_text=text)


def composer(page: Page) -> Locator:
    return page.get_by_test_id("composer")


def test_what_others_say_arrives_without_a_reload(visit: Opener, harbour: Harbour, mark: str) -> None:
    page = visit("?as=ada&channel=general")

    harbour.say("lin", harbour.channel("general"), mark)

    expect(message(page, mark)).to_be_visible()
    expect(message(page, mark)).to_contain_text("Lin Ortega")


def test_a_commands_answer_is_only_visible_to_its_person_and_gone_after_a_reload(visit: Opener, mark: str) -> None:
    page, other = visit("?as=ada&channel=general"), visit("?as=lin&channel=general")

    composer(page).fill(f"/k8s {mark}")
    composer(page).press("Enter")
    expect(message(page, mark).get_by_test_id("only-you")).to_have_text("Only visible to you")
    expect(message(other, mark)).to_have_count(0)
    page.reload()

    page.get_by_test_id("message").or_(page.locator(".intro")).first.wait_for()
    expect(message(page, mark)).to_have_count(0)


def test_a_command_that_the_app_never_acknowledges_tells_slacks_failure(visit: Opener) -> None:
    page = visit("?as=mio&channel=general")

    composer(page).fill("/k8s slow")
    composer(page).press("Enter")

    expect(message(page, "failed with the error").get_by_test_id("only-you")).to_be_visible()


def test_a_reply_goes_to_the_thread_and_the_parent_counts_it(visit: Opener, harbour: Harbour, mark: str) -> None:
    harbour.say("lin", harbour.channel("payments"), mark)
    page = visit("?as=ada&channel=payments")

    message(page, mark).hover()
    message(page, mark).get_by_test_id("reply").click()
    page.get_by_test_id("reply-box").fill("an answer")
    page.get_by_test_id("reply-box").press("Enter")

    expect(page.locator("#thread").get_by_text("an answer")).to_be_visible()
    expect(page.locator("#main").get_by_text("an answer")).to_have_count(0)
    replies = message(page, mark).first.get_by_test_id("replies")
    expect(replies).to_have_accessible_name(re.compile(r"1 reply Last reply today at \d+:\d\d"))
    page.keyboard.press("Escape")
    expect(page.locator("#thread")).to_be_hidden()
    expect(composer(page)).to_be_focused()


def test_commands_are_refused_in_threads(visit: Opener, harbour: Harbour, mark: str) -> None:
    ts = harbour.say("lin", harbour.channel("payments"), mark)
    page = visit(f"?as=ada&channel=payments&thread={ts}")

    page.get_by_test_id("reply-box").fill("/k8s help")
    page.get_by_test_id("reply-box").press("Enter")

    expect(page.get_by_role("alert").filter(has_text="can’t be used in a thread")).to_be_visible()


def test_what_is_new_elsewhere_is_marked_and_read_by_going_there(visit: Opener, harbour: Harbour, mark: str) -> None:
    page = visit("?as=lin&channel=general")
    room = page.get_by_test_id("channel-payments")
    harbour.say("ada", harbour.channel("payments"), mark)
    expect(room).to_have_accessible_name(re.compile(r"payments, \d+ unread"))

    room.click()

    expect(page.get_by_test_id("new-line")).to_be_visible()
    expect(room).to_have_accessible_name("payments")
    page.get_by_test_id("channel-general").click()
    expect(room).to_have_accessible_name("payments")


def test_switching_the_person_changes_what_is_seen(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")
    expect(page.get_by_test_id("channel-platform")).to_have_count(0)

    page.get_by_test_id("who").click()
    expect(page.get_by_test_id("be-gus")).to_contain_text("guest")
    page.get_by_test_id("be-root").click()

    expect(page.get_by_test_id("channel-platform")).to_be_visible()
    expect(page.get_by_test_id("title")).to_have_text("general")
    expect(page).to_have_url(re.compile("as=root"))


def test_a_channel_one_is_not_in_can_be_read_but_not_written_in(visit: Opener) -> None:
    page = visit("?as=ada&channel=search")

    expect(page.get_by_test_id("closed")).to_have_text("You aren’t a member of #search.")


def test_archiving_a_channel_closes_its_message_box_at_once(visit: Opener, harbour: Harbour) -> None:
    page = visit("?as=mio&channel=search")
    expect(composer(page)).to_be_visible()

    harbour.control.post(f"/channels/{harbour.channel('search')}", json={"archived": True}).raise_for_status()

    expect(page.get_by_test_id("closed")).to_have_text("#search is archived.")
    harbour.control.post(f"/channels/{harbour.channel('search')}", json={"archived": False}).raise_for_status()
    expect(composer(page)).to_be_visible()


def test_a_deactivated_person_reads_that_they_cannot_write(visit: Opener, harbour: Harbour) -> None:
    page = visit("?as=gus&channel=general")
    expect(composer(page)).to_be_visible()

    harbour.control.post("/people/gus", json={"deleted": True}).raise_for_status()

    expect(page.get_by_test_id("closed")).to_have_text("This account has been deactivated.")
    harbour.control.post("/people/gus", json={"deleted": False}).raise_for_status()
    expect(composer(page)).to_be_visible()


def test_back_returns_to_the_place_before(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")

    page.get_by_test_id("channel-payments").click()
    expect(page.get_by_test_id("title")).to_have_text("payments")
    page.go_back()

    expect(page.get_by_test_id("title")).to_have_text("general")


def test_a_direct_message_can_be_begun_with_anybody(visit: Opener, harbour: Harbour, mark: str) -> None:
    page = visit("?as=ada&channel=general")

    page.get_by_test_id("write").click()
    page.get_by_test_id("write-mio").click()
    expect(page.get_by_test_id("title")).to_contain_text("Mio Tanaka")
    composer(page).fill(mark)
    composer(page).press("Enter")

    expect(message(page, mark)).to_be_visible()
    assert any(one["kind"] == "dm" and one["unread"] == 1 for one in harbour.rooms("mio"))


def test_an_uploaded_picture_shows_with_its_description(visit: Opener, harbour: Harbour, mark: str) -> None:
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/></svg>'
    general = harbour.channel("general")
    page = visit("?as=ada&channel=general")

    harbour.app.client.files_upload_v2(
        channel=general, content=picture, filename="chart.svg", alt_txt=f"Costs {mark}", initial_comment="Costs"
    )

    picture_node = page.get_by_role("img", name=f"Costs {mark}")
    expect(picture_node).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture_node.element_handle())


def test_the_clock_shows_how_fast_time_runs(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")

    expect(page.get_by_test_id("clock")).to_contain_text("60×")


def test_dates_are_said_in_the_viewers_own_zone(visit: Opener, harbour: Harbour, mark: str) -> None:
    harbour.post(harbour.channel("general"), mark, [samples.WARNING[1] | {"block_id": mark}])

    berlin, tokyo = visit("?as=ada&channel=general"), visit("?as=mio&channel=general")

    expect(berlin.locator(f"[data-block-id={mark}]")).to_contain_text("2023-11-14 at 11:13 PM")
    expect(tokyo.locator(f"[data-block-id={mark}]")).to_contain_text("2023-11-15 at 7:13 AM")


def test_control_k_goes_to_a_conversation_by_a_few_letters_of_its_name(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")
    page.get_by_test_id("composer").wait_for()

    page.keyboard.press("Control+k")
    page.keyboard.type("tana")
    expect(page.get_by_test_id("switcher").get_by_role("option")).to_have_text(["MTMio TanakaEngineer, Search"])
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("title")).to_contain_text("Mio Tanaka")
    expect(composer(page)).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("switcher")).to_have_count(0)
    expect(composer(page)).to_be_focused()


def test_the_arrow_keys_walk_the_conversations(visit: Opener) -> None:
    page = visit("?as=ada&channel=general")

    page.get_by_test_id("channel-general").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_test_id("channel-payments")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_test_id("channel-app")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_test_id("title")).to_contain_text("Berth")


def test_a_dismissed_message_is_gone_and_the_typing_goes_on(visit: Opener, mark: str) -> None:
    page = visit("?as=ada&channel=general")
    composer(page).fill(f"/k8s {mark}")
    composer(page).press("Enter")

    message(page, mark).get_by_role("button", name="Dismiss message").click()

    expect(message(page, mark)).to_have_count(0)
    expect(composer(page)).to_be_focused()


def test_many_messages_end_at_the_newest_and_saying_something_returns_there(
    visit: Opener, harbour: Harbour, mark: str
) -> None:
    platform = next(one["id"] for one in harbour.rooms("root") if one["name"] == "platform")
    for at in range(30):
        harbour.say("root", platform, f"{mark} {at} of many")
    page = visit("?as=root&channel=platform")
    expect(message(page, f"{mark} 29")).to_be_in_viewport()

    page.mouse.move(700, 300)
    page.mouse.wheel(0, -5000)
    expect(message(page, f"{mark} 29")).not_to_be_in_viewport()
    composer(page).fill("and another")
    composer(page).press("Enter")

    expect(message(page, "and another").last).to_be_in_viewport()
