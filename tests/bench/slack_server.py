"""A local Slack workspace as a process, told by one JSON line of `SlackOptions`; answers with one of an app's settings.

`berth sandbox slack` is for people: it prints a table, and delivers by Socket Mode only.
"""

import json
import sys

from bot.sandbox.slack import SandboxSlack, SlackOptions
from bot.sandbox.slack.server import run


def main() -> None:
    """Serve until the process is told to stop."""
    run(SlackOptions(**json.loads(sys.argv[1])), announce)


def announce(slack: SandboxSlack) -> None:
    """Say where the workspace is, and what an app needs to reach it."""
    settings = {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }
    print(json.dumps({"url": slack.url, "settings": settings}), flush=True)  # noqa: T201 - read by who started it


if __name__ == "__main__":
    main()
