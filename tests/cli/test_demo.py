"""`berth demo` is a whole company on one machine: what it prints to try works, and it leaves nothing behind."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from tests.cli.terminal import environment

pytestmark = [pytest.mark.slow, pytest.mark.demo, pytest.mark.timeout(240)]

Found = TypeVar("Found")
PATIENCE = 60.0  # seconds, on a machine that does much else


def eventually(look: Callable[[], Found | None]) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")


@dataclass
class Demo:
    """A demo that runs, and Ada in it."""

    process: subprocess.Popen[str]
    printed: str
    url: str
    http: httpx.Client

    def seen_by(self, name: str, what: str) -> str:
        """The path of something as a person sees it."""
        people = self.http.get("/_control/workspace").json()["people"]
        return f"/_control/as/{next(person['id'] for person in people if person['name'] == name)}/{what}"

    def ada(self, what: str) -> str:
        """The path of something as Ada sees it."""
        return self.seen_by("ada", what)

    def types(self, text: str, person: str = "ada") -> None:
        """Somebody types a command in #general."""
        where = self.seen_by(person, "command")
        answer = self.http.post(where, json={"channel": self._channel("general"), "text": text})
        assert answer.json()["ok"]

    def answered(self, text: str) -> str:
        """Ada types a command in #general, and sees all that stands there."""
        self.types(text)
        return self.reads("general")

    def reads(self, channel: str, person: str = "ada") -> str:
        """All that a channel shows somebody."""
        path = self.seen_by(person, f"messages/{self._channel(channel)}")
        return json.dumps(self.http.get(path).json(), ensure_ascii=False)

    def said(self) -> str:
        """All that the app has told Ada in direct messages."""
        return json.dumps(self.http.get(self.ada(f"messages/{self._channel('Berth')}")).json(), ensure_ascii=False)

    def kubeconfig(self) -> str:
        """The kubeconfig in the form that is open before Ada, once it is there."""
        return next((text for text in _texts(self.http.get(self.ada("views")).json()) if "kind: Config" in text), "")

    def _channel(self, name: str) -> str:
        channels = self.http.get(self.ada("channels")).json()
        return str(next(channel["id"] for channel in channels if channel["name"] == name))


def _texts(found: Any) -> Iterator[str]:
    """Every text of a view, however deep."""
    if isinstance(found, str):
        yield found
    for inner in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _texts(inner)


@contextmanager
def demo(temporary: Path, *arguments: str) -> Iterator[Demo]:
    """A demo that has said where its page is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", *arguments],
        env=environment({"TMPDIR": str(temporary)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed = _until_url(process)
        url = re.search(r"http://[0-9.:]+", printed)
        assert url, printed
        with httpx.Client(base_url=url[0], timeout=20) as http:
            yield Demo(process, printed, url[0], http)
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def _until_url(process: subprocess.Popen[str]) -> str:
    """All that is printed up to the end of the panel; what was printed instead where the demo ends."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or (lines[-1] and not lines[-1].startswith("╰")):
        lines.append(process.stdout.readline())
    return "".join(lines)


def test_what_the_demo_suggests_works_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(tmp_path, "--port", str(port), "--speed", "20") as running:
            assert not running.url.endswith(f":{port}"), "a port that is taken gives way to a free one"
            assert "Time runs 20 times as fast" in running.printed

            running.types("/k8s create blue template=web")
            eventually(lambda: "`blue` is running" in running.said())
            running.types("/k8s connect blue")
            kubeconfig = eventually(running.kubeconfig)
            if _check_with_kubectl(tmp_path / "blue.yaml", kubeconfig):
                # What the same person did within a minute before, /k8s connect, stands until that is over.
                eventually(lambda: _used_by_kubectl(running, tmp_path / "blue.yaml", kubeconfig))

            running.process.send_signal(signal.SIGINT)
            assert running.process.wait(30) == 0

    assert not list(tmp_path.glob("berth-demo-*"))


def _used_by_kubectl(running: Demo, path: Path, kubeconfig: str) -> bool:
    return _check_with_kubectl(path, kubeconfig) and "read pods" in running.answered("/k8s status blue")


def _check_with_kubectl(path: Path, kubeconfig: str) -> bool:
    """It reads pods in the environment, and is refused elsewhere; False where there is no kubectl to ask."""
    if shutil.which("kubectl") is None:
        return False
    path.write_text(kubeconfig)
    kubectl = ["kubectl", "--kubeconfig", str(path), f"--cache-dir={path.parent}/cache", "get", "pods"]

    inside = subprocess.run(kubectl, capture_output=True, text=True, check=False, timeout=60)
    outside = subprocess.run([*kubectl, "-n", "kube-system"], capture_output=True, text=True, check=False, timeout=60)

    assert "web-" in inside.stdout, inside.stderr
    assert "Forbidden" in outside.stderr
    return True


def with_word(word: str, text: str) -> str | None:
    """The text, once the word is in it."""
    return text if word in text else None


def test_there_is_something_to_look_at_from_the_beginning(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "0", "--speed", "60") as running:
        assert "after 2h instead of 4h, with a warning 1h before (1m of yours) instead of 15m" in running.printed

        digest = eventually(lambda: with_word("checkout", running.reads("payments")))
        amounts = [float(amount) for amount in re.findall(r"\b([0-9]+\.[0-9]{2})\b", digest)]
        running.types("/k8s list team", person="lin")
        listed = eventually(lambda: with_word("checkout", running.reads("general", "lin")))

    assert amounts
    assert min(amounts) > 0
    assert "refunds" in digest
    assert "refunds" not in listed, "it was deleted"


def test_a_bot_that_is_killed_comes_back_with_what_it_knew(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "0") as running:
        children = _children(running)
        running.types("/k8s create blue template=web")
        eventually(lambda: "`blue` is running" in running.said())

        os.kill(_the_bot(children), signal.SIGKILL)

        assert running.process.stdout is not None
        assert "started again, on the same database" in running.process.stdout.readline()
        assert "The bot is back" in running.process.stdout.readline()
        running.types("/k8s sleep blue")
        eventually(lambda: "`blue` is asleep" in running.said())


def test_a_bot_that_dies_again_and_again_is_told_with_its_last_words(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "0") as running:
        children = _children(running)
        assert running.process.stdout is not None
        for _ in range(3):
            os.kill(_the_bot(children), signal.SIGKILL)
            while "The bot is back" not in (line := running.process.stdout.readline()):
                assert line

        os.kill(_the_bot(children), signal.SIGKILL)

        assert running.process.wait(30) == 1
        said = running.process.stdout.read()
    assert "The bot has ended. The last it said:" in said
    assert all(json.loads(line) for line in said.splitlines()[1:])


def _children(running: Demo) -> Path:
    """Where the system says which processes the demo has started."""
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not say which processes a process has started")
    return children


def _the_bot(children: Path) -> int:
    return next(
        int(child)
        for child in children.read_text().split()
        if b"\0run\0" in Path(f"/proc/{child}/cmdline").read_bytes() + b"\0"
    )
