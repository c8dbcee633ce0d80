"""Slash commands and what answers them: acknowledgements, response URLs, and Slack's own words when nothing does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import Connect, OpenSlack, SteppingClock
from tests.sandbox.slack.person import Control, Json, Person, until


@pytest.fixture
def stepping() -> SteppingClock:
    """The clock of `timed`."""
    return SteppingClock()


@pytest.fixture
def timed(open_slack: OpenSlack, stepping: SteppingClock) -> Iterator[tuple[SandboxSlack, Control]]:
    """A workspace by a clock that can be set forward, and impatient for acknowledgements."""
    slack = open_slack(clock=stepping, ack_within=timedelta(seconds=0.3))
    control = Control(slack)
    yield slack, control
    control.http.close()


def response_url(control: Control) -> str:
    """The response URL that was delivered last."""
    return str(control.get("/payloads")[-1]["payload"]["response_url"])


def answer(url: str, **said: object) -> httpx.Response:
    """Posts to a response URL."""
    return httpx.post(url, json=said, trust_env=False)


def test_a_command_arrives_with_everything_slack_sends(live: App, ada: Person) -> None:
    got: list[Json] = []

    @live.command("/k8s")
    def listener(ack: Ack, command: Json) -> None:
        got.append(command)
        ack()

    assert ada.does("command", channel="payments", text="/k8s create  blue") == {"ok": True}
    assert got[0]["text"] == "create  blue"
    assert (got[0]["user_id"], got[0]["channel_name"]) == (ada.id, "payments")
    assert ada.sees("payments") == []


@pytest.mark.parametrize(("response_type", "seen_by_lin"), [("ephemeral", 0), ("in_channel", 1)])
def test_an_acknowledgement_can_answer_for_one_or_for_all(
    live: App,
    ada: Person,
    lin: Person,
    response_type: str,
    seen_by_lin: int,
) -> None:
    live.command("/k8s")(lambda ack: ack(text="done", response_type=response_type))

    ada.does("command", channel="payments", text="/k8s")

    assert [row["text"] for row in ada.sees("payments")] == ["done"]
    assert len(lin.sees("payments")) == seen_by_lin


def test_a_late_acknowledgement_shows_slacks_failure(open_slack: OpenSlack, connect: Connect) -> None:
    slack = open_slack(ack_within=timedelta(seconds=0.2))
    app, control = App(client=WebClient(token=slack.bot_token, base_url=slack.api_url)), Control(slack)
    release = threading.Event()

    @app.command("/k8s")
    def listener(ack: Ack) -> None:
        release.wait(5)
        ack()

    connect(slack, app)
    control.connected()
    ada = Person(control, "ada")

    assert ada.does("command", channel="payments", text="/k8s")["error"] == "operation_timeout"
    assert [row["text"] for row in ada.sees("payments")] == ['/k8s failed with the error "operation_timeout"']
    release.set()
    control.http.close()


def test_with_nobody_connected_dispatch_fails(ada: Person) -> None:
    assert ada.does("command", channel="payments", text="/k8s")["error"] == "dispatch_failed"
    assert ada.sees("payments")[0]["ephemeral"] is True


@pytest.mark.parametrize(
    ("channel", "text", "error"),
    [
        ("payments", "/unknown", "unknown_command"),
        ("search", "/k8s", "not_in_channel"),
        ("payments", None, "missing_field"),
        ("platform", "/k8s", "channel_not_found"),
    ],
)
def test_commands_that_slack_itself_refuses(ada: Person, channel: str, text: str | None, error: str) -> None:
    assert ada.does("command", channel=channel, text=text)["error"] == error


def test_a_deactivated_person_can_do_nothing(control: Control, ada: Person) -> None:
    control.post("/people/ada", deleted=True)

    assert ada.does("command", channel="payments", text="/k8s")["error"] == "account_inactive"


def test_a_response_url_is_good_five_times(timed: tuple[SandboxSlack, Control]) -> None:
    control = timed[1]
    Person(control, "ada").does("command", channel="payments", text="/k8s")
    url = response_url(control)

    answers = [answer(url, text=str(number)) for number in range(6)]

    assert [one.status_code for one in answers] == [200] * 5 + [404]
    assert answers[-1].json()["error"] == "used_url"


def test_a_response_url_is_good_for_thirty_minutes(
    timed: tuple[SandboxSlack, Control], stepping: SteppingClock
) -> None:
    control = timed[1]
    Person(control, "ada").does("command", channel="payments", text="/k8s")
    url = response_url(control)

    stepping.forward(minutes=30)
    assert answer(url, text="just in time").status_code == 200

    stepping.forward(seconds=1)
    assert answer(url, text="too late").json()["error"] == "expired_url"


def test_a_commands_answer_replaces_nothing(timed: tuple[SandboxSlack, Control]) -> None:
    control = timed[1]
    ada = Person(control, "ada")
    ada.does("command", channel="payments", text="/k8s")
    ada.does("reload")

    answer(response_url(control), text="one")
    answer(response_url(control), text="two", replace_original=True)

    assert [row["text"] for row in ada.sees("payments")] == ["one", "two"]


def test_a_response_url_refuses_bad_blocks_with_the_reason(timed: tuple[SandboxSlack, Control]) -> None:
    Person(timed[1], "ada").does("command", channel="payments", text="/k8s")

    refused = answer(response_url(timed[1]), text="x", blocks=[{"type": "section"}])

    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_blocks"


def test_respond_reaches_a_person_where_the_bot_is_no_member(live: App, control: Control, ada: Person) -> None:
    control.post("/channels/payments", bot_member=False)

    @live.command("/k8s")
    def listener(ack: Ack, respond: Respond) -> None:
        ack()
        respond("here")

    ada.does("command", channel="payments", text="/k8s")

    assert ada.awaits("payments", "here")["ephemeral"] is True


def test_a_command_can_be_delivered_twice(live: App, control: Control, ada: Person) -> None:
    triggers: list[str] = []

    @live.command("/k8s")
    def listener(ack: Ack, command: Json) -> None:
        triggers.append(command["trigger_id"])
        ack(text="done")

    ada.does("command", channel="payments", text="/k8s")

    assert control.post("/redeliver")["payload"]["text"] == "done"
    assert len(triggers) == 2
    assert len(set(triggers)) == 1


def test_commands_work_in_the_conversation_with_the_app(live: App, ada: Person) -> None:
    live.command("/k8s")(lambda ack, command: ack(text=command["channel_name"]))
    here = ada.channel()["id"]

    ada.does("command", channel=here, text="/k8s")

    assert [row["text"] for row in ada.sees(here)] == ["directmessage"]


def test_an_unused_trigger_is_good_for_three_seconds_and_once(
    timed: tuple[SandboxSlack, Control], stepping: SteppingClock
) -> None:
    slack, control = timed
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}

    def error(trigger_id: str) -> str:
        answered = httpx.post(
            f"{slack.api_url}views.open",
            json={"trigger_id": trigger_id, "view": view},
            headers={"Authorization": f"Bearer {client.token}"},
            trust_env=False,
        )
        return str(answered.json().get("error", ""))

    for _ in range(2):
        Person(control, "ada").does("command", channel="payments", text="/k8s")
    first, second = (row["payload"]["trigger_id"] for row in until(lambda: control.get("/payloads")))

    assert [error(first), error(first), error("1.2.3")] == ["", "exchanged_trigger_id", "invalid_trigger_id"]
    stepping.forward(seconds=4)
    assert error(second) == "expired_trigger_id"
