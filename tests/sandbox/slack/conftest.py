"""Workspaces to test, apps to connect to them, and a clock that can be set forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.slack import DEFAULT_MANIFEST, SandboxSlack, SlackOptions, serve
from tests.sandbox.slack.person import Control, Person

OpenSlack = Callable[..., SandboxSlack]
Connect = Callable[[SandboxSlack, App], SocketModeHandler]


class SteppingClock:
    """Stands still until it is set forward."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Sets the clock forward by a timedelta's arguments."""
        self.now += timedelta(**by)


def manifest_with(**changes: Any) -> dict[str, Any]:
    """The default manifest with other `scopes`, `events` or `app_home` settings."""
    manifest = {key: dict(value) for key, value in DEFAULT_MANIFEST.items()}
    if "scopes" in changes:
        manifest["oauth_config"] = {"scopes": {"bot": changes["scopes"]}}
    if "events" in changes:
        manifest["settings"]["event_subscriptions"] = {"bot_events": changes["events"]}
    if "app_home" in changes:
        manifest["features"]["app_home"] = manifest["features"]["app_home"] | changes["app_home"]
    return manifest


@pytest.fixture
def open_slack() -> Iterator[OpenSlack]:
    """Opens workspaces with options; they end with the test."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(serve(SlackOptions(**options)))


@pytest.fixture
def slack(open_slack: OpenSlack) -> SandboxSlack:
    """A workspace as it comes."""
    return open_slack()


@pytest.fixture
def control(slack: SandboxSlack) -> Iterator[Control]:
    """That workspace's control API."""
    control = Control(slack)
    yield control
    control.http.close()


@pytest.fixture
def client(slack: SandboxSlack) -> WebClient:
    """The app's Web API client."""
    return WebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def app(client: WebClient) -> App:
    """A Bolt app without listeners yet."""
    return App(client=client)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects apps by Socket Mode; they are disconnected with the test."""
    handlers: list[SocketModeHandler] = []

    def connect(slack: SandboxSlack, app: App) -> SocketModeHandler:
        handlers.append(SocketModeHandler(app, slack.app_token, ping_interval=1))
        handlers[-1].connect()
        return handlers[-1]

    yield connect
    for handler in handlers:
        handler.close()


@pytest.fixture
def live(slack: SandboxSlack, app: App, connect: Connect, control: Control) -> App:
    """That app, connected; listeners can still be added."""
    connect(slack, app)
    control.connected()
    return app


@pytest.fixture
def ada(control: Control) -> Person:
    """An engineer of team payments."""
    return Person(control, "ada")


@pytest.fixture
def lin(control: Control) -> Person:
    """The team lead of payments."""
    return Person(control, "lin")
