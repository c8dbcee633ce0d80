"""The methods about the app itself and its workspace, and the open check of blocks."""

from __future__ import annotations

from bot.sandbox.slack import blocks as block_kit
from bot.sandbox.slack.calls import Call, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.posting import ready_files
from bot.sandbox.slack.records import Json


def auth_test(call: Call) -> Json:
    """Whose token this is."""
    workspace = call.workspace
    bot = {"user": workspace.bot.name, "user_id": workspace.bot.id, "bot_id": workspace.bot_id}
    team = {"url": f"{workspace.url}/", "team": workspace.name, "team_id": workspace.id}
    return team | bot | {"is_enterprise_install": False, "app_id": workspace.app_id}


def api_test(call: Call) -> Json:
    """Says back what it was told; an `error` argument makes it fail with that error."""
    said = {name: value for name, value in call.args.items() if name != "token"}
    if call.text("error"):
        raise SlackError(call.text("error"), args=said)
    return {"args": said}


def connections_open(call: Call) -> Json:
    """An address for one Socket Mode connection."""
    base = call.workspace.url.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={call.tickets.socket()}&app_id={call.workspace.app_id}"}


def bots_info(call: Call) -> Json:
    """The app's bot."""
    workspace = call.workspace
    if call.text("bot") not in {"", workspace.bot_id}:
        raise SlackError("bot_not_found")
    profile = workspace.bot_profile()
    return {"bot": {name: value for name, value in profile.items() if name != "team_id"}}


def team_info(call: Call) -> Json:
    """The workspace."""
    workspace = call.workspace
    team = {"id": workspace.id, "name": workspace.name, "domain": workspace.domain, "url": f"{workspace.url}/"}
    return {"team": team | {"email_domain": f"{workspace.domain}.example", "icon": {}, "is_verified": False}}


def blocks_validate(call: Call) -> Json:
    """Checks blocks, a message or a view without showing them to anyone."""
    files = ready_files(call.workspace)
    view, message = call.structure("view"), call.structure("message")
    if view is not None:
        kind = view.get("type", "") if isinstance(view, dict) else ""
        reasons = block_kit.reasons_against_view(view, kind, files)
    else:
        blocks = message.get("blocks") if isinstance(message, dict) else call.structure("blocks")
        reasons = block_kit.reasons_against(blocks or [], "message", files)
    return {"valid": not reasons, "errors": [_explained(reason) for reason in reasons]}


def _explained(reason: str) -> Json:
    message, _, pointer = reason.removesuffix("]").partition(" [json-pointer:")
    field = pointer.rpartition("/")[2]
    return {"code": "invalid_blocks", "message": message, "field": field, "pointer": pointer, "constraint": message}


METHODS = (
    Method("api.test", api_test, "", "tier4", caller="anyone"),
    Method("auth.test", auth_test, "", "special"),
    Method("apps.connections.open", connections_open, "connections:write", "tier3", caller="app"),
    Method("bots.info", bots_info, "users:read", "tier3"),
    Method("team.info", team_info, "team:read", "tier3"),
    Method("blocks.validate", blocks_validate, "", "tier3", caller="anyone"),
)
