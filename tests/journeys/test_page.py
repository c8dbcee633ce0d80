"""A newcomer's first quarter of an hour, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.page.conftest import chromium
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for both tests."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser, company: World) -> Iterator[Page]:
    """Ada's Slack, with a Berth that works by itself; an error that the page does not handle fails the test."""
    company.berth.work()
    problems: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{company.harbour.slack.url}/?as=ada&channel=app")
    yield page
    context.close()
    assert problems == []


def say(page: Page, text: str) -> None:
    """Type into the composer and send."""
    composer = page.get_by_test_id("composer")
    composer.fill(text)
    composer.press("Escape")
    composer.press("Enter")


def newest(page: Page, words: str) -> None:
    """Wait until these words stand in the conversation."""
    expect(page.get_by_text(words).last).to_be_visible(timeout=15_000)


def press(page: Page, label: str) -> None:
    """Press the newest button of that label."""
    page.get_by_test_id("message").get_by_text(label, exact=True).last.click()


def test_create_sleep_wake_extend_connect_delete_and_a_warning(page: Page, company: World) -> None:
    say(page, "/k8s create blue template=web")
    newest(page, "is running.")
    press(page, "Sleep now")
    newest(page, "is asleep; nothing was lost.")
    press(page, "Wake")
    newest(page, "is awake and as it was.")

    press(page, "Extend 4h")
    newest(page, "It neither sleeps nor ends before")
    press(page, "Connect")
    expect(page.get_by_test_id("modal")).to_contain_text("apiVersion: v1")
    page.keyboard.press("Escape")

    company.clock.advance(hours=7, minutes=50)
    company.berth.passes.lifetimes.judge_due()
    newest(page, "Going to sleep soon")
    press(page, "Keep awake 2h")
    newest(page, "Kept awake until")

    say(page, "/k8s delete blue")
    expect(page.get_by_test_id("modal")).to_contain_text("Deployment web")
    page.get_by_test_id("modal-submit").click()
    newest(page, "is deleted.")


def test_the_form_makes_an_environment_and_the_home_shows_it(page: Page) -> None:
    say(page, "/k8s create")
    page.get_by_test_id("modal").get_by_role("textbox").first.fill("green")
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal")).to_contain_text("Making")
    page.keyboard.press("Escape")
    newest(page, "is running.")

    page.get_by_test_id("tab-home").click()
    expect(page.get_by_test_id("home")).to_contain_text("green")
