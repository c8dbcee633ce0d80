"""`berth run` tells what is wrong with where it starts, as JSON, and goes on where going on can help."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.slack import SandboxSlack, SlackOptions
from tests.cli.terminal import Said, berth, environment

pytestmark = pytest.mark.slow

NOWHERE = {
    "SLACK_BOT_TOKEN": "xoxb-hunter2",
    "SLACK_APP_TOKEN": "xapp-hunter2",
    "SLACK_API_URL": "http://127.0.0.1:1/",
    "BERTH_HTTP_ADDRESS": "127.0.0.1:0",
}


@contextmanager
def running(directory: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """`berth run` from its first line on; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=directory,
        env=environment({**NOWHERE, **variables}),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """The first line with this event; every line before it is JSON too."""
    assert process.stderr is not None
    for line in process.stderr:
        said: dict[str, Any] = json.loads(line)
        if said["event"] == event:
            return said
    raise AssertionError(f"{event} was not said")


def logged(said: Said) -> list[dict[str, Any]]:
    """The lines of a log whose last line is for people."""
    *lines, _ = said.err.splitlines()
    return [json.loads(line) for line in lines]


def test_a_cluster_that_does_not_answer_is_told_and_measured_but_not_fatal(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        told = {said["event"]: said for said in (json.loads(next(iter(process.stderr or ()))) for _ in range(3))}

        assert told["a cluster does not answer"]["cluster"] == "main"
        assert told["a cluster does not answer"]["then"] == "run berth doctor"
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=20) as http:
            measured = http.get(f"{told['berth started']['http']}/metrics").text
        assert 'berth_cluster_answers{cluster="main"} 0.0' in measured


def test_a_slack_that_does_not_answer_is_waited_for(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        assert line_of(process, "slack cannot be reached")["then"] == "it is tried again"
        assert line_of(process, "slack does not let us connect")["error"] == "URLError"
        assert process.poll() is None


@pytest.mark.parametrize("wrong", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_a_token_that_slack_refuses_is_one_line_with_slacks_code_and_ends_the_bot(tmp_path: Path, wrong: str) -> None:
    with SandboxSlack(SlackOptions()) as slack:
        right = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}

        said = berth(
            "run",
            directory=tmp_path,
            **{**NOWHERE, **right, wrong: NOWHERE[wrong], "SLACK_API_URL": slack.api_url},
        )

    (told,) = [line for line in logged(said) if line["level"] == "error"]
    assert (told["variable"], told["code"], told["then"]) == (wrong, "invalid_auth", "run berth doctor")
    assert said.code == 1
    assert said.err.splitlines()[-1].startswith(f"The bot cannot start: Slack refuses {wrong} (invalid_auth).")
    assert "hunter2" not in said.err


def test_an_address_that_is_taken_is_json_before_the_words(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        address = line_of(process, "berth started")["http"].removeprefix("http://")
        database = f"sqlite:///{tmp_path / 'other.sqlite'}"

        said = berth(
            "run", directory=tmp_path, **{**NOWHERE, "BERTH_HTTP_ADDRESS": address, "BERTH_DATABASE_URL": database}
        )

    assert said.code == 1
    assert any("Address already in use" in line["event"] for line in logged(said))
    assert f"BERTH_HTTP_ADDRESS {address} cannot be listened on" in said.err.splitlines()[-1]


def test_a_second_bot_on_one_sqlite_file_is_refused_and_a_killed_ones_lock_is_free(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    with running(tmp_path) as first:
        line_of(first, "berth started")

        second = berth(
            "run", directory=tmp_path, **{**NOWHERE, "BERTH_DATABASE_URL": "sqlite:///elsewhere/berth.sqlite"}
        )

        assert second.code == 1
        assert f"another process works on the database {tmp_path / 'berth.sqlite'}" in second.err
        first.send_signal(signal.SIGKILL)
        first.wait(30)
    with running(tmp_path) as third:
        assert line_of(third, "berth started")
