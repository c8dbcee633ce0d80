"""How arguments and files arrive: every form Slack reads, and its words for what it cannot read."""

from __future__ import annotations

import httpx
import pytest
from slack_sdk import WebClient

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.person import Control, Person


def call(slack: SandboxSlack, method: str, content: bytes, content_type: str | None) -> dict[str, object]:
    """A call with that body, under the bot's token."""
    headers = {"Authorization": f"Bearer {slack.bot_token}"} | ({"Content-Type": content_type} if content_type else {})
    answer: dict[str, object] = httpx.post(
        f"{slack.api_url}{method}", content=content, headers=headers, trust_env=False
    ).json()
    return answer


@pytest.mark.parametrize(
    ("content", "content_type", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[" * 100_000, "application/json", "invalid_json"),
        (b"[]", "application/json; charset=utf-8", "json_not_object"),
        (b'{"a":"\xff"}', "application/json", "invalid_charset"),
        (b"a=\xff", "application/x-www-form-urlencoded", "invalid_charset"),
        (b"<a/>", "application/xml", "invalid_post_type"),
        (b"a=1", None, "missing_post_type"),
        (b"no parts", "multipart/form-data; boundary=x", "invalid_form_data"),
        (b"no boundary", "multipart/form-data", "invalid_form_data"),
    ],
)
def test_a_body_slack_cannot_read_is_refused_in_its_words(
    slack: SandboxSlack, content: bytes, content_type: str | None, error: str
) -> None:
    assert call(slack, "auth.test", content, content_type) == {"ok": False, "error": error}


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", None])
def test_an_empty_body_is_no_arguments(slack: SandboxSlack, content_type: str | None) -> None:
    assert call(slack, "auth.test", b"", content_type)["ok"] is True


def test_arguments_may_come_as_a_multipart_form_or_in_the_query(slack: SandboxSlack) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url, said = f"{slack.api_url}chat.postMessage", {"channel": "general", "text": "grüß\r\nGott"}

    multipart = httpx.post(
        url, files={name: (None, text) for name, text in said.items()}, headers=headers, trust_env=False
    )
    query = httpx.get(url, params=said, headers=headers, trust_env=False)

    assert multipart.json()["message"]["text"] == query.json()["message"]["text"] == said["text"]


def test_a_token_inside_json_is_none(slack: SandboxSlack) -> None:
    answer = httpx.post(f"{slack.api_url}auth.test", json={"token": slack.bot_token}, trust_env=False)

    assert answer.json() == {"ok": False, "error": "not_authed"}


@pytest.mark.parametrize("multipart", [False, True])
def test_an_upload_may_be_raw_or_multipart_and_keeps_every_byte(
    slack: SandboxSlack, client: WebClient, multipart: bool
) -> None:
    content = bytes(range(256)) + b"\r\n--\r\n\n"
    got = client.files_getUploadURLExternal(filename="Q3 50%/a.bin", length=len(content))

    body = {"files": {"file": ("a.bin", content)}} if multipart else {"content": content}
    sent = httpx.post(got["upload_url"], trust_env=False, **body)

    assert sent.text == f"OK - {len(content)}"
    done = client.files_completeUploadExternal(files=[{"id": got["file_id"]}])["files"][0]
    assert httpx.get(done["url_private"], trust_env=False).content == content


def test_a_v2_upload_with_alternative_text_and_a_comment_reaches_the_channel(client: WebClient, ada: Person) -> None:
    general = ada.channel("channel", "general")["id"]

    client.files_upload_v2(content=b"x", filename="x.png", alt_txt="a chart", channel=general, initial_comment="look")

    shared = ada.awaits(general, "look")["files"][0]
    assert (shared["alt_txt"], shared["size"]) == ("a chart", 1)


@pytest.mark.parametrize("files", ['"x"', "[]", '["F1"]', "{}"])
def test_files_that_are_no_list_of_objects_are_refused(slack: SandboxSlack, files: str) -> None:
    answer = call(slack, "files.completeUploadExternal", f'{{"files": {files}}}'.encode(), "application/json")

    assert answer["error"] == "invalid_arguments"


def test_a_method_that_was_made_to_fail_fails_whatever_its_body(slack: SandboxSlack, control: Control) -> None:
    control.post("/faults", method="auth.test", error="fatal_error")

    assert call(slack, "auth.test", b"{", "application/json")["error"] == "fatal_error"
