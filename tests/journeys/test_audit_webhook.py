"""An API server tells Berth what people do with kubectl, by requests as a real one sends them, and that keeps awake."""

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from pydantic import SecretStr

from bot.rules.words import Phase
from bot.sandbox.cluster import SandboxCluster
from tests.audit import account_of, batch, event
from tests.journeys.people import kubeconfig_of, last, modal, text_of
from tests.journeys.told import TOKEN, ToldWorld
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, catalogue_of, launch, settings_for


@pytest.fixture
def company(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """A company in which ada has a running environment `blue`. idle_after 4h, warned 15m before."""
    settings = settings_for(port, f"sqlite:///{tmp_path / 'berth.sqlite'}")
    settings = settings.model_copy(update={"audit_token": SecretStr(TOKEN)})
    found = ToldWorld(port, launch(port, settings, catalogue_of(tmp_path)))
    found.says(found.ada, "/k8s create blue template=web")
    found.settle()
    yield found
    found.berth.stop()


def tell(world: World, **changed: Any) -> int:
    """Send what lin does in blue at this instant, by the kubeconfig that Berth gave her; the status of the answer."""
    blue = world.environment("blue")
    reference = {"namespace": blue.namespace} | changed.pop("objectRef", {})
    done = event(user=account_of(world.lin.id, blue.workspace_id), at=world.clock.now(), objectRef=reference, **changed)
    url = f"{world.berth.url}/audit/main/{TOKEN}?timeout=30s"
    return httpx.post(url, json=batch(done), trust_env=False).status_code


def test_what_a_person_does_with_kubectl_keeps_awake_and_is_told(company: World) -> None:
    company.pass_time(hours=3)
    status = tell(company, verb="delete", objectRef={"name": "web-1"})
    company.pass_time(hours=3)

    assert status == 200
    assert company.environment("blue").phase is Phase.RUNNING
    assert not [n for n in company.notices("blue") if n.kind == "idle_warning"]
    shown = text_of(company.says(company.ada, "/k8s status blue"))
    assert f"<@{company.lin.id}>" in shown
    assert "deleted Pod web-1" in shown


def test_a_warning_is_answered_by_using_the_environment(company: World) -> None:
    company.pass_time(hours=3, minutes=46)
    assert company.environment("blue").deadline_at is not None

    tell(company)
    company.tick()
    company.pass_time(minutes=16)

    assert company.environment("blue").phase is Phase.RUNNING
    assert f"<@{company.lin.id}>" in text_of(last(company.ada, "Sleep warning"))


def test_a_failed_request_keeps_nothing_awake(company: World) -> None:
    company.pass_time(hours=3)
    tell(company, code=403)
    company.pass_time(minutes=50)
    company.pass_time(minutes=16)

    assert company.environment("blue").phase is Phase.SLEEPING


def test_the_sandboxs_own_webhook_tells_berth_what_people_do(company: World) -> None:
    cluster, blue = company.harbour.sandbox, company.environment("blue")
    assert cluster is not None
    company.says(company.ada, "/k8s connect blue")
    kubeconfig = yaml.safe_load(kubeconfig_of(modal(company.ada, "apiVersion")))
    token = kubeconfig["users"][0]["user"]["token"]
    cluster.audit_to(f"{company.berth.url}/audit/main/{TOKEN}")
    company.pass_time(hours=3)

    pods = ask(cluster, token, f"/api/v1/namespaces/{blue.namespace}/pods")
    until(lambda: company.environment("blue").last_activity_what == "read pods", "the webhook's word")
    company.pass_time(hours=3)

    assert pods.status_code == 200
    assert company.environment("blue").last_activity_by == f"<@{company.ada.id}>"
    assert company.environment("blue").phase is Phase.RUNNING


def ask(cluster: SandboxCluster, token: str, path: str) -> httpx.Response:
    """What a program other than Berth is answered."""
    authority = base64.b64decode(cluster.kubeconfig()["clusters"][0]["cluster"]["certificate-authority-data"])
    context = ssl.create_default_context(cadata=authority.decode())
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{cluster.url}{path}", headers=headers, verify=context, trust_env=False)
