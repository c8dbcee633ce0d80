"""Fields no kind has, and values of the wrong type: refused, or dropped with a warning, as the request asks."""

from __future__ import annotations

import json
import re
from datetime import datetime

from bot.sandbox.cluster import bodies
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.customschema import prune
from bot.sandbox.cluster.errors import Refusal, bad_request, bad_value, go_map, unexplained
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.schema import Faults, check
from bot.sandbox.cluster.shapes import Obj


def check_fields(call: Call, kind: Kind, obj: Obj) -> None:
    """Drops unknown fields, warning or refusing as the request asks; refuses what cannot be decoded."""
    found = Faults(prune(kind.served, obj)) if kind.custom else check(kind.storage.kind, obj)
    complaint = found.mistyped or _bad_time(kind, obj)
    unknown = [f'unknown field "{path}"' for path in sorted(found.unknown)]
    wish = call.query.get("fieldValidation")
    # An apply is merged by the schema, which has no place for what it does not know, whatever the wish.
    if not complaint and unknown and (wish == "Strict" or _applies(call)):
        complaint = f"strict decoding error: {', '.join(unknown)}"
    if complaint:
        raise _refusal(call, kind, obj, complaint)
    if wish != "Ignore":
        call.warnings += unknown


def _applies(call: Call) -> bool:
    return call.method == "PATCH" and "apply" in bodies.media_type(call.headers)


def _refusal(call: Call, kind: Kind, obj: Obj, complaint: str) -> Refusal:
    """What cannot be decoded is a bad request, but in a patch an invalid one, whose value is what it would make."""
    sort = call.headers.get("content-type", "")
    if call.method != "PATCH":
        told = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {complaint}'
        return bad_request(told)
    if _applies(call):
        place = f"{call.namespace}/{call.name}" if call.namespace else f"/{call.name}"
        first = complaint.partition('"')[2].partition('"')[0]
        why = f".{first}: field not declared in schema" if "unknown field" in complaint else complaint
        gvk = f"{kind.api_version if kind.group else '/' + kind.version}, Kind={kind.kind}"
        return unexplained(f"failed to create typed patch object ({place}; {gvk}): {why}")
    whole = {"apiVersion": kind.api_version, "kind": kind.kind, **obj}
    shown = bodies.read_patch(call.body, sort) if "strategic" in sort else whole
    text = go_map(shown) if "strategic" in sort else json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
    cause = bad_value("patch", text, complaint)
    return Refusal(422, f' "" is invalid: patch: {cause.message}', {"causes": [cause.as_json()]})


def _bad_time(kind: Kind, obj: Obj) -> str:
    """Go's complaint about a Lease's times, which must have microseconds."""
    if kind.plural != "leases":
        return ""
    values = (obj.get("spec", {}).get(key) for key in ("renewTime", "acquireTime"))
    return next(filter(None, (_micro_time_fault(value) for value in values if value is not None)), "")


def _micro_time_fault(value: str) -> str:
    """Go's complaint about a MicroTime it cannot read, or nothing."""
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        rest = value[10:] if re.match(r"\d{4}-\d\d-\d\d", value) else value
        layout = "2006-01-02T15:04:05.000000Z07:00"
        wanted = "T" if rest is not value and not rest.startswith("T") else "2006" if rest is value else "Z07:00"
        if rest.startswith("T"):
            wanted, rest = ".000000", rest[9:]
        return f'parsing time "{value}" as "{layout}": cannot parse "{rest}" as "{wanted}"'
    return ""
