"""The order of waking never keeps anything asleep, and where it can be followed it is."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.order import Key, WakeOrder, wake_order
from bot.rules.words import ANNOTATION_WAKE_AFTER

NAMES = ("a", "b", "c", "d", "e")
KINDS = ("Deployment", "StatefulSet")
keys = st.tuples(st.sampled_from(KINDS), st.sampled_from(NAMES))
mention = st.one_of(
    st.sampled_from(NAMES),
    st.just("nobody"),
    st.builds(lambda key: f"{key[0]}/{key[1]}", keys),
    st.text(max_size=8),
)
wishes = st.dictionaries(keys, st.lists(mention, max_size=4), max_size=8)


def _objects(wished: Mapping[Key, list[str]]) -> dict[Key, Any]:
    return {key: _object(key[1], ", ".join(names)) for key, names in wished.items()}


def _object(name: str, after: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "annotations": {ANNOTATION_WAKE_AFTER: after}}}


def _woken(order: WakeOrder, found: Mapping[Key, Any]) -> list[Key]:
    """The order in which all wake, if each wakes once what it waits for has."""
    woken: list[Key] = []
    while able := [key for key in sorted(found) if key not in woken and order.before(key) <= set(woken)]:
        woken += able
    return woken


@given(wishes)
def test_whatever_is_written_everything_wakes(wished: dict[Key, list[str]]) -> None:
    found = _objects(wished)

    assert set(_woken(wake_order(found), found)) == set(found)


@given(wishes)
def test_what_sleeps_last_is_what_wakes_first(wished: dict[Key, list[str]]) -> None:
    found = _objects(wished)
    order = wake_order(found)

    assert {(one, other) for one in found for other in order.before(one)} == {
        (one, other) for other in found for one in order.behind(other)
    }


@given(wishes)
def test_a_wish_is_followed_or_told(wished: dict[Key, list[str]]) -> None:
    found = _objects(wished)
    order = wake_order(found)

    for key, names in wished.items():
        for name in NAMES:
            others = {other for other in found if other[1] == name and other != key}
            if name in names and not others <= order.before(key):
                assert any(f"{key[0]} {key[1]}" in said for said in order.ignored)


def test_names_that_nothing_has_are_told() -> None:
    order = wake_order({("Deployment", "api"): _object("api", "db")})

    assert order.ignored == ("Deployment api wakes after db, which is not here",)


def test_a_circle_is_told_and_what_hangs_on_it_still_waits() -> None:
    found = {
        ("Deployment", "a"): _object("a", "b"),
        ("Deployment", "b"): _object("b", "a"),
        ("Deployment", "c"): _object("c", "Deployment/a"),
    }

    order = wake_order(found)

    assert order.ignored == ("Deployment a and Deployment b wait for each other, so their order is ignored",)
    assert order.after == {("Deployment", "c"): frozenset({("Deployment", "a")})}
