"""A protected environment neither sleeps nor is deleted, whoever asks, until an admin ends that."""

import pytest

from bot.rules.words import Phase, Wanted
from bot.usecases.refusal import Refusal
from bot.usecases.source import Source
from tests.journeys.people import buttons, last, modal, text_of
from tests.world import World


@pytest.fixture
def blue(company: World) -> World:
    """Ada has `blue`, running, of which a sleep was announced, and which an admin then protected."""
    company.clock.move_to(12, "Europe/Berlin")
    company.says(company.ada, "/k8s create blue template=web ttl=1d")
    company.settle()
    company.pass_time(hours=3, minutes=46)
    company.says(company.root, "/k8s admin protect blue the R&D fair")
    company.settle()
    return company


def test_time_neither_puts_it_to_sleep_nor_ends_it_and_everybody_sees_why(blue: World) -> None:
    warned = last(blue.ada, "Sleep warning")
    blue.pass_time(hours=12)
    blue.pass_time(days=2)
    blue.pass_time(days=9)

    found = blue.environment("blue")
    why = f"rotected by <@{blue.root.id}>: the R&amp;D fair"
    assert "protected by" in text_of(warned)
    assert buttons(warned) == {}
    assert (found.phase, found.delete_at, found.expiry_key) == (Phase.RUNNING, None, None)
    for line in ("status blue", "why blue", "list"):
        assert why in text_of(blue.says(blue.ada, f"/k8s {line}"))
    assert "Ends" not in text_of(blue.says(blue.ada, "/k8s why blue"))
    assert "neither sleeps nor is deleted" in text_of(last(blue.ada, "is protected by"))


def test_nobody_puts_it_to_sleep_or_deletes_it_not_even_an_admin(blue: World) -> None:
    asked = text_of(blue.says(blue.ada, "/k8s sleep blue"))
    refused = text_of(blue.says(blue.ada, "/k8s delete blue"))
    status, why = (blue.says(blue.ada, f"/k8s {word} blue") for word in ("status", "why"))
    blue.root.does("command", channel=blue.root.channel()["id"], text="/k8s admin delete owner=ada")
    planned = text_of(modal(blue.root, "Nothing has happened yet"))
    actor = blue.berth.uses.people.identify("", blue.root.id)
    with pytest.raises(Refusal, match="cannot be deleted"):
        blue.berth.uses.environments.delete(actor, blue.environment("blue").id, Source())

    assert f"`blue` cannot be deleted: it is protected by <@{blue.root.id}>: the R&amp;D fair." in refused
    assert f"An admin can end that first, with `/k8s admin unprotect blue`: <@{blue.root.id}>." in refused
    assert {"Sleep now", "Delete…"}.isdisjoint(buttons(status) | buttons(why))
    assert "/k8s sleep blue" not in text_of(why)
    assert "An admin can end its protection" in text_of(why)
    assert "cannot be put to sleep" in asked
    assert "/k8s admin unprotect blue" in asked
    assert "0 of 1 would be deleted" in planned
    assert "it is protected by" in planned
    assert blue.environment("blue").wanted is Wanted.RUNNING


def test_unprotected_it_is_warned_of_anew_before_anything_happens(blue: World) -> None:
    blue.pass_time(days=2)
    said = text_of(blue.says(blue.root, "/k8s admin unprotect blue"))
    blue.tick()
    still = blue.environment("blue").phase
    warned = last(blue.ada, "Its time is nearly over")
    again = text_of(blue.says(blue.root, "/k8s admin unprotect blue"))
    blue.pass_time(minutes=31)

    with blue.berth.store.read() as records:
        events = [e for e in records.audit.of_environment(blue.environment("blue").id) if "protect" in e.action]
    told = text_of(last(blue.ada, "was protected by"))
    assert f"`blue` was protected by <@{blue.root.id}> until" in told
    assert "protected no more" in said
    assert "was not protected" in again
    assert still is Phase.RUNNING
    assert "ends" in text_of(warned)
    assert blue.environment("blue").delete_at is not None
    assert [(e.action, e.before["protected_by"], e.after["protected_by"]) for e in events] == [
        ("protect", None, blue.root.id),
        ("unprotect", blue.root.id, None),
    ]
    assert events[0].reason == "the R&D fair"


def test_only_admins_protect(blue: World) -> None:
    for line in ("admin protect blue", "admin unprotect blue"):
        assert "only admins may do that" in text_of(blue.says(blue.ada, f"/k8s {line}"))
    assert blue.environment("blue").protected_by == blue.root.id
