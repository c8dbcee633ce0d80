"""What a request carries, in each of the forms Slack reads: query, JSON, form, multipart, or nothing at all."""

from __future__ import annotations

import json
from email.message import Message
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
READABLE = {JSON, FORM, MULTIPART, "text/plain"}


async def arguments(request: Request) -> Json:
    """Query, then body. Raises Slack's words for what cannot be read: `invalid_json`, `invalid_post_type` …"""
    given: Json = dict(request.query_params)
    body = await request.body()
    if not body or request.method == "GET":
        return given
    header = request.headers.get("content-type", "")
    if not header:
        raise SlackError("missing_post_type")
    kind = header.partition(";")[0].strip().lower()
    if kind not in READABLE:
        raise SlackError("invalid_post_type")
    if kind == MULTIPART:
        return given | {name: _text(content) for name, content in parts(header, body)}
    if kind == JSON:
        # Slack takes a token from a header or a form, never out of JSON.
        parsed = json_object(body)
        return given | {name: value for name, value in parsed.items() if value is not None and name != "token"}
    return given | dict(parse_qsl(_text(body), keep_blank_values=True))


def json_object(body: bytes) -> Json:
    """The JSON object of a body, an empty one being none; raises `invalid_json` and `json_not_object`."""
    try:
        parsed = json.loads(_text(body) or "{}")
    except (ValueError, RecursionError):
        raise SlackError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise SlackError("invalid_charset") from None


def _header(line: str) -> Message:
    message = Message()
    message["content-type"] = line
    return message


def parts(content_type: str, body: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of a multipart form; raises `invalid_form_data` where it is none."""
    boundary = _header(content_type).get_boundary("")
    pieces = body.split(f"--{boundary}".encode())
    if not boundary or len(pieces) < 3:
        raise SlackError("invalid_form_data")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> tuple[str, bytes]:
    head, _, content = piece.partition(b"\r\n\r\n")
    for line in head.decode(errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return str(_header(value.strip()).get_param("name", "")), content.removesuffix(b"\r\n")
    raise SlackError("invalid_form_data")


def file_content(content_type: str, body: bytes) -> bytes:
    """The bytes of an upload: the body itself, or the one part of a multipart form."""
    if content_type.partition(";")[0].strip().lower() != MULTIPART:
        return body
    return parts(content_type, body)[0][1]
