"""What phones, keyboards and Slack do to typed text is undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed import LONGEST, mended, quoted, words


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("create “my blue”", ["create", "my blue"]),
        ("create ‘blue’", ["create", "blue"]),
        ("`status blue`", ["status", "blue"]),
        ("create\u00a0blue", ["create", "blue"]),
        ("create blue —ttl 4h", ["create", "blue", "--ttl", "4h"]),
        ("create blue –ttl=4h", ["create", "blue", "--ttl=4h"]),
        ("extend blue −4h", ["extend", "blue", "-4h"]),
        ("create red—blue", ["create", "red-blue"]),
        ("create R&amp;D", ["create", "R&D"]),
        ("create a&amp;lt;b", ["create", "a&lt;b"]),
        ("status <@U012ABCDEF|ada>", ["status", "@U012ABCDEF"]),
        ("status <#C012ABCDEF|general>", ["status", "general"]),
        ("status <#C012ABCDEF|>", ["status", "C012ABCDEF"]),
        ("create <!channel>", ["create"]),
        ("create blue\u200b", ["create", "blue"]),
        ('create "blue', ["create", "blue"]),
        ("share blue <!subteam^S012ABCDEF|@payments>", ["share", "blue", "@payments"]),
        ("share blue &lt;!subteam^S012ABCDEF|@payments&gt;", ["share", "blue", "@payments"]),
        ("share blue <!subteam^S012ABCDEF>", ["share", "blue", "@S012ABCDEF"]),
        ("create b\x00lu\x07e", ["create", "blue"]),
        ("admin pause &lt;@U012ABCDEF&gt;", ["admin", "pause", "<\u200b@U012ABCDEF>"]),
        ("   ", []),
    ],
)
def test_text_reads_as_it_was_meant(typed: str, read: list[str]) -> None:
    assert words(typed) == read


@given(st.text())
def test_any_text_gives_words_without_empty_ones(typed: str) -> None:
    assert all(words(typed))


@given(st.text())
def test_mended_text_holds_no_markup_of_slack_that_was_typed_as_such(typed: str) -> None:
    assert "`" not in mended(f"<!channel> {typed}")
    assert "<!channel>" not in mended(f"<!channel> {typed.replace('&', '').replace('<', '')}")


@given(st.lists(st.text("abc -_x0", min_size=1, max_size=8).filter(str.strip), max_size=5))
def test_quoted_words_are_read_back(typed: list[str]) -> None:
    assert words(" ".join(map(quoted, typed))) == typed


def test_a_flood_of_text_is_cut() -> None:
    assert len(mended("a" * 1_000_000)) == LONGEST
