"""A cluster that no kubeconfig leads to is told at the start, with the contexts that there are."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load

GOOD = """
current-context: a
contexts:
  - {name: a, context: {cluster: one, user: me}}
  - {name: b, context: {cluster: two, user: me}}
  - {name: c, context: {cluster: one, user: you}}
clusters: [{name: one, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {token: hunter2}}]
"""


@pytest.fixture(autouse=True)
def outside_of_clusters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tokens that look right, an empty home, and a working directory to write in."""
    for name in ("BERTH_CONFIG", "BERTH_SLACK_MODE", "KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def mistakes(monkeypatch: pytest.MonkeyPatch, kubeconfig: str, berth_yaml: str = "") -> list[str]:
    """What is told of a kubeconfig and a berth.yaml with these texts."""
    Path("kubeconfig").write_text(kubeconfig)
    Path("berth.yaml").write_text(berth_yaml)
    monkeypatch.setenv("KUBECONFIG", "kubeconfig")
    try:
        load()
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_context_that_is_there_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mistakes(monkeypatch, GOOD, "clusters: [{name: main}, {name: other, context: a}]") == []


def test_an_unknown_context_is_told_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    told = mistakes(monkeypatch, GOOD, "admins: [root]\nclusters: [{name: main, context: nope}]")

    assert told == [
        'berth.yaml line 1, admins[0]: "root" is not an e-mail address: write it as ada@example.com.',
        'berth.yaml line 2, clusters[0].context: "nope" is no context of kubeconfig; there are a, b, c.',
    ]


@pytest.mark.parametrize(
    ("kubeconfig", "told"),
    [
        (
            "garbage",
            "kubeconfig line 1: is not a kubeconfig: it should be a mapping with contexts, clusters and users.",
        ),
        ("", "kubeconfig: is not a kubeconfig"),
        ("{{{", "kubeconfig line 1: is not YAML: "),
        ("contexts: []", "kubeconfig, current-context: is not set: set it, or give the cluster a context"),
        (GOOD.replace("current-context: a", "current-context: d"), '"d" is no context of kubeconfig; there are a, b,'),
        (GOOD.replace("current-context: a", "current-context: b"), 'is for cluster "two", which is not in the file'),
        (GOOD.replace("current-context: a", "current-context: c"), 'is for user "you", which is not in the file'),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_is_told(monkeypatch: pytest.MonkeyPatch, kubeconfig: str, told: str) -> None:
    (only,) = mistakes(monkeypatch, kubeconfig)

    assert told in only
    assert "hunter2" not in only


def test_no_kubeconfig_at_all_is_told_outside_of_a_cluster() -> None:
    with pytest.raises(ConfigError, match=r"environment, KUBECONFIG: is not set, there is no ~/.kube/config"):
        load()


def test_several_files_are_one_and_only_those_that_are_there_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "first").write_text("contexts: [{name: z, context: {cluster: one, user: me}}]")
    (tmp_path / "second").write_text(GOOD)
    (tmp_path / "berth.yaml").write_text("clusters: [{name: main, context: z}]")
    monkeypatch.setenv("KUBECONFIG", "first:absent:second")

    assert load()[1].cluster().context == "z"
