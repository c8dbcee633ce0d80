"""What an app's manifest must look like for the workspace to install it.

The limits are those of Slack's manifest schema, for the parts this workspace acts upon; the rest is let through.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.rules import Choice, Flag, Many, Rule, Shape, Words


def _open(required: tuple[str, ...] = (), /, **fields: Rule) -> Shape:
    return Shape(fields, required, open=True)


COMMAND = _open(
    ("command", "description"),
    command=Words(32, 2, pattern=r"/\S+"),
    description=Words(2000, 1),
    usage_hint=Words(1000),
    should_escape=Flag(),
)
SHORTCUT = _open(
    ("name", "type", "callback_id", "description"),
    name=Words(24, 1),
    type=Choice(("global", "message")),
    callback_id=Words(255, 1),
    description=Words(150, 1),
)
NAMES = Many(Words(255, 1), 255, 0)
HOME = dict.fromkeys(("home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"), Flag())
MANIFEST = _open(
    ("display_information",),
    display_information=_open(("name",), name=Words(35, 1), description=Words(140)),
    features=_open(app_home=_open(**HOME), slash_commands=Many(COMMAND, 50, 0), shortcuts=Many(SHORTCUT, 10, 0)),
    oauth_config=_open(scopes=_open(bot=NAMES)),
    settings=_open(event_subscriptions=_open(bot_events=Many(Words(255, 1), 100, 0))),
)


def objections(manifest: Any) -> list[str]:
    """Every reason for which the manifest cannot be installed."""
    return list(MANIFEST.objections(manifest, ""))
