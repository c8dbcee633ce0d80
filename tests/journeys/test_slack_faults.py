"""Slack refuses, stalls, repeats itself or is gone for a while; nothing is lost, done twice or left unsaid."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.words import NoticeState, Phase
from tests.journeys.people import buttons, click, direct, last, modal, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.world import Harbour, World, world

pytestmark = [pytest.mark.slow]


@pytest.fixture
def company(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company whose digests come on another day, so that only what a test asks for is said."""
    digest = {"weekday": f"{port.clock.now() + timedelta(days=4):%A}".lower()}
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, digest=digest) as found:
        yield found


@pytest.fixture
def blue(company: World) -> World:
    """A company in which ada has a running environment `blue` with a web server."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def breaks(world: World, method: str, **how: object) -> None:
    world.harbour.control.post("/faults", method=method, **how)


def mends(world: World) -> None:
    world.harbour.control.http.delete("/faults")


def lasting(who: Person, channel: str = "") -> list[Json]:
    """The messages that stay."""
    seen = who.sees(channel) if channel else direct(who)
    return [row for row in seen if not row.get("ephemeral")]


def team_channel(who: Person) -> str:
    return str(who.channel("channel", "payments")["id"])


def audited(world: World, action: str) -> int:
    """How often something was done, by the audit log."""
    with world.berth.store.transaction() as connection:
        found = connection.exec_driver_sql(f"SELECT count(*) FROM audit_event WHERE action = '{action}'")  # noqa: S608  a word of the test
        return int(found.scalar_one())


# -- deliveries that fail --------------------------------------------------------------------------------------------


def test_a_rate_limit_is_waited_for_as_long_as_slack_says(company: World) -> None:
    breaks(company, "chat.postMessage", status=429, retry_after=40)
    asked = company.clock.now()
    company.says(company.ada, "/k8s create blue")
    company.work()

    assert lasting(company.ada) == []
    with company.berth.store.read() as records:
        due = records.notices.next_due()
    assert due is not None
    assert timedelta(seconds=39) < due - asked < timedelta(seconds=60)

    company.settle()

    assert ["is running" in text_of(row) for row in lasting(company.ada)] == [True]


def test_a_window_fills_as_soon_as_slack_has_time_again(blue: World) -> None:
    breaks(blue, "views.update", status=429, retry_after=1, times=1)
    blue.says(blue.ada, "/k8s connect blue")

    assert "kubectl" in text_of(modal(blue.ada, "berth-blue.yaml"))


def test_what_a_machine_between_says_is_shown_to_nobody(blue: World) -> None:
    breaks(blue, "views.update", status=502, error="<html>upstream trouble</html>", times=1)
    blue.ada.does("command", channel=blue.ada.channel()["id"], text="/k8s connect blue")

    said = until(lambda: [row for row in direct(blue.ada) if "fill the window" in text_of(row)], "the trouble")
    assert "(no answer)" in text_of(said[0])


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "conversations.open"])
def test_an_error_of_slacks_own_is_tried_again_until_it_is_said_once(company: World, method: str) -> None:
    breaks(company, method, status=500, times=3)
    company.says(company.ada, "/k8s create blue")
    company.settle()

    assert ["is running" in text_of(row) for row in lasting(company.ada)] == [True]


def test_a_delivery_that_hangs_is_given_up_and_tried_again(company: World) -> None:
    breaks(company, "chat.postMessage", hang=True, status=500)
    company.says(company.ada, "/k8s create blue")
    company.settle()

    assert ["is running" in text_of(row) for row in lasting(company.ada)] == [True]


@pytest.mark.parametrize("code", ["channel_not_found", "messages_tab_disabled"])
def test_a_warning_that_cannot_reach_the_owner_is_said_in_the_teams_channel(blue: World, code: str) -> None:
    before = len(lasting(blue.ada, team_channel(blue.ada)))
    breaks(blue, "chat.postMessage", error=code)
    blue.pass_time(hours=3, minutes=46)

    said = lasting(blue.lin, team_channel(blue.lin))[before:]
    assert ["falls asleep" in row["text"] for row in said] == [True]

    blue.pass_time(minutes=16)
    assert blue.environment("blue").phase is Phase.SLEEPING


def test_a_warning_that_cannot_reach_the_team_either_is_said_to_the_admins(blue: World) -> None:
    breaks(blue, "chat.postMessage", error="channel_not_found", times=2)
    blue.pass_time(hours=3, minutes=46)

    assert ["falls asleep" in row["text"] for row in lasting(blue.root)] == [True]


def test_a_deadline_whose_warning_reached_nobody_does_not_fire(blue: World) -> None:
    breaks(blue, "chat.postMessage", error="channel_not_found", times=None)
    blue.pass_time(hours=3, minutes=46)
    for _ in range(5):
        blue.pass_time(hours=1)

    warnings = [notice for notice in blue.notices("blue") if notice.kind == "idle_warning"]
    assert warnings
    assert {notice.state for notice in warnings} == {NoticeState.UNDELIVERABLE}
    assert blue.environment("blue").phase is Phase.RUNNING


def test_progress_that_cannot_reach_the_owner_is_told_where_they_asked(company: World) -> None:
    breaks(company, "chat.postMessage", error="messages_tab_disabled")
    where = team_channel(company.ada)
    company.says(company.ada, "/k8s create blue", where)
    company.settle()

    assert ["is running" in text_of(row) for row in lasting(company.ada, where)] == [True]


def test_a_message_that_somebody_deleted_ends_its_telling_and_nothing_else(company: World) -> None:
    breaks(company, "chat.update", error="message_not_found", times=None)
    company.says(company.ada, "/k8s create blue")
    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING
    assert company.waiting() == []


# -- the same thing twice, or two at once ----------------------------------------------------------------------------


def test_a_command_delivered_twice_is_done_once_and_answered_once(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    before = direct(company.ada)

    again = company.harbour.control.post("/redeliver", kind="slash_commands")
    company.settle()

    assert again["ok"]
    assert again["payload"] in ({}, None)
    assert direct(company.ada) == before
    assert audited(company, "create") == 1


def test_a_click_delivered_twice_is_done_once_and_answered_once(blue: World) -> None:
    click(blue.ada, last(blue.ada, "is running"), "Sleep now")
    blue.settle()
    before = direct(blue.ada)

    again = blue.harbour.control.post("/redeliver", kind="interactive")
    blue.settle()

    assert again["ok"]
    assert direct(blue.ada) == before
    assert audited(blue, "sleep") == 1


def test_an_old_click_replayed_after_a_restart_is_known_still(blue: World) -> None:
    click(blue.ada, last(blue.ada, "is running"), "Sleep now")
    blue.settle()
    payload = blue.harbour.control.payloads("block_actions")[-1]["payload"]
    blue.says(blue.ada, "/k8s wake blue")
    blue.settle()
    blue.restart()

    again = blue.harbour.control.post("/replay", kind="interactive", payload=payload)
    blue.settle()

    assert again["ok"]
    assert blue.environment("blue").phase is Phase.RUNNING
    assert audited(blue, "sleep") == 1


def test_two_people_who_click_at_once_do_it_once(blue: World) -> None:
    where = team_channel(blue.ada)
    breaks(blue, "chat.postMessage", error="channel_not_found")
    blue.pass_time(hours=3, minutes=46)
    warning = lasting(blue.ada, where)[-1]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda who: click(who, warning, "Sleep now", where), [blue.ada, blue.lin]))
    blue.settle()

    assert [answer["ok"] for answer in answers] == [True, True]
    assert blue.environment("blue").phase is Phase.SLEEPING
    assert audited(blue, "sleep") == 1
    said = [row["text"] for who in (blue.ada, blue.lin) for row in who.sees(where) if row.get("ephemeral")]
    assert len([text for text in said if text.startswith("Putting to sleep")]) == 1
    assert len([text for text in said if text.startswith("Nothing to do")]) == 1


def test_the_same_name_asked_for_twice_at_once_is_made_once(company: World) -> None:
    where = team_channel(company.ada)
    with ThreadPoolExecutor(2) as pool:
        asked = [
            pool.submit(who.does, "command", channel=where, text="/k8s create blue")
            for who in (company.ada, company.lin)
        ]
        assert [answer.result()["ok"] for answer in asked] == [True, True]
    company.settle()

    assert audited(company, "create") == 1
    said = [row["text"] for who in (company.ada, company.lin) for row in who.sees(where) if row.get("ephemeral")]
    assert len([text for text in said if "is taken" in text]) == 1


# -- later -----------------------------------------------------------------------------------------------------------


def test_a_button_still_works_after_a_restart(blue: World) -> None:
    told = last(blue.ada, "is running")
    blue.restart()

    assert click(blue.ada, told, "Sleep now")["ok"]
    blue.settle()

    assert blue.environment("blue").phase is Phase.SLEEPING


@pytest.mark.parametrize("label", ["Sleep now", "Connect", "Extend 4h"])
def test_a_button_of_a_deleted_environment_says_that_it_is_gone(blue: World, label: str) -> None:
    told = last(blue.ada, "is running")
    assert label in buttons(told)
    with blue.berth.store.begin() as records:
        gone = records.environments.lock(blue.environment("blue").id)
        assert gone is not None
        gone.phase = Phase.DELETED

    answer = click(blue.ada, told, label)
    assert answer["ok"], answer

    assert "no longer exists" in direct(blue.ada)[-1]["text"]


def test_a_stale_button_says_how_it_stands_and_changes_nothing(blue: World) -> None:
    told = last(blue.ada, "is running")
    breaks(blue, "chat.update", error="cant_update_message", times=None)  # so the button stays where it was
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    mends(blue)

    click(blue.ada, told, "Sleep now")
    blue.settle()

    assert "Nothing to do: `blue` is asleep" in direct(blue.ada)[-1]["text"]
    assert audited(blue, "sleep") == 1


@pytest.mark.parametrize("action", ["drop", "refresh"])
def test_a_lost_connection_comes_back_and_commands_with_it(blue: World, action: str) -> None:
    blue.harbour.control.post("/socket", action=action)
    blue.harbour.control.connected()

    assert "blue" in text_of(blue.says(blue.ada, "/k8s status blue"))


# -- who is it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"status": 500}, {"error": "user_not_found"}, {"hang": True, "status": 500}])
def test_where_slack_does_not_tell_who_somebody_is_they_are_told_so_in_time(
    company: World, how: dict[str, object]
) -> None:
    breaks(company, "users.info", times=None, **how)
    began = time.monotonic()
    said = company.says(company.mio, "/k8s create blue")
    took = time.monotonic() - began
    mends(company)

    assert "Slack did not tell me who you are" in text_of(said)
    assert took < 3
    assert audited(company, "create") == 0


def test_somebody_known_can_go_on_while_slack_does_not_tell(blue: World) -> None:
    breaks(blue, "users.info", status=500, times=None)
    blue.clock.advance(minutes=30)

    assert "Putting to sleep" in text_of(blue.says(blue.ada, "/k8s sleep blue"))
    mends(blue)
