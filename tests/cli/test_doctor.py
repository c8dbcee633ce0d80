"""`berth doctor` finds what is wrong where it is wrong, and says how to mend it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.cli.app_manifest import app_manifest
from bot.cli.installing import bot_token, install
from bot.rules.catalogue import ClusterSpec
from bot.rules.installation import access
from bot.sandbox.cluster import ClusterOptions, SandboxCluster
from bot.sandbox.slack import SandboxSlack, SlackOptions
from bot.seams.cluster import Cluster, Clusters
from tests.cli.terminal import Said, berth, environment
from tests.journeys.custom_kinds import WIDGETS, install_definition
from tests.seams.sayer import saying, series

pytestmark = pytest.mark.slow


@dataclass
class Company:
    """A workspace and a cluster on which Berth is installed, and the variables that reach them."""

    slack: SandboxSlack
    administrator: Cluster
    directory: Path

    def examined(self, **variables: str) -> Said:
        """What the doctor says, with these variables changed."""
        right = {
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "KUBECONFIG": str(self.directory / "bot.kubeconfig"),
        }
        return berth("doctor", directory=self.directory, **{**right, **variables})


def rows(said: Said) -> dict[str, tuple[bool, str]]:
    """Each check by its name: whether it passed or is but a note, and what was said of it."""
    checks: list[list[str]] = []
    for line in said.out.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if cells and cells[0]:
            checks.append(cells)
        elif cells:
            checks[-1] = [f"{above} {below}".strip() for above, below in zip(checks[-1], cells, strict=True)]
    return {what: (mark in "✓!", f"{found} {mend}".strip()) for mark, what, found, mend in checks}


@contextmanager
def company(directory: Path, **slack_options: Any) -> Iterator[Company]:
    """Both sandboxes, with Berth installed."""
    with SandboxSlack(SlackOptions(**slack_options)) as slack, SandboxCluster(ClusterOptions()) as cluster:
        cluster.write_kubeconfig(directory / "administrator.kubeconfig")
        administrator = Clusters((ClusterSpec("a"),), str(directory / "administrator.kubeconfig"), threads=1)["a"]
        install(administrator, access())
        token = bot_token(administrator, timedelta(hours=1))
        (directory / "bot.kubeconfig").write_text(yaml.safe_dump(cluster.kubeconfig(token)))
        yield Company(slack, administrator, directory)
        administrator.close()


def test_where_all_is_well_everything_passes(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        berth("migrate", directory=tmp_path)

        said = there.examined()

    assert not [row for row in rows(said).items() if not row[1][0]]
    assert said.code == 0


def test_each_thing_that_is_wrong_is_told_with_how_to_mend_it(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        there.administrator.call("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/berth")
        bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
        there.administrator.call("DELETE", f"{bindings}/berth-namespaces")

        said = there.examined(SLACK_BOT_TOKEN="xoxb-hunter2", SLACK_APP_TOKEN="xapp-hunter2")

    found = rows(said)
    assert said.code == 1
    assert found["Configuration"][0]
    assert "invalid_auth" in found["Slack bot token"][1]
    assert "connections:write" in found["Slack app token"][1]
    assert "namespaces (create delete get list patch)" in found["Cluster main: permissions"][1]
    assert "berth manifests" in found["Cluster main: permissions"][1]
    assert "berth-namespaces" in found["Cluster main: confinement"][1]
    assert found["Database"] == (True, "1 migration behind, which `berth run` applies as it starts")
    assert not list(tmp_path.glob("berth.sqlite*")), "looking makes no database"
    assert "hunter2" not in said.out + said.err


def test_what_does_not_answer_is_told_and_the_rest_still_looked_at(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        kubeconfig = yaml.safe_load((tmp_path / "bot.kubeconfig").read_text())
        kubeconfig["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
        (tmp_path / "bot.kubeconfig").write_text(yaml.safe_dump(kubeconfig))

        said = there.examined(
            SLACK_API_URL="http://127.0.0.1:1/", BERTH_DATABASE_URL="postgresql://a:hunter2@127.0.0.1:1/b"
        )

    assert [name for name, (passed, _) in rows(said).items() if passed] == ["Configuration"]
    assert "does not answer" in rows(said)["Cluster main"][1]
    assert said.code == 1
    assert "hunter2" not in said.out + said.err


def test_an_address_that_only_pods_reach_is_told_before_people_are_given_it(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        inside = there.examined(KUBERNETES_SERVICE_HOST="127.0.0.1")
        (tmp_path / "berth.yaml").write_text("clusters: [{name: main, server: 'https://api.example.com:6443'}]")
        outside = there.examined(KUBERNETES_SERVICE_HOST="127.0.0.1")

    assert not rows(inside)["Cluster main: address"][0]
    assert "berth.yaml" in rows(inside)["Cluster main: address"][1]
    assert rows(outside)["Cluster main: address"][0]


def test_a_prometheus_that_knows_no_namespace_or_does_not_answer_is_told(tmp_path: Path) -> None:
    with company(tmp_path) as there, saying() as sayer:
        traffic = {"prometheus": sayer.url, "query": "up"}
        (tmp_path / "berth.yaml").write_text(yaml.safe_dump({"clusters": [{"name": "main", "traffic": traffic}]}))
        sayer.says(series("0", namespace="env-blue"))
        known = rows(there.examined())["Cluster main: traffic"]
        sayer.says()
        empty = rows(there.examined())["Cluster main: traffic"]
        sayer.answers({"status": "error", "error": "parse error"}, 400)
        wrong = rows(there.examined())["Cluster main: traffic"]

    assert known == (True, "namespaces with a value: 1")
    assert (empty[0], wrong[0]) == (False, False)
    assert "refuses the query: parse error" in wrong[1]


def test_asking_leaves_nothing_behind_even_where_nothing_holds_berth(tmp_path: Path) -> None:
    bindings = "/apis/rbac.authorization.k8s.io/v1/rolebindings"
    policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
    with company(tmp_path) as there:
        for policy in ("berth-namespaces", "berth-confine", "berth-home"):
            there.administrator.call("DELETE", f"{policies}/{policy}")

        said = there.examined()

        assert "not in force as `berth manifests` prints them: berth-namespaces, berth-confine, berth-home" in said.out
        for path in ("/api/v1/namespaces", "/api/v1/secrets", bindings):
            names = [found["metadata"]["name"] for found in there.administrator.call("GET", path)["items"]]
            assert not {"berth-doctor-dry-run", "berth-agent"} & {*names}


def test_what_is_wrong_with_the_configuration_does_not_keep_the_rest_from_being_looked_at(tmp_path: Path) -> None:
    (tmp_path / "berth.yaml").write_text("clusters: [{name: main}, {name: other, context: nope}]")
    with company(tmp_path) as there:
        (context,) = yaml.safe_load((tmp_path / "bot.kubeconfig").read_text())["contexts"]
        said = there.examined(SLACK_APP_TOKEN="hunter2", BERTH_HTTP_ADDRESS="x")

    found = rows(said)
    assert said.code == 1
    assert (
        f'"nope" is no context of {tmp_path / "bot.kubeconfig"}; there are {context["name"]}.'
        in found["Configuration"][1]
    )
    assert "does not begin with xapp-" in said.out
    assert "BERTH_HTTP_ADDRESS" in said.out
    assert found["Slack bot token"][0]
    assert found["Cluster main"][0]
    assert found["Cluster main: permissions"] == (True, "all granted")
    assert found["Database"][0]
    assert "Slack app token" not in found
    assert "Cluster other" not in found, "the configuration's row tells of it"
    assert "hunter2" not in said.out + said.err


def test_a_database_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    said = berth("doctor", directory=tmp_path, BERTH_DATABASE_URL="sqlite:///nowhere/berth.sqlite")

    assert rows(said)["Database"][0] is False
    assert "the file nowhere/berth.sqlite cannot be made" in rows(said)["Database"][1]


def test_an_empty_kubeconfig_variable_means_the_file_at_home(tmp_path: Path) -> None:
    said = berth("doctor", directory=tmp_path, KUBECONFIG="")

    assert "cluster main does not answer" in rows(said)["Cluster main"][1]


def test_one_fault_is_one_row(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        said = there.examined(BERTH_CONFIG=str(tmp_path))

    assert [what for what, (passed, _) in rows(said).items() if not passed] == ["Configuration"]
    assert said.out.count("Mend it and ask again.") == 1
    assert "is a directory" in said.out


def test_nothing_is_cut_where_the_terminal_is_narrow(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        there.administrator.call("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/berth")

        said = there.examined(COLUMNS="60")

    assert "…" not in said.out.replace("xoxb-…", "")
    assert "persistentvolumeclaims" in "".join(rows(said)["Cluster main: permissions"][1].split())


def test_whoever_else_asks_is_told_what_holds_for_berths_own_account(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        there.administrator.call("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/berth")
        administrator = {"KUBECONFIG": str(tmp_path / "administrator.kubeconfig")}

        confined = rows(there.examined(**administrator))
        bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
        there.administrator.call("DELETE", f"{bindings}/berth-namespaces")
        loose = rows(there.examined(**administrator))

    passed, said = confined["Cluster main: account"]
    assert passed
    assert "not Berth's own account system:serviceaccount:berth:berth" in said
    assert "kubectl -n berth exec deploy/berth -- berth doctor" in said
    assert not confined["Cluster main: permissions"][0], "an administrator's rights are not Berth's"
    assert confined["Cluster main: confinement"][0]
    assert "not in force as `berth manifests` prints them: berth-namespaces" in loose["Cluster main: confinement"][1]


def test_a_cluster_without_berths_namespace_is_told(tmp_path: Path) -> None:
    with company(tmp_path) as there, SandboxCluster(ClusterOptions()) as bare:
        bare.write_kubeconfig(tmp_path / "bare.kubeconfig")

        found = rows(there.examined(KUBECONFIG=str(tmp_path / "bare.kubeconfig")))

    passed, said = found["Cluster main: home"]
    assert not passed
    assert "is missing, and nothing can be made without it" in said
    assert "berth manifests" in said


TEAMS = """
teams:
  - {name: payments, channel: "#payments"}
  - {name: search, channel: "#search"}
  - {name: lost, channel: "#lost"}
"""


def test_a_team_channel_without_berth_in_it_is_told_with_how_to_invite_it(tmp_path: Path) -> None:
    (tmp_path / "berth.yaml").write_text(TEAMS)
    manifest = app_manifest()
    assert manifest is not None
    manifest["oauth_config"]["scopes"]["bot"] += ["channels:read"]
    with company(tmp_path, manifest=manifest) as there:
        httpx.post(f"{there.slack.url}/_control/channels/payments", json={"bot_member": False}, timeout=20)

        said = there.examined()

    found = rows(said)
    assert found["Channel of team payments"][0] is False
    assert "type /invite @berth" in found["Channel of team payments"][1]
    assert found["Channel of team search"] == (True, "Berth is in #search")
    assert "not among the channels that the token may see" in found["Channel of team lost"][1]
    assert said.code == 1


def test_a_user_group_that_is_not_in_slack_is_told(tmp_path: Path) -> None:
    teams = [{"name": "docks", "user_group": "@payments"}, {"name": "quays", "user_group": "@quais"}]
    (tmp_path / "berth.yaml").write_text(yaml.safe_dump({"teams": teams}))
    with company(tmp_path) as there:
        found = rows(there.examined(BERTH_CONFIG=str(tmp_path / "berth.yaml")))
        body = {"method": "usergroups.list", "error": "missing_scope", "times": 1}
        httpx.post(f"{there.slack.url}/_control/faults", json=body, timeout=20)
        unseen = rows(there.examined(BERTH_CONFIG=str(tmp_path / "berth.yaml")))

    assert found["User groups of team docks"] == (True, "@payments")
    assert found["User groups of team quays"][0] is False
    assert "@quais not in Slack, so nobody is in it by that" in found["User groups of team quays"][1]
    assert unseen["Slack user groups"][0]
    assert "missing_scope" in unseen["Slack user groups"][1]


def test_channels_that_the_token_may_not_look_at_are_no_failure(tmp_path: Path) -> None:
    (tmp_path / "berth.yaml").write_text(TEAMS)
    with company(tmp_path, manifest=app_manifest()) as there:
        said = there.examined()

    passed, told = rows(said)["Channel of team payments"]
    assert passed
    assert "could not be looked up: Slack says missing_scope" in told
    assert "/invite @berth" in told
    assert said.code == 0


def readme_block(beginning: str) -> str:
    """The README's block of commands that begins so."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    return next(block for block in text.split("```") if block.strip().startswith(beginning)).strip()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_the_kubeconfig_that_the_readme_makes_is_of_berths_own_account(tmp_path: Path) -> None:
    commands = readme_block("berth manifests --access-only").replace(
        "berth manifests", f"{sys.executable} -m bot manifests"
    )
    with company(tmp_path) as there:
        kubeconfig = {"KUBECONFIG": str(tmp_path / "administrator.kubeconfig"), "KUBECACHEDIR": str(tmp_path / "cache")}

        made = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=tmp_path,
            env=environment(kubeconfig),
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        found = rows(there.examined(KUBECONFIG=str(tmp_path / "berth.kubeconfig")))

    assert made.returncode == 0, made.stderr
    assert found["Cluster main: account"] == (True, "asked as Berth's own account")
    assert found["Cluster main: confinement"][0]


def test_kinds_that_could_sleep_too_are_told_until_they_are_named(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        install_definition(there.administrator, WIDGETS)
        before = there.examined()
        (tmp_path / "berth.yaml").write_text("clusters: [{name: main, scaled_kinds: [widgets.example.com]}]")
        named = there.examined()
        install(there.administrator, access(["widgets.example.com"]))
        granted = there.examined()

    assert "could sleep too: widgets.example.com" in rows(before)["Cluster main: kinds"][1]
    assert not rows(named)["Cluster main: permissions"][0]
    assert "customresourcedefinitions widgets.example.com (get)" in rows(named)["Cluster main: permissions"][1]
    assert rows(granted)["Cluster main: permissions"][0]
    assert "widgets" not in rows(granted)["Cluster main: kinds"][1]


def test_policies_that_berth_yaml_has_left_behind_are_told_until_they_are_applied_anew(tmp_path: Path) -> None:
    with company(tmp_path) as there:
        administrator = {"KUBECONFIG": str(tmp_path / "administrator.kubeconfig")}
        (tmp_path / "berth.yaml").write_text(
            "clusters: [{name: main, priority_classes: [b-low, a-low], gitops_namespaces: [kube-public]}]"
        )
        before = rows(there.examined(**administrator))["Cluster main: confinement"]
        install(there.administrator, access((), ["kube-public"], ["a-low", "b-low"]))
        after = rows(there.examined(**administrator))["Cluster main: confinement"]

    assert (before[0], after[0]) == (False, True)
    assert "prints them: berth-confine, berth-gitops, berth-priorities" in before[1]
