"""The files.* methods of an external upload: ask for a URL, send the bytes there, complete, share."""

from __future__ import annotations

import mimetypes
from urllib.parse import quote

from bot.sandbox.slack.calls import Call, Method
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.posting import Content, Poster, content
from bot.sandbox.slack.records import Channel, File, Json


def get_upload_url(call: Call) -> Json:
    """A URL to send a file's bytes to."""
    workspace = call.workspace
    if not call.text("length").isdecimal() or int(call.text("length")) == 0:
        raise invalid("invalid_arguments", ["must be a positive integer [json-pointer:/length]"])
    name = call.text("filename")
    file_id = workspace.new_id("F")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    url = f"{workspace.url}/files/{file_id}/{quote(name, safe='')}"
    file = File(file_id, name, name, workspace.bot.id, int(workspace.epoch), url, call.text("alt_txt"), mimetype=kind)
    workspace.files[file_id] = file
    return {"upload_url": f"{workspace.url}/upload/{file_id}", "file_id": file_id}


def complete_upload(call: Call) -> Json:
    """Ends uploads and shares the files in a channel, if one is named."""
    poster = Poster(call.workspace, call.courier)
    channels = call.words("channels") or call.words("channel_id")
    targets = [poster.open_to_bot(_shareable(call, one)) for one in channels]
    said = _comment(call)
    files = [_uploaded(call, row) for row in _rows(call)]
    for file in files:
        file.completed = True
    for channel in targets:
        for file in files:
            file.channels.append(channel.id)
        thread_ts = call.text("thread_ts") or None
        shown = [file.wire() | {"mimetype": file.mimetype} for file in files]
        poster.post(channel, call.workspace.bot.id, said, files=shown, thread_ts=thread_ts)
    return {"files": [{"id": file.id, "title": file.title} | file.wire() for file in files]}


def _comment(call: Call) -> Content:
    given = {"text": call.text("initial_comment"), "blocks": call.structure("blocks")}
    return content(call.workspace, given) if any(given.values()) else Content("", [], [])


def _shareable(call: Call, reference: str) -> Channel:
    channel = call.workspace.channels.get(reference)
    if channel is None:
        raise SlackError("channel_not_found")
    # Sharing a file needs membership; chat:write.public opens channels to messages only.
    if call.workspace.bot.id not in channel.members:
        raise SlackError("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    return channel


def _rows(call: Call) -> list[Json]:
    rows = call.structure("files")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise invalid("invalid_arguments", ["must provide an array of objects [json-pointer:/files]"])
    return rows


def _uploaded(call: Call, row: Json) -> File:
    file = call.workspace.files.get(str(row.get("id")))
    if file is None or file.content is None:
        raise SlackError("file_not_found")
    file.title = str(row.get("title") or file.name)
    return file


def info(call: Call) -> Json:
    """One file. The first answer after completion still lacks the type: Slack works on it in the background."""
    file = call.workspace.files.get(call.text("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    answer = file.wire()
    file.processed = True
    return {"file": answer, "comments": [], "response_metadata": {"next_cursor": ""}}


METHODS = (
    Method("files.getUploadURLExternal", get_upload_url, "files:write", "tier4", ("filename", "length")),
    Method("files.completeUploadExternal", complete_upload, "files:write", "tier4", ("files",)),
    Method("files.info", info, "files:read", "tier4", ("file",)),
)
