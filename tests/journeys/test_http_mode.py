"""Slack reaches Berth by signed HTTP requests, with a workspace that has no sockets and no user groups; whoever is not
Slack is turned away and leaves no trace."""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from bot.config import SlackMode
from bot.rules.words import Phase, Wanted
from tests.journeys.outside import Outside
from tests.journeys.people import click, direct, last, modal, text_of
from tests.sandbox.slack.person import Json, until
from tests.world import Harbour, World, catalogue_of, harbour, launch, settings_for

FOREIGN = frozenset(
    {
        "apps.connections.open",
        "usergroups.list",
        "usergroups.users.list",
        "conversations.open",
    }
)
SECRET_WORDS = "correct-horse-battery"
UNREADABLE = {"X-Slack-Request-Timestamp": "yesterday", "X-Slack-Signature": "v0=é"}


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Harbour]:
    """A workspace of another make: no sockets, no user groups, no opening of conversations."""
    with harbour(tmp_path, None, without=FOREIGN) as found:
        yield found


@pytest.fixture
def company(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Berth, reached by HTTP."""
    settings = settings_for(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", SlackMode.HTTP)
    found = World(port, launch(port, settings, catalogue_of(tmp_path)))
    yield found
    found.berth.stop()


@pytest.fixture
def outside(company: World) -> Outside:
    return Outside(company)


def test_an_environment_lives_its_whole_life_by_signed_requests(company: World) -> None:
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    click(company.ada, last(company.ada, "is running"), "Sleep now")
    company.settle()
    assert company.environment("blue").phase is Phase.SLEEPING

    company.says(company.ada, "/k8s wake blue")
    company.settle()
    company.ada.does("command", channel=company.ada.channel()["id"], text="/k8s delete blue")
    sure = until(lambda: [view for view in company.ada.modals() if view.get("submit")], "the question")[-1]
    company.ada.does("submit", view_id=sure["id"])
    company.settle()

    assert company.environment("blue").phase is Phase.DELETED
    assert "is deleted" in text_of(last(company.ada, "is deleted"))


def test_a_form_is_filled_in_and_sent_by_signed_requests(company: World) -> None:
    company.ada.does("command", channel=company.ada.channel()["id"], text="/k8s create")
    form = modal(company.ada, "Name")
    entered = {"name": {"value": {"type": "plain_text_input", "value": "blue"}}}
    company.ada.does("submit", view_id=form["id"], state=entered, values=entered)
    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING


def test_people_are_told_though_no_conversation_can_be_opened(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()

    assert ["is running" in text_of(row) for row in direct(company.ada) if not row.get("ephemeral")] == [True]


# -- whoever is not slack --------------------------------------------------------------------------------------------


def test_a_forged_or_old_request_is_refused_and_leaves_no_trace(
    company: World, outside: Outside, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    asked = len(company.harbour.control.get("/requests"))
    back = f"{company.harbour.slack.url}/actions/forged"
    user = {"user_id": company.ada.id, "team_id": "T1", "user_name": SECRET_WORDS, "response_url": back}
    body = outside.command("create evil", **user)

    forged = outside.post(body, secret="guessed")
    old = outside.post(body, age=6 * 60)
    unsigned = httpx.post(f"{company.berth.url}/slack/events", content=body, trust_env=False)
    strange = outside.post(b"payload=%7Bnot+json+" + SECRET_WORDS.encode(), secret="guessed")

    broken = [outside.post(body, headers={name: value}) for name, value in UNREADABLE.items()]
    for refused in (forged, old, unsigned, *broken):
        assert refused.status_code == 401
    assert strange.status_code == 400
    for refused in (forged, old, unsigned, strange, *broken):
        assert SECRET_WORDS not in refused.text
    assert company.waiting() == []
    assert len(company.harbour.control.get("/requests")) == asked
    printed = capsys.readouterr()
    assert SECRET_WORDS not in caplog.text + printed.out + printed.err


@pytest.mark.parametrize(
    "body", [b"payload=%7Bnot+json", b"{not json", b"\xff\xfe\x00", b"", b"payload=[]", b"payload=null", b"[1]"]
)
def test_a_signed_request_that_makes_no_sense_breaks_nothing(outside: Outside, body: bytes) -> None:
    for sort in ("application/json", "application/x-www-form-urlencoded"):
        assert outside.post(body, sort=sort).status_code < 500


def test_an_oversized_body_is_refused_before_it_is_read(company: World, outside: Outside) -> None:
    assert outside.post(b"text=" + b"x" * 1_100_000).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(1_100):
            yield b"x" * 1_000

    signed = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=0"}
    chunked = httpx.post(f"{company.berth.url}/slack/events", content=endless(), headers=signed, trust_env=False)
    assert chunked.status_code == 413


# -- probes ----------------------------------------------------------------------------------------------------------


def test_probes_and_metrics_answer_without_a_signature(company: World, outside: Outside) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()

    assert outside.get("/healthz").text == "ok"
    assert outside.get("/readyz").json() == {"ready": True, "problems": []}
    metrics = outside.get("/metrics").text
    assert 'berth_environments{phase="RUNNING"} 1.0' in metrics
    assert 'berth_notices{state="DELIVERED"} 1.0' in metrics
    assert outside.get("/slack/events").status_code == 405


# -- payloads of another make ----------------------------------------------------------------------------------------


def test_a_command_with_the_barest_of_payloads_is_answered(company: World, outside: Outside) -> None:
    answer = outside.post(outside.command("list", user_id=company.ada.id, channel_id="C1", team_id=_team(company)))

    assert answer.status_code == 200
    until(lambda: [row for row in direct(company.ada) if "environment" in text_of(row)], "an answer by another way")


def test_commands_of_a_slack_whose_triggers_are_all_the_same_are_told_apart(company: World, outside: Outside) -> None:
    who = {"user_id": company.ada.id, "channel_id": "C1", "team_id": _team(company), "trigger_id": "1.2"}

    outside.post(outside.command("create blue", **who))
    until(lambda: [row for row in direct(company.ada) if "Making" in text_of(row)], "an answer to the first")
    outside.post(outside.command("whoami", **who))

    until(lambda: [row for row in direct(company.ada) if "Who you are" in text_of(row)], "an answer to the second")


def test_a_click_with_the_barest_of_payloads_is_understood(company: World, outside: Outside) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    action = {"action_id": "environment.sleep", "value": company.environment("blue").id, "type": "button"}
    payload: Json = {
        "type": "block_actions",
        "user": {"id": company.ada.id},
        "team": {"id": _team(company)},
        "trigger_id": "1.2",
        "actions": [action | {"block_id": "b", "action_ts": "1.0"}],
    }

    answer = outside.post(urlencode({"payload": json.dumps(payload)}).encode())
    until(lambda: company.environment("blue").wanted is Wanted.SLEEPING, "the click to be judged")
    company.settle()

    assert answer.status_code == 200
    assert company.environment("blue").phase is Phase.SLEEPING


def _team(world: World) -> str:
    return str(world.harbour.control.get("/workspace")["workspace"]["id"])
