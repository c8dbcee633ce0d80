"""`make lint` looks for known vulnerabilities where a service tells of them, and says so where none does."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KNOWN = {"jinja2 2.4.1": "GHSA-462w-v97r-4m45"}  # what is asked for first


@contextmanager
def service(answers: Mapping[str, str], *, status: int = 200) -> Iterator[str]:
    """An advisory service that knows these, by a package and perhaps its version; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name is the server's
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name, version = asked["package"]["name"], asked["version"]
            known = [one for key, one in answers.items() if key in (name, f"{name} {version}")]
            self._answer({"vulns": [_advisory(one, name, version) for one in known]} if known else {})

        def _answer(self, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _advisory(known_as: str, name: str, version: str) -> dict[str, Any]:
    package = {"name": name, "ecosystem": "PyPI"}
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]
    affected = [{"package": package, "ranges": ranges, "versions": [version]}]
    return {"id": known_as, "summary": "bad", "modified": "2026-01-01T00:00:00Z", "affected": affected}


def looked(url: str) -> subprocess.CompletedProcess[str]:
    """The step, with this service."""
    env = os.environ | {"OSV_URL": url, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    command = [sys.executable, "-m", "tests.advisories"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100, check=False)


def test_what_a_service_knows_nothing_bad_of_passes() -> None:
    with service(KNOWN) as url:
        ran = looked(url)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "packages, no known vulnerabilities" in ran.stdout


def test_a_vulnerability_fails_and_is_named_with_what_mends_it() -> None:
    with service(KNOWN | {"starlette": "PYSEC-2026-1", "pytest": "PYSEC-2026-2"}) as url:
        ran = looked(url)

    assert ran.returncode == 1
    assert "PYSEC-2026-1, mended in 99.1" in ran.stdout
    assert "2 known vulnerabilities" in ran.stdout


@pytest.mark.parametrize(
    ("answers", "status", "why"),
    [({}, 200, "knows nothing of a release that is vulnerable"), (KNOWN, 404, "404 Not Found")],
)
def test_a_service_that_is_none_is_told_and_fails_nothing(answers: dict[str, str], status: int, why: str) -> None:
    with service(answers, status=status) as url:
        ran = looked(url)

    assert ran.returncode == 0
    assert "SKIPPED" in ran.stderr
    assert why in ran.stderr


def test_one_that_is_not_there_or_silent_is_given_up_within_seconds() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        mute = looked(url)
        took = time.monotonic() - began
    gone = looked(url)

    assert took < 30
    for ran in (mute, gone):
        assert ran.returncode == 0
        assert "SKIPPED, known vulnerabilities were not looked for" in ran.stderr
