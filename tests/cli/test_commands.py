"""Each command by itself: what it prints, how it ends, and that a mistake is never a traceback."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.rules.installation import Installation, access, bot
from tests.cli.terminal import berth, environment

pytestmark = pytest.mark.slow

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


HEAVY = ("kubernetes", "pydantic", "slack_bolt", "slack_sdk", "sqlalchemy", "starlette", "uvicorn", "yaml")


def test_help_lists_every_command(tmp_path: Path) -> None:
    said = berth("--help", directory=tmp_path)

    assert said.code == 0
    assert all(command in said.out for command in ("run", "demo", "migrate", "doctor", "manifests", "sandbox"))


def test_help_answers_at_once_because_it_loads_nothing_heavy(tmp_path: Path) -> None:
    asked = f"import sys, bot.__main__; print([name for name in {HEAVY} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "command", ["run", "demo", "migrate", "doctor", "manifests", "sandbox slack", "sandbox cluster"]
)
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    said = berth(*command.split(), "--help", directory=tmp_path)

    assert said.code == 0
    assert f"berth {command}" in said.out


def test_run_lists_every_mistake_and_ends_with_two(tmp_path: Path) -> None:
    (tmp_path / "berth.yaml").write_text("teems: []\nsleep: {idle_after: soon}")

    said = berth("run", directory=tmp_path)

    assert said.code == 2
    assert "The configuration has 4 mistakes:" in said.err
    assert "SLACK_BOT_TOKEN: is missing" in said.err
    assert "berth.yaml line 1, teems" in said.err
    assert "Traceback" not in said.err


def test_migrate_makes_the_tables_and_a_second_time_nothing(tmp_path: Path) -> None:
    first = berth("migrate", directory=tmp_path)
    second = berth("migrate", directory=tmp_path)

    assert (first.code, second.code) == (0, 0)
    assert "Applied 0001" in first.out
    assert second.out == "The database is up to date.\n"
    assert (tmp_path / "berth.sqlite").exists()


def test_migrate_tells_of_a_database_that_does_not_answer(tmp_path: Path) -> None:
    said = berth("migrate", directory=tmp_path, BERTH_DATABASE_URL="postgresql://berth:hunter2@127.0.0.1:1/berth")

    assert said.code == 1
    assert said.err.startswith("Nothing was migrated: the database does not answer")
    assert "Traceback" not in said.err
    assert "hunter2" not in said.err


def test_manifests_prints_the_installation_as_yaml(tmp_path: Path) -> None:
    said = berth("manifests", "--image", "registry.example/berth:1", directory=tmp_path)

    printed = list(yaml.safe_load_all(said.out))
    wanted = [*access(), *bot(Installation(image="registry.example/berth:1"))]
    assert [(p["kind"], p["metadata"]["name"]) for p in printed] == [(w["kind"], w["metadata"]["name"]) for w in wanted]
    assert [p for p in printed if p["kind"] != "ConfigMap"] == [w for w in wanted if w["kind"] != "ConfigMap"]


def test_manifests_of_access_only_leave_the_bot_out(tmp_path: Path) -> None:
    said = berth("manifests", "--access-only", directory=tmp_path)

    assert list(yaml.safe_load_all(said.out)) == list(access())


def test_manifests_carry_ones_own_berth_yaml_to_the_letter(tmp_path: Path) -> None:
    text = "# ours\nadmins:\n  - root@example.com\n"
    (tmp_path / "mine.yaml").write_text(text)

    said = berth("manifests", "--config", "mine.yaml", directory=tmp_path)

    (config,) = [found for found in yaml.safe_load_all(said.out) if found["kind"] == "ConfigMap"]
    assert config["data"]["berth.yaml"] == text
    assert "    # ours" in said.out


def test_manifests_refuse_a_berth_yaml_with_mistakes(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("teems: []")

    said = berth("manifests", "--config", "mine.yaml", directory=tmp_path)

    assert (said.code, said.out) == (2, "")
    assert 'did you mean "teams"?' in said.err


def test_the_starter_berth_yaml_holds_the_defaults(tmp_path: Path) -> None:
    said = berth("manifests", directory=tmp_path)

    (config,) = [found for found in yaml.safe_load_all(said.out) if found["kind"] == "ConfigMap"]
    assert yaml.safe_load(config["data"]["berth.yaml"]) is None
    uncommented = config["data"]["berth.yaml"].replace("# ", "").split("\n", 1)[1]
    assert yaml.safe_load(uncommented)["teams"][0]["channel"] == "#payments"


LISTENING = {**TOKENS, "SLACK_API_URL": "http://127.0.0.1:1/", "BERTH_HTTP_ADDRESS": "127.0.0.1:0"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_bot_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env=environment(LISTENING),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        while "berth started" not in process.stdout.readline():
            assert process.poll() is None

        process.send_signal(number)

        assert "berth stopped" in process.communicate(timeout=30)[0]
        assert process.returncode == 0


def test_a_bot_whose_database_does_not_answer_says_so_and_ends(tmp_path: Path) -> None:
    url = "postgresql://berth:hunter2@127.0.0.1:1/berth"

    said = berth("run", directory=tmp_path, **{**LISTENING, "BERTH_DATABASE_URL": url})

    assert said.code == 1
    assert "The bot cannot start: the database does not answer" in said.err
    assert "Traceback" not in said.err
    assert "hunter2" not in said.out + said.err


def test_a_bot_whose_address_is_taken_says_so_and_ends(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        said = berth("run", directory=tmp_path, **{**LISTENING, "BERTH_HTTP_ADDRESS": address})

    assert said.code == 1
    assert f"BERTH_HTTP_ADDRESS {address} cannot be listened on" in said.err
    assert "Traceback" not in said.err


def test_manifests_grant_what_the_kinds_of_berth_yaml_need(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("clusters: [{name: main, scaled_kinds: [widgets.example.com]}]")

    said = berth("manifests", "--access-only", "--config", "mine.yaml", directory=tmp_path)

    assert list(yaml.safe_load_all(said.out)) == list(access(["widgets.example.com"]))


TWO = """\
clusters:
  - {name: main, gitops_namespaces: [argocd]}
  - {name: west, gitops_namespaces: [flux-system], scaled_kinds: [widgets.example.com], priority_classes: [low]}
"""


def test_manifests_give_each_cluster_the_rights_that_it_alone_needs(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(TWO)
    asked = ("manifests", "--access-only", "--config", "mine.yaml")

    main, west = (berth(*asked, "--cluster", name, directory=tmp_path) for name in ("main", "west"))
    none, wrong = berth(*asked, directory=tmp_path), berth(*asked, "--cluster", "wset", directory=tmp_path)

    assert list(yaml.safe_load_all(main.out)) == list(access((), ["argocd"]))
    assert list(yaml.safe_load_all(west.out)) == list(access(["widgets.example.com"], ["flux-system"], ["low"]))
    assert (none.code, none.out) == (1, "")
    assert "--cluster main or --cluster west" in none.err
    assert (wrong.code, wrong.out) == (1, "")
    assert '"wset" is none of the clusters (did you mean "west"?); there are main, west.' in wrong.err


def test_manifests_need_not_be_told_the_cluster_where_all_need_the_same(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "clusters: [{name: a, gitops_namespaces: [flux, argocd]}, {name: b, gitops_namespaces: [argocd, flux]}]"
    )

    said = berth("manifests", "--access-only", "--config", "mine.yaml", directory=tmp_path)

    assert list(yaml.safe_load_all(said.out)) == list(access((), ["argocd", "flux"]))
