"""A workspace that goes away and comes back under an open page."""

from __future__ import annotations

import socket

import httpx
import pytest
from playwright.sync_api import Browser, expect

from bot.sandbox.slack import SlackOptions, serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def test_a_page_says_when_its_workspace_is_gone_and_goes_on_when_it_is_back(browser: Browser) -> None:
    options = SlackOptions(port=free_port())
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    with serve(options) as slack:
        page.goto(f"{slack.url}/?as=ada&channel=general")
        page.get_by_test_id("intro").wait_for()
        expect(page.get_by_role("status")).to_be_hidden()

    expect(page.get_by_role("status").filter(has_text="can’t be reached")).to_be_visible()
    page.get_by_test_id("composer").fill("said to nobody")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("couldn’t be sent")
    expect(page.get_by_test_id("composer")).to_have_value("said to nobody")

    with serve(options) as slack:
        body = {"channel": "general", "text": "here again"}
        httpx.post(f"{slack.url}/_control/as/lin/message", json=body).raise_for_status()
        expect(page.get_by_test_id("message").last).to_contain_text("here again")
        expect(page.get_by_role("status")).to_be_hidden()
        page.get_by_test_id("composer").press("Enter")
        expect(page.get_by_test_id("message").last).to_contain_text("said to nobody")
        page.close()
    assert problems == []
