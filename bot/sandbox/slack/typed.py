"""What a person types after a command, as Slack hands it on: with references and escaped, or just as it was typed.

Which of the two it is, the command's `should_escape` in the manifest says.
"""

from __future__ import annotations

import re

from bot.sandbox.slack.workspace import Workspace

PIECE = re.compile(
    r"<(?P<kind>[@#])(?P<id>[A-Z0-9]+)(?:\|[^>]*)?>"
    r"|(?<![\w@])@(?P<person>[\w.-]*\w)"
    r"|(?<![\w#&])#(?P<channel>[\w-]*\w)"
    r"|(?P<link>https?://[^\s<>|]+)"
    r"|[&<>]"
)
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
BROADCASTS = {"here", "channel", "everyone"}


def escaped(workspace: Workspace, text: str) -> str:
    """The text of a command that asks for it: `@lin` as `<@U…|lin>`, `#general` as `<#C…|general>`, `&` as `&amp;`."""
    return PIECE.sub(lambda piece: _reference(workspace, piece), text)


def plain(workspace: Workspace, text: str) -> str:
    """The text as it was typed: what the page's composer made a reference is a name again."""
    return PIECE.sub(lambda piece: _name(workspace, piece), text)


def _reference(workspace: Workspace, piece: re.Match[str]) -> str:
    if piece["kind"]:
        return f"<{piece['kind']}{piece['id']}|{_called(workspace, piece['id'])}>"
    if piece["person"]:
        return _mention(workspace, piece["person"]) or piece[0]
    if piece["channel"]:
        named = (one for one in workspace.channels.values() if one.name == piece["channel"] and not one.direct)
        found = next(named, None)
        return f"<#{found.id}|{found.name}>" if found else piece[0]
    if piece["link"]:
        return f"<{piece['link'].replace('&', '&amp;')}>"
    return ENTITIES[piece[0]]


def _mention(workspace: Workspace, name: str) -> str:
    if name in BROADCASTS:
        return f"<!{name}>"
    person = next((one for one in workspace.people.values() if one.name == name.lower()), None)
    if person:
        return f"<@{person.id}|{person.name}>"
    group = next((one for one in workspace.usergroups.values() if one.handle == name and not one.deleted), None)
    return f"<!subteam^{group.id}|@{group.handle}>" if group else ""


def _name(workspace: Workspace, piece: re.Match[str]) -> str:
    return f"{piece['kind']}{_called(workspace, piece['id'])}" if piece["kind"] else piece[0]


def _called(workspace: Workspace, reference: str) -> str:
    known = workspace.people.get(reference) or workspace.channels.get(reference)
    return known.name if known else reference
