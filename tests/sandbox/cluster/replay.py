"""Sends recorded exchanges to a sandbox cluster and tells where its answers differ from the real server's.

What cannot be the same from run to run is taken out of both sides first. Every deviation that is meant stands in
``DEVIATIONS`` with its reason, and nowhere else.
"""

import http.client
import json
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.cluster import ClusterOptions, SandboxCluster, serve

RECORDINGS = Path(__file__).parent / "contract"

CERTIFICATES = "Berth never issues client certificates: they cannot be revoked. The sandbox signs none."
METRICS = "The sandbox also serves metrics.k8s.io, which the recorded server had no metrics server for."
# (file, number of the exchange) → why the sandbox does not answer the same.
DEVIATIONS: dict[tuple[str, int], str] = {
    ("08-certificates.json", 0): CERTIFICATES,
    ("08-certificates.json", 1): CERTIFICATES,
    ("08-certificates.json", 2): CERTIFICATES,
    ("09-discovery.json", 2): METRICS,
    ("09-discovery.json", 18): METRICS,
}

# Values that differ from run to run, by the name of their field.
_VOLATILE = frozenset(
    {
        *("uid", "resourceVersion", "time", "creationTimestamp", "deletionTimestamp", "lastTransitionTime"),
        *("lastUpdateTime", "startTime", "startedAt", "firstTimestamp", "lastTimestamp", "eventTime"),
        *("expirationTimestamp", "continue", "token", "nodeName", "podIP", "ip", "imageID", "image", "serverAddress"),
        *("ca.crt", "description", "count"),
    }
)
_HASHES = frozenset({"pod-template-hash", "controller-revision-hash"})
_RANDOM = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"kube-api-access-[a-z0-9]{5}"), "kube-api-access-<random>"),
    (re.compile(r"\b(web|blocked)-[a-z0-9]{8,10}\b(-[a-z0-9]{5}\b)?"), r"\1-<hash>"),
    (re.compile(r"\b(agent|once|gen)-[a-z0-9]{5}\b"), r"\1-<random>"),
    (re.compile(r"\.[0-9a-f]{16}$"), ".<time>"),
    (re.compile(r"\bnode-\d"), "<node>"),
    (re.compile(r"\b10(\.\d+){3}\b"), "<address>"),
    (re.compile(r"resourceVersion\\*\":\\*\"\d+"), "resourceVersion"),
    (re.compile(r"current: \d+"), "current: <version>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"^\d+s$"), "<age>"),
)


def _plain(value: Any) -> Any:
    """The value without what differs from run to run."""
    if isinstance(value, dict):
        return {_plain(key): _hash_or_plain(key, part) for key, part in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, str):
        for pattern, word in _RANDOM:
            value = pattern.sub(word, value)
    return value


def _hash_or_plain(key: str, part: Any) -> Any:
    if key in _HASHES:
        return "<hash>"
    if key == "managedFields" and isinstance(part, list):
        # Their order is that of their seconds; the stand-in kubelet of the recordings had another name.
        return sorted((_plain(_kubelet(entry)) for entry in part), key=lambda entry: json.dumps(entry, sort_keys=True))
    return _plain(part)


def _kubelet(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "manager": "kubelet"} if entry["manager"] == "OpenAPI-Generator" else entry


def _raced(body: Any) -> Any:
    """An answer to a change of a workload without what its controller writes: it may or may not have come first."""
    if not isinstance(body, dict) or "metadata" not in body:
        return body
    metadata = dict(body["metadata"])
    if "managedFields" in metadata:
        metadata["managedFields"] = [e for e in metadata["managedFields"] if e.get("subresource") != "status"]
    return {**body, "metadata": metadata, "status": None} if body.get("kind") != "Status" else body


def differences(wanted: Any, got: Any, path: str = "") -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted({*wanted, *got}):
            if key not in got or key not in wanted:
                yield f"{path}.{key}: {'missing' if key not in got else 'not in the recording'}"
            else:
                yield from differences(wanted[key], got[key], f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif wanted != got:
        yield f"{path}: recorded {json.dumps(wanted)[:300]}, answered {json.dumps(got)[:300]}"


@dataclass
class Replay:
    """One sandbox cluster and what was learned while the recordings were sent to it."""

    now: datetime = datetime(2026, 11, 23, 5, 29, 55, tzinfo=UTC)
    translated: dict[str, str] = field(default_factory=dict)
    account_token: str = ""

    def run(self) -> dict[tuple[str, int], list[str]]:
        """All differences, by file and number of the exchange."""
        options = ClusterOptions(clock=lambda: self.now, step_by_step=True, namespaces_linger=timedelta(seconds=2))
        found: dict[tuple[str, int], list[str]] = {}
        with serve(options) as cluster:
            cluster.settle()
            for file in sorted(RECORDINGS.glob("*.json")):
                garbage = False
                for number, exchange in enumerate(json.loads(file.read_text())):
                    self._wait(cluster, exchange.get("after", 0))
                    found[file.name, number] = list(self._differences(cluster, exchange))
                    garbage = garbage or _leaves_garbage(exchange["request"])
                    if not garbage:
                        cluster.settle()
        return found

    def _wait(self, cluster: SandboxCluster, seconds: float) -> None:
        step = 0.02 if seconds <= 3 else 0.1
        for _ in range(round(seconds / step)):
            self.now += timedelta(seconds=step)
            cluster.settle()

    def _differences(self, cluster: SandboxCluster, exchange: dict[str, Any]) -> Iterator[str]:
        request, response = exchange["request"], exchange["response"]
        if "events" in response:
            yield from self._watched(cluster, request, response["events"])
            return
        status, sort, retry, body = self._send(cluster, request, response["status"])
        wanted = response["body"]
        if isinstance(wanted, str):
            wanted, body = wanted.strip(), str(body).strip()
        self._learn(wanted, body)
        if request["method"] in ("PATCH", "PUT") and "/apis/" in request["path"]:
            wanted, body = _raced(wanted), _raced(body)
        yield from differences(response["status"], status, "status")
        yield from differences(response["contentType"], sort, "contentType")
        yield from differences((response.get("headers") or {}).get("Retry-After"), retry, "Retry-After")
        yield from differences(_plain(wanted), _plain(body))

    def _send(
        self, cluster: SandboxCluster, request: dict[str, Any], expected: int
    ) -> tuple[int, str, str | None, Any]:
        token = self.account_token if request.get("token") else cluster.admin_token
        headers = {"authorization": f"Bearer {'nonsense' if expected == 401 else token}"}
        headers |= {"user-agent": "python-urllib3/2", "accept": request.get("accept") or "application/json"}
        headers |= {"content-type": request["contentType"]} if request.get("contentType") else {}
        headers |= {"impersonate-user": request["as"]} if request.get("as") else {}
        body = json.dumps(self._translate(request["body"])) if request.get("body") is not None else None
        query = self._translate(request["query"])
        connection = open_connection(cluster)
        connection.request(request["method"], request["path"] + (f"?{query}" if query else ""), body, headers)
        answer = connection.getresponse()
        raw = answer.read().decode()
        connection.close()
        value = json.loads(raw) if raw[:1] in "{[" else raw
        return answer.status, answer.headers["content-type"], answer.headers.get("retry-after"), value

    def _translate(self, value: Any) -> Any:
        """A recorded request in this cluster's own uids, versions and continue tokens."""
        if isinstance(value, dict):
            return {key: self._translate(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._translate(part) for part in value]
        if isinstance(value, str):
            for recorded, own in self.translated.items():
                value = own if value == recorded else value.replace(recorded, own) if len(recorded) > 30 else value
        return value

    def _learn(self, wanted: Any, body: Any) -> None:
        if not isinstance(wanted, dict) or not isinstance(body, dict):
            return
        for key in ("uid", "resourceVersion", "continue"):
            recorded, own = wanted.get("metadata", {}).get(key), body.get("metadata", {}).get(key)
            if recorded and own:
                self.translated[recorded] = own
        if body.get("kind") == "TokenRequest":
            self.account_token = body["status"]["token"]

    # Watches.

    def _watched(self, cluster: SandboxCluster, request: dict[str, Any], wanted: list[Any]) -> Iterator[str]:
        query = request["query"].replace("resourceVersion=1375", f"resourceVersion={self._version(cluster)}")
        connection = open_connection(cluster)
        headers = {"authorization": f"Bearer {cluster.admin_token}"}
        connection.request("GET", f"{request['path']}?{query}", headers=headers)
        answer = connection.getresponse()
        if query != request["query"]:
            threading.Thread(target=self._write_one, args=(cluster, request["path"])).start()
        events = [json.loads(line) for line in answer.read().decode().splitlines()]
        connection.close()
        if "resourceVersion=1&" in query:
            wanted = wanted[-len(events) :]
        shown = [[event["type"], _essence(event["object"])] for event in events]
        yield from differences([[event["type"], _essence(event["object"])] for event in wanted], shown)

    def _version(self, cluster: SandboxCluster) -> str:
        request = {"method": "GET", "path": "/api/v1/namespaces", "query": "limit=1"}
        return str(self._send(cluster, request, 200)[3]["metadata"]["resourceVersion"])

    def _write_one(self, cluster: SandboxCluster, path: str) -> None:
        """What the recorder did while it watched."""
        body = {"metadata": {"name": "w"}, "data": {"a": "1"}}
        sort = "application/merge-patch+json"
        self._send(cluster, {"method": "POST", "path": path, "query": "", "body": body}, 201)
        patch = {"method": "PATCH", "path": f"{path}/w", "query": "", "contentType": sort, "body": {"data": {"a": "2"}}}
        self._send(cluster, patch, 200)
        self._send(cluster, {"method": "DELETE", "path": f"{path}/w", "query": ""}, 200)


def _leaves_garbage(request: dict[str, Any]) -> bool:
    """The real garbage collector comes by some time after an owner was deleted; the recorder went on at once."""
    return request["method"] == "DELETE" and "/apis/" in request["path"]


def _essence(watched: dict[str, Any]) -> list[Any]:
    metadata = watched["metadata"]
    return [
        watched["kind"],
        watched["apiVersion"],
        metadata.get("name"),
        metadata.get("annotations", {}).get("k8s.io/initial-events-end"),
    ]


def open_connection(cluster: SandboxCluster) -> http.client.HTTPSConnection:
    address = urlsplit(cluster.url)
    return http.client.HTTPSConnection(
        address.hostname or "",
        address.port,
        context=ssl._create_unverified_context(),  # noqa: S323 - the sandbox's own certificate, on loopback
        timeout=20,
    )
