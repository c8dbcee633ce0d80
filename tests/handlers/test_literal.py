"""Foreign text in mrkdwn has no effect, and nothing of it is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.foreign import APART, cleaned, cleaned_through
from bot.rules.words import NAMED, command, named
from bot.usecases.refusal import Refusal
from handlers.blocks import code, escape, sentence
from handlers.literal import TICK, one_line
from handlers.trouble import words_of
from handlers.typed import mended

MARKED = re.compile(
    r"(?<![A-Za-z0-9])([*_~])[^\s\u200b](?:.*?[^\s\u200b])?\1(?![A-Za-z0-9])"  # formatting
    r"|`|<|:[a-z0-9_+'-]*[a-z+][a-z0-9_+'-]*:"  # code, Slack's own markup, emoji
)
TYPED = st.lists(st.sampled_from([*"*_~`<>&:@!#• ab", "<@U012ABCDEF>", "\x00", ":tada:"])).map("".join)


def shown(mrkdwn: str) -> str:
    """What is read of mrkdwn without markup."""
    bare = re.sub(f"[{APART}\u2060]", "", mrkdwn).replace(TICK, "`")
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@given(TYPED | st.text())
def test_what_a_person_typed_shows_its_very_characters_and_nothing_else(typed: str) -> None:
    for rendered in (escape(typed), escape(cleaned(typed))):
        assert not MARKED.search(rendered)
        assert shown(rendered) == re.sub(f"[{APART}\u2060]", "", one_line(typed))


@given(TYPED)
def test_a_mention_that_was_typed_is_none_even_in_our_own_sentences(typed: str) -> None:
    said = sentence(f"<@U0MOORED1> says: {cleaned(typed)}")

    assert re.findall("<[^>]*>", said) == ["<@U0MOORED1>"]
    assert "<@" not in mended(typed.replace("<", "&lt;"))


def test_our_own_commands_are_code_and_nobody_elses_are() -> None:
    typed = cleaned("/k8s\u00a0delete\u00a0blue")
    ours = f"Nobody said {typed}. Try {command('list')}, or {command('list team')}"

    assert sentence(ours) == "Nobody said /k8s delete blue. Try `/k8s list`, or `/k8s list team`."
    assert escape(command("list")) == "/k8s list"


def test_names_of_ours_are_code_where_that_is_shown_and_plain_elsewhere() -> None:
    typed = cleaned(f"{NAMED}red{NAMED} \ue000")
    ours = f"{named('blue')} belongs to <@U0MOORED1>, who said {typed}; see {command('status blue')}"

    assert sentence(ours) == "`blue` belongs to <@U0MOORED1>, who said red ; see `/k8s status blue`."
    assert escape(named("blue")) == "blue"
    assert words_of(Refusal(ours)) == "blue belongs to <@U0MOORED1>, who said red \ue000; see /k8s status blue."


def test_inside_a_word_nothing_is_changed_so_that_it_can_be_copied() -> None:
    assert escape("first_last@corp.example 2*3 08:00-19:00") == "first_last@corp.example 2*3 08:00-19:00"
    assert code("a*b `c` _d_") == "`a*b 'c' _d_`"


def test_what_is_copied_from_a_message_is_read_as_what_stood_there() -> None:
    assert mended(escape("*a* _b_ :tada:")) == "*a* _b_ :tada:"


@pytest.mark.parametrize("typed", ["\x00a\x1bb\x7f", "a\u202eb", "\ud800ab"])
def test_what_is_no_text_is_taken_out_of_forms_at_any_depth(typed: str) -> None:
    assert cleaned_through({"values": [{"value": typed}, None, 3]}) == {"values": [{"value": "ab"}, None, 3]}
