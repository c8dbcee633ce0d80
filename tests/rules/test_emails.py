"""Which addresses are one, and which only look like another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.emails import AddressError, PlusAddresses, key, likeness

ROOT = "root@harbour.example"


@pytest.mark.parametrize(
    "address",
    [
        "r\u043e\u043et@harbour.example",  # Cyrillic o
        "root@harbour\u200b.example",  # an invisible space
        "r\u00adoot@harbour.example",  # a soft hyphen
        "ｒｏｏｔ@harbour.example",  # full width, which NFKC makes plain
        "root@harbour。example",  # an ideographic full stop
        "\u202etoor@harbour.example",  # written from right to left
        "roo\u0442@harbour.example",
        "\u212aim@harbour.example",  # the Kelvin sign, which lower() makes a k
        "ro\u0307ot@harbour.example",  # a dot above
        "root@h\u0430rbour.example",
        "r𝗼𝗼t@harbour.example",
    ],
)
def test_an_address_with_a_character_like_another_is_nobodys(address: str) -> None:
    with pytest.raises(AddressError, match="U\\+"):
        key(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "root", "@harbour.example", "root@", "root@@harbour.example", "root@harbour", '"root"@harbour.example'),
        *(
            "ro ot@harbour.example",
            "root@harbour.example.",
            "root@harbour.example\n",
            ".root@harbour.example",
            "a" * 300,
        ),
    ],
)
def test_what_is_not_plainly_an_address_is_nobodys(address: str) -> None:
    with pytest.raises(AddressError):
        key(address)


def test_case_makes_no_difference() -> None:
    assert key("Root@HARBOUR.example") == key(ROOT) == ROOT


@pytest.mark.parametrize(
    ("plus", "found"),
    [(PlusAddresses.SAME, ROOT), (PlusAddresses.ALLOW, "root+x@harbour.example")],
)
def test_a_second_address_of_a_mailbox_is_what_the_policy_says(plus: PlusAddresses, found: str) -> None:
    assert key("Root+X@harbour.example", plus) == found


def test_a_second_address_of_a_mailbox_is_refused_unless_the_policy_says_otherwise() -> None:
    with pytest.raises(AddressError, match=r"holds a \+"):
        key("root+x@harbour.example")


@pytest.mark.parametrize("address", ["r00t@harbour.example", "root@harb0ur.example", "R0ot@harbour.example"])
def test_an_address_that_looks_like_a_known_one_is_told_from_it(address: str) -> None:
    assert likeness(address, [ROOT]) == ROOT


@pytest.mark.parametrize("address", ["Root@harbour.example", "ada@harbour.example"])
def test_the_known_address_itself_and_others_look_like_none(address: str) -> None:
    assert likeness(address, [ROOT]) is None


@given(st.text(max_size=40), st.sampled_from(PlusAddresses))
def test_whatever_has_a_key_is_plain_and_its_own_key(text: str, plus: PlusAddresses) -> None:
    try:
        found = key(f"{text}@harbour.example", plus)
    except AddressError:
        return
    assert found.isascii()
    assert key(found, plus) == found
