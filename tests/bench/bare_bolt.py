"""A Bolt app that only acknowledges: what Berth's acknowledgements are measured beside.

It has Berth's token, its concurrency and its HTTP server, and none of what Berth does. As a process, it takes
Slack's settings from the environment, and listens by Socket Mode, or by HTTP where ADDRESS is set.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from prometheus_client import CollectorRegistry
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.http import HttpServer, application

LISTENERS = 32  # as many threads as Berth has


def main() -> None:
    """Acknowledge until the process is told to stop."""
    app = App(
        client=WebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        request_verification_enabled=bool(os.environ["ADDRESS"]),
        token_verification_enabled=False,
        listener_executor=ThreadPoolExecutor(LISTENERS),
    )
    app.command("/bare")(acknowledge)
    if os.environ["ADDRESS"]:
        host, _, port = os.environ["ADDRESS"].partition(":")
        HttpServer(application(app, CollectorRegistry(), []), host, int(port)).start()
    else:
        SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], concurrency=LISTENERS).connect()
    threading.Event().wait()


def acknowledge(ack: Ack) -> None:
    """All that it does."""
    ack("ok")


if __name__ == "__main__":
    main()
