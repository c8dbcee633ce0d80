"""The two ways to the app: sockets that share the load and come back, and signed requests."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from slack_bolt import Ack, App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_websocket

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import Connect, OpenSlack
from tests.sandbox.slack.person import Control, Json, Person, until


def raw_socket(slack: SandboxSlack, stack: ExitStack) -> ClientConnection:
    """A websocket of our own, as a client of Socket Mode would open it."""
    client = WebClient(token=slack.app_token, base_url=slack.api_url)
    url = str(client.apps_connections_open(app_token=slack.app_token)["url"])
    return stack.enter_context(open_websocket(url))


@contextmanager
def served(handler: Callable[[Request], object]) -> Iterator[str]:
    """A request URL that is answered by the handler."""
    listening = socket.create_server(("127.0.0.1", 0))
    application = Starlette(routes=[Route("/slack/events", handler, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    until(lambda: server.started, "the server's start")
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    finally:
        server.should_exit = True
        thread.join(5)
        listening.close()


def bolt_endpoint(app: App) -> Callable[[Request], object]:
    """A Bolt app as an HTTP endpoint."""
    handler = SlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    return endpoint


# -- sockets -----------------------------------------------------------------------------------------------------


def test_hello_counts_the_connections_and_a_ticket_is_good_once(slack: SandboxSlack) -> None:
    client = WebClient(token=slack.app_token, base_url=slack.api_url)
    url = str(client.apps_connections_open(app_token=slack.app_token)["url"])

    with open_websocket(url) as websocket:
        hello = json.loads(websocket.recv(timeout=5))
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)

    with pytest.raises(Exception, match="403"), open_websocket(url):
        pass


def test_each_payload_goes_to_one_of_the_connections(slack: SandboxSlack, control: Control, ada: Person) -> None:
    with ExitStack() as stack:
        sockets = [raw_socket(slack, stack) for _ in range(3)]
        control.connected(3)
        got: list[list[str]] = [[], [], []]

        def acknowledge(index: int) -> None:
            try:
                for frame in sockets[index]:
                    said: Json = json.loads(frame)
                    if said["type"] == "slash_commands":
                        got[index].append(said["payload"]["text"])
                        sockets[index].send(json.dumps({"envelope_id": said["envelope_id"]}))
            except ConnectionClosed:
                pass

        threads = [threading.Thread(target=acknowledge, args=(index,)) for index in range(3)]
        for thread in threads:
            thread.start()
        answers = [ada.does("command", channel="payments", text=f"/k8s {number}") for number in range(9)]

    for thread in threads:
        thread.join(5)
    assert answers == [{"ok": True}] * 9
    assert sorted(text for texts in got for text in texts) == [str(number) for number in range(9)]
    assert all(got)


def test_an_eleventh_connection_is_turned_away(slack: SandboxSlack, control: Control) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            raw_socket(slack, stack)
        control.connected(10)

        eleventh = raw_socket(slack, stack)

        assert json.loads(eleventh.recv(timeout=5))["reason"] == "too_many_websockets"
        assert control.get("/socket")["connections"] == 10


@pytest.mark.parametrize("action", ["drop", "refresh"])
def test_a_client_comes_back_after_its_connection_went(live: App, control: Control, ada: Person, action: str) -> None:
    live.command("/k8s")(lambda ack: ack())
    opened = len(control.calls("apps.connections.open"))

    control.post("/socket", action=action)

    until(lambda: len(control.calls("apps.connections.open")) > opened, "a new connection", 20)
    control.connected()
    assert ada.does("command", channel="payments", text="/k8s") == {"ok": True}


def test_held_sockets_deliver_nothing_until_released(open_slack: OpenSlack, connect: Connect) -> None:
    slack = open_slack(ack_within=timedelta(seconds=0.3))
    app, control = App(client=WebClient(token=slack.bot_token, base_url=slack.api_url)), Control(slack)
    app.command("/k8s")(lambda ack: ack())
    connect(slack, app)
    control.connected()
    ada = Person(control, "ada")

    control.post("/socket", action="hold")
    assert ada.does("command", channel="payments", text="/k8s")["error"] == "operation_timeout"

    control.post("/socket", action="release")
    assert ada.does("command", channel="payments", text="/k8s") == {"ok": True}
    control.http.close()


# -- signed requests ---------------------------------------------------------------------------------------------


def test_signed_requests_carry_commands_clicks_forms_and_events(
    slack: SandboxSlack, client: WebClient, control: Control, ada: Person
) -> None:
    app = App(client=client, signing_secret=slack.signing_secret)
    heard: list[str] = []
    view = {"type": "modal", "callback_id": "form", "title": {"type": "plain_text", "text": "T"}}
    submit = {"submit": {"type": "plain_text", "text": "Go"}, "blocks": [{"type": "divider"}]}

    @app.command("/k8s")
    def command(ack: Ack, command: Json, client: WebClient) -> None:
        client.views_open(trigger_id=command["trigger_id"], view=view | submit)
        ack(text="opened")

    app.view("form")(lambda ack: ack())
    app.event("app_home_opened")(lambda event: heard.append(event["tab"]))

    with served(bolt_endpoint(app)) as url:
        slack.set_request_url(url)
        assert ada.does("command", channel="payments", text="/k8s") == {"ok": True}
        assert ada.does("submit", view_id=ada.modal()["id"]) == {"ok": True}
        ada.does("open_home", tab="home")
        until(lambda: heard == ["home"], "the event")
    assert [row["text"] for row in ada.sees("payments")] == ["opened"]


def test_a_request_signed_with_another_secret_fails_at_the_app(
    slack: SandboxSlack, client: WebClient, ada: Person
) -> None:
    app = App(client=client, signing_secret="another")
    app.command("/k8s")(lambda ack: ack())

    with served(bolt_endpoint(app)) as url:
        slack.set_request_url(url)
        assert ada.does("command", channel="payments", text="/k8s")["error"] == "dispatch_failed"


def test_failed_requests_for_events_are_repeated_with_headers_and_can_be_declined(open_slack: OpenSlack) -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def fail(request: Request) -> Response:
        seen.append((request.headers.get("x-slack-retry-num"), request.headers.get("x-slack-retry-reason")))
        declined = {"X-Slack-No-Retry": "1"} if len(seen) == 2 else {}
        return Response("no", 500, declined)

    with served(fail) as url:
        slack = open_slack(request_url=url, retry_scale=0.0001)
        control = Control(slack)
        ada = Person(control, "ada")
        ada.does("open_home", tab="home")
        until(lambda: len(seen) == 2, "the second attempt")
        ada.does("command", channel="payments", text="/k8s")
        control.http.close()

    assert seen == [(None, None), ("1", "http_error"), (None, None)]


def test_nobody_at_the_request_url_fails_like_nobody_at_the_sockets(open_slack: OpenSlack) -> None:
    control = Control(open_slack(request_url="http://127.0.0.1:9/slack/events"))

    assert Person(control, "ada").does("command", channel="payments", text="/k8s")["error"] == "dispatch_failed"
    control.http.close()


def test_an_answer_that_only_trickles_in_is_late(open_slack: OpenSlack) -> None:
    enough = threading.Event()

    async def trickle(_: Request) -> Response:
        async def drops() -> AsyncIterator[bytes]:
            while not enough.is_set():
                yield b" "
                await asyncio.sleep(0.02)

        return StreamingResponse(drops())

    with served(trickle) as url:
        control = Control(open_slack(request_url=url, ack_within=timedelta(seconds=0.3)))
        answer = Person(control, "ada").does("command", channel="payments", text="/k8s")
        enough.set()
        control.http.close()

    assert answer["error"] == "operation_timeout"


def test_an_answer_that_is_no_text_is_still_an_acknowledgement(open_slack: OpenSlack) -> None:
    async def answer(_: Request) -> Response:
        return Response(b"\xff", 200)

    with served(answer) as url:
        control = Control(open_slack(request_url=f"{url}?app=x"))

        assert Person(control, "ada").does("command", channel="payments", text="/k8s") == {"ok": True}
        control.http.close()


# -- the page's stream -------------------------------------------------------------------------------------------


def test_the_stream_names_what_changed(slack: SandboxSlack, client: WebClient, ada: Person) -> None:
    channel = ada.channel("channel", "payments")["id"]
    address = f"{slack.url}/_control/as/ada/stream"

    with httpx.stream("GET", address, timeout=10, trust_env=False) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        client.chat_postMessage(channel=channel, text="hi")
        data = next(line for line in lines if line.startswith("data:"))

    assert json.loads(data.removeprefix("data:")) == {"changed": [f"channel:{channel}"]}


def test_a_workspace_stops_at_once_even_while_it_is_used(open_slack: OpenSlack) -> None:
    slack = open_slack()
    control = Control(slack)
    control.post("/faults", method="auth.test", hang=True)
    with ExitStack() as stack:
        raw_socket(slack, stack)
        stack.enter_context(httpx.stream("GET", f"{slack.url}/_control/as/ada/stream", timeout=10, trust_env=False))
        started = time.monotonic()
        slack.stop()

    assert time.monotonic() - started < 3
    control.http.close()
