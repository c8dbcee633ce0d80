"""Both themes, narrow windows and contrast."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sandbox.page import samples
from tests.sandbox.page.conftest import Harbour, Opener

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = [(1280, 800), (800, 700), (400, 760)]
THEMES = ["light", "dark"]

# Walks every visible text node; answers those whose contrast is below WCAG AA, with the ratio found.
FAINT = """() => {
  const ink = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    ink.clearRect(0, 0, 1, 1); ink.fillStyle = colour; ink.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = ink.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduceRight((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const seen = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!seen || !walker.currentNode.data.trim()) continue;
    if (node.closest("svg, .emoji, [disabled], noscript, .skip")) continue;
    const under = behind(node);
    const value = ratio(over(rgba(getComputedStyle(node).color), under), under);
    if (value < 4.5) found.push(`${value.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return found;
}"""


@pytest.fixture(scope="module", autouse=True)
def furnished(harbour: Harbour) -> None:
    """A channel with something of everything in it."""
    general = harbour.channel("general")
    harbour.say("lin", general, "Look :eyes: at `this` <@here> https://example.com")
    harbour.say("lin", general, "w" * 300)
    harbour.post(general, "Long", samples.LONG)
    harbour.post(general, "Warning", samples.WARNING)
    harbour.post(general, "Handbook", samples.HANDBOOK)
    harbour.post(general, "Charts", [samples.plot("bar"), samples.PIE, samples.COSTS])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("query", ["?as=ada&channel=general", "?as=ada&channel=app&tab=home", "?as=ada&channel=app"])
def test_every_word_has_aa_contrast(visit: Opener, theme: str, query: str) -> None:
    page = visit(query, color_scheme=theme)
    page.locator("[data-testid=message], [data-testid=home] button, .intro").first.wait_for()

    assert page.evaluate(FAINT) == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_form_with_errors_has_aa_contrast(visit: Opener, theme: str) -> None:
    page = visit("?as=lin&channel=general", color_scheme=theme)
    page.get_by_test_id("composer").fill("/k8s form")
    page.get_by_test_id("composer").press("Enter")
    page.get_by_test_id("modal-submit").click()
    page.get_by_test_id("input-error").wait_for()

    assert page.evaluate(FAINT) == []


@pytest.mark.parametrize("size", WIDTHS)
def test_nothing_is_wider_than_the_window(visit: Opener, size: tuple[int, int]) -> None:
    page = visit("?as=ada&channel=general", size=size)
    page.get_by_test_id("message").first.wait_for()

    wide = page.evaluate(
        "[...document.querySelectorAll('body, .rooms, .scroll')].map(n => n.scrollWidth - n.clientWidth)"
    )

    assert max(wide) <= 0


def test_in_a_narrow_window_the_conversations_are_a_drawer(visit: Opener) -> None:
    page = visit("?as=ada&channel=general", size=(400, 760))
    room = page.get_by_test_id("channel-payments")
    expect(room).to_be_hidden()

    page.get_by_test_id("menu").click()
    expect(room).to_be_visible()
    room.click()

    expect(page.get_by_test_id("title")).to_have_text("payments")
    expect(room).to_be_hidden()


def test_escape_closes_the_drawer(visit: Opener) -> None:
    page = visit("?as=ada&channel=general", size=(400, 760))

    page.get_by_test_id("menu").click()
    expect(page.get_by_test_id("channel-general")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert not page.evaluate("document.getElementById('main').contains(document.activeElement)")
    page.keyboard.press("Escape")

    expect(page.get_by_test_id("channel-general")).to_be_hidden()
    expect(page.get_by_test_id("menu")).to_be_focused()


def test_the_theme_follows_the_system_until_one_chooses_and_the_choice_stays(visit: Opener) -> None:
    page = visit("?as=ada&channel=general", color_scheme="dark")
    expect(page.get_by_test_id("theme")).to_have_accessible_name("Light theme")

    page.get_by_test_id("theme").click()
    expect(page.locator("html")).to_have_css("color-scheme", "light")
    page.reload()

    expect(page.get_by_test_id("theme")).to_have_accessible_name("Dark theme")


@pytest.mark.parametrize("size", WIDTHS)
def test_a_skip_link_leads_past_the_conversations(visit: Opener, size: tuple[int, int]) -> None:
    page = visit("?as=ada&channel=general", size=size)

    skip = page.get_by_role("link", name="Skip to the message box")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.get_by_test_id("composer")).to_be_focused()
