"""An environment's life, as the people of a company see it."""

import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest
import yaml

from bot.rules.words import SLEEP_QUOTA, Phase
from bot.seams.cluster import NotFound
from tests.journeys.people import buttons, click, direct, kubeconfig_of, last, modal, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.world import World

pytestmark = pytest.mark.cluster
MERGE = "application/merge-patch+json"
KUBECTL = {"fieldManager": "kubectl-patch"}  # as a person writes; without it the server would take it for the bot
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def blue(company: World) -> World:
    """A company in which ada has a running environment `blue` with a web server."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def replicas(world: World) -> int:
    web = world.harbour.admin.call("GET", f"/apis/apps/v1/namespaces/{namespace(world)}/deployments/web")
    return int(web["spec"]["replicas"])


def namespace(world: World, name: str = "blue") -> str:
    return world.environment(name).namespace


def test_create_is_told_in_one_message_from_the_first_step_to_running(company: World) -> None:
    answer = company.says(company.ada, "/k8s create blue template=web")
    company.berth.passes.outbox.deliver_one()
    begun = [row for row in direct(company.ada) if not row.get("ephemeral")]
    company.settle()

    told = [row for row in direct(company.ada) if not row.get("ephemeral")]
    assert "blue" in answer["text"]
    assert answer["ephemeral"]
    assert "provisioning → " in text_of(begun[0])
    assert [row["ts"] for row in told] == [row["ts"] for row in begun]
    assert len(told) == 1
    assert "is running" in told[0]["text"]
    assert told[0]["edited"]
    assert {"Connect", "Sleep now"} <= set(buttons(told[0]))


def test_an_environment_is_isolated_and_limited_before_its_owner_gets_in(blue: World) -> None:
    admin, where = blue.harbour.admin, namespace(blue)

    found = admin.get("Namespace", where)
    quota = admin.call("GET", f"/api/v1/namespaces/{where}/resourcequotas/berth")
    policies = admin.call("GET", f"/apis/networking.k8s.io/v1/namespaces/{where}/networkpolicies")
    binding = admin.call("GET", f"/apis/rbac.authorization.k8s.io/v1/namespaces/{where}/rolebindings/berth-owner")

    assert found["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "berth"
    assert found["metadata"]["annotations"]["berth.dev/owner-email"] == "ada@harbour.example"
    assert quota["spec"]["hard"]["requests.cpu"]
    assert {p["metadata"]["name"] for p in policies["items"]} == {"berth-isolation", "berth-isolation-allowed"}
    assert binding["roleRef"]["name"] == "berth-tenant-edit"


def test_sleep_stops_everything_and_wake_brings_it_back_to_the_replica(blue: World) -> None:
    admin, where = blue.harbour.admin, namespace(blue)
    admin.call("PATCH", f"/apis/apps/v1/namespaces/{where}/deployments/web", KUBECTL, {"spec": {"replicas": 3}}, MERGE)

    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    asleep = (blue.environment("blue").phase, replicas(blue))
    told = last(blue.ada, "is asleep")
    click(blue.ada, told, "Wake")
    blue.settle()

    assert asleep == (Phase.SLEEPING, 0)
    assert (blue.environment("blue").phase, replicas(blue)) == (Phase.RUNNING, 3)
    assert last(blue.ada, "is awake and as it was")
    with pytest.raises(NotFound):
        admin.call("GET", f"/api/v1/namespaces/{where}/resourcequotas/{SLEEP_QUOTA}")


def test_what_a_person_changes_while_it_sleeps_stays_and_is_told(blue: World) -> None:
    admin, where = blue.harbour.admin, namespace(blue)
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    admin.call("PATCH", f"/apis/apps/v1/namespaces/{where}/deployments/web", KUBECTL, {"spec": {"replicas": 4}}, MERGE)

    blue.says(blue.ada, "/k8s wake blue")
    blue.settle()

    assert replicas(blue) == 4
    assert "changed while asleep" in text_of(last(blue.ada, "awake"))


def test_a_later_end_is_also_noted_on_the_namespace(blue: World) -> None:
    blue.pass_time(days=5)
    blue.says(blue.ada, "/k8s extend blue 5d")
    blue.settle()

    found = blue.harbour.admin.get("Namespace", namespace(blue))
    end = blue.environment("blue").expires_at
    assert end is not None
    assert found["metadata"]["annotations"]["berth.dev/expires-at"] == end.isoformat()


def test_extend_moves_both_sleep_and_end(blue: World) -> None:
    blue.says(blue.ada, "/k8s extend blue 2d")
    first = blue.environment("blue")
    answer = blue.says(blue.ada, "/k8s extend blue 8d")
    after = blue.environment("blue")

    assert first.awake_until is not None
    assert abs(first.awake_until - blue.clock.now() - timedelta(days=2)) < timedelta(minutes=1)
    assert after.awake_until == first.awake_until
    assert "7d" in answer["text"]


@pytest.mark.parametrize("typed", ["0h", "-4h", "4000d", "soon", "∞", "9" * 400 + "h", "1.5h"])
def test_a_duration_that_is_none_is_refused_in_words_with_a_good_one(blue: World, typed: str) -> None:
    before = blue.environment("blue").awake_until

    answer = blue.says(blue.ada, f"/k8s extend blue {typed}")

    assert answer["ephemeral"]
    assert "4h" in text_of(answer) or "8h" in text_of(answer)
    assert "Traceback" not in text_of(answer)
    assert blue.environment("blue").awake_until == before


def test_delete_asks_first_names_what_is_lost_and_removes_the_namespace(blue: World) -> None:
    where = namespace(blue)
    blue.says(blue.ada, "/k8s delete blue")
    question = modal(blue.ada, "web")
    still_there = blue.harbour.admin.get("Namespace", where)
    blue.ada.does("submit", view_id=question["id"], values={})
    blue.settle()

    assert still_there
    assert "Deployment web" in text_of(question)
    assert blue.environment("blue").phase is Phase.DELETED
    assert "is deleted" in last(blue.ada, "is deleted")["text"]
    with pytest.raises(NotFound):
        blue.harbour.admin.get("Namespace", where)


def test_a_name_is_free_again_after_its_environment_is_deleted(blue: World) -> None:
    blue.says(blue.ada, "/k8s delete blue")
    question = modal(blue.ada, "web")
    blue.ada.does("submit", view_id=question["id"], values={})
    blue.settle()

    blue.says(blue.lin, "/k8s create blue")
    blue.settle()

    assert blue.environment("blue").owner_id == blue.lin.id


def connected(world: World, tmp_path: Path) -> Path:
    """The kubeconfig that /k8s connect shows ada, in a file."""
    world.says(world.ada, "/k8s connect blue")
    shown = modal(world.ada, "apiVersion")
    config = tmp_path / "ada.kubeconfig"
    config.write_text(kubeconfig_of(shown))
    return config


def test_connect_gives_a_kubeconfig_to_nobody_else_s_eyes(blue: World, tmp_path: Path) -> None:
    config = yaml.safe_load(connected(blue, tmp_path).read_text())
    token = config["users"][0]["user"]["token"]

    everywhere = [row for who in (blue.ada, blue.lin) for c in ("#payments", "#general") for row in channel(who, c)]
    assert token
    assert token not in str([*everywhere, *direct(blue.ada)])
    assert config["contexts"][0]["context"]["namespace"] == namespace(blue)


def channel(who: Person, name: str) -> list[Json]:
    return who.sees(who.channel("channel", name.lstrip("#"))["id"])


def test_the_kubeconfig_works_with_stock_kubectl_here_and_nowhere_else(blue: World, tmp_path: Path) -> None:
    if which("kubectl") is None:
        pytest.skip("no kubectl on this machine: install Debian's kubernetes-client")
    config = connected(blue, tmp_path)

    def kubectl(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["kubectl", "--kubeconfig", str(config), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    pods = kubectl("get", "pods")
    elsewhere = kubectl("get", "pods", "-n", "kube-system")
    policies = kubectl("auth", "can-i", "delete", "networkpolicies")
    quota = kubectl("auth", "can-i", "patch", "resourcequotas")

    assert "web-" in pods.stdout, pods.stderr
    assert "forbidden" in elsewhere.stderr.lower()
    assert policies.stdout.strip() == "no"
    assert quota.stdout.strip() == "no"


def test_the_form_makes_what_was_entered(company: World) -> None:
    company.says(company.ada, "/k8s create")
    form = company.ada.modal()
    values = {block["block_id"]: block["element"]["action_id"] for block in form["blocks"] if block["type"] == "input"}
    entered = {"name": {values["name"]: {"type": "plain_text_input", "value": "My Café"}}}
    company.ada.does("submit", view_id=form["id"], values=entered)
    company.settle()

    assert company.environment("my-cafe").phase is Phase.RUNNING


def test_a_taken_name_is_refused_with_a_free_one(blue: World) -> None:
    answer = blue.says(blue.lin, "/k8s create Blue")

    assert "taken" in text_of(answer)
    assert "blue-2" in text_of(answer)


def test_the_same_person_is_told_that_they_have_it_already(blue: World) -> None:
    assert "already" in text_of(blue.says(blue.ada, "/k8s create blue"))


def test_an_unknown_name_is_answered_with_the_nearest(blue: World) -> None:
    answer = blue.says(blue.ada, "/k8s status blu")

    assert "/k8s status blue" in text_of(answer)


@pytest.mark.parametrize("command", ["sleep", "wake", "extend", "delete", "connect", "status"])
def test_a_missing_name_is_asked_for_with_an_example(blue: World, command: str) -> None:
    answer = blue.says(blue.ada, f"/k8s {command}")

    assert f"/k8s {command}" in text_of(answer)


def test_a_lead_may_put_a_teammate_s_environment_to_sleep_and_the_owner_hears_of_it(blue: World) -> None:
    blue.says(blue.lin, "/k8s sleep blue")
    blue.settle()

    assert blue.environment("blue").phase is Phase.SLEEPING
    assert f"<@{blue.lin.id}>" in text_of(last(blue.ada, "is asleep"))


def test_sleeping_twice_is_answered_sensibly(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    again = blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    assert "Nothing to do" in text_of(again)
    assert len([n for n in blue.notices("blue") if n.facts["operation"] == "sleep"]) == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/k8s", "blue"),
        ("/k8s list", "blue"),
        ("/k8s list team", "blue"),
        ("/k8s status blue", "running"),
        ("/k8s cost", "USD"),
        ("/k8s cost blue", "blue"),
        ("/k8s whoami", "ada@harbour.example"),
        ("/k8s help", "create"),
        ("/k8s help extend", "4h"),
        ("/k8s “status” blue", "running"),
        ("/k8s STATUS `Blue`", "running"),
    ],
)
def test_every_question_is_answered(blue: World, command: str, words: str) -> None:
    answer = blue.says(blue.ada, command)

    assert answer["ephemeral"]
    assert words in text_of(answer)


def test_only_admins_list_everybody_s(blue: World) -> None:
    assert "blue" in text_of(blue.says(blue.root, "/k8s list all"))
    assert "Only admins" in text_of(blue.says(blue.ada, "/k8s list all"))


def test_guests_are_refused_in_plain_words(company: World) -> None:
    assert "Guests" in text_of(company.says(company.gus, "/k8s create blue"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_email_confirmed": False}, "not confirmed"),
        ({"is_bot": True}, "Bots"),
        ({"team_id": "T0ELSEWHERE"}, "another Slack workspace"),
        ({"is_stranger": True}, "another Slack workspace"),
        ({"email": ""}, "e-mail"),
    ],
)
def test_whoever_slack_does_not_vouch_for_is_refused(company: World, change: dict[str, object], words: str) -> None:
    company.harbour.control.post("/people/ada", **change)

    answer = company.says(company.ada, "/k8s create blue")

    assert words in text_of(answer)


def test_every_change_is_audited_with_who_before_after_and_from_where(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    with blue.berth.store.read() as records:
        events = records.audit.of_environment(blue.environment("blue").id)
    asleep = next(event for event in events if event.action == "sleep")
    assert events[0].action == "create"
    assert asleep.actor == blue.ada.id
    assert (asleep.before["wanted"], asleep.after["wanted"]) == ("RUNNING", "SLEEPING")
    assert asleep.source_kind == "command"
    assert asleep.source_channel == blue.ada.channel()["id"]


def test_the_home_shows_what_one_has(blue: World) -> None:
    blue.ada.does("open_home", tab="home")

    home = until(blue.ada.home, "the Home") or {}
    assert "blue" in text_of(home)


def test_the_documented_lines_wake_an_environment_without_the_bot(blue: World, tmp_path: Path) -> None:
    if which("kubectl") is None:
        pytest.skip("no kubectl on this machine: install Debian's kubernetes-client")
    admin, where = blue.harbour.admin, namespace(blue)
    admin.call("PATCH", f"/apis/apps/v1/namespaces/{where}/deployments/web", KUBECTL, {"spec": {"replicas": 3}}, MERGE)
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    script = re.search(r"## Sleep, without the bot.*?```\n(.*?)```", README.read_text(), re.DOTALL)
    assert script is not None
    lines = script[1].replace("NAMESPACE", where)
    environment = {**os.environ, "KUBECONFIG": str(blue.harbour.admin_kubeconfig)}
    done = subprocess.run(["bash", "-euc", lines], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert replicas(blue) == 3
