"""Slack's libraries, set up: the clients, the Bolt app that hears what is delivered, and the socket it comes by."""

import os
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.app.threads import LISTENERS
from bot.config import Settings, SlackMode
from bot.seams.slack_socket import SlackSocket

_SECONDS = 20
_QUICK_SECONDS = 2  # for what is asked before a delivery is acknowledged, which Slack awaits for three
_SOCKET_CHECK_SECONDS = 3  # how soon a connection that broke without a word is noticed, and opened again


def web_clients(settings: Settings) -> tuple[WebClient, WebClient]:
    """The client for everything, and one that gives up soon."""
    return _web_client(settings, _SECONDS), _web_client(settings, _QUICK_SECONDS)


def bolt_app(settings: Settings, web: WebClient, listeners: ThreadPoolExecutor) -> App:
    """The app, without any listener yet."""
    # With the first two set, Bolt would switch to OAuth and ignore the token it is given; of the third it warns.
    for variable in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN"):
        os.environ.pop(variable, None)
    return App(
        name="berth",  # without one, Bolt looks through every module that is loaded for whose call this is
        client=web,
        signing_secret=settings.slack_signing_secret.get_secret_value() or None,
        request_verification_enabled=settings.slack_mode is SlackMode.HTTP,
        token_verification_enabled=False,
        listener_executor=listeners,
        raise_error_for_unhandled_request=False,
    )


def socket_mode(settings: Settings, bolt: App) -> SlackSocket | None:
    """The connection by which Slack delivers, where it does not by HTTP."""
    if settings.slack_mode is not SlackMode.SOCKET:
        return None
    token = settings.slack_app_token.get_secret_value()
    handler = SocketModeHandler(bolt, token, concurrency=LISTENERS, ping_interval=_SOCKET_CHECK_SECONDS)
    return SlackSocket(handler)


def _web_client(settings: Settings, seconds: int) -> WebClient:
    return WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=seconds)
