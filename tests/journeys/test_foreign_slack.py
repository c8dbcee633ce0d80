"""Against a workspace of the barest make, which tells little of people and knows few methods, Berth still serves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.config import SlackMode
from bot.http import HttpServer
from bot.rules.words import Phase
from tests.journeys.outside import Outside
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, catalogue_of, launch, settings_for

Json = dict[str, Any]
ADA = "UADA"


@dataclass
class Emulator:
    """Answers four methods with as little as a client can live with, and no others."""

    asked: list[tuple[str, Json]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        """One call of the Web API."""
        method = request.path_params["method"]
        body = (await request.body()).decode()
        sent = "json" in request.headers.get("content-type", "")
        self.asked.append((method, json.loads(body or "{}") if sent else dict(parse_qsl(body))))
        known = _ANSWERS.get(method)
        return JSONResponse({"ok": True} | known if known is not None else {"ok": False, "error": "unknown_method"})

    def said(self, method: str) -> list[Json]:
        """The arguments of a method's calls."""
        return [args for name, args in self.asked if name == method]


_ANSWERS: dict[str, Json] = {
    "auth.test": {"team_id": "T1", "user_id": "UBOT"},
    "users.info": {"user": {"id": ADA, "profile": {"email": "ada@harbour.example"}}},
    "chat.postMessage": {"ts": "1700000000.000100"},
    "chat.update": {"ts": "1700000000.000100"},
}


@pytest.fixture
def emulator() -> Iterator[tuple[Emulator, str]]:
    """The emulator and its address."""
    found = Emulator()
    server = HttpServer(Starlette(routes=[Route("/api/{method}", found.answer, methods=["POST"])]), "127.0.0.1", 0)
    server.start()
    yield found, f"{server.url}/api/"
    server.stop()


@pytest.fixture
def company(port: Harbour, tmp_path: Path, emulator: tuple[Emulator, str]) -> Iterator[World]:
    """Berth, which takes the emulator for Slack."""
    settings = settings_for(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", SlackMode.HTTP)
    settings = settings.model_copy(update={"slack_api_url": emulator[1]})
    found = World(port, launch(port, settings, catalogue_of(tmp_path)))
    yield found
    found.berth.stop()


def test_a_life_by_the_barest_of_payloads_and_answers(company: World, emulator: tuple[Emulator, str]) -> None:
    slack, outside = emulator[0], Outside(company)

    made = outside.post(outside.command("create blue", user_id=ADA, team_id="T1"))
    until(lambda: company.waiting() != [], "a promise")
    company.settle()

    assert made.status_code == 200
    assert company.environment("blue").phase is Phase.RUNNING
    assert slack.said("chat.postMessage")[-1]["channel"] == ADA
    assert "is running" in json.dumps([*slack.said("chat.update"), *slack.said("chat.postMessage")])

    clicked = outside.post(_click("environment.sleep", company.environment("blue").id))
    until(lambda: company.waiting() != [], "a promise")
    company.settle()

    assert clicked.status_code == 200
    assert company.environment("blue").phase is Phase.SLEEPING
    assert company.waiting() == []


def _click(action: str, value: str) -> bytes:
    payload = {
        "type": "block_actions",
        "user": {"id": ADA},
        "team": {"id": "T1"},
        "trigger_id": "1.2",
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": value}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()
