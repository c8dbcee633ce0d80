"""Either double runs by itself, for people who build other things against Slack or Kubernetes."""

import base64
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml
from slack_sdk.signature import SignatureVerifier

from tests.cli.terminal import berth, environment

pytestmark = pytest.mark.slow


class Listening:
    """An app's request URL: answers 200 and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], str]] = []
        kept = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                kept.append((self.path, dict(self.headers), body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stays silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "Listening":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A sandbox in the foreground; ends with Ctrl-C and exit code 0."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", *arguments],
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
        assert process.returncode == 0


def test_the_workspace_tells_what_an_app_needs_and_answers(tmp_path: Path) -> None:
    with running("slack", "--port", "0") as process:
        assert process.stdout is not None
        told = "".join(process.stdout.readline() for _ in range(6))

        api = re.search(r"SLACK_API_URL\s+(\S+)", told)
        token = re.search(r"SLACK_BOT_TOKEN\s+(\S+)", told)
        assert api, told
        assert token, told
        answer = httpx.post(f"{api[1]}auth.test", headers={"Authorization": f"Bearer {token[1]}"}, timeout=20)
        assert answer.json()["ok"]


MANIFEST = """
display_information: {name: Trial}
features:
  slash_commands: [{command: /trial, description: tries}]
oauth_config: {scopes: {bot: [commands]}}
"""


def test_the_workspace_serves_another_app_by_signed_requests(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(MANIFEST)
    with (
        Listening() as app,
        running(
            "slack",
            "--port",
            "0",
            "--manifest",
            str(manifest),
            "--request-url",
            f"{app.url}/slack?app=trial",
            "--rate-limits",
        ) as process,
    ):
        assert process.stdout is not None
        told = "".join(process.stdout.readline() for _ in range(6))
        control = re.search(r"Control API\s+(\S+)", told)
        secret = re.search(r"SLACK_SIGNING_SECRET\s+(\S+)", told)
        assert control, told
        assert secret, told

        answer = httpx.post(
            f"{control[1]}as/ada/command", json={"channel": "general", "text": "/trial it"}, trust_env=False, timeout=20
        )

        assert answer.json() == {"ok": True}
        path, headers, body = app.requests[0]
        assert path == "/slack?app=trial"
        assert "command=%2Ftrial&text=it" in body
        assert SignatureVerifier(secret[1]).is_valid_request(body, headers)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--manifest", "{here}/wrong.json"), "missing required field: display_information"),
        (("--manifest", "{here}/broken.json"), "is neither JSON nor YAML"),
        (("--request-url", "localhost:3000"), 'The request URL "localhost:3000" is not a web address'),
    ],
)
def test_what_the_workspace_cannot_be_started_with_is_told(
    tmp_path: Path, arguments: tuple[str, str], said: str
) -> None:
    (tmp_path / "wrong.json").write_text("{}")
    (tmp_path / "broken.json").write_text("{")

    ended = berth("sandbox", "slack", *(one.format(here=tmp_path) for one in arguments), directory=tmp_path)

    assert ended.code != 0
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_the_cluster_writes_a_kubeconfig_that_reaches_it(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    with running("cluster", "--port", "0", "--kubeconfig", str(path)):
        deadline = time.monotonic() + 30
        while not path.exists() or not path.read_text():
            assert time.monotonic() < deadline, "no kubeconfig was written"
            time.sleep(0.05)

        cluster = yaml.safe_load(path.read_text())["clusters"][0]["cluster"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        trusted = ssl.create_default_context(cadata=authority)
        assert "v1.36" in httpx.get(f"{cluster['server']}/version", verify=trusted, timeout=20).text


@pytest.mark.parametrize("arguments", [("slack",), ("cluster", "--kubeconfig", "k")])
def test_a_port_that_is_taken_is_told(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        said = berth("sandbox", *arguments, "--port", port, directory=tmp_path)

    assert said.code == 1
    assert f"Cannot serve on port {port}" in said.err
    assert "Traceback" not in said.err


def test_a_manifest_that_is_neither_json_nor_yaml_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")

    said = berth("sandbox", "slack", "--manifest", "manifest.json", directory=tmp_path)

    assert said.code == 1
    assert "manifest.json is neither JSON nor YAML" in said.err
