"""The bot's own credentials, with what `berth manifests` grants them, are kept to what Berth needs."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from kubernetes import client, config

from bot.rules.confinement import POLICIES
from bot.rules.names import service_account_name
from tests.journeys.bot_escapes import BOT_ESCAPES, JOINED, owning
from tests.journeys.escapes import Escape
from tests.journeys.escaping import unstopped
from tests.journeys.reach import Reach, connected, reach
from tests.world import World


@pytest.fixture
def taken_over(company: World, tmp_path: Path) -> Reach:
    """The bot's credentials, and an environment `blue` whose owner has connected."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    connected(company, company.ada, "blue", tmp_path)
    secret = {"metadata": {"name": "kept"}}
    company.harbour.admin.call("POST", "/api/v1/namespaces/berth/secrets", body=secret)
    settings = client.Configuration()
    config.load_kube_config(str(company.harbour.bot_kubeconfig), client_configuration=settings)
    return Reach(client.ApiClient(settings), company.environment("blue").namespace)


def outcomes(company: World, bot: Reach, tried: Sequence[Escape]) -> dict[str, int]:
    """What each try was answered, where that is not what it must be."""
    workspace = company.environment("blue").workspace_id
    names = {
        "{ns}": bot.namespace,
        "{account}": service_account_name(company.ada.id, workspace),
        "{another}": service_account_name(company.lin.id, workspace),
    }
    return unstopped(bot, tried, names)


def test_whoever_takes_the_bot_over_gets_no_further_than_berth(company: World, taken_over: Reach) -> None:
    assert outcomes(company, taken_over, BOT_ESCAPES) == {}


def test_without_its_policies_there_would_be_nothing_to_hold_it(company: World, taken_over: Reach) -> None:
    """A table of refusals would hold too where nothing works: each that is judged is let pass without the policies."""
    judged = tuple(one for one in BOT_ESCAPES if 422 in one.answers and one.method != "DELETE")
    bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
    for name in POLICIES:
        company.harbour.admin.call("DELETE", f"{bindings}/{name}")

    let_pass = outcomes(company, taken_over, judged)

    wrong = {one.what for one in judged} - {what for what, status in let_pass.items() if status in (200, 201, 409)}
    assert wrong == {"a token that another's secret ends"}  # there is no such Secret


@pytest.mark.parametrize("who", ["the bot", "an account of the environment"])
def test_in_an_environment_neither_berth_nor_its_accounts_do_what_its_owner_could_not(
    company: World, taken_over: Reach, tmp_path: Path, who: str
) -> None:
    namespace = f"/api/v1/namespaces/{taken_over.namespace}"
    trying, subject = taken_over, {"kind": "ServiceAccount", "name": "berth", "namespace": "berth"}
    if who != "the bot":
        subject = {"kind": "ServiceAccount", "name": "default", "namespace": taken_over.namespace}
        trying = _as_account(company, taken_over.namespace, tmp_path)
    assert outcomes(company, taken_over, [owning(subject)]) == {}
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "slow",
    }
    waiting = {"metadata": {"name": "waiting"}, "spec": claim}
    assert trying.asks("POST", f"{namespace}/persistentvolumeclaims", waiting) == 201

    assert outcomes(company, trying, JOINED) == {}


def _as_account(company: World, namespace: str, directory: Path) -> Reach:
    """Who has entered a pod of the environment, with the token of its account."""
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default/token"
    token = company.harbour.admin.call("POST", path, body={"spec": {}})["status"]["token"]
    cluster = company.harbour.sandbox
    assert cluster is not None
    kubeconfig = cluster.kubeconfig(token)
    kubeconfig["contexts"][0]["context"]["namespace"] = namespace
    return reach(yaml.safe_dump(kubeconfig), directory)
