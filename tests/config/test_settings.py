"""The environment variables: what each mode needs, and mistakes told together without repeating a secret."""

from pathlib import Path

import pytest

from bot.config import ConfigError, SlackMode, load, read_database_url, read_settings
from tests.cli.terminal import HOME

SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
HTTP = {"BERTH_SLACK_MODE": "http", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "abc"}


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine's own, a working directory without a berth.yaml, and a kubeconfig at home."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SLACK_MODE", "AUDIT_TOKEN", "HTTP_ADDRESS", "DATABASE_URL", "CONFIG", "CLOCK_EPOCH", "CLOCK_SPEED"):
        monkeypatch.delenv(f"BERTH_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("HOME", str(HOME))


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Set these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def mistakes() -> list[str]:
    """What is told of the environment as it is."""
    with pytest.raises(ConfigError) as refused:
        load()
    return [str(problem) for problem in refused.value.problems]


def test_socket_mode_needs_two_tokens_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SOCKET)

    settings = read_settings()

    assert settings.slack_mode is SlackMode.SOCKET
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url.get_secret_value() == "sqlite:///berth.sqlite"
    assert settings.config_path is None


def test_http_mode_needs_the_signing_secret_and_no_app_token(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, HTTP)

    assert read_settings().slack_mode is SlackMode.HTTP


def test_an_empty_environment_is_told_what_is_missing() -> None:
    assert [mistake.split(":")[0] for mistake in mistakes()] == [
        "environment, SLACK_BOT_TOKEN",
        "environment, SLACK_APP_TOKEN",
    ]


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {**SOCKET, "SLACK_APP_TOKEN": "", "BERTH_CONFIG": "", "KUBECONFIG": ""})

    (only,) = mistakes()

    assert only.startswith("environment, SLACK_APP_TOKEN: is missing")


def test_a_berth_yaml_in_the_working_directory_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_all(monkeypatch, SOCKET)
    (tmp_path / "berth.yaml").write_text("admins: [root@example.com]")

    _, catalogue = load()

    assert "root@example.com" in catalogue.admins


def test_mistakes_of_the_environment_and_of_the_file_are_told_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "berth.yaml").write_text("admins: [root]\nteems: []")
    set_all(monkeypatch, {**SOCKET, "BERTH_HTTP_ADDRESS": "99999"})

    told = mistakes()

    assert [mistake.split(":")[0] for mistake in told] == [
        "environment, BERTH_HTTP_ADDRESS",
        "berth.yaml line 1, admins[0]",
        "berth.yaml line 2, teems",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("BERTH_SLACK_MODE", "sockets", "is not a mode: write socket or http."),
        ("BERTH_HTTP_ADDRESS", "localhost", '"localhost" is not host:port: try 127.0.0.1:8080 or :8080.'),
        ("BERTH_HTTP_ADDRESS", "x:70000", '"x:70000" is not host:port'),
        ("SLACK_API_URL", "slack.com", '"slack.com" is not a web address: try https://slack.com/api/.'),
        ("SLACK_API_URL", "http://[x", "is not a web address"),
        ("BERTH_DATABASE_URL", "mysql://a:hunter2@b/c", "is not a database that Berth can use: try sqlite:///"),
        ("BERTH_DATABASE_URL", "sqlite://", "is not a database that Berth can use"),
        ("BERTH_DATABASE_URL", "sqlite:///:memory:", "is not a database that Berth can use"),
        ("BERTH_CONFIG", "/nowhere/berth.yaml", 'there is no file "/nowhere/berth.yaml"'),
        ("KUBECONFIG", "/nowhere/config", 'there is no file "/nowhere/config"'),
        ("BERTH_CLOCK_EPOCH", "2026-01-01T00:00:00", "is not an instant with its zone"),
        ("BERTH_CLOCK_SPEED", "inf", "is not a speed"),
        ("BERTH_CLOCK_SPEED", "0", "is not a speed"),
        ("BERTH_AUDIT_TOKEN", "hunter2", "should be 16 to 200 letters, digits, dots, dashes and underscores"),
        ("BERTH_AUDIT_TOKEN", "hunter2/hunter2/hunter2", "should be 16 to 200 letters"),
        ("BERTH_PUBLIC_URL", "http://berth.corp.example", "is not the address at which browsers reach"),
        ("BERTH_PUBLIC_URL", "https://berth.corp.example/?x=1", "try https://berth.corp.example."),
        ("BERTH_DATABSE_URL", "x", "is not a variable that Berth reads (did you mean BERTH_DATABASE_URL?)."),
        ("SLACK_BOT_TOKEN", "xapp-hunter2", "holds a token of another kind, one that begins with xapp-"),
        ("SLACK_APP_TOKEN", "xoxb-hunter2", "holds a token of another kind, one that begins with xoxb-"),
        ("SLACK_BOT_TOKEN", "hunter2", "does not begin with xoxb-: Slack's bot token"),
        ("SLACK_APP_TOKEN", "hunter2", "does not begin with xapp-: Socket Mode needs"),
        ("BERTH_CONFIG", "/", '"/" is a directory: name the file in it'),
        ("SLACK_BOT_TOKEN", "xoxb-hunter2\n", "holds a space, a line break or a character that no token has"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    set_all(monkeypatch, {**SOCKET, variable: value})

    (only,) = mistakes()

    assert only.startswith(f"environment, {variable}: ")
    assert told in only
    assert "hunter2" not in only


def test_a_company_login_needs_the_address_of_its_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "berth.yaml"
    path.write_text("identity: {oidc: {issuer: https://login.corp.example, client_id: berth}}")
    set_all(monkeypatch, {**SOCKET, "BERTH_CONFIG": str(path)})

    (only,) = mistakes()

    assert "BERTH_PUBLIC_URL: is missing: identity.oidc in berth.yaml needs" in only


def test_variables_that_a_cluster_adds_for_a_service_are_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {**SOCKET, "BERTH_SERVICE_HOST": "10.0.0.1", "BERTH_PORT_80_TCP_ADDR": "10.0.0.1"})

    assert read_settings()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////var/lib/berth.sqlite", "sqlite:////var/lib/berth.sqlite"),
    ],
)
def test_the_database_alone_can_be_read(monkeypatch: pytest.MonkeyPatch, written: str, read: str) -> None:
    monkeypatch.setenv("BERTH_DATABASE_URL", written)

    assert read_database_url() == read


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("127.0.0.1:0", "127.0.0.1:0"),
        (":8080", "0.0.0.0:8080"),
        ("[::1]:80", "[::1]:80"),
        ("h.example:1", "h.example:1"),
    ],
)
def test_the_http_address_may_be_of_either_family(monkeypatch: pytest.MonkeyPatch, written: str, shown: str) -> None:
    set_all(monkeypatch, {**SOCKET, "BERTH_HTTP_ADDRESS": written})

    assert str(read_settings().http_address) == shown


def test_settings_never_show_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(
        monkeypatch,
        {
            **SOCKET,
            "SLACK_BOT_TOKEN": "xoxb-hunter2",
            "BERTH_AUDIT_TOKEN": "hunter2-hunter2-hunter2",
            "BERTH_DATABASE_URL": "postgresql://a:hunter2@b/c",
        },
    )

    assert "hunter2" not in repr(read_settings())


def test_the_audit_token_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SOCKET)

    assert read_settings().audit_token is None
