"""The control API in words: every route, what it does, and the rules for the fields of its body.

Data only. `GET /_control/` answers with it, and a test holds it against the routes there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.slack.records import Json
from bot.sandbox.slack.rules import Anything, Choice, Flag, Many, Map, Number, Rule, Shape, Words

SOCKET_ACTIONS = ("drop", "refresh", "warn", "hold", "release")
APP_ACTIONS = ("uninstall", "revoke", "install")

GUIDE: tuple[tuple[str, str, str], ...] = (
    ("GET", "/", "this list"),
    ("GET", "/workspace", "the workspace, its people, the app with its commands and shortcuts, the present instant"),
    ("GET", "/as/{user}/channels", "the channels a person can open, with unread counts; {user} is an id or a name"),
    ("GET", "/as/{user}/messages/{channel}", "the messages a person sees there; ?thread_ts= for a thread"),
    ("POST", "/as/{user}/read/{channel}", "the person has read that channel"),
    ("POST", "/as/{user}/reload", "the person reloads: ephemeral messages and open modals are gone"),
    ("GET", "/as/{user}/views", "the person's open modals, newest last, with errors and whether they wait"),
    ("GET", "/as/{user}/home", "the person's published Home, or null"),
    ("POST", "/as/{user}/open_home", "opens a tab of the app's Home: tab (home, messages, about)"),
    ("POST", "/as/{user}/open_dm", "opens the conversation with another: user"),
    ("POST", "/as/{user}/command", "a slash command: channel, text (`/k8s help`)"),
    ("POST", "/as/{user}/shortcut", "a shortcut of the manifest: callback_id; channel and ts for one on a message"),
    ("POST", "/as/{user}/message", "a message: channel, text; thread_ts for a reply"),
    (
        "POST",
        "/as/{user}/click",
        (
            "a button or a choice: action_id with channel and ts, or with view_id; block_id where two share the id; "
            "value, or the state's own field (selected_option, selected_date …); state for what else was entered there"
        ),
    ),
    ("POST", "/as/{user}/options", "what an external select offers: as click, with value for what was typed"),
    ("POST", "/as/{user}/submit", "submits the topmost modal: view_id, values (block_id → action_id → value)"),
    ("POST", "/as/{user}/close", "closes the topmost modal: view_id; all for the whole stack"),
    ("GET", "/as/{user}/stream", "server-sent events that name what changed for a person"),
    ("POST", "/people", "a newcomer: name; and the fields of a change; sends team_join"),
    (
        "POST",
        "/people/{user}",
        (
            "changes a person: deleted, email, is_restricted, is_ultra_restricted, is_admin, real_name, title, tz …; "
            "sends user_change. dnd (dnd_enabled, next_dnd_start_ts, next_dnd_end_ts) sends dnd_updated_user"
        ),
    ),
    ("POST", "/channels/{channel}", "changes a channel: members, bot_member, archived"),
    ("POST", "/usergroups", "makes or changes a user group: handle; name, users, disabled; sends subteam_*"),
    (
        "POST",
        "/faults",
        (
            "arms a fault: method (a name or a pattern; response_url and upload too); status, error, retry_after, "
            "latency_ms, hang, times (null: until cleared), after_effect (only the answer is lost)"
        ),
    ),
    ("GET", "/faults", "the faults that are armed"),
    ("DELETE", "/faults", "disarms all, and lets hanging calls go"),
    ("POST", "/socket", f"does something to the app's connections: action ({', '.join(SOCKET_ACTIONS)})"),
    ("GET", "/socket", "how many connections the app holds"),
    (
        "POST",
        "/app",
        f"what an administrator does to the app: action ({', '.join(APP_ACTIONS)}); revoke ends its token",
    ),
    ("POST", "/clock", "sets the workspace's clock forward: forward (seconds)"),
    ("POST", "/rate_limits", "whether the limits of the methods' tiers count: on"),
    ("POST", "/redeliver", "the last delivery once more, with the same ids: kind (optional)"),
    ("POST", "/replay", "delivers a payload as it is: kind (slash_commands, interactive, events_api), payload"),
    ("GET", "/requests", "the log of Web API calls"),
    ("DELETE", "/requests", "empties it"),
    ("GET", "/payloads", "the log of deliveries to the app"),
    ("DELETE", "/payloads", "empties it"),
)

NAMED = Words(3000)
SECONDS = Number(0, 10**9)
DND: dict[str, Rule] = {
    "dnd_enabled": Flag(),
    "next_dnd_start_ts": Number(0, 10**11, whole=True),
    "next_dnd_end_ts": Number(0, 10**11, whole=True),
}
PERSON: dict[str, Rule] = {
    **dict.fromkeys(("name", "real_name", "team_id"), Words(80, 1)),
    **dict.fromkeys(("title", "email", "tz"), NAMED),
    **dict.fromkeys(("is_admin", "is_restricted", "is_ultra_restricted", "is_bot", "is_stranger"), Flag()),
    **dict.fromkeys(("is_email_confirmed", "deleted"), Flag()),
    "dnd": Shape(DND),
}
FIELDS: dict[str, Rule] = {
    **PERSON,
    **dict.fromkeys(
        ("channel", "text", "thread_ts", "ts", "action_id", "block_id", "view_id", "callback_id"), Words(40_000)
    ),
    **dict.fromkeys(("user", "handle", "method", "error", "kind", "action"), NAMED),
    **dict.fromkeys(("all", "bot_member", "archived", "disabled", "hang", "after_effect", "on"), Flag()),
    **dict.fromkeys(("members", "users"), Many(NAMED, least=0)),
    **dict.fromkeys(("state", "values"), Map(Map(Anything()))),
    **dict.fromkeys(("retry_after", "latency_ms", "forward"), SECONDS),
    "payload": Map(Anything()),
    "profile": Map(Anything()),
    "profile.email": NAMED,
    "status": Number(200, 599, whole=True),
    "times": Number(1, whole=True),
    "tab": Choice(("home", "messages", "about")),
}
"""A field means the same on every route that knows it."""


def objections(body: Json) -> Iterator[str]:
    """What is wrong with the fields of a body; null counts as absent."""
    for name, value in body.items():
        if value is not None and name in FIELDS:
            yield from FIELDS[name].objections(value, f"/{name}")


def listed() -> Json:
    """The guide as `GET /_control/` shows it."""
    return {"routes": [{"call": f"{verb} /_control{path}", "does": words} for verb, path, words in GUIDE]}
