"""One HTTP request, understood: which verb on which object, and what the query asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from bot.sandbox.cluster import bodies
from bot.sandbox.cluster.errors import Refusal
from bot.sandbox.cluster.identity import ADMIN, User
from bot.sandbox.cluster.kinds import Kind, Kinds
from bot.sandbox.cluster.rbac import Attributes

NOT_FOUND = "404 page not found\n"
_FALSE = ("0", "false")
_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_ON_COLLECTIONS = {"get": "list", "delete": "deletecollection"}


@dataclass(slots=True)
class Call:
    """A request and what it means; ``kind`` is None for paths outside the API's objects.

    ``served`` says of such a path that its group and version are there, so that a refusal can be a Status.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    kind: Kind | None = None
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    verb: str = ""
    user: User = ADMIN
    impersonator: User | None = None
    warnings: list[str] = field(default_factory=list)
    served: bool = False

    def flag(self, name: str) -> bool:
        """Whether a parameter is set: any value but these two counts as yes, even an empty one."""
        return name in self.query and self.query[name].lower() not in _FALSE

    @property
    def row(self) -> Kind:
        """The kind; only asked of calls that have one."""
        if self.kind is None:
            raise Refusal(404, NOT_FOUND)
        return self.kind

    @property
    def resource(self) -> str:
        """``pods``, ``deployments/scale``; the path itself for what is no object."""
        if self.kind is None:
            return self.path
        return f"{self.kind.plural}/{self.subresource}" if self.subresource else self.kind.plural

    @property
    def manager(self) -> str:
        """The name managedFields gets: the fieldManager asked for, else the program of the user agent."""
        return self.query.get("fieldManager") or self.headers.get("user-agent", "unknown").partition("/")[0][:128]

    @property
    def dry_run(self) -> bool:
        return self.query.get("dryRun") == "All"

    def attributes(self) -> Attributes:
        """The question RBAC is asked about this call."""
        if self.kind is None:
            return Attributes(self.method.lower() if self.method != "HEAD" else "get", path=self.path)
        name = self.name
        if not name and self.verb in ("list", "watch", "deletecollection"):
            selected = self.query.get("fieldSelector", "")
            name = selected.removeprefix("metadata.name=") if selected.startswith("metadata.name=") else ""
        return Attributes(self.verb, self.kind.group, self.kind.plural, self.namespace, name, self.subresource)

    def json(self) -> Any:
        """The body as an object, from JSON, YAML or protobuf; raises a 400 or 415 Refusal."""
        return bodies.read(self.body, bodies.media_type(self.headers), self._wanted)

    @property
    def _wanted(self) -> str:
        return self.kind.kind if self.kind else "object"


def understand(kinds: Kinds, method: str, raw_path: str, raw_query: str, headers: dict[str, str]) -> Call:
    """Reads the request line; a path that names no known kind leaves ``kind`` empty."""
    query = dict(parse_qsl(raw_query, keep_blank_values=True)) if raw_query else {}
    path = unquote(raw_path) if "%" in raw_path else raw_path
    call = Call(method, path, query, headers)
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        _place(call, kinds, "", parts[1], parts[2:])
    elif parts[0] == "apis" and len(parts) > 3:
        _place(call, kinds, parts[1], parts[2], parts[3:])
    return call


def _place(call: Call, kinds: Kinds, group: str, version: str, rest: list[str]) -> None:
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        call.namespace, rest = rest[1], rest[2:]
    kind = kinds.find(group, version, rest[0])
    if kind is None:
        call.served = kinds.serves(group, version)
        return
    call.kind = kind
    call.name = rest[1] if len(rest) > 1 else ""
    call.subresource = rest[2] if len(rest) > 2 else ""
    if kind.plural == "namespaces" and not kind.group:
        call.namespace = call.name
    call.verb = _VERBS.get(call.method, "get")
    if not call.name:
        call.verb = _ON_COLLECTIONS.get(call.verb, call.verb)
    if call.verb in ("list", "get") and call.flag("watch"):
        call.verb = "watch"
