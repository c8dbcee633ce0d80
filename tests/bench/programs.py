"""Everything that is measured, in processes of their own: the sandbox's servers, the bot, and a bare Bolt app.

Started by the commands that people use, and reached only over the network, so that neither the sandbox nor what
measures shares an interpreter with what is measured.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from bot.cli.installing import bot_token, install
from bot.rules.catalogue import ClusterSpec
from bot.rules.installation import access
from bot.seams.cluster import Cluster, Clusters

_STARTED_WITHIN: Final = 30.0  # seconds
_STOPPED_WITHIN: Final = 15.0  # seconds
_OURS: Final = ("BERTH_", "SLACK_", "KUBECONFIG")


@dataclass(frozen=True)
class Program:
    """One process."""

    process: subprocess.Popen[bytes]
    log: Path

    def peak_memory(self) -> int:
        """The most bytes of memory it ever held."""
        return peak_memory(self.process.pid)


@dataclass(frozen=True)
class Workspace:
    """A local workspace: its control API, what an app needs to reach it, and where it delivers (empty: by socket)."""

    control: httpx.Client
    settings: Mapping[str, str]
    deliver_to: str = ""

    def connected(self) -> bool:
        """Whether an app holds a socket."""
        return bool(self.control.get("/socket").json()["connections"])


def peak_memory(process: int | str = "self") -> int:
    """The most bytes that a process ever held. What `getrusage` tells counts the process that started it, too."""
    line = next(one for one in Path(f"/proc/{process}/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@contextmanager
def program(arguments: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[Program]:
    """Run a Python module as a process; it is told to stop at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env={**kept, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Program(process, log)
    finally:
        process.terminate()
        try:
            process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(claim: Callable[[], Any], running: Program, every: float = 0.02) -> None:
    """Wait until the claim holds. Raises RuntimeError, with what the program said, where it ends or takes too long."""
    deadline = time.monotonic() + _STARTED_WITHIN
    while not claim():
        if time.monotonic() > deadline or running.process.poll() is not None:
            raise RuntimeError(f"{running.process.args!r} did not get there:\n{running.log.read_text()[-3000:]}")
        time.sleep(every)


def answers(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        return httpx.get(url, trust_env=False, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def workspace(directory: Path, manifest: Mapping[str, Any], *, http: bool) -> Iterator[Workspace]:
    """A local Slack workspace with one app, to which it delivers by Socket Mode or by signed requests."""
    address = f"127.0.0.1:{free_port()}" if http else ""
    options = {"manifest": manifest, "request_url": f"http://{address}/slack/events" if http else None}
    log = directory / f"slack-{secrets.token_hex(4)}.log"
    with program(["tests.bench.slack_server", json.dumps(options)], log, {}) as running:
        until(lambda: log.read_text().endswith("}}\n"), running)
        said = json.loads(log.read_text())
        with httpx.Client(base_url=f"{said['url']}/_control", timeout=30, trust_env=False) as control:
            yield Workspace(control, said["settings"], address)


@contextmanager
def cluster(directory: Path) -> Iterator[Path]:
    """A local cluster with Berth's rights installed; the administrator's kubeconfig."""
    path, log = directory / "admin.kubeconfig", directory / "cluster.log"
    arguments = ["bot", "sandbox", "cluster", "--port", str(free_port()), "--kubeconfig", str(path)]
    with program(arguments, log, {}) as running:
        until(lambda: path.is_file() and path.read_text().endswith("\n") and _version(path), running)
        install(administrator(path), access())
        yield path


def administrator(kubeconfig: Path, threads: int = 8) -> Cluster:
    """A cluster as its administrator."""
    return Clusters([ClusterSpec("admin")], str(kubeconfig), threads)["admin"]


def bot_kubeconfig(admin_kubeconfig: Path) -> Path:
    """The bot's own credentials on a cluster, in a file beside the administrator's."""
    config = yaml.safe_load(admin_kubeconfig.read_text())
    config["users"][0]["user"] = {"token": bot_token(administrator(admin_kubeconfig), timedelta(hours=24))}
    path = admin_kubeconfig.with_name("bot.kubeconfig")
    path.write_text(yaml.safe_dump(config))
    return path


def _version(kubeconfig: Path) -> bool:
    try:
        return bool(administrator(kubeconfig).probe())
    except Exception:  # noqa: BLE001 - whatever an unfinished file or a server that is starting brings
        return False


@contextmanager
def berth(directory: Path, settings: Mapping[str, str], address: str = "") -> Iterator[tuple[Program, float]]:
    """`berth run` once it is ready, and how many seconds that took."""
    address = address or f"127.0.0.1:{free_port()}"
    began = time.perf_counter()
    with program(["bot", "run"], directory / "berth.log", {**settings, "BERTH_HTTP_ADDRESS": address}) as running:
        until(lambda: answers(f"http://{address}/readyz"), running)
        yield running, time.perf_counter() - began
