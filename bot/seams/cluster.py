"""The only module that speaks to Kubernetes.

Requests are generic verbs over raw JSON, because typed objects drop the fields they do not know and cost many times as
much to read. Every request has a timeout, carries Berth's field manager, is one that `bot.rules.powers` names, and
fails with a `ClusterError` in words that people can be told.
"""

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import urllib3
import yaml
from kubernetes import client, config
from kubernetes.utils.quantity import parse_quantity as _parse_quantity

from bot.rules.catalogue import ClusterSpec
from bot.rules.powers import may_send
from bot.rules.words import BERTH
from bot.rules.workloads import KINDS, Kind
from bot.seams.custom_kinds import CustomKinds

Object = dict[str, Any]

_CONNECT_SECONDS, _READ_SECONDS = 3.05, 20.0
_PAGE = 500
_AT_HOME = "~/.kube/config"
_UNKNOWN_SECONDS = 300.0  # a kind that is installed later is seen after this long
_APPLY, _MERGE, _JSON = "application/apply-patch+yaml", "application/merge-patch+json", "application/json"


class ClusterError(Exception):
    """A request failed. The text is for people; `passing` says whether trying again can help by itself."""

    passing = False
    retry_after: timedelta | None = None


class Unreachable(ClusterError):
    """No answer came."""

    passing = True


class Busy(ClusterError):
    """The API server asked for patience (429) or had an error of its own (5xx)."""

    passing = True


class Conflict(ClusterError):
    """Somebody else changed the object first (409)."""

    passing = True


class AlreadyExists(ClusterError):
    """An object of that name exists (409)."""


class NotFound(ClusterError):
    """There is no such object (404)."""


class Forbidden(ClusterError):
    """Not allowed: by RBAC, a quota or an admission policy (401, 403)."""


class Refused(ClusterError):
    """The API server found the object wrong (any other 4xx)."""


@dataclass(frozen=True)
class Resource:
    """A kind of object, as its path needs it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    optional: bool = False  # a cluster may not know it

    @property
    def api_version(self) -> str:
        """As in a manifest."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """The URL path of an object, or of the collection."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        parts += ["namespaces", namespace] if self.namespaced and namespace else []
        parts += [part for part in (self.plural, name, subresource) if part]
        return "/" + "/".join(quote(part, safe="") for part in parts)


def _resource(kind: Kind) -> Resource:
    return Resource(kind.group, kind.version, kind.plural, kind.name, optional=kind.optional)


_RBAC = "rbac.authorization.k8s.io"
RESOURCES: Mapping[str, Resource] = {
    resource.kind: resource
    for resource in (
        Resource("", "v1", "namespaces", "Namespace", namespaced=False),
        Resource("", "v1", "nodes", "Node", namespaced=False),
        Resource("", "v1", "pods", "Pod"),
        Resource("", "v1", "services", "Service"),
        Resource("", "v1", "configmaps", "ConfigMap"),
        Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
        Resource("", "v1", "serviceaccounts", "ServiceAccount"),
        Resource("", "v1", "secrets", "Secret"),
        Resource("", "v1", "resourcequotas", "ResourceQuota"),
        Resource("", "v1", "limitranges", "LimitRange"),
        Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
        Resource(_RBAC, "v1", "rolebindings", "RoleBinding"),
        Resource("batch", "v1", "jobs", "Job"),
        Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False),
        Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
    )
} | {key: _resource(kind) for key, kind in KINDS.items()}


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
        self._unknown: dict[str, float] = {}  # kinds that it did not know, and until when this is believed
        self.rejected = False  # its credentials were answered 401: they have run out, or were replaced

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of workloads that sleep on this cluster, by key. Raises ClusterError."""
        return {**KINDS, **self._custom.known()} if self._spec.scaled_kinds else KINDS

    @property
    def scaled_kinds(self) -> Sequence[str]:
        """The custom kinds among them that are configured, whether the cluster has them or not."""
        return self._spec.scaled_kinds

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
        return RESOURCES[kind] if kind in RESOURCES else _resource(self.kinds[kind])

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
                method, url, headers=headers, body=sent, _request_timeout=(_CONNECT_SECONDS, _READ_SECONDS)
            )
            data = response.read()
        except (config.ConfigException, OSError) as error:  # a token that is read anew, or asked of a program
            raise Unreachable(f"the credentials for cluster {self.name} cannot be read") from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"cluster {self.name} does not answer") from error
        if response.status >= 400:
            self.rejected = self.rejected or response.status == 401
            raise _error(self.name, response.status, data, response.getheaders())
        try:
            answer: Object = orjson.loads(data)
        except ValueError as error:  # what stands between us and it answered
            raise Unreachable(f"what answers for cluster {self.name} is no API server") from error
        return answer


_METHODS = {"get": "GET", "list": "GET", "create": "POST", "patch": "PATCH", "delete": "DELETE"}


# What the client raises for a kubeconfig that is missing, is no YAML, or lacks what it should hold.
_UNREADABLE = (config.ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError)


class Clusters:
    """The configured clusters, each connected when first used."""

    def __init__(self, specs: Sequence[ClusterSpec], kubeconfig: str | None, threads: int) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._kubeconfig = kubeconfig
        self._threads = threads
        self._connected: dict[str, Cluster] = {}

    def __getitem__(self, name: str) -> Cluster:
        """The cluster of that name. Raises ClusterError if it is not configured, or its credentials cannot be read."""
        if name not in self._connected or self._connected[name].rejected:
            if name not in self._specs:
                raise ClusterError(f"cluster {name} is no longer configured in berth.yaml")
            self._connected[name] = Cluster(self._specs[name], self._connect(self._specs[name]))
        return self._connected[name]

    def close(self) -> None:
        """Close every cluster's connections."""
        for cluster in self._connected.values():
            cluster.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def _connect(self, spec: ClusterSpec) -> client.ApiClient:
        configuration = client.Configuration()
        try:
            if self._kubeconfig is None and spec.context is None and _in_cluster():
                config.load_incluster_config(client_configuration=configuration)
            else:
                # Named even where it is the client's default: the client takes an empty KUBECONFIG for a name.
                config.load_kube_config(self._kubeconfig or _AT_HOME, spec.context, configuration, persist_config=False)
        except _UNREADABLE as error:
            raise ClusterError(f"no credentials for cluster {spec.name}: {error}") from error
        # Retries are reconcile's business, which backs off and tells; one more try covers a connection gone stale.
        configuration.retries = urllib3.Retry(
            total=1, connect=1, read=1, status=0, redirect=0, respect_retry_after_header=False
        )
        configuration.connection_pool_maxsize = self._threads
        configuration.keep_alive = True
        configuration.proxy = configuration.proxy  # as chosen now; the client would look for one before each request
        api = client.ApiClient(configuration)
        api.user_agent = BERTH
        return api


def _in_cluster() -> bool:
    try:
        config.load_incluster_config(client_configuration=client.Configuration())
    except config.ConfigException:
        return False
    return True


def parse_quantity(text: str) -> float:
    """A Kubernetes quantity as a number: `500m` is 0.5, `1Gi` is 2**30. Raises ValueError."""
    return float(_parse_quantity(text))


def _error(cluster: str, status: int, data: bytes, headers: Mapping[str, str]) -> ClusterError:
    try:
        said = orjson.loads(data)
        reason, message = str(said.get("reason", "")), str(said.get("message", ""))
    except ValueError:
        reason, message = "", ""
    error = _class_of(status, reason)(message or f"cluster {cluster} answered {status}")
    after = headers.get("Retry-After", "")
    if after.isascii() and after.isdecimal():
        error.retry_after = timedelta(seconds=int(after))
    return error


def _class_of(status: int, reason: str) -> type[ClusterError]:
    if reason == "AlreadyExists":
        return AlreadyExists
    if status == 429 or status >= 500:
        return Busy
    return {401: Forbidden, 403: Forbidden, 404: NotFound, 409: Conflict}.get(status, Refused)
