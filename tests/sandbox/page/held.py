"""Clicks that wait under way, so that a test can look and act between a click and its answer."""

from __future__ import annotations

from playwright.sync_api import Page

HOLD = """() => {
  const send = window.fetch;
  const held = [];
  window.fetch = async (url, ...more) => {
    if (url.endsWith("/click")) await new Promise((go, lose) => held.push({ go, lose }));
    return send(url, ...more);
  };
  window.held = held;
}"""


class Held:
    """Clicks that are under way for as long as the test wants."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(HOLD)

    def go_on(self) -> None:
        """Lets the oldest reach the app."""
        self._page.evaluate("() => held.shift().go()")

    def get_lost(self) -> None:
        """Lets the oldest never arrive."""
        self._page.evaluate("() => held.shift().lose(new TypeError('connection lost'))")
