"""Events: sent to those who subscribed, again and again until acknowledged, and told apart by their retry headers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import Connect, OpenSlack, SteppingClock, manifest_with
from tests.sandbox.slack.person import Control, Json, Person, until

KINDS = (
    *("app_home_opened", "app_mention", "message", "user_change", "team_join"),
    *("subteam_created", "subteam_members_changed"),
)


def heard_by(heard: list[Json]) -> Callable[[Json], None]:
    """A listener that keeps what it hears; Bolt looks at its argument's name."""

    def listener(event: Json) -> None:
        heard.append(event)

    return listener


@pytest.fixture
def events(live: App) -> list[Json]:
    """What the connected app hears."""
    heard: list[Json] = []
    kinds = [
        "app_home_opened",
        "app_mention",
        "message",
        "user_change",
        "team_join",
        "subteam_created",
        "subteam_members_changed",
    ]
    for kind in kinds:
        live.event(kind)(heard_by(heard))
    return heard


def heard(events: list[Json], kind: str) -> Json:
    """The first event of that kind, once it is there."""
    return until(lambda: [event for event in events if event["type"] == kind], kind)[0]


@pytest.mark.parametrize("tab", ["home", "messages"])
def test_opening_the_home_tells_which_tab(events: list[Json], ada: Person, tab: str) -> None:
    ada.does("open_home", tab=tab)

    event = heard(events, "app_home_opened")
    assert (event["tab"], event["user"], event["channel"]) == (tab, ada.id, ada.channel()["id"])


def test_a_message_to_the_app_arrives_as_a_direct_one(events: list[Json], ada: Person) -> None:
    ada.does("message", channel=ada.channel()["id"], text="status?")

    event = heard(events, "message")
    assert (event["text"], event["channel_type"], event["user"]) == ("status?", "im", ada.id)


def test_changing_and_deleting_a_message_to_a_person_arrives_too(
    control: Control, client: WebClient, ada: Person
) -> None:
    posted = client.chat_postMessage(channel=ada.id, text="one")
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    client.chat_delete(channel=posted["channel"], ts=posted["ts"])

    def delivered(subtype: str) -> Json:
        sent = [row["payload"]["event"] for row in control.payloads("message")]
        return next((event for event in sent if event.get("subtype") == subtype), {})

    changed = until(lambda: delivered("message_changed"), "the change")
    deleted = until(lambda: delivered("message_deleted"), "the deletion")
    texts = changed["previous_message"]["text"], changed["message"]["text"]
    assert texts == ("one", "two")
    assert deleted["deleted_ts"] == posted["ts"]


def test_naming_the_app_in_a_channel_mentions_it(events: list[Json], control: Control, ada: Person) -> None:
    ada.does("message", channel="payments", text="@Berth status?")

    mention = f"<@{control.get('/workspace')['app']['bot_user_id']}>"
    assert heard(events, "app_mention")["text"] == f"{mention} status?"


def test_a_read_only_messages_tab_takes_no_messages(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(app_home={"messages_tab_read_only_enabled": True}))
    control = Control(slack)
    ada = Person(control, "ada")

    assert ada.does("message", channel=ada.channel()["id"], text="hi")["error"] == "messages_tab_disabled"
    control.http.close()


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"deleted": True}, "deleted", True),
        ({"is_restricted": True}, "is_restricted", True),
        ({"profile.email": "new@harbour.example"}, "email", "new@harbour.example"),
        ({"profile": {"email": "new@harbour.example"}}, "email", "new@harbour.example"),
        ({"is_email_confirmed": False}, "is_email_confirmed", False),
        ({"team_id": "T0OTHER"}, "team_id", "T0OTHER"),
    ],
)
def test_a_changed_person_is_announced_and_looks_changed(
    control: Control, client: WebClient, ada: Person, change: Json, field: str, value: Any
) -> None:
    control.post("/people/ada", **change)

    event = until(lambda: control.payloads("user_change"), "user_change")[0]["payload"]["event"]
    for user in (event["user"], client.users_info(user=ada.id)["user"]):
        assert (user | user["profile"])[field] == value


def test_a_newcomer_joins_and_can_be_written_to(control: Control, client: WebClient) -> None:
    control.post("/people", name="kim", real_name="Kim Roe", tz="Asia/Seoul")

    joined = until(lambda: control.payloads("team_join"), "team_join")[0]["payload"]["event"]["user"]
    assert (joined["name"], joined["tz_offset"]) == ("kim", 9 * 3600)
    assert client.chat_postMessage(channel=joined["id"], text="welcome")["ok"]


def test_changes_of_a_user_group_are_announced(control: Control, ada: Person, lin: Person) -> None:
    control.post("/usergroups", handle="oncall", users=["ada"])
    control.post("/usergroups", handle="oncall", users=["lin"])

    changed = until(lambda: control.payloads("subteam_members_changed"), "the change")[0]["payload"]["event"]
    assert (changed["added_users"], changed["removed_users"]) == ([lin.id], [ada.id])
    assert control.payloads("subteam_created")


def test_what_nobody_subscribed_to_is_not_sent(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(events=["user_change"]))
    control = Control(slack)
    ada = Person(control, "ada")

    ada.does("open_home", tab="home")
    control.post("/people/ada", title="Changed")

    until(lambda: control.payloads("user_change"), "user_change")
    assert control.payloads("app_home_opened") == []
    control.http.close()


def test_an_unacknowledged_event_comes_again_with_retry_headers_until_it_is(
    open_slack: OpenSlack, connect: Connect
) -> None:
    slack = open_slack(ack_within=timedelta(seconds=0.3), retry_scale=0.001)
    app, control = App(client=WebClient(token=slack.bot_token, base_url=slack.api_url)), Control(slack)
    attempts: list[tuple[str, Any, Any]] = []
    enough = threading.Event()

    @app.middleware
    def slow_twice(request: BoltRequest, next: Any) -> None:  # noqa: A002 - Bolt finds it by this name
        headers = request.headers
        retry = headers.get("x-slack-retry-num", ["0"])[0], headers.get("x-slack-retry-reason", [""])[0]
        attempts.append((request.body["event_id"], *retry))
        if len(attempts) < 3:
            enough.wait(0.6)
        next()

    app.event("app_home_opened")(lambda: None)
    connect(slack, app)
    control.connected()
    Person(control, "ada").does("open_home", tab="home")

    rows = until(lambda: [row for row in control.payloads("app_home_opened") if row["answered"]], "acknowledged")
    assert [attempt[1:] for attempt in attempts[:3]] == [("0", ""), ("1", "timeout"), ("2", "timeout")]
    assert len({attempt[0] for attempt in attempts}) == 1
    assert rows[-1]["retry_num"] == 2
    control.http.close()


def test_slack_gives_up_after_three_redeliveries(open_slack: OpenSlack) -> None:
    slack = open_slack(ack_within=timedelta(seconds=0.05), retry_scale=0.0001)
    control = Control(slack)

    Person(control, "ada").does("open_home", tab="home")

    until(lambda: [row for row in control.payloads("app_home_opened") if row["retry_num"] == 3], "the last attempt")
    assert [row["retry_num"] for row in control.payloads("app_home_opened")] == [0, 1, 2, 3]
    control.http.close()


def test_an_event_can_be_delivered_a_second_time_with_the_same_id(
    events: list[Json], control: Control, ada: Person
) -> None:
    ada.does("open_home", tab="home")
    heard(events, "app_home_opened")

    assert control.post("/redeliver")["ok"] is True

    first, second = control.payloads("app_home_opened")
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert second["retry_num"] == 1


def test_an_old_payload_can_be_replayed(events: list[Json], control: Control, ada: Person) -> None:
    ada.does("open_home", tab="home")
    heard(events, "app_home_opened")
    old = control.payloads("app_home_opened")[0]["payload"]

    assert control.post("/replay", kind="events_api", payload=old)["ok"] is True
    until(lambda: len(events) == 2, "the replayed event")


def test_timestamps_follow_the_workspaces_clock(open_slack: OpenSlack) -> None:
    clock = SteppingClock()
    slack: SandboxSlack = open_slack(clock=clock)
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)

    first = float(str(client.chat_postMessage(channel="general", text="1")["ts"]))
    clock.forward(hours=1)
    later = float(str(client.chat_postMessage(channel="general", text="2")["ts"]))

    assert first == pytest.approx(clock.now.timestamp() - 3600, abs=1)
    assert later - first == pytest.approx(3600, abs=1)
