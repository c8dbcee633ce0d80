"""Names people type, and what becomes of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.names import account_holder, namespace_name, service_account_name, slug

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@pytest.mark.parametrize(
    ("typed", "looked_up"),
    [
        ("blue", "blue"),
        (" Blue ", "blue"),
        ("Blue Team!", "blue-team"),
        ("blue__team", "blue-team"),
        ("feature/JIRA-12", "feature-jira-12"),
        ("Grün", "grun"),
        ("--ttl", "ttl"),
        ("4h", "4h"),
    ],
)
def test_what_a_person_would_call_the_same_is_the_same(typed: str, looked_up: str) -> None:
    assert slug(typed) == looked_up


@pytest.mark.parametrize(
    "pair", [("日本", "日本語"), ("bl日ue", "blue"), ("a" * 31, "a" * 32), ("🚀", "🔥"), ("яд", "юг")]
)
def test_what_differs_in_a_letter_stays_apart(pair: tuple[str, str]) -> None:
    first, second = map(slug, pair)

    assert first != second


@pytest.mark.parametrize("nothing", ["", "   ", "\u00a0", "\n"])
def test_nothing_typed_is_no_name(nothing: str) -> None:
    with pytest.raises(ValueError, match="letter or digit"):
        slug(nothing)


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_becomes_a_valid_namespace_that_reads_back_the_same(typed: str) -> None:
    name = slug(typed)
    namespace = namespace_name(name, "0123456789abcdef", 4)

    assert LABEL.fullmatch(name)
    assert len(name) <= 30
    assert slug(name) == name
    assert LABEL.fullmatch(namespace)
    assert len(namespace) <= 63


def test_a_person_is_one_account_per_workspace() -> None:
    assert service_account_name("U1", "T1") != service_account_name("U1", "T2")
    assert LABEL.fullmatch(service_account_name("U018F8VAX0K", "T03PMLJ26EB"))


IDS = st.from_regex(r"[A-Z0-9]{2,12}", fullmatch=True)


@given(IDS, IDS)
def test_a_persons_account_says_whose_it_is(person_id: str, workspace_id: str) -> None:
    assert account_holder(service_account_name(person_id, workspace_id)) == (workspace_id, person_id)


@pytest.mark.parametrize("account", ["berth", "default", "user-t1", "user-t1-u1-x", "User-t1-u1", "user-t1-u1\n", ""])
def test_an_account_that_berth_did_not_name_is_nobodys(account: str) -> None:
    assert account_holder(account) is None
