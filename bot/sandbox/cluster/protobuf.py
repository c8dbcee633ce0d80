"""Protobuf request bodies, which newer kubectl prefers for the kinds it knows.

Answers are always JSON, which every client that sends protobuf also accepts.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.cluster.errors import Refusal
from bot.sandbox.cluster.schema import INLINE, messages
from bot.sandbox.cluster.shapes import Obj

MAGIC = b"k8s\0"

# Go writes numbers and booleans that were never set; these are pointers there, so that 0 and false are meant.
_MEANT = frozenset(
    {
        *("replicas", "parallelism", "completions", "backoffLimit", "terminationGracePeriodSeconds", "suspend"),
        *("automountServiceAccountToken", "immutable", "allowPrivilegeEscalation", "runAsUser", "runAsNonRoot"),
        *("gracePeriodSeconds", "orphanDependents", "expirationSeconds", "privileged", "enableServiceLinks"),
        *("revisionHistoryLimit", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "readOnlyRootFilesystem"),
    }
)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _parts(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message as they come: number and raw value."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        elif wire == 2:
            size, at = _varint(data, at)
            yield number, data[at : at + size]
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _int_or_string(data: bytes) -> int | str:
    fields = dict(_parts(data))
    text = fields.get(3, b"")
    if fields.get(1, 0) == 1 and isinstance(text, bytes):
        return text.decode()
    return _signed(int(fields.get(2, 0)))


def _time(data: bytes) -> str:
    seconds = int(dict(_parts(data)).get(1, 0))
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""


def _quantity(data: bytes) -> str:
    text = dict(_parts(data)).get(1, b"0")
    return text.decode() if isinstance(text, bytes) else str(text)


def _value(sort: str, raw: int | bytes) -> Any:
    if isinstance(raw, int):
        return bool(raw) if sort == "b" else _signed(raw)
    if sort in ("", "y"):
        return raw.decode() if not sort else base64.b64encode(raw).decode()
    if sort == "?":
        return None
    if sort == "t":
        return _time(raw)
    special = {"IntOrString": _int_or_string, "Quantity": _quantity}.get(sort)
    return special(raw) if special else _message(sort, raw)


def _entry(sort: str, raw: bytes) -> tuple[str, Any]:
    fields = dict(_parts(raw))
    key, value = fields.get(1, b""), fields.get(2, b"")
    inner = {"s": "", "q": "Quantity", "y": "y"}[sort.strip("{}")]
    return (key.decode() if isinstance(key, bytes) else str(key)), _value(inner, value)


def _put(obj: Obj, field: str, sort: str, raw: int | bytes) -> None:
    if sort.startswith("{") and isinstance(raw, bytes):
        key, value = _entry(sort, raw)
        obj.setdefault(field, {})[key] = value
    elif sort.startswith("*"):
        obj.setdefault(field, []).append(_value(sort[1:], raw))
    else:
        value = _value(sort, raw)
        if field in INLINE and isinstance(value, dict):
            obj.update(value)
        elif value not in ("", 0, False, None) or (field in _MEANT and value is not None):
            obj[field] = value


def _message(name: str, data: bytes) -> Obj:
    fields = messages().get(name, {})
    obj: Obj = {}
    for number, raw in _parts(data):
        if number in fields:
            _put(obj, fields[number].name, fields[number].sort, raw)
    return obj


def decode(body: bytes) -> Obj:
    """A body as kubectl sends it, as the object it stands for; raises a 415 Refusal for a kind not known here."""
    if not body.startswith(MAGIC):
        raise Refusal(400, "the body is no Kubernetes protobuf message")
    envelope = dict(_parts(body[len(MAGIC) :]))
    head, raw = envelope.get(1, b""), envelope.get(2, b"")
    if not isinstance(head, bytes) or not isinstance(raw, bytes):
        raise Refusal(400, "the body is no Kubernetes protobuf message")
    names = {number: value.decode() for number, value in _parts(head) if isinstance(value, bytes)}
    kind = names.get(2, "")
    if kind not in messages():
        raise Refusal(415, "415: Unsupported Media Type", {})
    return {"apiVersion": names.get(1, ""), "kind": kind, **_message(kind, raw)}
