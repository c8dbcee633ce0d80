"""Somebody leaves: what was shared with them ends, and what they leave sleeps once whoever answers for it was told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.rules.words import AccessLevel, NoticeState, Phase
from store.tables import AccessGrant, Notice, Orphan, Person
from tests.journeys.people import buttons, click, direct, last, modal, text_of
from tests.sandbox.slack.person import until
from tests.world import World, launch

GONE = "Environments without an owner"


@pytest.fixture
def blue(company: World) -> World:
    """Ada, of team payments, has `blue`; what is in it is shared with mio, and mio's `red` with her."""
    company.clock.move_to(12, "Europe/Berlin")
    company.says(company.ada, "/k8s create blue template=web")
    company.says(company.mio, "/k8s create red")
    company.settle()
    with company.berth.store.begin() as records:
        for name, with_whom in (("blue", company.mio), ("red", company.ada)):
            records.people.grant(
                AccessGrant(
                    environment_id=company.environment(name).id,
                    subject=with_whom.id,
                    access=AccessLevel.EDIT,
                    granted_by=company.root.id,
                    granted_at=company.clock.now(),
                )
            )
    return company


def changed(world: World, name: str, **fields: Any) -> None:
    """Something about a person changes in Slack, and Berth has heard the event."""
    who = world.people[name].id
    world.harbour.control.post(f"/people/{name}", **fields)
    until(lambda: due(world, who), f"the news of {name}")


def due(world: World, person_id: str) -> bool:
    with world.berth.store.read() as records:
        return person_id in {person.id for person in records.people.to_check(world.clock.now(), 100)}


def orphan(world: World, name: str = "blue") -> Orphan | None:
    with world.berth.store.read() as records:
        return records.orphans.of(world.environment(name).id)


def shared_with(world: World, name: str) -> list[str]:
    with world.berth.store.read() as records:
        return [grant.subject for grant in records.people.grants(world.environment(name).id)]


def told(world: World) -> Notice:
    with world.berth.store.read() as records:
        known = orphan(world)
        assert known is not None
        notice = records.notices.keyed(known.notice_key)
    assert notice is not None
    return notice


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"deleted": True}, "was deactivated in Slack"), ({"is_restricted": True}, "became a guest")],
)
def test_the_lead_is_told_then_it_sleeps_and_later_it_ends(blue: World, fields: dict[str, Any], words: str) -> None:
    changed(blue, "ada", **fields)
    blue.tick()
    message = text_of(last(blue.lin, GONE))
    awake = blue.environment("blue").phase
    blue.pass_time(minutes=61)

    assert f"ada (<@{blue.ada.id}>)" in message
    assert words in message
    assert "blue" in message
    assert awake is Phase.RUNNING
    assert blue.environment("blue").phase is Phase.SLEEPING
    assert "asleep since" in text_of(last(blue.lin, GONE))
    expires_at = blue.environment("blue").expires_at
    assert expires_at is not None
    assert expires_at <= blue.clock.now() + timedelta(days=14)


def test_what_was_shared_with_them_is_taken_back_and_nothing_else(blue: World) -> None:
    changed(blue, "ada", deleted=True)
    blue.tick()

    assert shared_with(blue, "red") == []
    assert shared_with(blue, "blue") == [blue.mio.id]
    assert orphan(blue, "red") is None
    assert blue.environment("red").phase is Phase.RUNNING


def test_nothing_sleeps_before_anybody_was_told(blue: World) -> None:
    changed(blue, "ada", deleted=True)
    for method in ("chat.postMessage", "conversations.open"):
        blue.harbour.control.post("/faults", method=method, error="internal_error", times=None)
    blue.berth.passes.leaving.look_at_due()
    for _ in range(3):
        blue.clock.advance(hours=1)
        blue.work()
        blue.berth.passes.orphans.settle_due()
    silent = blue.environment("blue").phase
    blue.harbour.control.http.delete("/faults").raise_for_status()
    blue.pass_time(minutes=6)
    blue.pass_time(minutes=30)
    early = blue.environment("blue").phase
    blue.pass_time(minutes=31)

    assert silent is Phase.RUNNING
    assert early is Phase.RUNNING
    assert blue.environment("blue").phase is Phase.SLEEPING


def test_where_no_lead_can_be_reached_the_channel_hears_of_it_and_never_the_one_who_left(blue: World) -> None:
    blue.harbour.control.post("/people/lin", deleted=True)
    changed(blue, "ada", deleted=True)
    blue.tick()

    channel = blue.mio.channel("channel", "payments")["id"]
    assert any(GONE in text_of(row) for row in blue.mio.sees(channel))
    assert told(blue).state is NoticeState.DELIVERED


def test_who_comes_back_in_time_keeps_everything_but_what_was_shared_with_them(blue: World) -> None:
    changed(blue, "ada", deleted=True)
    blue.tick()
    changed(blue, "ada", deleted=False)
    blue.tick()
    blue.pass_time(minutes=90)

    assert orphan(blue) is None
    assert blue.environment("blue").phase is Phase.RUNNING
    assert "its owner is back" in text_of(last(blue.lin, GONE))
    assert shared_with(blue, "red") == []


def test_what_no_event_told_is_found_within_a_day(blue: World) -> None:
    blue.berth.stop()
    blue.harbour.control.post("/people/ada", deleted=True)
    blue.berth = launch(blue.harbour, blue.berth.settings, blue.berth.uses.catalogue)
    unheard = not due(blue, blue.people["ada"].id)
    blue.pass_time(days=1)

    assert unheard
    known = orphan(blue)
    assert known is not None
    assert known.because == "was deactivated in Slack"


def test_who_left_the_team_is_told_of_to_its_lead_and_may_still_use_berth(blue: World) -> None:
    teams = [
        replace(team, members={e: r for e, r in team.members.items() if not e.startswith("ada@")})
        for team in blue.berth.uses.catalogue.teams
    ]
    blue.says(blue.ada, "/k8s extend blue 2d")
    blue.berth.stop()
    blue.berth = launch(blue.harbour, blue.berth.settings, replace(blue.berth.uses.catalogue, teams=teams))
    blue.pass_time(days=1)
    message, told = text_of(last(blue.lin, GONE)), text_of(last(blue.ada, "somebody else has to own"))
    foreseen = text_of(blue.says(blue.ada, "/k8s why blue"))
    blue.pass_time(minutes=61)

    assert "left team payments" in message
    assert "What was shared with that team reaches them no more" in message
    assert "You are no longer in team payments" in told
    assert "unless it has an owner again, or somebody takes it over" in foreseen
    assert "left team payments" in foreseen
    assert shared_with(blue, "red") == [blue.ada.id]
    assert blue.environment("blue").phase is Phase.SLEEPING
    assert "blue" in text_of(blue.says(blue.ada, "/k8s list"))


def test_warnings_of_its_end_go_to_those_who_answer_for_it(blue: World) -> None:
    changed(blue, "ada", deleted=True)
    blue.tick()
    blue.pass_time(minutes=61)
    before = len(direct(blue.ada))
    blue.pass_time(days=12, hours=1)

    assert "blue" in text_of(last(blue.lin, "Its time is nearly over"))
    assert len(direct(blue.ada)) == before


def test_a_lead_takes_over_with_one_click(blue: World) -> None:
    changed(blue, "ada", deleted=True)
    blue.tick()
    channel = last(blue.lin, GONE)
    click(blue.lin, channel, "Take over blue")
    blue.settle()
    blue.pass_time(minutes=90)

    assert blue.environment("blue").owner_id == blue.lin.id
    assert orphan(blue) is None
    assert blue.environment("blue").phase is Phase.RUNNING
    assert f"belongs to <@{blue.lin.id}>" in text_of(last(blue.lin, GONE))
    assert buttons(last(blue.lin, GONE)) == {}


def test_what_is_deleted_has_no_owner_to_be_found(blue: World) -> None:
    changed(blue, "ada", deleted=True)
    blue.tick()
    blue.says(blue.lin, "/k8s delete blue")
    blue.lin.does("submit", view_id=modal(blue.lin, "goes for good")["id"])
    blue.settle()

    assert orphan(blue) is None
    assert "`blue`: deleted since" in text_of(last(blue.lin, GONE))
    assert buttons(last(blue.lin, GONE)) == {}


def test_what_never_sleeps_is_left_awake_and_told(blue: World) -> None:
    with blue.berth.store.begin() as records:
        kept = records.environments.lock(blue.environment("blue").id)
        assert kept is not None
        kept.never_sleep_reason = "a demo for customers"
    changed(blue, "ada", deleted=True)
    blue.tick()
    blue.pass_time(minutes=61)

    assert blue.environment("blue").phase is Phase.RUNNING
    assert "stays awake: it is exempt from sleep: a demo for customers" in text_of(last(blue.lin, GONE))


def test_admins_see_what_has_no_owner_and_others_do_not(blue: World) -> None:
    none = text_of(blue.says(blue.root, "/k8s admin orphans"))
    changed(blue, "ada", deleted=True)
    blue.tick()
    blue.pass_time(minutes=61)
    listed = text_of(blue.says(blue.root, "/k8s admin orphans"))
    refused = text_of(blue.says(blue.mio, "/k8s admin orphans"))

    assert "Every environment has its owner." in none
    assert "blue" in listed
    assert "was deactivated in Slack" in listed
    assert "/k8s transfer blue" in listed
    assert "only admins" in refused


def test_time_that_is_paused_puts_no_orphan_to_sleep(blue: World) -> None:
    blue.says(blue.root, "/k8s admin pause")
    changed(blue, "ada", deleted=True)
    blue.tick()
    blue.pass_time(hours=3)
    paused = blue.environment("blue").phase
    blue.says(blue.root, "/k8s admin resume")
    blue.pass_time(hours=1, minutes=1)

    assert paused is Phase.RUNNING
    assert blue.environment("blue").phase is Phase.SLEEPING


def test_slack_that_does_not_answer_makes_nobody_leave(blue: World) -> None:
    blue.harbour.control.post("/faults", method="users.info", error="internal_error", times=None)
    blue.pass_time(days=1)
    blue.harbour.control.http.delete("/faults").raise_for_status()

    assert orphan(blue) is None
    assert shared_with(blue, "red") == [blue.ada.id]


def test_whom_an_event_tells_of_is_looked_at_before_all_who_are_only_looked_at_daily(blue: World) -> None:
    workspace, now = blue.environment("blue").workspace_id, blue.clock.now()
    with blue.berth.store.begin() as records:
        for number in range(60):
            known = Person(workspace_id=workspace, id=f"U9{number:06}", home_workspace_id=workspace, name="somebody")
            known.fetched_at = known.check_at = now
            records.people.keep(known)

    changed(blue, "ada", deleted=True)
    blue.berth.passes.leaving.look_at_due()

    assert orphan(blue) is not None
