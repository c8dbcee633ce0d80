"""What the server says of itself: version, groups and kinds in both forms, and as much OpenAPI as kubectl asks."""

from __future__ import annotations

import re

from bot.sandbox.cluster import models
from bot.sandbox.cluster.answers import Answer, as_json
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import SUBRESOURCES, Kind, Kinds
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.storage import to_json

VERSION: Obj = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "98b35193b2ac7a23a673325f5e9b830ecd5ba406",
    "gitTreeState": "clean",
    "buildDate": "2026-08-01T00:00:00Z",
    "goVersion": "go1.26.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_PATHS = ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]
_HEALTH = ("/healthz", "/livez", "/readyz")


def _sub_kind(kind: Kind, subresource: str) -> tuple[str, str]:
    """Group-version and kind of a subresource's own objects."""
    _, version, name = SUBRESOURCES[subresource]
    return version, name.format(kind=kind.kind) or kind.kind


class Discovery:
    """Answers every path outside the objects; None for those it does not know."""

    def __init__(self, kinds: Kinds, address: str) -> None:
        self._kinds = kinds
        self._address = address

    def answer(self, call: Call) -> Answer | None:
        path = call.path.rstrip("/") or "/"
        if path.startswith(_HEALTH):
            return Answer(200, b"ok", "text/plain; charset=utf-8")
        if path in ("/", "/version"):
            return as_json(200, VERSION if path == "/version" else {"paths": _PATHS})
        if path.startswith("/openapi/"):
            return self._openapi(path)
        parts = path.strip("/").split("/")
        if len(parts) > 3 or parts[0] not in ("api", "apis"):
            return None
        return self._discovered(call, parts)

    def _discovered(self, call: Call, parts: list[str]) -> Answer | None:
        if len(parts) == 1:
            return self._roots(call, parts[0])
        if parts[0] == "apis" and len(parts) == 2:
            return self._group(parts[1])
        return self._resources("" if parts[0] == "api" else parts[1], parts[-1])

    def _groups(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for group, version in self._kinds.groups:
            if group:
                groups.setdefault(group, []).append(version)
        for group, versions in groups.items():
            if all(kind.custom for version in versions for kind in self._kinds.groups[group, version]):
                versions.sort(key=_maturity)
        return groups

    def _roots(self, call: Call, path: str) -> Answer:
        if _wants_aggregated(call.headers.get("accept", "")):
            groups = {"": ["v1"]} if path == "api" else self._groups()
            items = [self._aggregated(group, versions) for group, versions in groups.items()]
            head = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}}
            return Answer(200, to_json(head | {"items": items}), _AGGREGATED)
        if path == "api":
            addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": self._address}]
            return as_json(200, {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses})
        listed = [_group(name, versions) for name, versions in self._groups().items()]
        return as_json(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed})

    def _group(self, name: str) -> Answer | None:
        versions = self._groups().get(name)
        return as_json(200, {"kind": "APIGroup", "apiVersion": "v1"} | _group(name, versions)) if versions else None

    def _resources(self, group: str, version: str) -> Answer | None:
        rows = self._kinds.groups.get((group, version))
        if rows is None:
            return None
        listed = [entry for kind in sorted(rows, key=lambda kind: kind.plural) for entry in _entries(kind)]
        head = {"kind": "APIResourceList"} | ({"apiVersion": "v1"} if group else {})
        return as_json(200, head | {"groupVersion": rows[0].api_version, "resources": listed})

    def _aggregated(self, group: str, versions: list[str]) -> Obj:
        described = [
            {
                "version": version,
                "resources": [
                    _described(kind) for kind in sorted(self._kinds.groups[group, version], key=lambda k: k.plural)
                ],
                "freshness": "Current",
            }
            for version in versions
        ]
        return {"metadata": {"name": group} if group else {}, "versions": described}

    def _openapi(self, path: str) -> Answer | None:
        if path == "/openapi/v2":
            # An empty message is a valid protobuf document: a kubectl that knows no schema validates nothing.
            return Answer(200, b"", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
        served = {f"apis/{g}/{v}" if g else f"api/{v}": rows for (g, v), rows in self._kinds.groups.items()}
        if path == "/openapi/v3":
            return as_json(200, {"paths": {p: {"serverRelativeURL": f"/openapi/v3/{p}?hash=1"} for p in served}})
        rows = served.get(path.removeprefix("/openapi/v3/"))
        return as_json(200, _document(path.removeprefix("/openapi/v3"), rows)) if rows else None


def _wants_aggregated(accept: str) -> bool:
    """Whether the aggregated form is asked for in the version there is; an older kubectl asks for one that is not."""
    for choice in accept.split(","):
        parts = {part.strip() for part in choice.split(";")}
        if {"as=APIGroupDiscoveryList", "v=v2"} <= parts:
            return True
        if "application/json" in parts and not any(part.startswith("as=") for part in parts):
            return False
    return False


def _maturity(version: str) -> tuple[int, int, int, str]:
    """Where a version stands among its group's: v2, v1, v1beta2, v1beta1, v1alpha1, then any other by name."""
    found = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if found is None:
        return (3, 0, 0, version)
    stage = {None: 0, "beta": 1, "alpha": 2}[found[2]]
    return (stage, -int(found[1]), -int(found[3] or 0), version)


def _group(name: str, versions: list[str]) -> Obj:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _entries(kind: Kind) -> list[Obj]:
    """A kind's lines in an APIResourceList: itself and its subresources."""
    entry: Obj = {"name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced}
    entry |= {"kind": kind.kind, "verbs": list(kind.verbs)}
    entry |= {"shortNames": list(kind.short)} if kind.short else {}
    entry |= {"categories": list(kind.categories)} if kind.categories else {}
    if "watch" in kind.verbs:
        entry["storageVersionHash"] = kind.storage.storage_hash
    return [entry, *(_sub_entry(kind, name) for name in sorted(kind.subresources))]


def _sub_entry(kind: Kind, name: str) -> Obj:
    version, own = _sub_kind(kind, name)
    entry: Obj = {"name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced}
    if version:
        group, _, short = version.partition("/")
        entry |= {"group": group, "version": short}
    return entry | {"kind": own, "verbs": list(SUBRESOURCES[name][0])}


def _response_kind(version: str, name: str) -> Obj:
    group, _, short = version.partition("/")
    return {"group": group, "version": short, "kind": name}


def _described(kind: Kind) -> Obj:
    entry: Obj = {"resource": kind.plural, "responseKind": _response_kind("", kind.kind)}
    entry |= {"scope": "Namespaced" if kind.namespaced else "Cluster", "singularResource": kind.singular}
    entry |= {"verbs": list(kind.verbs)}
    entry |= {"shortNames": list(kind.short)} if kind.short else {}
    entry |= {"categories": list(kind.categories)} if kind.categories else {}
    below = [
        {
            "subresource": name,
            "responseKind": _response_kind(*_sub_kind(kind, name)),
            "verbs": list(SUBRESOURCES[name][0]),
        }
        for name in sorted(kind.subresources)
    ]
    return entry | ({"subresources": below} if below else {})


_PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
    for name in ("dryRun", "fieldManager", "fieldValidation")
]


def _document(root: str, rows: list[Kind]) -> Obj:
    """As much OpenAPI v3 as tells kubectl that the server validates fields and dry-runs by itself."""
    paths: Obj = {}
    for kind in rows:
        if "patch" not in kind.verbs:
            continue
        space = "/namespaces/{namespace}" if kind.namespaced else ""
        model = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        operation = {"parameters": _PARAMETERS, "responses": {}, "x-kubernetes-group-version-kind": model}
        paths[f"{root}{space}/{kind.plural}/{{name}}"] = {"patch": {"x-kubernetes-action": "patch"} | operation}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": paths,
        "components": {"schemas": models.schemas(rows)},
    }
