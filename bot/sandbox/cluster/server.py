"""The sandbox cluster as a thing to start and stop: a TLS server in a thread of its own, and its kubeconfig."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme
import uvicorn
import yaml
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.sandbox.cluster.api import Api, Clock
from bot.sandbox.cluster.app import TRANSPORT, App
from bot.sandbox.cluster.audit import AuditWebhook
from bot.sandbox.cluster.controllers import Pace
from bot.sandbox.cluster.faults import Faults, RequestLog
from bot.sandbox.cluster.identity import User
from bot.sandbox.listening import listen


def real_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ClusterOptions:
    """How a sandbox cluster runs. Durations are of the cluster's own clock, which a test may turn.

    ``step_by_step``: controllers act only while somebody waits in ``settle``.
    """

    port: int = 0
    clock: Clock = real_now
    pods_ready_after: timedelta = timedelta(0)
    host: str = "127.0.0.1"
    namespaces_linger: timedelta = timedelta(0)
    pods_stop_after: timedelta = timedelta(0)
    jobs_run_for: timedelta = timedelta(seconds=30)
    token_cache: timedelta = timedelta(seconds=10)
    step_by_step: bool = False

    @property
    def pace(self) -> Pace:
        return Pace(self.pods_ready_after, self.namespaces_linger, self.pods_stop_after, self.jobs_run_for)


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which also hands the connection on so that a fault can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][TRANSPORT] = self.transport


class _Server(uvicorn.Server):
    """uvicorn's server, which also ends open watches and runs the controllers' clock."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app
        self._ticking: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._ticking = asyncio.create_task(self._app.tick())
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.end_streams()
        if self._ticking is not None:
            self._ticking.cancel()
        for connection in list(self.server_state.connections):
            # Clients keep their connections open, and a polite TLS goodbye to an idle one takes half a minute.
            connection.transport.abort()
        await super().shutdown(sockets)


class SandboxCluster:
    """A running cluster. Enter it to start, leave it to stop; safe to use from any thread."""

    def __init__(self, options: ClusterOptions) -> None:
        self._socket = listen(options.host, options.port)
        host, port = self._socket.getsockname()[:2]
        self.url = f"https://{host}:{port}"
        self._host = str(host)
        authority = trustme.CA()
        self._ca = authority.cert_pem.bytes()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(str(host), "localhost").configure_cert(context)
        address = f"{host}:{port}"
        self._app = App(Api(options.clock, address, self._ca.decode(), options.pace, options.token_cache))
        self._app.step_by_step = options.step_by_step
        self._server = _Server(_config(self._app, context), self._app)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox-cluster", daemon=True)
        self._up = threading.Event()

    # Running.

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._up.set)
        await self._server.serve(sockets=[self._socket])

    def __enter__(self) -> SandboxCluster:
        self._thread.start()
        self._up.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops the server and waits until its thread has ended."""
        self._server.should_exit = True
        self._thread.join(10)
        if self._app.audit is not None:
            self._app.audit.close()
        self._socket.close()

    def run_here(self) -> None:
        """Serves in the calling thread until interrupted."""
        self._run()

    # Reaching it.

    @property
    def admin_token(self) -> str:
        return self._app.api.identity.admin_token

    def kubeconfig(self, token: str | None = None) -> dict[str, Any]:
        """A kubeconfig for a token, by default the admin's, with the CA inside."""
        ca = base64.b64encode(self._ca).decode()
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "sandbox",
            "clusters": [{"name": "sandbox", "cluster": {"server": self.url, "certificate-authority-data": ca}}],
            "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "sandbox"}}],
            "users": [{"name": "sandbox", "user": {"token": token or self.admin_token}}],
        }

    def write_kubeconfig(self, path: Path, token: str | None = None) -> None:
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(self.kubeconfig(token), sort_keys=False))

    # Pulling its strings.

    @property
    def requests(self) -> RequestLog:
        return self._app.requests

    @property
    def faults(self) -> Faults:
        return self._app.faults

    def settle(self, timeout: float = 10.0) -> None:
        """Returns when controllers have nothing left to do right now; raises TimeoutError after ``timeout`` seconds."""
        if self._loop is None:
            return
        future = asyncio.run_coroutine_threadsafe(self._app.settle(timeout), self._loop)
        if not future.result(timeout + 5):
            raise TimeoutError(f"the sandbox cluster's controllers were still busy after {timeout} s")

    def add_user(self, token: str, name: str, groups: tuple[str, ...] = ()) -> None:
        """Makes a bearer token known for a person, as one signed in by OIDC would have."""
        self._on_loop(lambda: self._app.api.identity.add(token, User(name, groups)))

    def audit_to(self, url: str) -> None:
        """Tells this address of every request from now on, as an API server with an audit webhook does."""
        if self._app.audit is not None:
            self._app.audit.close()
        self._app.audit = AuditWebhook(url, self._app.api.clock)

    def set_load(self, namespace: str, cpu: str, memory: str, pod: str = "") -> None:
        """Sets what each container of a pod, or of all pods of a namespace, uses by metrics.k8s.io."""
        self._on_loop(lambda: self._app.api.metrics.set_load(namespace, pod, cpu, memory))

    def serve_metrics(self, served: bool) -> None:
        """Whether the cluster has a metrics server from now on."""
        self._on_loop(lambda: self._app.api.metrics.serve(served))

    def forget_history(self) -> None:
        """Drops what watches could replay: older resourceVersions and continue tokens answer 410 from now on."""
        self._on_loop(self._app.api.store.forget)

    def _on_loop(self, act: Callable[[], None]) -> None:
        async def acted() -> None:
            act()

        if self._loop is None:
            act()
        else:
            asyncio.run_coroutine_threadsafe(acted(), self._loop).result(10)


def _config(app: App, context: ssl.SSLContext) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=3600,
        timeout_graceful_shutdown=2,
    )
    config.load()
    config.ssl = context
    return config


def serve(options: ClusterOptions | None = None) -> SandboxCluster:
    """A sandbox cluster, not yet started: enter it."""
    return SandboxCluster(options or ClusterOptions())


def run(port: int, kubeconfig: Path, options: ClusterOptions | None = None) -> None:
    """Serves in the foreground until interrupted, after writing an admin kubeconfig."""
    cluster = SandboxCluster(replace(options or ClusterOptions(), port=port))
    cluster.write_kubeconfig(kubeconfig)
    with contextlib.suppress(KeyboardInterrupt):
        cluster.run_here()
