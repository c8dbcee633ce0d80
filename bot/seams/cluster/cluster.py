"""One cluster: generic verbs over raw JSON, and each request as it goes over the wire."""

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3
from kubernetes import client, config

from bot.rules.catalogue import ClusterSpec
from bot.rules.powers import may_send
from bot.rules.words import BERTH
from bot.rules.workloads import KINDS, Kind
from bot.seams.cluster.custom_kinds import CustomKinds
from bot.seams.cluster.errors import Forbidden, NotFound, Unreachable, error_of
from bot.seams.cluster.resources import RESOURCES, Resource, resource_of

Object = dict[str, Any]

_CONNECT_SECONDS, _READ_SECONDS = 3.05, 20.0
_PAGE = 500
_UNKNOWN_SECONDS = 300.0  # a kind that is installed later is seen after this long
_APPLY, _MERGE, _JSON = "application/apply-patch+yaml", "application/merge-patch+json", "application/json"


@dataclass(frozen=True)
class Token:
    """A ServiceAccount's token, a secret, and when the API server says it ends."""

    value: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Token(…, expires_at={self.expires_at})"


@dataclass(frozen=True)
class Request:
    """One verb on one kind of object, before it has a path."""

    verb: str
    kind: str
    namespace: str | None = None
    name: str | None = None
    subresource: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    content_type: str = _JSON


class Cluster:
    """One cluster. Safe to share between threads."""

    def __init__(self, spec: ClusterSpec, api: client.ApiClient) -> None:
        self.name = spec.name
        self._spec = spec
        self._api = api
        self._custom = CustomKinds(spec.scaled_kinds, self._definition)
        self._patience = _CONNECT_SECONDS, _READ_SECONDS
        self._unknown: dict[str, float] = {}  # kinds that it did not know, and until when this is believed
        self.rejected = False  # its credentials were answered 401: they have run out, or were replaced

    def impatient(self, patience: timedelta) -> "Cluster":
        """The same cluster, of which each try of a request is given up after so long: for what can be done without."""
        hurried = copy(self)
        hurried._patience = (patience.total_seconds(),) * 2
        return hurried

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of workloads that sleep on this cluster, by key. Raises ClusterError."""
        return {**KINDS, **self._custom.known()} if self._spec.scaled_kinds else KINDS

    @property
    def scaled_kinds(self) -> Sequence[str]:
        """The custom kinds among them that are configured, whether the cluster has them or not."""
        return self._spec.scaled_kinds

    @property
    def priority_classes(self) -> Sequence[str]:
        """The PriorityClasses that pods of environments may name."""
        return self._spec.priority_classes

    @property
    def gitops_namespaces(self) -> Sequence[str]:
        """Where what applies environments from a git may be asked to stand still."""
        return self._spec.gitops_namespaces

    def _definition(self, name: str) -> Object | None:
        """A CustomResourceDefinition; None where there is none, or where Berth may not read it yet."""
        try:
            return self.get("CustomResourceDefinition", name)
        except (NotFound, Forbidden):
            return None

    def _resource(self, kind: str) -> Resource:
        return RESOURCES[kind] if kind in RESOURCES else resource_of(self.kinds[kind])

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object:
        """One object. Raises NotFound."""
        return self._send(Request("get", kind, namespace, name))

    def knows(self, kind: str) -> bool:
        """Whether the cluster has not lately said that it does not know this kind."""
        return self._unknown.get(kind, 0.0) <= time.monotonic()

    def list(self, kind: str, namespace: str | None = None, selector: str = "") -> list[Object]:
        """All objects of a kind, in one namespace or in all; none where an optional kind is unknown."""
        return [*self.each(kind, namespace, selector)]

    def each(self, kind: str, namespace: str | None = None, selector: str = "") -> Iterator[Object]:
        """The same, page by page, so that not all need be held at once."""
        if not self.knows(kind):
            return
        try:
            for page in self._pages(kind, namespace, selector):
                yield from page.get("items") or ()
        except NotFound:
            if not self._resource(kind).optional:
                raise
            self._unknown[kind] = time.monotonic() + _UNKNOWN_SECONDS

    def _pages(self, kind: str, namespace: str | None, selector: str) -> Iterator[Object]:
        query: dict[str, str] = {"limit": str(_PAGE)} | ({"labelSelector": selector} if selector else {})
        while True:
            page = self._send(Request("list", kind, namespace, query=query))
            yield page
            following = page.get("metadata", {}).get("continue")
            if not following:
                return
            query["continue"] = following

    def create(self, manifest: Mapping[str, Any]) -> Object:
        """POST, which never adopts what is there. Raises AlreadyExists."""
        return self._send(Request("create", manifest["kind"], manifest["metadata"].get("namespace"), body=manifest))

    def apply(self, manifest: Mapping[str, Any]) -> Object:
        """Server-side apply: the object has, from now on, at least what the manifest says."""
        metadata = manifest["metadata"]
        address = Request("patch", manifest["kind"], metadata.get("namespace"), metadata["name"])
        return self._send(replace(address, query={"force": "true"}, body=manifest, content_type=_APPLY))

    def patch(
        self, kind: str, name: str, namespace: str | None, body: Mapping[str, Any], subresource: str | None = None
    ) -> Object:
        """A merge patch; conditional, if the body names a resourceVersion. Raises Conflict, NotFound."""
        return self._send(Request("patch", kind, namespace, name, subresource, body=body, content_type=_MERGE))

    def delete(self, kind: str, name: str, namespace: str | None = None, uid: str | None = None) -> None:
        """Delete an object, if `uid` is given only that very one. Raises NotFound, Conflict."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        preconditions = {"preconditions": {"uid": uid}} if uid else {}
        self._send(Request("delete", kind, namespace, name, body=body | preconditions))

    def issue_token(self, namespace: str, service_account: str, lifetime: timedelta, secret: str) -> Token:
        """A short-lived token that ends with a Secret. Raises NotFound where that or the account is missing.

        The API server may grant another lifetime than asked: what it answers is so.
        """
        handle = {"apiVersion": "v1", "kind": "Secret", "name": secret}
        spec = {"expirationSeconds": int(lifetime.total_seconds()), "audiences": [], "boundObjectRef": handle}
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        answer = self._send(Request("create", "ServiceAccount", namespace, service_account, "token", body=body))
        status = answer["status"]
        return Token(status["token"], datetime.fromisoformat(status["expirationTimestamp"]))

    def address(self) -> dict[str, Any]:
        """The `cluster` part of a kubeconfig: where people reach the API server, and whom to trust there."""
        configuration = self._api.configuration
        address: dict[str, Any] = {"server": self._spec.server or configuration.host}
        authority = self._spec.certificate_authority or configuration.ssl_ca_cert
        if authority:
            address["certificate-authority-data"] = b64encode(Path(authority).read_bytes()).decode()
        if not configuration.verify_ssl:
            address["insecure-skip-tls-verify"] = True
        return address

    def probe(self) -> str:
        """The API server's version. Raises ClusterError if it cannot be reached."""
        return str(self.call("GET", "/version")["gitVersion"])

    def close(self) -> None:
        """Close the kept connections."""
        self._api.rest_client.close()

    def _send(self, request: Request) -> Object:
        resource = self._resource(request.kind)
        plural = f"{resource.plural}/{request.subresource}" if request.subresource else resource.plural
        if not may_send(request.verb, resource.group, plural, self._spec.scaled_kinds):
            raise LookupError(f"bot.rules.powers grants no {request.verb} on {plural}")
        writer = {"fieldManager": BERTH} if request.verb in ("create", "patch") else {}
        path = resource.path(request.namespace, request.name, request.subresource)
        return self.call(_METHODS[request.verb], path, {**request.query, **writer}, request.body, request.content_type)

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = _JSON,
    ) -> Object:
        """One request as it goes over the wire. Raises ClusterError."""
        headers = {"Accept": _JSON, "Content-Type": content_type}
        url = path + ("?" + urlencode(query) if query else "")
        try:
            method, url, headers, sent, _ = self._api.param_serialize(
                method, url, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            response = self._api.rest_client.request(
                method, url, headers=headers, body=sent, _request_timeout=self._patience
            )
            data = response.read()
        except (config.ConfigException, OSError) as error:  # a token that is read anew, or asked of a program
            raise Unreachable(f"the credentials for cluster {self.name} cannot be read") from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"cluster {self.name} does not answer") from error
        if response.status >= 400:
            self.rejected = self.rejected or response.status == 401
            raise error_of(self.name, response.status, data, response.getheaders())
        try:
            answer: Object = orjson.loads(data)
        except ValueError as error:  # what stands between us and it answered
            raise Unreachable(f"what answers for cluster {self.name} is no API server") from error
        return answer


_METHODS = {"get": "GET", "list": "GET", "create": "POST", "patch": "PATCH", "delete": "DELETE"}
