"""A served workspace with the sample app, and a browser that looks at it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.slack import SandboxSlack, SlackOptions, serve
from tests.sandbox.page.sample_app import SampleApp

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
    "--renderer-process-limit=1",  # what one test opens is closed before the next: none needs a process of its own
)
Opener = Callable[..., Page]


@dataclass(frozen=True)
class Harbour:
    """The workspace, the app in it, and the control API by which other people act."""

    slack: SandboxSlack
    app: SampleApp
    control: httpx.Client

    def rooms(self, user: str) -> list[dict[str, Any]]:
        """The channels that a person sees."""
        found: list[dict[str, Any]] = self.control.get(f"/as/{user}/channels").raise_for_status().json()
        return found

    def channel(self, name: str) -> str:
        """A public channel's id."""
        return str(next(one["id"] for one in self.rooms("ada") if one["name"] == name))

    def post(self, channel: str, text: str, blocks: list[dict[str, Any]] | None = None) -> str:
        """Has the app say something; answers its ts."""
        return str(self.app.client.chat_postMessage(channel=channel, text=text, blocks=blocks)["ts"])

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Has a person say something; answers its ts."""
        body = {"channel": channel, "text": text, "thread_ts": thread_ts}
        return str(self.control.post(f"/as/{user}/message", json=body).raise_for_status().json()["ts"])


@pytest.fixture(scope="module")
def harbour() -> Iterator[Harbour]:
    """A workspace whose clock runs sixty times as fast, with the sample app connected."""
    options = SlackOptions(clock_speed=60, ack_within=timedelta(seconds=2))
    with serve(options) as slack, httpx.Client(base_url=f"{slack.url}/_control", timeout=20) as control:
        app = SampleApp(WebClient(token=slack.bot_token, base_url=slack.api_url))
        sockets = SocketModeHandler(app.bolt, slack.app_token)
        sockets.connect()
        yield Harbour(slack, app, control)
        sockets.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium that runs; whoever waits for one where none is skips."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip("no Chromium here: install Debian's `chromium` to run the page's tests")
    expect.set_options(timeout=15_000)  # a busy machine needs longer than Playwright's five seconds
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of the page."""
    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser: Browser, harbour: Harbour) -> Iterator[Opener]:
    """Opens the page in a browser of its own; an error that the page doesn't handle fails the test."""
    contexts, problems = [], []

    def open_page(query: str = "", *, size: tuple[int, int] = (1280, 800), **options: Any) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-US", **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{harbour.slack.url}/{query}")
        page.locator("[data-testid=title]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def mark() -> str:
    """A word that no other test says."""
    return f"word{uuid.uuid4().hex[:8]}"
