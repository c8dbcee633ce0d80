"""The sandbox's audit webhook tells what a real server's does."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from kubernetes import client

from bot.sandbox.cluster import SandboxCluster
from tests.audit import recorded
from tests.sandbox.cluster.conftest import workload
from tests.sandbox.slack.person import until


class Receiver:
    """Somebody who is told; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[Any] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.bodies.append(body)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/audit"

    def told(self, **wanted: str) -> list[Any]:
        """The events about a resource, by a verb, as soon as there are any."""

        def found() -> list[Any]:
            items = [item for body in self.bodies for item in body["items"] if "objectRef" in item]
            return [i for i in items if (i["verb"], i["objectRef"]["resource"]) == (wanted["verb"], wanted["resource"])]

        return until(found, f"word of {wanted}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who listens."""
    receiver = Receiver()
    thread = threading.Thread(target=lambda: receiver.server.serve_forever(0.01))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def test_a_request_is_told_as_a_real_server_tells_it(
    cluster: SandboxCluster, connect: Callable[..., client.ApiClient], space: str, receiver: Receiver
) -> None:
    cluster.audit_to(receiver.url)
    apps: Any = client.AppsV1Api(connect())

    apps.create_namespaced_deployment(space, workload())

    (told,) = receiver.told(verb="create", resource="deployments")
    real = next(e for e in recorded() if e["verb"] == "create" and e["stage"] == "ResponseComplete")
    assert told.keys() == real.keys() - {"annotations"}
    assert told["objectRef"] == real["objectRef"] | {"namespace": space}
    assert told["responseStatus"] == real["responseStatus"]
    assert told["user"]["username"] == "kubernetes-admin"
    assert {body["kind"] for body in receiver.bodies} == {"EventList"}


def test_an_impersonated_user_is_told_beside_the_one_who_signed_in(
    cluster: SandboxCluster, connect: Callable[..., client.ApiClient], space: str, receiver: Receiver
) -> None:
    cluster.audit_to(receiver.url)
    api = connect()
    api.set_default_header("Impersonate-User", "ada")
    api.set_default_header("Impersonate-Group", "system:masters")

    client.CoreV1Api(api).list_namespaced_pod(space)

    (told,) = receiver.told(verb="list", resource="pods")
    assert (told["user"]["username"], told["impersonatedUser"]["username"]) == ("kubernetes-admin", "ada")


def test_what_is_not_taken_is_told_again(
    cluster: SandboxCluster, connect: Callable[..., client.ApiClient], space: str, receiver: Receiver
) -> None:
    receiver.status = 503
    cluster.audit_to(receiver.url)
    client.CoreV1Api(connect()).list_namespaced_pod(space)

    first = receiver.told(verb="list", resource="pods")
    receiver.status = 200
    until(lambda: len(receiver.told(verb="list", resource="pods")) > len(first), "the same word again")

    assert len({event["auditID"] for event in receiver.told(verb="list", resource="pods")}) == 1
