"""Every change to the cluster, by a person, the bot or a controller, goes through here.

A write is decoded, defaulted, noted in managedFields, admitted, validated and stored, in that order, or refused with
nothing changed. Deletion is here too: preconditions, grace, finalizers.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.cluster import customschema, ownership
from bot.sandbox.cluster.admission import Admission, Review
from bot.sandbox.cluster.conversions import from_storage
from bot.sandbox.cluster.defaults import set_defaults
from bot.sandbox.cluster.errors import (
    already_exists,
    bad_request,
    conflict,
    go_value,
    invalid,
    not_found,
    required,
    unexplained,
)
from bot.sandbox.cluster.identity import User
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.ownership import Writer
from bot.sandbox.cluster.preparing import prepare, random_suffix
from bot.sandbox.cluster.shapes import Obj, clone, dig, tidy
from bot.sandbox.cluster.storage import Entry, Store
from bot.sandbox.cluster.validation import validate

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_SERVER_FIELDS = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a write and how: the user, the name for managedFields, the part of the object, and whether for real.

    A write without a manager is the server's own and owns nothing.
    """

    user: User
    manager: str
    subresource: str = ""
    dry_run: bool = False
    warnings: list[str] | None = field(default=None, compare=False)  # where its answer's warnings are gathered


@dataclass(frozen=True, slots=True)
class Deletion:
    """DeleteOptions: grace in seconds, what becomes of dependents, and what must be true of the object."""

    grace: int | None = None
    propagation: str = ""
    uid: str = ""
    version: str = ""


def _review(operation: str, kind: Kind, author: Author, new: Obj | None, old: Obj | None) -> Review:
    part = author.subresource if operation == "UPDATE" else ""
    return Review(operation, kind, author.user, new, old, part, author.dry_run, author.warnings)


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Writes:
    """The write side of one server."""

    def __init__(self, store: Store, admission: Admission, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._admission = admission
        self.clock = clock
        self.on_created: Callable[[Entry], None] = lambda _: None

    def now(self) -> str:
        return timestamp(self.clock())

    def admit(self, review: Review) -> None:
        """Puts a write that is not stored, like a token request, before the checks that only look."""
        self._admission.check(review)

    # Creating.

    def create(self, kind: Kind, obj: Obj, author: Author) -> Entry:
        """Stores a new object, which must carry its namespace; raises a Refusal, among others AlreadyExists."""
        metadata = obj.setdefault("metadata", {})
        self._name(kind, metadata)
        if kind.has_status and kind.resource != "nodes":
            obj.pop("status", None)
        for name in _SERVER_FIELDS:
            metadata.pop(name, None)
        _set_defaults(kind, obj)
        writer = Writer(author.manager, "Update", kind.api_version, author.subresource)
        metadata.pop("managedFields", None)
        _record(kind, None, tidy(obj), writer, self.now())
        return self._insert(kind, obj, author)

    def _name(self, kind: Kind, metadata: Obj) -> None:
        if metadata.get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"][:58] + random_suffix()
        if not metadata.get("name"):
            raise invalid(kind.group, kind.kind, "", [required("metadata.name", "name or generateName is required")])

    def _insert(self, kind: Kind, obj: Obj, author: Author) -> Entry:
        metadata = obj["metadata"]
        metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": self.now()}
        if kind.has_generation:
            metadata["generation"] = 1
        prepare(kind, obj)
        review = _review("CREATE", kind, author, obj, None)
        self._admission.mutate(review)
        if kind.resource == "pods":
            prepare(kind, obj)
        validate(kind, obj)
        self._admission.check(review)
        existing = self._store.get(kind, metadata.get("namespace", ""), metadata["name"])
        if existing is not None:
            prefix = "object is being deleted: " if existing.metadata.get("deletionTimestamp") else ""
            raise already_exists(kind, metadata["name"], prefix)
        if author.dry_run:
            return Entry(obj)
        entry = self._store.put(kind, obj)
        self.on_created(entry)
        return entry

    # Changing.

    def update(self, kind: Kind, namespace: str, name: str, change: Callable[[Obj], Obj], author: Author) -> Entry:
        """Replaces an object by what ``change`` makes of a copy of it; the same object again when nothing differs."""
        old = self.need(kind, namespace, name)
        new = change(clone(old.obj))
        self._keep_identity(kind, old, new)
        self._keep_other_part(kind, old.obj, new, author.subresource)
        _set_defaults(kind, tidy(new))
        writer = Writer(author.manager, "Update", kind.api_version, author.subresource)
        base = old.obj
        if new["metadata"].get("managedFields") in ([], [{}]):
            base = {**base, "metadata": {k: v for k, v in base["metadata"].items() if k != "managedFields"}}
        if author.manager:
            _record(kind, base, new, writer, self.now())
        return self._replace(kind, old, new, author)

    def need(self, kind: Kind, namespace: str, name: str) -> Entry:
        entry = self._store.get(kind, namespace, name)
        if entry is None:
            raise not_found(kind, name)
        return entry

    def _keep_identity(self, kind: Kind, old: Entry, new: Obj) -> None:
        metadata = new.setdefault("metadata", {})
        version, uid = metadata.get("resourceVersion"), metadata.get("uid")
        if version and not version.isdigit():
            raise unexplained(f"strconv.ParseUint: parsing {go_value(version)}: invalid syntax")
        if version and version != old.metadata["resourceVersion"]:
            raise conflict(kind, old.name)
        if uid and uid != old.uid:
            raise conflict(kind, old.name, _other_uid(kind, old, uid))
        kept = ("name", "namespace", "generateName", "resourceVersion", *_SERVER_FIELDS)
        metadata |= {key: old.metadata[key] for key in kept if key in old.metadata}

    def _keep_other_part(self, kind: Kind, old: Obj, new: Obj, subresource: str) -> None:
        """A write to an object leaves its status alone, and a write to its status everything else."""
        if not kind.has_status:
            return
        if subresource == "status":
            for key in [key for key in {*old, *new} if key not in ("status", "metadata")]:
                new.pop(key, None)
                if key in old:
                    new[key] = clone(old[key])
            new["metadata"]["labels"] = clone(old["metadata"].get("labels", {}))
            if not new["metadata"]["labels"]:
                del new["metadata"]["labels"]
        elif subresource in ("", "scale", "resize"):
            new.pop("status", None)
            if "status" in old:
                new["status"] = clone(old["status"])

    def _replace(self, kind: Kind, old: Entry, new: Obj, author: Author) -> Entry:
        if new == old.obj:
            return old
        if kind.has_generation and author.manager and _generation_differs(kind, old.obj, new, author.subresource):
            new["metadata"]["generation"] = old.metadata.get("generation", 0) + 1
        review = _review("UPDATE", kind, author, new, old.obj)
        self._admission.mutate(review)
        if author.subresource in ("", "scale"):
            validate(kind, new, old.obj)
        self._admission.check(review)
        if author.dry_run:
            return Entry(new)
        entry = self._store.put(kind, new)
        if new["metadata"].get("deletionTimestamp") and not self._held(kind, new):
            return self._store.remove(kind, entry)
        return entry

    def apply(
        self, kind: Kind, namespace: str, name: str, config: Obj, author: Author, force: bool
    ) -> tuple[Entry, bool]:
        """Server-side apply; the second value says whether the object is new."""
        old = self._store.get(kind, namespace, name)
        live = old.obj if old else None
        writer = Writer(author.manager, "Apply", kind.api_version, author.subresource)
        new, ledger = ownership.apply(live, config, writer, force=force, custom=kind.custom)
        new = clone(new)
        unchanged = old is not None and live is not None and ledger.entries() == live["metadata"].get("managedFields")
        if old is not None:
            self._keep_identity(kind, old, new)
            self._keep_other_part(kind, old.obj, new, author.subresource)
        elif new["metadata"].get("resourceVersion"):
            raise conflict(kind, name)
        _set_defaults(kind, new)
        if old is not None and unchanged and new == old.obj:
            return old, False
        ledger.times[writer] = self.now()
        new["metadata"]["managedFields"] = ledger.entries()
        if old is not None:
            return self._replace(kind, old, new, author), False
        metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
        new["metadata"] = {**new["metadata"], **metadata}
        return self._insert(kind, new, author), True

    # Deleting.

    def delete(self, kind: Kind, entry: Entry, options: Deletion, author: Author) -> tuple[Entry, bool]:
        """Deletes, or begins to; answers the object's last known form and whether it is gone."""
        self._check_preconditions(kind, entry, options)
        self._admission.check(_review("DELETE", kind, author, None, entry.obj))
        marked = self._marked(kind, entry, options)
        if marked is None or not self._held(kind, marked):
            return (entry, True) if author.dry_run else (self._store.remove(kind, entry), True)
        if author.dry_run or marked == entry.obj:
            return Entry(marked), False
        return self._store.put(kind, marked), False

    def _check_preconditions(self, kind: Kind, entry: Entry, options: Deletion) -> None:
        checks = (
            ("UID", options.uid, entry.uid, "deleted and then recreated"),
            ("ResourceVersion", options.version, entry.metadata["resourceVersion"], "modified"),
        )
        for word, wanted, found, happened in checks:
            if not wanted or wanted == found:
                continue
            if kind.resource == "namespaces":
                why = f"Precondition failed: {word} in precondition: {wanted}, {word} in object meta: {found}"
                raise conflict(kind, entry.name, why)
            why = f"the {word} in the precondition ({wanted}) does not match the {word} in record ({found})"
            raise conflict(kind, entry.name, f"{why}. The object might have been {happened}", by_kind=True)

    def _marked(self, kind: Kind, entry: Entry, options: Deletion) -> Obj | None:
        """The object as it waits for its end; None when nothing keeps it."""
        grace = self._grace(kind, entry, options)
        obj: Obj = clone(entry.obj)
        metadata = obj["metadata"]
        finalizers = [
            f for f in metadata.get("finalizers", []) if options.propagation == "" or f not in (ORPHAN, FOREGROUND)
        ]
        finalizers += {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(options.propagation, [])
        if finalizers:
            metadata["finalizers"] = finalizers
        if not finalizers and not grace and kind.resource != "namespaces":
            return None
        known = metadata.get("deletionGracePeriodSeconds")
        if "deletionTimestamp" not in metadata or (known is not None and grace < known):
            metadata["deletionTimestamp"] = timestamp(self.clock() + timedelta(seconds=grace))
            metadata["deletionGracePeriodSeconds"] = grace
            if kind.has_generation:
                metadata["generation"] = metadata.get("generation", 0) + 1
        if kind.resource == "namespaces":
            metadata.pop("deletionGracePeriodSeconds", None)
            obj["status"] = {**obj.get("status", {}), "phase": "Terminating"}
        return obj

    def _grace(self, kind: Kind, entry: Entry, options: Deletion) -> int:
        """Only a pod that runs somewhere is given time to stop."""
        if kind.resource != "pods" or not dig(entry.obj, "spec", "nodeName"):
            return 0
        if dig(entry.obj, "status", "phase") in ("Succeeded", "Failed"):
            return 0
        spec_grace = dig(entry.obj, "spec", "terminationGracePeriodSeconds", default=30)
        return int(spec_grace if options.grace is None else options.grace)

    def _held(self, kind: Kind, obj: Obj) -> bool:
        """Whether something still keeps an object that is to go."""
        metadata = obj["metadata"]
        if metadata.get("finalizers") or metadata.get("deletionGracePeriodSeconds"):
            return True
        return kind.resource == "namespaces" and bool(dig(obj, "spec", "finalizers"))


# Resources whose place in the registry is not called by their plural.
_PLACES = {"services": "services/specs", "endpoints": "services/endpoints", "nodes": "minions"}


def _other_uid(kind: Kind, old: Entry, uid: str) -> str:
    parts = (kind.group if kind.custom else "", _PLACES.get(kind.plural, kind.plural), old.namespace, old.name)
    key = "/registry/" + "/".join(filter(None, parts))
    failed = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.uid}"
    return f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: {failed}"


def _set_defaults(kind: Kind, obj: Obj) -> None:
    if kind.custom:
        customschema.set_defaults(kind.served, obj)
    else:
        set_defaults(kind.storage.resource, obj)


def _record(kind: Kind, old: Obj | None, new: Obj, writer: Writer, now: str) -> None:
    """Notes the writer's fields by the names of the kind that was written, which may not be the stored one."""
    if kind.stored_as is None:
        ownership.record(old, new, writer, now, custom=kind.custom)
        return
    written = from_storage(kind, new)
    ownership.record(from_storage(kind, old) if old else None, written, writer, now)
    if "managedFields" in written["metadata"]:
        new["metadata"]["managedFields"] = written["metadata"]["managedFields"]


def _generation_differs(kind: Kind, old: Obj, new: Obj, subresource: str) -> bool:
    if "a" in kind.flags and not subresource:
        annotations = (dig(obj, "metadata", "annotations", default={}) for obj in (old, new))
        if len({str(a) for a in annotations}) > 1:
            return True
    return _without_state(old) != _without_state(new)


def _without_state(obj: Obj) -> Obj:
    return {key: value for key, value in obj.items() if key not in ("metadata", "status")}
