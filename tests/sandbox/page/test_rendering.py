"""What the page draws of any text, number or instant: text never becomes markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from bot.sandbox.slack import SlackOptions, serve
from handlers.blocks import escape
from handlers.literal import TICK, one_line

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DRAW = """async () => {
  const { mrkdwn, plain } = await import("/page/mrkdwn.js");
  const verbatim = (text) => mrkdwn(text, true);
  const { markdown } = await import("/page/richtext.js");
  window.draw = (kind, text) => {
    const box = document.createElement("div");
    box.append(...[{ mrkdwn, verbatim, plain, markdown }[kind](text)].flat(Infinity).filter(Boolean));
    const nodes = [...box.querySelectorAll("*")];
    return {
      tags: [...new Set(nodes.map((node) => node.localName))],
      links: nodes.flatMap((node) => (node.href ? [new URL(node.href).protocol] : [])),
      handlers: nodes.flatMap((node) => node.getAttributeNames().filter((name) => name.startsWith("on"))),
      text: box.textContent,
    };
  };
}"""


@pytest.fixture(scope="module")
def renderer(browser: Browser) -> Iterator[Page]:
    """A page whose modules can be asked to draw any text.

    There is no app in its workspace: an app's connection draws random numbers, now and then, from a thread of this
    process, and where it does while Hypothesis draws its own, Hypothesis takes that for a strategy that is random.
    """
    with serve(SlackOptions()) as slack, closing(browser.new_page()) as page:
        page.goto(f"{slack.url}/?as=ada")
        page.get_by_test_id("title").wait_for()
        page.evaluate(DRAW)
        yield page


ALLOWED = {
    *("p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span", "time", "hr"),
    *("h2", "h3", "h4", "h5", "h6", "div", "table", "thead", "tbody", "tr", "th", "td", "input"),
}
MARKUP = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "\\")
LINKS = ("<javascript:alert(1)|click>", "[x](javascript:alert(1))", "<http://a.b|c>", "<@U1>", "<#C1|x>", "<!here>")
MARKS = (
    "<!date^1^{date}|x>",
    "*",
    "_",
    "~",
    "`",
    "```",
    "\n",
    "> ",
    "• ",
    "- ",
    "1. ",
    "# ",
    "| a |",
    ":tada:",
    "word",
    " ",
)
KINDS = st.sampled_from(["mrkdwn", "plain", "markdown"])
TEXTS = st.lists(st.sampled_from(MARKUP + LINKS + MARKS) | st.text(max_size=8), max_size=12).map("".join)


@settings(max_examples=150, deadline=None)
@given(kind=KINDS, text=TEXTS)
def test_no_text_ever_becomes_markup_or_a_link_that_runs(renderer: Page, kind: str, text: str) -> None:
    drawn = renderer.evaluate("([kind, text]) => window.draw(kind, text)", [kind, text])

    assert set(drawn["tags"]) <= ALLOWED
    assert set(drawn["links"]) <= {"http:", "https:", "mailto:"}
    assert drawn["handlers"] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _em_ ~gone~ `co*d*e`", "bold em gone co*d*e"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("<https://example.com|docs> and <mailto:a@b.c>", "docs and a@b.c"),
        (":tada: :unknown_thing:", "🎉 :unknown_thing:"),
        ("<!subteam^S1|@payments> <!here>", "@payments @here"),
        ("<!date^0^{date_num}|never>", "1970-01-01"),
    ],
)
def test_mrkdwn_says_what_slack_would_say(renderer: Page, text: str, shown: str) -> None:
    drawn = renderer.evaluate("text => window.draw('mrkdwn', text)", text)

    assert drawn["text"] == shown


def test_a_bare_address_is_a_link_unless_the_text_is_verbatim(renderer: Page) -> None:
    drawn = [
        renderer.evaluate("kind => window.draw(kind, '*https://a.example*')", one) for one in ("mrkdwn", "verbatim")
    ]

    assert [len(one["links"]) for one in drawn] == [1, 0]
    assert drawn[1]["tags"] == ["p", "strong"]


INVISIBLE = re.compile("[\u200b\u2060]")
PLACES = ["{}", "*{}*", "*Denied by Lin: {}*", "• {}", "A `name` ({}): *more*", "_{}_ and ~{}~"]


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, place=st.sampled_from(PLACES))
def test_foreign_text_shows_its_very_characters_wherever_it_stands_in_ours(
    renderer: Page, text: str, place: str
) -> None:
    escaped, ours = escape(text), place.replace("{}", "x")

    drawn = renderer.evaluate("text => window.draw('verbatim', text)", place.replace("{}", escaped))
    plainly = renderer.evaluate("text => window.draw('verbatim', text)", ours)

    assert drawn["links"] == []
    if INVISIBLE.sub("", one_line(text)):
        shown = plainly["text"].replace("x", one_line(text))
        assert set(drawn["tags"]) == set(plainly["tags"])
        assert INVISIBLE.sub("", drawn["text"]).replace(TICK, "`") == INVISIBLE.sub("", shown)


def test_any_instant_of_the_viewers_clock_is_read_back_as_it_was_shown(renderer: Page) -> None:
    zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
    instants = list(range(1_700_000_000, 1_760_000_000, 1_234_567))

    wrong = renderer.evaluate(
        """async ([zones, instants]) => {
          const { ofWallClock, wallClock } = await import("/page/dates.js");
          const { world } = await import("/page/workspace.js");
          const me = world.me;
          const differs = (at) => wallClock(ofWallClock(wallClock(at))) !== wallClock(at);
          const found = zones.flatMap((tz) => {
            world.me = { ...me, tz };
            return instants.filter(differs).map((at) => `${tz} ${at}`);
          });
          world.me = me;
          return found;
        }""",
        [zones, instants],
    )

    assert wrong == []


def test_a_character_that_no_font_has_is_not_drawn_as_an_empty_box(renderer: Page) -> None:
    drawable = renderer.evaluate(
        "async () => ['A', '\\u{10fff0}'].map((await import('/page/emoji.js')).isDrawable)",
    )

    assert drawable == [True, False]


def test_charts_count_in_round_steps_that_cover_their_values(renderer: Page) -> None:
    @settings(max_examples=100, deadline=None)
    @given(values=st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=1, max_size=5))
    def check(values: list[float]) -> None:
        marks = renderer.evaluate(
            "async ([low, high]) => (await import('/page/charts.js')).ticks(low, high)", [min(values), max(values)]
        )
        assert marks == sorted(set(marks)), json.dumps(values)
        assert marks[0] <= min([0, *values])
        assert marks[-1] >= max([0, *values])
        assert 2 <= len(marks) <= 9

    check()
