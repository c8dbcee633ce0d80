"""The kinds of other people's operators, as far as sleep needs them: their definitions, without the operators."""

from contextlib import suppress
from typing import Any, Final

from bot.rules.workloads import KINDS, Kind
from bot.seams.cluster import AlreadyExists, Cluster

Json = dict[str, Any]
_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

WIDGETS: Final[Json] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            part: {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                            for part in ("spec", "status")
                        },
                    }
                },
                "subresources": {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.size.pods", "statusReplicasPath": ".status.pods"},
                },
            }
        ],
    },
}
"""A kind with a scale of its own, whose replicas are not where others have them."""


def install_routes(admin: Cluster) -> None:
    """Make the routes of the Gateway API known to a cluster."""
    names = (("HTTPRoute", "httproutes"), ("GRPCRoute", "grpcroutes"))
    for kind, plural in names:
        install_definition(admin, _defined("gateway.networking.k8s.io", "v1", kind, plural))


def install_custom_kinds(admin: Cluster) -> None:
    """Make every optional kind known to a cluster."""
    for kind in KINDS.values():
        if kind.optional:
            install_definition(admin, _definition(kind))


def install_definition(admin: Cluster, definition: Json) -> None:
    """Make one kind known, if it is not yet."""
    with suppress(AlreadyExists):
        admin.call("POST", _PATH, body=definition)


def _definition(kind: Kind) -> Json:
    return _defined(kind.group, kind.version, kind.name, kind.plural)


def _defined(group: str, served: str, kind: str, plural: str) -> Json:
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": served,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": anything, "status": anything}}},
        "subresources": {"status": {}},
    }
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }
