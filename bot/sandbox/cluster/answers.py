"""What goes back: single objects, lists, tables, metadata only, or a stream; chosen by the Accept header."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import yaml

from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.conversions import body_of, inner_of
from bot.sandbox.cluster.errors import Refusal
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.storage import Entry, Watcher, to_json
from bot.sandbox.cluster.tables import columns, row

_META = "meta.k8s.io/v1"


@dataclass(slots=True)
class Answer:
    """A complete response."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Stream:
    """An open watch: what to send first, then what the watcher hears, for at most so many seconds."""

    watcher: Watcher
    first: list[bytes]
    seconds: float
    render: Callable[[str, Entry], bytes]
    bookmark: Callable[[], bytes] | None


def as_json(status: int, value: Obj) -> Answer:
    return Answer(status, to_json(value))


def refusal(error: Refusal) -> Answer:
    headers = (("Retry-After", str(error.retry_after)),) if error.retry_after else ()
    headers = (*headers, *error.headers)
    if error.message == "404 page not found\n":
        return Answer(404, error.message.encode(), "text/plain; charset=utf-8")
    return Answer(error.code, to_json(error.status()), headers=headers)


_FORMS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
_YAML = "application/yaml"
_GIVEN = frozenset({"*/*", "application/*", "application/json", _YAML})
_OFFERED = f"application/json, {_YAML}, application/vnd.kubernetes.protobuf"
_STREAMED = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"


@cache
def _accepted(header: str) -> tuple[str, str] | None:
    """Media type and form of the first choice the server can give; None when it can give none."""
    for choice in header.split(",") if header else ("*/*",):
        sort, *parameters = (part.strip() for part in choice.split(";"))
        form = next((part[3:] for part in parameters if part.startswith("as=")), "")
        if sort in _GIVEN and (not form or form in _FORMS):
            return (_YAML if sort == _YAML else "application/json"), form
    return None


def wanted_form(call: Call) -> str:
    """``Table``, ``PartialObjectMetadata(List)`` or nothing for the object as it is: the first the client accepts."""
    accepted = _accepted(call.headers.get("accept", ""))
    return accepted[1] if accepted else ""


def check_form(call: Call) -> None:
    """Refuses a client that accepts nothing the server speaks with 406."""
    if call.subresource not in _RAW and _accepted(call.headers.get("accept", "")) is None:
        listed = f"{_OFFERED}, {_STREAMED}" if call.verb in ("list", "watch") else _OFFERED
        raise Refusal(406, f"406: Not Acceptable\n\nAvailable representations: {listed}", {})


_RAW = frozenset({"log", "exec", "attach", "portforward", "proxy"})
_HUMANS = ("curl", "Wget", "Mozilla/5.0")


def dressed(call: Call, answer: Answer) -> Answer:
    """The answer as YAML where that was accepted, and with line breaks for people."""
    if answer.content_type != "application/json":
        return answer
    accepted = _accepted(call.headers.get("accept", ""))
    if accepted is not None and accepted[0] == _YAML:
        answer.body = yaml.safe_dump(json.loads(answer.body), default_flow_style=False).encode()
        answer.content_type = _YAML
    elif _is_pretty(call):
        answer.body = json.dumps(json.loads(answer.body), indent=2, ensure_ascii=False).encode()
    return answer


def _is_pretty(call: Call) -> bool:
    if call.query.get("pretty"):
        return call.query["pretty"].lower() in ("1", "t", "true")
    return call.headers.get("user-agent", "").startswith(_HUMANS)


def partial(obj: Obj) -> Obj:
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": obj["metadata"]}


def table(kind: Kind, entries: list[Entry], metadata: Obj, call: Call, now: datetime) -> Obj:
    """A Table, whose rows carry their object as ``includeObject`` asks."""
    include = call.query.get("includeObject", "Metadata")
    rows = [{"cells": row(kind, entry.obj, now), **_row_object(kind, entry, include)} for entry in entries]
    head = {"kind": "Table", "apiVersion": _META, "metadata": metadata}
    return head | {"columnDefinitions": columns(kind), "rows": rows}


def _row_object(kind: Kind, entry: Entry, include: str) -> Obj:
    if include == "None":
        return {}
    if include == "Object":
        return {"object": {"kind": kind.kind, "apiVersion": kind.api_version, **entry.obj}}
    return {"object": partial(entry.obj)}


def one(call: Call, entry: Entry, now: datetime, status: int = 200) -> Answer:
    kind, form = call.row, wanted_form(call)
    headers = tuple(("Warning", f"299 - {json.dumps(text)}") for text in call.warnings)
    if form == "Table":
        metadata = {"resourceVersion": entry.metadata.get("resourceVersion", "")}
        return Answer(status, to_json(table(kind, [entry], metadata, call, now)), headers=headers)
    if form == "PartialObjectMetadata":
        return Answer(status, to_json(partial(entry.obj)), headers=headers)
    return Answer(status, body_of(kind, entry), headers=headers)


def many(call: Call, entries: list[Entry], metadata: Obj, now: datetime) -> Answer:
    kind, form = call.row, wanted_form(call)
    if form == "Table":
        return as_json(200, table(kind, entries, metadata, call, now))
    if form == "PartialObjectMetadataList":
        # The real server's empty list of metadata is null, not [].
        items = [{"metadata": entry.metadata} for entry in entries] or None
        return as_json(200, {"kind": form, "apiVersion": _META, "metadata": metadata, "items": items})
    head = b'{"kind":"%sList","apiVersion":"%s","metadata":' % (kind.kind.encode(), kind.api_version.encode())
    items_json = b",".join(inner_of(kind, entry) for entry in entries)
    return Answer(200, b"".join((head, to_json(metadata), b',"items":[', items_json, b"]}")))


def event(call: Call, now: Callable[[], datetime]) -> Callable[[str, Entry], bytes]:
    """How this watch writes an event; a Table watch sends the columns only once."""
    kind, form = call.row, wanted_form(call)
    told = [False]

    def body(entry: Entry) -> bytes:
        if form == "Table":
            metadata = {"resourceVersion": entry.metadata["resourceVersion"]}
            drawn = table(kind, [entry], metadata, call, now())
            if told[0]:
                drawn["columnDefinitions"] = None
            told[0] = True
            return to_json(drawn)
        if form == "PartialObjectMetadata":
            return to_json(partial(entry.obj))
        return body_of(kind, entry)

    return lambda sort, entry: b'{"type":"%s","object":%s}\n' % (sort.encode(), body(entry))


def bookmark(kind: Kind, version: int, annotations: Obj | None = None) -> bytes:
    metadata: Obj = {"resourceVersion": str(version)}
    if annotations:
        metadata["annotations"] = annotations
    body = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}
    return to_json({"type": "BOOKMARK", "object": body}) + b"\n"
