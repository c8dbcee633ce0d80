"""Bodies as they came, and the complaints about those that cannot be read, in the words of Go's JSON parser."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from bot.sandbox.cluster import protobuf
from bot.sandbox.cluster.errors import Refusal, bad_request

# Media type → whether it is YAML; what is not here is 415.
_TEXTS = {"application/json": False, "application/yaml": True, "application/apply-patch+yaml": True}
_PROTOBUF = "application/vnd.kubernetes.protobuf"
_TAKEN = f"application/json, application/yaml, {_PROTOBUF}"
_SHOWN = 30

# What Python's parser says of a place → what Go's says of the character there.
_PLACES = {
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Expecting value": "looking for beginning of value",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
}
_WRONG_KIND = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}
_HEAD = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'


def complaint(error: json.JSONDecodeError) -> str:
    """Go's words for a text that is not JSON."""
    rest = error.doc[error.pos :]
    if not rest.strip() or error.msg.startswith("Unterminated"):
        return "unexpected end of JSON input"
    place = _PLACES.get(error.msg) or (
        "after array element" if _in_list(error.doc[: error.pos]) else "after object key:value pair"
    )
    shown = rest.lstrip()[0]
    return f"invalid character {_quoted(shown)} {place}"


def _quoted(character: str) -> str:
    if character in ("'", '"'):
        return "'\\''" if character == "'" else "'\"'"
    return f"'{character}'" if character.isprintable() else f"'\\u{ord(character):04x}'"


def _in_list(text: str) -> bool:
    """Whether a text ends inside a list rather than an object; brackets in strings do not count."""
    open_brackets: list[str] = []
    for mark in re.sub(r'"(\\.|[^"\\])*"', "", text):
        if mark in "[{":
            open_brackets.append(mark)
        elif mark in "]}" and open_brackets:
            open_brackets.pop()
    return bool(open_brackets) and open_brackets[-1] == "["


def media_type(headers: dict[str, str]) -> str:
    return headers.get("content-type", "application/json").partition(";")[0].strip()


def loads(text: bytes) -> Any:
    """JSON; raises ValueError with Go's words."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(complaint(error)) from error
    except UnicodeDecodeError:
        return loads(text.decode("utf-8", "replace").encode())


def read(body: bytes, sort: str, wanted: str) -> Any:
    """An object's body of a media type; raises a 400 or 415 Refusal that names the kind that was wanted."""
    if sort == _PROTOBUF and body:
        return protobuf.decode(body)
    if sort not in _TEXTS and sort != _PROTOBUF:
        told = f"the body of the request was in an unknown format - accepted media types include: {_TAKEN}"
        raise Refusal(415, told)
    try:
        value = _text(body, _TEXTS.get(sort, False))
        if not isinstance(value, dict):
            name = _WRONG_KIND.get(type(value), "null")
            raise ValueError(f"json: cannot unmarshal {name} into Go value of type {_HEAD}")
    except ValueError as error:
        told = f"couldn't get version/kind; json parse error: {error}"
        raise bad_request(
            f"the object provided is unrecognized (must be of type {wanted}): {told} ({_shown(body)})"
        ) from error
    return value


def _text(body: bytes, is_yaml: bool) -> Any:
    if not is_yaml or body[:1] == b"{":
        return loads(body)
    try:
        return yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise ValueError(f"yaml: {str(error).splitlines()[0]}") from error


def _shown(body: bytes) -> str:
    if not body:
        return "<empty>"
    text = body[:_SHOWN].decode("utf-8", "replace") if body[:1] == b"{" else body[:_SHOWN].hex()
    return f"{text} ..." if len(body) > _SHOWN else text


def read_patch(body: bytes, sort: str) -> Any:
    """A patch; raises a 400 Refusal. Its media type was checked before."""
    try:
        return _text(body, is_yaml=sort.endswith("yaml"))
    except ValueError as error:
        raise bad_request(str(error) if "strategic" in sort else f"error decoding patch: {error}") from error
