"""Nothing that leaves the process carries a secret, but the one modal that is made to show one."""

import json
import logging
import re
from pathlib import Path
from typing import Final

import httpx
import pytest
import yaml

from tests.journeys.whole_life import company_with_everything, live
from tests.world import Harbour, World

pytestmark = [pytest.mark.slow]

PEOPLE: Final = ("ada", "lin", "root", "gus", "mio")
_TOKEN: Final = re.compile(r"token: ([\w.~+/=-]{20,})")


def test_no_secret_is_in_anything_that_leaves_the_process(
    port: Harbour, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING)
    with company_with_everything(port, tmp_path) as company:
        live(company)
        asked = port.control.get("/requests")
        told = _told(company)
        served = "".join(
            httpx.get(f"{company.berth.url}{path}", trust_env=False).text
            for path in ("/healthz", "/readyz", "/metrics")
        )
    database = b"".join(file.read_bytes() for file in tmp_path.glob("berth.sqlite*"))
    printed = capfd.readouterr()

    modals = json.dumps([call for call in asked if call["method"].startswith("views.")])
    issued = set(_TOKEN.findall(modals.replace("\\\\n", " ").replace("\\n", " ")))
    own = {port.slack.bot_token, port.slack.app_token, port.slack.signing_secret, _own_token(port)}
    assert len(issued) >= 2
    leaks = {
        "the log": caplog.text + printed.out + printed.err,
        "the database": database.decode("latin-1"),
        "what was asked of Slack": json.dumps([call for call in asked if not call["method"].startswith("views.")]),
        "what people see": told,
        "what is served": served,
    }
    for secret in issued | own:
        assert [where for where, text in leaks.items() if secret in text] == []
    assert [secret for secret in own if secret in modals] == []
    assert [where for where, text in leaks.items() if "kind: Config" in text.replace("kind: ConfigMap", "")] == []


def _told(company: World) -> str:
    """Every message that anybody sees; modals are theirs alone and gone when they close."""
    seen = []
    for name in PEOPLE:
        who = company.harbour.person(name)
        channels = company.harbour.control.get(f"/as/{name}/channels")
        seen += [who.sees(channel["id"]) for channel in channels]
    return json.dumps(seen)


def _own_token(port: Harbour) -> str:
    token: str = yaml.safe_load(port.bot_kubeconfig.read_text())["users"][0]["user"]["token"]
    return token
