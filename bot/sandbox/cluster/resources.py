"""The verbs of the API, written once for all kinds: read, list, watch, create, change, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot.sandbox.cluster import answers, bodies, pages
from bot.sandbox.cluster.answers import Answer, Stream, as_json
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.conversions import from_storage, to_storage
from bot.sandbox.cluster.deletions import deletion_of
from bot.sandbox.cluster.errors import (
    Refusal,
    bad_request,
    bad_value,
    go_value,
    invalid,
    not_allowed,
    unexplained,
)
from bot.sandbox.cluster.fields import check_fields
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.patches import json_patch, merge_patch, strategic_merge
from bot.sandbox.cluster.selectors import Match, both, field_selector, label_selector
from bot.sandbox.cluster.shapes import Obj, clone, pruned
from bot.sandbox.cluster.storage import Change, Entry, Store, to_json
from bot.sandbox.cluster.writing import Author, Writes


def author_of(call: Call) -> Author:
    return Author(call.user, call.manager, call.subresource, call.dry_run, call.warnings)


def decode(call: Call, kind: Kind, body: Any) -> Obj:
    """The request's object as it is stored: of the path's kind, in its namespace, without nulls and unknown fields."""
    given, version = body.get("kind") or kind.kind, body.get("apiVersion") or kind.api_version
    if given != kind.kind:
        why = (
            f"converting ({version.rpartition('/')[2]}.{given}) to ({_internal(kind)}.{kind.kind}): unknown conversion"
        )
        raise bad_request(
            f'{given} in version "{version.rpartition("/")[2]}" cannot be handled as a {kind.kind}: {why}'
        )
    if version != kind.api_version:
        why = f"the API version in the data ({version}) does not match the expected API version ({kind.api_version})"
        raise bad_request(why)
    obj: Obj = to_storage(
        kind, pruned({key: value for key, value in body.items() if key not in ("kind", "apiVersion")})
    )
    metadata = obj.setdefault("metadata", {})
    metadata.pop("selfLink", None)
    check_fields(call, kind, obj)
    namespace = metadata.get("namespace", "")
    if kind.namespaced and namespace and namespace != call.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if kind.namespaced:
        metadata["namespace"] = call.namespace
    else:
        metadata.pop("namespace", None)
    return obj


def _internal(kind: Kind) -> str:
    return kind.group.partition(".")[0] or "core"


class Resources:
    """The handlers of one server, by verb."""

    def __init__(self, store: Store, writes: Writes) -> None:
        self._store = store
        self._writes = writes
        self.handlers: dict[str, Callable[[Call], Answer | Stream]] = {
            "get": self.get,
            "list": self.read_all,
            "watch": self.watch,
            "create": self.create,
            "update": self.update,
            "patch": self.patch,
            "delete": self.delete,
            "deletecollection": self.delete_collection,
        }

    def handle(self, call: Call) -> Answer | Stream:
        if call.verb not in call.row.verbs or _off_route(call):
            raise not_allowed()
        return self.handlers[call.verb](call)

    # Reading.

    def get(self, call: Call) -> Answer:
        if "resourceVersion" in call.query:
            self._check_version(call)
        return answers.one(call, self._writes.need(call.row, self._space(call), call.name), self._writes.clock())

    def _space(self, call: Call) -> str:
        return call.namespace if call.row.namespaced else ""

    def _match(self, call: Call) -> Match | None:
        kind = call.row
        labels = label_selector(call.query["labelSelector"]) if call.query.get("labelSelector") else None
        fields = call.query.get("fieldSelector")
        return both(labels, field_selector(fields, kind) if fields else None)

    def read_all(self, call: Call) -> Answer:
        self._check_version(call)
        match = self._match(call)
        limit = int(call.query.get("limit") or 0)
        start, version = self._start(call, limit)
        entries = self._entries(call, start, version)
        if match is not None:
            entries = [entry for entry in entries if match(entry.obj)]
        metadata: Obj = {"resourceVersion": str(version or self._store.version)}
        if 0 < limit < len(entries):
            metadata["continue"] = pages.token(
                int(metadata["resourceVersion"]), _place(call, entries[limit - 1]) + "\0"
            )
            if match is None:
                metadata["remainingItemCount"] = len(entries) - limit
            entries = entries[:limit]
        return answers.many(call, entries, metadata, self._writes.clock())

    def _check_version(self, call: Call) -> None:
        wanted = call.query.get("resourceVersion") or "0"
        if not wanted.isdigit():
            why = f"strconv.ParseUint: parsing {go_value(wanted)}: invalid syntax"
            raise unexplained(f"resourceVersion: Invalid value: {go_value(wanted)}: {why}")
        if int(wanted) > self._store.version:
            cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
            told = f"Timeout: Too large resource version: {wanted}, current: {self._store.version}"
            raise Refusal(504, told, {"causes": [cause]}, retry_after=1)

    def _start(self, call: Call, limit: int) -> tuple[str, int]:
        """From which place on to list, and as of which version; 0 stands for now."""
        if call.query.get("continue"):
            version, start = pages.read(call.query["continue"])
            if version > 0 and self._store.since(call.row, version) is None:
                gone = Refusal(410, pages.TOO_OLD)
                gone.metadata = {"continue": pages.token(-1, start)}
                raise gone
            return start, max(0, version)
        version = int(call.query.get("resourceVersion") or 0)
        match = call.query.get("resourceVersionMatch", "")
        if match == "Exact" or (limit and version and not match):
            if self._store.since(call.row, version) is None:
                raise Refusal(410, "The resourceVersion for the provided list is too old.")
            return "", version
        return "", 0

    def _entries(self, call: Call, start: str, version: int) -> list[Entry]:
        entries = self._store.ordered(call.row, self._space(call))
        if version and version != self._store.version:
            entries = self._store.at(call.row, self._space(call), version)
        return [entry for entry in entries if _place(call, entry) >= start] if start else entries

    def watch(self, call: Call) -> Stream:
        kind, match, space = call.row, self._match(call), self._space(call)
        if call.name:
            match = both(match, _named(call.name))
        render = answers.event(call, self._writes.clock)
        marks = call.flag("allowWatchBookmarks")
        initial = call.flag("sendInitialEvents")
        version = call.query.get("resourceVersion") or ""
        if version and not version.isdigit():
            self._check_version(call)
        if version in ("", "0") or initial:
            present = [e for e in self._store.ordered(kind, space) if match is None or match(e.obj)]
            first = [render("ADDED", entry) for entry in present]
        else:
            first, expired = self._replay(kind, space, int(version), match, render)
            if expired:
                return Stream(self._store.watch(kind, space, match), first, 0, render, None)
        if initial and marks:
            first.append(answers.bookmark(kind, self._store.version, {"k8s.io/initial-events-end": "true"}))
        seconds = float(call.query.get("timeoutSeconds") or 1800)
        told = self._store.version if initial else 0
        last = (lambda: self._last_bookmark(kind, told)) if marks else None
        return Stream(self._store.watch(kind, space, match), first, seconds, render, last)

    def _last_bookmark(self, kind: Kind, told: int) -> bytes:
        """The bookmark at a watch's end; none when the last one said the same."""
        return answers.bookmark(kind, self._store.version) if self._store.version != told else b""

    def _replay(
        self, kind: Kind, space: str, version: int, match: Match | None, render: Callable[[str, Entry], bytes]
    ) -> tuple[list[bytes], bool]:
        """What happened since a version; or the one event that says so much is no longer known."""
        changes = self._store.since(kind, version)
        if changes is None:
            gone = Refusal(410, f"too old resource version: {version} ({self._store.version})")
            return [to_json({"type": "ERROR", "object": gone.status()}) + b"\n"], True
        seen = (change.seen(match) for change in changes if _inside(change, space))
        return [render(*event) for event in seen if event is not None], False

    # Writing.

    def create(self, call: Call) -> Answer:
        obj = decode(call, call.row, call.json())
        entry = self._writes.create(call.row, obj, author_of(call))
        return answers.one(call, entry, self._writes.clock(), 201)

    def update(self, call: Call) -> Answer:
        obj = decode(call, call.row, call.json())
        name = obj["metadata"].get("name")
        if not name:
            raise bad_request(
                f"the name of the object ({call.name} based on URL) was undeterminable: name must be provided"
            )
        check_name(call, obj)
        if call.row.needs_version and not call.subresource and not obj["metadata"].get("resourceVersion"):
            self._writes.need(call.row, self._space(call), call.name)
            cause = bad_value("metadata.resourceVersion", 0, "must be specified for an update")
            raise invalid(call.row.group, call.row.plural, call.name, [cause])
        entry = self._writes.update(call.row, self._space(call), call.name, lambda _: obj, author_of(call))
        return answers.one(call, entry, self._writes.clock())

    def patch(self, call: Call) -> Answer:
        sort = bodies.media_type(call.headers)
        if sort == "application/apply-patch+yaml":
            return self._apply(call)
        change = patcher(call, sort)
        entry = self._writes.update(call.row, self._space(call), call.name, change, author_of(call))
        return answers.one(call, entry, self._writes.clock())

    def _apply(self, call: Call) -> Answer:
        config = applied(call, bodies.read_patch(call.body, "yaml"))
        force = call.flag("force")
        entry, new = self._writes.apply(call.row, self._space(call), call.name, config, author_of(call), force)
        return answers.one(call, entry, self._writes.clock(), 201 if new else 200)

    # Deleting.

    def delete(self, call: Call) -> Answer:
        entry = self._writes.need(call.row, self._space(call), call.name)
        last, gone = self._writes.delete(call.row, entry, deletion_of(call), author_of(call))
        if not gone or call.row.returns_deleted:
            return answers.one(call, last, self._writes.clock())
        kind = call.row
        details = {"name": call.name} | ({"group": kind.group} if kind.group else {})
        details |= {"kind": kind.plural, "uid": last.uid}
        return as_json(
            200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        )

    def delete_collection(self, call: Call) -> Answer:
        match = self._match(call)
        options, author = deletion_of(call), author_of(call)
        entries = [e for e in self._store.ordered(call.row, self._space(call)) if match is None or match(e.obj)]
        deleted = [self._writes.delete(call.row, entry, options, author)[0] for entry in entries]
        return answers.many(call, deleted, {"resourceVersion": str(self._store.version)}, self._writes.clock())


def _off_route(call: Call) -> bool:
    """Whether the path is none that takes this verb: no name, a name too many, or a namespace missing."""
    if call.row.namespaced and not call.namespace:
        return call.verb not in ("list", "watch") or bool(call.name)
    if call.verb in ("create", "list", "deletecollection"):
        return bool(call.name)
    return not call.name and call.verb != "watch"


def check_name(call: Call, obj: Obj) -> None:
    name = obj["metadata"].get("name")
    if name and name != call.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({call.name})")


def applied(call: Call, config: Any) -> Obj:
    """An apply's configuration as it is stored; raises the refusals that only an apply knows."""
    kind = call.row
    config = config if isinstance(config, dict) else {}
    given, version = config.get("kind"), config.get("apiVersion")
    if not given or not version:
        missing = "Kind" if not given else "apiVersion"
        raise bad_request(f"Object '{missing}' is missing in '{json.dumps(config, separators=(',', ':'))}'")
    if version != kind.api_version:
        told = f"Specified patch version: {version}, expected: {kind.api_version}"
        raise bad_request(f"Incorrect version specified in apply patch. {told}")
    metadata = config.get("metadata") or {}
    if metadata.get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    obj = decode(call, kind, config)
    check_name(call, obj)
    return obj


def patcher(call: Call, sort: str) -> Callable[[Obj], Obj]:
    """What the call's patch, of this content type, makes of an object."""
    kind = call.row
    apply = _PATCHES.get(sort)
    if apply is None or (sort.startswith("application/strategic") and kind.custom):
        raise Refusal(415, "415: Unsupported Media Type", {})
    patch = bodies.read_patch(call.body, sort)
    if not isinstance(patch, _SHAPES[sort][0]):
        name = "array" if isinstance(patch, list) else "object" if isinstance(patch, dict) else "string"
        told = f"json: cannot unmarshal {name} into Go value of type {_SHAPES[sort][1]}"
        raise bad_request(f"error decoding patch: {told}")

    def change(stored: Obj) -> Obj:
        current = {"kind": kind.kind, "apiVersion": kind.api_version, **from_storage(kind, stored)}
        new = decode(call, kind, apply(clone(current), patch))
        check_name(call, new)
        uid = new["metadata"].get("uid", stored["metadata"]["uid"])
        if uid != stored["metadata"]["uid"]:
            raise invalid(kind.group, kind.kind, call.name, [bad_value("metadata.uid", uid, "field is immutable")] * 2)
        return new

    return change


# Content type → the JSON a patch of it is, and Go's name for that.
_SHAPES: dict[str, tuple[type, str]] = {
    "application/merge-patch+json": (dict, "map[string]interface {}"),
    "application/json-patch+json": (list, "[]handlers.jsonPatchOp"),
    "application/strategic-merge-patch+json": (dict, "map[string]interface {}"),
}
_PATCHES: dict[str, Callable[[Any, Any], Any]] = {
    "application/merge-patch+json": merge_patch,
    "application/json-patch+json": json_patch,
    "application/strategic-merge-patch+json": strategic_merge,
}


def _named(name: str) -> Match:
    return lambda obj: bool(obj["metadata"]["name"] == name)


def _inside(change: Change, space: str) -> bool:
    return not space or change.entry.namespace == space


def _place(call: Call, entry: Entry) -> str:
    return f"/{entry.name}" if call.namespace or not call.row.namespaced else f"/{entry.namespace}/{entry.name}"
