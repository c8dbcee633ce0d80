"""Asking for more than a limit allows: who is asked, what they see and decide, and what follows from it by itself."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.rules.words import Phase, RequestState, Wanted
from bot.usecases.source import Source
from store.tables import LimitRequest
from tests.journeys.people import buttons, click, direct, last, modal, send, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.world import Harbour, World, world

pytestmark = pytest.mark.slow

ONE = {"limits": {"person": {"environments": 1}}}


@pytest.fixture
def full(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Everybody may have one environment, and ada has it. Requests to admins go into their direct messages."""
    with opened(port, tmp_path, **ONE) as found:
        yield found


@contextmanager
def opened(port: Harbour, tmp_path: Path, **changes: Any) -> Iterator[World]:
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **changes) as found:
        found.says(found.ada, "/k8s create one")
        found.settle()
        yield found


def ask(world: World, who: Person, line: str, reason: str = "the load test") -> None:
    """Be refused, and ask for more."""
    click(who, world.says(who, line), "Ask for more")
    send(who, modal(who, "somebody else has to allow"), reason=reason)
    modal(who, "The answer comes into your direct messages")
    world.settle()


def channel(who: Person, name: str = "payments") -> str:
    return str(who.channel("channel", name)["id"])


def asked_of(who: Person, where: str, containing: str = "asks for") -> Json:
    """The newest message that asks for a decision."""
    return next(row for row in reversed(who.sees(where)) if containing in text_of(row) and not row.get("ephemeral"))


def requests(world: World) -> list[LimitRequest]:
    with world.berth.store.begin() as records:
        ids = [row.key.split(":")[1] for row in notices(world) if row.key.startswith("approval:")]
        return [found for one in dict.fromkeys(ids) if (found := records.limits.request(one)) is not None]


def notices(world: World) -> list[Any]:
    with world.berth.store.transaction() as connection:
        return list(connection.exec_driver_sql("SELECT key, kind FROM notice ORDER BY created_at"))


def named(world: World) -> list[str]:
    return sorted(e.name for e in world.everything() if e.phase is not Phase.DELETED)


def test_the_team_is_asked_with_all_there_is_to_know_and_once_approved_it_goes_on_by_itself(full: World) -> None:
    ask(full, full.ada, "/k8s create two size=m", reason="the load test <!channel> *now*\x00\x07")
    seen = asked_of(full.lin, channel(full.lin))

    click(full.lin, seen, "Approve once", channel(full.lin))
    until(lambda: named(full) == ["one", "two"], "the environment")
    full.settle()

    for words in (
        f"<@{full.ada.id}> asks for `/k8s create two template=blank size=m`",
        f"<@{full.ada.id}> may have at most 1 environment: 1 is in use already, and 1 more makes 2",
        "the load test <!channel> *now*",  # as plain text, in which nothing counts
        "USD a week",
    ):
        assert words in text_of(seen)
    decided = asked_of(full.lin, channel(full.lin))
    assert f"Approved by <@{full.lin.id}>, this once, and done." in text_of(decided)
    assert buttons(decided) == {}
    assert f"Approved by <@{full.lin.id}>" in text_of(last(full.ada, "Approved by"))
    assert full.environment("two").phase is Phase.RUNNING
    assert "at most 1 environment" in text_of(full.says(full.ada, "/k8s create three"))


def test_nobody_decides_about_their_own_nor_members_about_others(full: World) -> None:
    ask(full, full.ada, "/k8s create two")
    where = channel(full.ada)
    seen = asked_of(full.ada, where)

    click(full.ada, seen, "Approve once", where)
    own = full.ada.sees(where)[-1]

    assert "Nobody decides about their own request" in text_of(own)
    assert "lin@harbour.example" in text_of(own)
    assert "ada@harbour.example" not in text_of(own)
    assert requests(full)[0].state is RequestState.PENDING
    assert named(full) == ["one"]


def test_a_leads_own_request_goes_to_the_admins_and_an_admins_own_to_nobody(full: World) -> None:
    full.says(full.lin, "/k8s create lins")
    full.says(full.root, "/k8s create roots")
    full.settle()

    ask(full, full.lin, "/k8s create more")
    seen = asked_of(full.root, full.root.channel()["id"])
    alone = full.says(full.root, "/k8s create again")

    assert f"<@{full.lin.id}> asks for" in text_of(seen)
    assert "nobody else is there who could allow more" in text_of(alone)
    assert "Ask for more" not in buttons(alone)


def test_a_raised_limit_holds_until_its_day_and_no_longer(full: World) -> None:
    ask(full, full.ada, "/k8s create two")
    click(full.lin, asked_of(full.lin, channel(full.lin)), "Approve until…", channel(full.lin))
    form = modal(full.lin, "Until which day?")
    there = ZoneInfo("America/New_York")  # where lin is
    today = full.clock.now().astimezone(there).date()
    offered = form["blocks"][2]["element"]["initial_date"]
    over = send(full.lin, form, until=(today - timedelta(days=1)).isoformat())
    late = send(full.lin, form, until=(today + timedelta(days=91)).isoformat())
    undecided = requests(full)[0].state
    send(full.lin, form, until=(today + timedelta(days=3)).isoformat())
    until(lambda: named(full) == ["one", "two"], "the environment")
    full.settle()
    full.says(full.ada, "/k8s delete two")
    full.ada.does("submit", view_id=modal(full.ada, "goes for good")["id"])
    full.settle()
    again = text_of(full.says(full.ada, "/k8s create three"))
    full.settle()
    full.says(full.ada, "/k8s delete three")
    full.ada.does("submit", view_id=modal(full.ada, "three` goes for good")["id"])
    full.settle()
    raised_until = requests(full)[0].raised_until
    assert raised_until is not None
    full.clock.advance(seconds=(raised_until - full.clock.now()).total_seconds() + 1)
    afterwards = text_of(full.says(full.ada, "/k8s create four"))

    assert offered == (today + timedelta(days=7)).isoformat()
    assert "is over already" in over["errors"]["until"]
    assert "90d at the most (approvals.longest_raise)" in late["errors"]["until"]
    assert undecided is RequestState.PENDING
    assert raised_until == datetime.combine(today + timedelta(days=3), time(23, 59, 59), there)
    assert "until <!date" in text_of(asked_of(full.lin, channel(full.lin)))
    assert "Making `three`" in again
    assert "at most 1 environment" in afterwards


def test_a_denial_comes_back_with_its_reason(full: World) -> None:
    ask(full, full.ada, "/k8s create two")
    where = channel(full.lin)
    click(full.lin, asked_of(full.lin, where), "Deny…", where)
    send(full.lin, modal(full.lin, "Why not?"), reason="use one")
    modal(full.lin, "Denied.")
    full.settle()

    assert f"Denied by <@{full.lin.id}>. use one" in text_of(last(full.ada, "Denied by"))
    assert f"Denied by <@{full.lin.id}>" in text_of(asked_of(full.lin, where))
    assert named(full) == ["one"]


def test_of_two_who_decide_the_first_counts_and_the_second_is_told(full: World) -> None:
    ask(full, full.ada, "/k8s create two")
    where = channel(full.lin)
    seen = asked_of(full.lin, where)
    press = {"channel": where, "ts": seen["ts"], **buttons(seen)["Approve once"]}

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: full.lin.does("click", **press), range(2)))
    until(lambda: "approved already" in str([text_of(row) for row in full.lin.sees(where)]), "the second answer")
    full.settle()

    assert named(full) == ["one", "two"]
    with full.berth.store.transaction() as connection:
        approved = connection.exec_driver_sql("SELECT count(*) FROM audit_event WHERE action = 'approve'").scalar_one()
    assert approved == 1


def test_a_request_that_nobody_decides_about_expires_and_is_told(full: World) -> None:
    ask(full, full.ada, "/k8s create two")
    where = channel(full.lin)
    full.pass_time(days=3, minutes=1)

    assert "Expired: nobody decided in time" in text_of(last(full.ada, "Expired"))
    assert buttons(asked_of(full.lin, where)) == {}
    assert requests(full)[0].state is RequestState.EXPIRED


def test_killed_between_decision_and_deed_the_next_pass_does_it_once(
    port: Harbour, tmp_path: Path, database_url: str
) -> None:
    with world(port, database_url, tmp_path, **ONE) as found:
        found.says(found.ada, "/k8s create one")
        found.settle()
        ask(found, found.ada, "/k8s create two")
        lin = found.berth.uses.people.identify(found.environment("one").workspace_id, found.lin.id)
        found.berth.uses.approvals.approve(lin, requests(found)[0].id, None, Source())  # and nobody carries it out

        found.restart()
        before = named(found)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: found.berth.uses.carrying_out.settle_due(), range(4)))
        found.tick()

        assert (before, named(found)) == (["one"], ["one", "two"])
        assert requests(found)[0].state is RequestState.DONE
        assert "and done" in text_of(asked_of(found.lin, channel(found.lin)))


def test_what_cannot_be_done_any_more_is_told_to_both(full: World) -> None:
    ask(full, full.ada, "/k8s create two")
    full.says(full.mio, "/k8s create two")
    full.settle()
    where = channel(full.lin)
    click(full.lin, asked_of(full.lin, where), "Approve once", where)
    until(lambda: requests(full)[0].state is RequestState.FAILED, "the failure")
    full.settle()

    for who in (full.ada, full.lin):
        told = [row for row in direct(who) if "could not be done any more" in text_of(row)]
        assert len(told) == 1
        assert "The name two is taken" in text_of(told[0])


def test_a_request_ends_with_its_environment(port: Harbour, tmp_path: Path) -> None:
    with opened(port, tmp_path, limits={"person": {"cpu": 2}}) as found:
        ask(found, found.ada, "/k8s resize one m")
        where = channel(found.lin)
        seen = asked_of(found.lin, where)
        found.says(found.ada, "/k8s delete one")
        found.ada.does("submit", view_id=modal(found.ada, "goes for good")["id"])
        click(found.lin, seen, "Approve once", where)
        answered = text_of(found.lin.sees(where)[-1])
        found.settle()

        assert "It has ended: what it was about is deleted" in answered
        assert buttons(asked_of(found.lin, where)) == {}
        assert "Ended: nobody has to decide any more" in text_of(asked_of(found.lin, where))
        assert requests(found)[0].state is RequestState.ENDED


def test_a_request_ends_when_its_environment_is_gone_and_when_its_asker_leaves(port: Harbour, tmp_path: Path) -> None:
    with opened(port, tmp_path, limits={"person": {"cpu": 2}}) as found:
        ask(found, found.ada, "/k8s resize one m")
        ask(found, found.ada, "/k8s create two")
        found.says(found.ada, "/k8s delete one")
        found.ada.does("submit", view_id=modal(found.ada, "goes for good")["id"])
        found.settle()
        resize, create = requests(found)
        assert (resize.state, create.state) == (RequestState.ENDED, RequestState.PENDING)

        found.harbour.control.post("/people/ada", deleted=True)
        until(lambda: found.berth.passes.leaving.look_at_due() > 0, "the look at ada")
        found.settle()

        assert requests(found)[1].state is RequestState.ENDED
        assert f"<@{found.ada.id}> was deactivated in Slack" in text_of(asked_of(found.lin, channel(found.lin)))
        assert buttons(asked_of(found.lin, channel(found.lin))) == {}


def test_who_is_responsible_now_decides_and_not_who_was_when_it_was_asked_for(port: Harbour, tmp_path: Path) -> None:
    teams: list[dict[str, Any]] = [
        {"name": "docks", "user_group": "@payments", "lead_user_group": "@platform"},
        {"name": "quays", "user_group": "@quays", "members": [{"email": "lin@harbour.example", "role": "lead"}]},
    ]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, teams=teams, admins=[], **ONE) as found:
        control, refresh = found.harbour.control, found.berth.passes.user_groups.refresh
        control.post("/usergroups", handle="payments", users=[found.ada.id])
        refresh()
        found.says(found.ada, "/k8s create one")
        found.settle()
        ask(found, found.ada, "/k8s create two")
        seen = asked_of(found.root, found.root.channel()["id"])
        control.post("/usergroups", handle="payments", users=[found.mio.id])
        control.post("/usergroups", handle="quays", users=[found.ada.id])
        refresh()

        click(found.root, seen, "Approve once", found.root.channel()["id"])
        refused = text_of(found.root.sees(found.root.channel()["id"])[-1])
        found.settle()
        moved = asked_of(found.root, found.root.channel()["id"])
        click(found.lin, asked_of(found.lin, found.lin.channel()["id"]), "Approve once", found.lin.channel()["id"])
        until(lambda: named(found) == ["one", "two"], "the environment")

        assert "Only a lead of the team or an admin may decide about it" in refused
        assert f"<@{found.lin.id}>" in refused or "lin@harbour.example" in refused
        assert buttons(moved) == {}
        assert f"Others decide about it now: <@{found.ada.id}> has changed teams" in text_of(moved)


def test_a_limit_of_the_team_is_the_admins_to_raise_in_their_channel(port: Harbour, tmp_path: Path) -> None:
    limits = {"teams": {"payments": {"cpu": 2}}}
    with opened(port, tmp_path, limits=limits, approvals={"channel": "#general"}) as found:
        ask(found, found.ada, "/k8s create two")
        where = channel(found.lin, "general")
        click(found.lin, asked_of(found.lin, where), "Approve once", where)
        lead = text_of(found.lin.sees(where)[-1])
        still = named(found)
        click(found.root, asked_of(found.root, where), "Approve once", where)
        until(lambda: named(found) == ["one", "two"], "the environment")

        assert "Only an admin may decide about it" in lead
        assert still == ["one"]


@pytest.mark.parametrize(
    ("limits", "line", "words"),
    [
        ({"longest_keep_awake": "1h"}, "/k8s extend one 5h", "awake_until"),
        ({"cpu": 2}, "/k8s resize one m", "size"),
        ({"awake_environments": 0}, "/k8s wake one", "wanted"),
    ],
)
def test_extend_resize_and_wake_go_on_too(
    port: Harbour, tmp_path: Path, limits: dict[str, Any], line: str, words: str
) -> None:
    database = f"sqlite:///{tmp_path / 'berth.sqlite'}"
    with world(port, database, tmp_path) as before:
        before.says(before.ada, "/k8s create one")
        before.settle()
        before.says(before.ada, "/k8s sleep one")
        before.settle()
        was = getattr(before.environment("one"), words)
    with world(port, database, tmp_path, limits={"person": limits}) as found:
        ask(found, found.ada, line)
        where = channel(found.lin)
        refused = getattr(found.environment("one"), words)
        click(found.lin, asked_of(found.lin, where), "Approve once", where)
        until(lambda: requests(found)[0].state is RequestState.DONE, "the deed")
        found.settle()

        assert refused == was
        assert getattr(found.environment("one"), words) != was


def test_the_same_is_asked_for_once(full: World) -> None:
    ask(full, full.ada, "/k8s create two")
    ask(full, full.ada, "/k8s create two")

    assert len(requests(full)) == 1


def test_a_form_that_names_another_environment_asks_for_that_of_its_id(port: Harbour, tmp_path: Path) -> None:
    with opened(port, tmp_path, limits={"person": {"cpu": 2}}) as found:
        ask(found, found.ada, "/k8s resize one m")
        sent = found.harbour.control.payloads("view_submission")[-1]["payload"]
        forged = json.loads(sent["view"]["private_metadata"]) | {"name": "harmless", "size": "l"}
        sent["view"]["private_metadata"] = json.dumps(forged)

        found.harbour.control.post("/replay", kind="interactive", payload=sent)
        until(lambda: len(requests(found)) == 2, "the second request")

        assert [(one.wish["name"], one.wish["size"]) for one in requests(found)] == [("one", "m"), ("one", "l")]


def test_a_form_that_a_limit_refuses_offers_to_ask_too(full: World) -> None:
    full.ada.does("command", channel=full.ada.channel()["id"], text="/k8s create")
    send(full.ada, modal(full.ada, "Name"), name="two")

    assert "Ask for more" in buttons(modal(full.ada, "at most 1 environment"))


def test_once_is_for_what_was_shown_and_not_for_what_it_has_grown_to(port: Harbour, tmp_path: Path) -> None:
    with opened(port, tmp_path, limits={"person": {"awake_cpu": 3}}) as found:
        found.says(found.ada, "/k8s sleep one")
        found.says(found.ada, "/k8s create two")
        found.settle()
        ask(found, found.ada, "/k8s wake one")
        found.says(found.ada, "/k8s resize one l")
        found.settle()

        click(found.lin, asked_of(found.lin, channel(found.lin)), "Approve once", channel(found.lin))
        until(lambda: requests(found)[0].state is RequestState.FAILED, "the refusal")
        found.settle()

        assert found.environment("one").wanted is Wanted.SLEEPING
        assert "at most 3 CPU awake" in text_of(last(found.ada, "could not"))
