"""An admin does something to many at once: just what they were shown; what changed meanwhile is left and told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.rules.actors import Actor
from bot.rules.selection import Selection
from bot.rules.words import Phase, Verb, Wanted
from bot.usecases.bulk_deeds import Sleeping
from bot.usecases.source import Source
from handlers.ids import ActionId
from tests.journeys.people import buttons, click, direct, last, modal, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.store.rows import at_once
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def fleet(company: World) -> World:
    """Ada has `blue` and `green`, mio has `red`, all running."""
    company.clock.move_to(12, "Europe/Berlin")
    for who, name in ((company.ada, "blue"), (company.ada, "green"), (company.mio, "red")):
        company.says(who, f"/k8s create {name}")
    company.settle()
    return company


def plan(world: World, line: str) -> Json:
    """What an admin is shown who types a line."""
    world.root.does("command", channel=world.root.channel()["id"], text=f"/k8s {line}")
    return modal(world.root, "Nothing has happened yet")


def agree(world: World, view: Json, **fields: str) -> Json:
    """Send the form, and wait for what takes its place."""
    values = {block: {"value": {"value": value}} for block, value in fields.items()}
    answer = world.root.does("submit", view_id=view["id"], values=values)
    world.settle()
    return answer


def reports(world: World) -> str:
    return text_of(last(world.root, " of "))


def phases(world: World, *names: str) -> Sequence[Phase]:
    return [world.environment(name).phase for name in names]


def admin(world: World) -> Actor:
    return world.berth.uses.people.identify("", world.root.id)


def finish(world: World) -> None:
    """Let what an admin agreed to be done: by whoever was first, the click or the pass."""
    until(lambda: not _going_on(world), "the end of it")
    world.settle()


def _going_on(world: World) -> int:
    with world.berth.store.read() as records:
        return len(records.bulk.going_on(world.environment("red").workspace_id))


def test_many_are_deleted_only_when_their_number_was_typed(fleet: World) -> None:
    view = plan(fleet, "admin delete owner=ada")
    wrong = agree(fleet, view, count="3")
    before = [fleet.environment(name).wanted for name in ("blue", "green")]
    agree(fleet, view, count="2")
    finish(fleet)

    assert "2 of 2 would be deleted" in text_of(view)
    assert "`red`" not in text_of(view)
    assert "2 would be deleted, and that is not what you typed" in str(wrong)
    assert before == [Wanted.RUNNING] * 2
    assert phases(fleet, "blue", "green", "red") == [Phase.DELETED, Phase.DELETED, Phase.RUNNING]
    assert "2 of 2 deleted" in reports(fleet)
    assert f"<@{fleet.root.id}>" in text_of(last(fleet.ada, "is deleted"))
    with fleet.berth.store.read() as records:
        events = [e for e in records.audit.of_environment(fleet.environment("blue").id) if e.action == "delete"]
    assert [(e.actor, e.source_kind, e.person_id) for e in events] == [(fleet.root.id, "view", fleet.ada.id)]
    fleet.root.does("reload")
    fleet.root.does("command", channel=fleet.root.channel()["id"], text="/k8s admin audit @root 1d")
    said = text_of(modal(fleet.root, "*Events*"))
    assert "*admin delete* · by a form" in said
    assert "which: `blue`, `green`" in said
    assert "*admin delete ended*" in said
    assert "done: `2`" in said


def test_what_changed_since_it_was_shown_is_left_and_told(fleet: World) -> None:
    for name, who in (("blue", fleet.ada), ("green", fleet.ada), ("red", fleet.mio)):
        fleet.says(who, f"/k8s sleep {name}")
    fleet.settle()
    view = plan(fleet, "admin wake")
    fleet.says(fleet.ada, "/k8s wake blue")
    fleet.settle()
    fleet.says(fleet.ada, "/k8s sleep blue")
    fleet.settle()
    fleet.says(fleet.ada, "/k8s create late")
    agree(fleet, view)
    finish(fleet)

    assert "3 of 3 would be woken" in text_of(view)
    assert phases(fleet, "blue", "green", "red") == [Phase.SLEEPING, Phase.RUNNING, Phase.RUNNING]
    assert "2 of 3 woken" in reports(fleet)
    assert "was put to sleep by" in reports(fleet)


def test_owners_are_told_of_an_extension_once_however_often_it_is_agreed_to(fleet: World) -> None:
    view = plan(fleet, "admin extend 2d team=payments")
    agree(fleet, view)
    finish(fleet)
    again = fleet.berth.uses.bulk.begin(admin(fleet), view["private_metadata"], Source())
    fleet.berth.uses.bulk.carry_on_all()

    said = [n for n in fleet.notices("blue") if n.kind == "deed"]
    kept = fleet.environment("blue").awake_until
    assert len(said) == 1
    assert "neither sleeps nor ends before" in text_of(last(fleet.ada, "neither sleeps nor ends"))
    assert kept is not None
    assert timedelta(days=1, hours=23) < kept - fleet.clock.now() <= timedelta(days=2)
    assert fleet.environment("red").awake_until is None
    assert (again.done, again.total) == (2, 2)
    with fleet.berth.store.read() as records:
        events = [e for e in records.audit.of_environment(fleet.environment("blue").id) if e.action == "extend"]
    assert len(events) == 1


def test_killed_after_it_was_agreed_to_and_in_the_middle_it_goes_on_and_does_nothing_twice(fleet: World) -> None:
    bulk, actor = fleet.berth.uses.bulk, admin(fleet)
    shown = bulk.plan(actor, Verb.SLEEP, Selection(), {})
    bulk.begin(actor, shown.plan_id, Source("one", "view"))
    fleet.berth.uses.sleep.sleep(actor, fleet.environment("blue").id, Source("one", "view"))  # and killed here

    fleet.restart()
    fleet.berth.uses.bulk.carry_on_all()
    fleet.settle()

    assert phases(fleet, "blue", "green", "red") == [Phase.SLEEPING] * 3
    assert "3 of 3 put to sleep" in reports(fleet)
    with fleet.berth.store.read() as records:
        events = [e for e in records.audit.of_environment(fleet.environment("blue").id) if e.action == "sleep"]
    assert len(events) == 1


def test_what_somebody_who_is_no_admin_any_more_agreed_to_waits_and_is_seen_to(fleet: World) -> None:
    bulk, actor = fleet.berth.uses.bulk, admin(fleet)
    shown = bulk.plan(actor, Verb.DELETE, Selection(), {})
    bulk.begin(actor, shown.plan_id, Source(), counted=3)
    fleet.harbour.control.post(f"/people/{fleet.root.id}", email="root.former@harbour.example")
    until(lambda: "root.former" in text_of(fleet.says(fleet.root, "/k8s whoami")), "the new address")
    fleet.berth.uses.bulk.carry_on_all()
    waiting = bulk.report(shown.plan_id)
    fleet.clock.advance(hours=2)
    fleet.berth.uses.bulk.carry_on_all()

    assert "only admins may do that" in waiting.plan.problem
    assert bulk.report(shown.plan_id).left == 3
    assert [fleet.environment(name).wanted for name in ("blue", "green", "red")] == [Wanted.RUNNING] * 3


def test_whoever_is_no_admin_any_more_half_way_does_nothing_more(fleet: World) -> None:
    uses, actor = fleet.berth.uses, admin(fleet)

    def demote() -> None:
        fleet.harbour.control.post(f"/people/{fleet.root.id}", email="root.former@harbour.example")
        until(lambda: "root.former" in text_of(fleet.says(fleet.root, "/k8s whoami")), "the new address")

    bulk = replace(uses.bulk, deeds={Verb.SLEEP: Sleeping(replace(uses.sleep, nudge=demote))})
    shown = bulk.plan(actor, Verb.SLEEP, Selection(), {})
    bulk.begin(actor, shown.plan_id, Source())
    bulk.carry_on()

    found = bulk.report(shown.plan_id)
    assert (found.done, found.total) == (1, 3)
    assert "only admins may do that" in found.plan.problem
    assert [fleet.environment(n).wanted for n in ("green", "red")] == [Wanted.RUNNING] * 2


def test_what_a_limit_would_refuse_is_not_promised_and_what_is_promised_is_done(fleet: World) -> None:
    for name, who in (("blue", fleet.ada), ("green", fleet.ada), ("red", fleet.mio)):
        fleet.says(who, f"/k8s sleep {name}")
    fleet.settle()
    fleet.says(fleet.root, "/k8s admin limits @ada awake_environments=1")
    fleet.says(fleet.root, "/k8s admin limits @mio environments=2")
    fleet.says(fleet.root, "/k8s admin limits search longest_keep_awake=3d")
    given = text_of(plan(fleet, f"admin transfer <@{fleet.mio.id}> owner=ada"))
    fleet.root.does("reload")
    extended = text_of(plan(fleet, "admin extend 4d"))
    fleet.root.does("reload")
    woken = plan(fleet, "admin wake")
    agree(fleet, woken)
    finish(fleet)

    assert "1 of 2 would be given to" in given
    assert f"`green` of <@{fleet.ada.id}>: <@{fleet.mio.id}> may have at most 2 environments" in given
    assert "2 of 3 would neither sleep nor end" in extended
    assert "team search may keep an environment awake 3d at the most" in extended
    assert "2 of 3 would be woken" in text_of(woken)
    assert f"`green` of <@{fleet.ada.id}>: <@{fleet.ada.id}> may have at most 1 environment awake" in text_of(woken)
    assert "2 of 2 woken" in reports(fleet)
    assert phases(fleet, "blue", "green", "red") == [Phase.RUNNING, Phase.SLEEPING, Phase.RUNNING]


def test_many_are_given_to_a_colleague_from_the_list(fleet: World) -> None:
    fleet.root.does("command", channel=fleet.root.channel()["id"], text="/k8s admin owner=ada")
    view = modal(fleet.root, "*Environments*")
    fleet.root.does("click", view_id=view["id"], **buttons(view)["Give away…"])
    form = modal(fleet.root, "Who is to have them?")
    fleet.root.does("submit", view_id=form["id"], values={"whom": {"value": {"selected_user": fleet.lin.id}}})
    shown = modal(fleet.root, "would be given to")
    agree(fleet, shown)
    finish(fleet)

    assert f"2 of 2 would be given to <@{fleet.lin.id}>" in text_of(shown)
    assert [fleet.environment(name).owner_id for name in ("blue", "green")] == [fleet.lin.id] * 2
    assert "gave `green` to you" in text_of(last(fleet.lin, "gave `green` to you"))


def test_a_plan_that_is_old_or_another_admins_does_nothing(fleet: World) -> None:
    view = plan(fleet, "admin wake name=none-such*")
    empty = text_of(view)
    fleet.root.does("reload")
    old = plan(fleet, "admin extend 1d")
    fleet.clock.advance(hours=2)
    answer = agree(fleet, old)

    assert "No environment is meant by that" in empty
    assert not view.get("submit")
    assert "over an hour ago" in str(answer) + text_of(fleet.root.modals()[-1])
    assert fleet.environment("blue").awake_until is None


def test_others_may_not(fleet: World) -> None:
    fleet.lin.does("command", channel=fleet.lin.channel()["id"], text="/k8s admin delete owner=ada")

    assert "only admins may do that" in text_of(modal(fleet.lin, "only admins"))


def test_a_dry_run_shows_who_would_sleep_and_who_not_and_why_and_does_nothing(fleet: World) -> None:
    fleet.says(fleet.ada, "/k8s sleep green")
    fleet.settle()
    with fleet.berth.store.begin() as records:
        red = records.environments.lock(fleet.environment("red").id)
        assert red is not None
        red.never_sleep_reason = "the demo"

    said = text_of(plan(fleet, "admin sleep --dry-run"))

    assert "1 of 3 would be put to sleep." in said
    assert "sleeps already" in said
    assert "it is exempt from sleep: the demo" in said
    assert phases(fleet, "blue") == [Phase.RUNNING]


@pytest.mark.parametrize("typed", ["mio", "<@{id}>", "mio@harbour.example"])
def test_an_owner_is_known_by_name_mention_or_address(fleet: World, typed: str) -> None:
    said = text_of(plan(fleet, f"admin sleep owner={typed.format(id=fleet.mio.id)}"))

    assert "1 of 1 would be put to sleep." in said
    assert "`red`" in said


def test_two_admins_at_once_put_each_to_sleep_once_and_both_counts_are_true(fleet: World) -> None:
    bulk, actor = fleet.berth.uses.bulk, admin(fleet)
    shown = [bulk.plan(actor, Verb.SLEEP, Selection(), {}) for _ in range(2)]
    for one in shown:
        bulk.begin(actor, one.plan_id, Source())

    at_once(2, lambda _: bulk.carry_on_all())

    reports = [bulk.report(one.plan_id) for one in shown]
    assert [one.plan.ended_at is not None for one in reports] == [True, True]
    with fleet.berth.store.read() as records:
        slept = [e for n in ("blue", "green", "red") for e in records.audit.of_environment(fleet.environment(n).id)]
    assert len([e for e in slept if e.action == "sleep"]) == 3


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [("mio", "transfer {}", "only admins may do that"), ("root", "burn {}", "says nothing that could be done")],
)
def test_a_made_up_button_opens_nothing(fleet: World, name: str, value: str, answer: str) -> None:
    who: Person = getattr(fleet, name)
    overview = fleet.says(who, "/k8s")
    click(who, overview, next(iter(buttons(overview))))
    who.does("reload")
    made_up = fleet.harbour.control.payloads("block_actions")[-1]["payload"]
    made_up["actions"][0] |= {"action_id": ActionId.ADMIN_BULK, "value": value}

    fleet.harbour.control.post("/replay", kind="interactive", payload=made_up)

    until(lambda: answer in " ".join(map(text_of, direct(who))), answer)
    assert who.modals() == []
