"""What goes over a socket, frame by frame: envelopes, goodbyes, and answers nobody should send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from slack_bolt import App
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.person import Control, Json, Person
from tests.sandbox.slack.test_transports import raw_socket


@pytest.fixture
def websocket(slack: SandboxSlack, control: Control) -> Iterator[ClientConnection]:
    """The only connection, past its hello."""
    with ExitStack() as stack:
        connection = raw_socket(slack, stack)
        assert received(connection)["type"] == "hello"
        yield connection


def received(connection: ClientConnection) -> Json:
    """The next frame."""
    frame: Json = json.loads(connection.recv(timeout=5))
    return frame


def answered(connection: ClientConnection, ada: Person, *frames: Any) -> Json:
    """What a command comes to whose envelope is answered by these frames; `ENVELOPE` stands for its id."""
    with ThreadPoolExecutor(1) as pool:
        command = pool.submit(ada.does, "command", channel="general", text="/k8s")
        envelope = received(connection)["envelope_id"]
        for frame in frames:
            connection.send(frame.replace("ENVELOPE", envelope) if isinstance(frame, str) else frame)
        return command.result()


def test_a_command_travels_in_an_envelope_that_takes_an_answer(websocket: ClientConnection, ada: Person) -> None:
    with ThreadPoolExecutor(1) as pool:
        command = pool.submit(ada.does, "command", channel="general", text="/k8s")
        envelope = received(websocket)
        websocket.send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "done"}}))

        assert command.result() == {"ok": True}
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert set(envelope) == {"envelope_id", "type", "payload", "accepts_response_payload"}
    assert [row["text"] for row in ada.sees("general")] == ["done"]


@pytest.mark.parametrize("noise", ["{", "[]", '{"envelope_id": []}', '{"envelope_id": "other"}', "{}"])
def test_frames_that_make_no_sense_are_ignored(websocket: ClientConnection, ada: Person, noise: str) -> None:
    assert answered(websocket, ada, noise, '{"envelope_id": "ENVELOPE"}') == {"ok": True}


def test_an_answer_that_is_no_object_still_acknowledges(websocket: ClientConnection, ada: Person) -> None:
    assert answered(websocket, ada, '{"envelope_id": "ENVELOPE", "payload": "words"}') == {"ok": True}


def test_whoever_sends_bytes_is_hung_up_on(websocket: ClientConnection, control: Control, ada: Person) -> None:
    assert answered(websocket, ada, b"\x00")["error"] == "dispatch_failed"

    with pytest.raises(ConnectionClosed):
        websocket.recv(timeout=5)
    control.connected(0)


@pytest.mark.parametrize(("action", "reason", "kept"), [("warn", "warning", 1), ("refresh", "refresh_requested", 0)])
def test_a_goodbye_says_why_and_only_a_refresh_ends_deliveries(
    websocket: ClientConnection, control: Control, action: str, reason: str, kept: int
) -> None:
    control.post("/socket", action=action)

    goodbye = received(websocket)
    assert (goodbye["type"], goodbye["reason"]) == ("disconnect", reason)
    control.connected(kept)


def test_an_event_says_which_attempt_it_is(websocket: ClientConnection, ada: Person) -> None:
    ada.does("open_home")

    envelope = received(websocket)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("events_api", False)
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"blocks": [{"type": "hologram"}]}, "invalid_blocks"),
        ({"text": "x", "thread_ts": "1.0"}, "thread_not_found"),
    ],
)
def test_an_answer_slack_cannot_show_fails_the_command(live: App, ada: Person, said: Json, refusal: str) -> None:
    live.command("/k8s")(lambda ack: ack(said))

    answer = ada.does("command", channel="general", text="/k8s")

    assert (answer["error"], answer["answer"]) == ("dispatch_failed", refusal)
    assert [row["text"] for row in ada.sees("general")] == ['/k8s failed with the error "dispatch_failed"']
