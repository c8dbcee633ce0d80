"""Wishes as values: what is no wish, and what whoever decides about one is shown of it."""

from typing import Any

import pytest

from bot.usecases.wishes import Wish, WishKind


@pytest.mark.parametrize("name", ["a" * 500, "blue size=s ttl=4h", "blue\u00a0size=s", "Grün"])
def test_whoever_decides_sees_all_of_what_is_wished(name: str) -> None:
    line = Wish(WishKind.CREATE, name, size="l", seconds=7 * 86_400).line()

    verb, called, *options = line.split(" ")
    assert (verb, options) == ("create", ["size=l", "ttl=7d"])
    assert len(called) <= 30
    assert "=" not in called


def test_a_plain_name_stands_as_it_was_typed() -> None:
    assert Wish(WishKind.CREATE, "Blue-2").line() == "create Blue-2"


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"kind": "create"},
        {"kind": "steal", "name": "blue"},
        {"kind": "extend", "name": "blue", "seconds": -1},
        {"kind": "extend", "name": "blue", "seconds": 10**15},
        {"kind": "extend", "name": "blue", "seconds": float("inf")},
        {"kind": "extend", "name": "blue", "seconds": float("nan")},
        {"kind": "extend", "name": "blue", "seconds": [1]},
        [],
    ],
)
def test_what_is_no_wish_is_not_read_as_one(kept: Any) -> None:
    with pytest.raises(ValueError, match=r"no wish|no duration"):
        Wish.read(kept)
