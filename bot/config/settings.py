"""The environment variables: where Slack, the database and berth.yaml are, and with which secrets.

Secrets stay SecretStr; no error repeats one, nor a URL that may hold one.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_core.core_schema import ValidationInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.clock import Clock, clock_of
from bot.config.catalogue_file import survey_catalogue
from bot.config.kubeconfig import ContextCheck
from bot.config.problems import ConfigError, Problem, shown
from bot.rules.catalogue import Catalogue

Read = TypeVar("Read", bound="DatabaseSettings")
ENVIRONMENT: Final = "environment"
_DATABASES: Final = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
_NO_FILE: Final = ("", "/", "/:memory:")  # each connection would see a database of its own


class SlackMode(StrEnum):
    """How Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


@dataclass(frozen=True)
class HttpAddress:
    """Where the HTTP server listens; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _http_address(value: Any) -> Any:
    """`host:port`, `[::1]:port` or `:port` for every interface."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:\[\]/]*)):([0-9]{1,5})", value.strip(), re.ASCII)
    if not match or int(match[3]) > 65535:
        raise ValueError(f"{shown(value)} is not host:port: try 127.0.0.1:8080 or :8080.")
    return HttpAddress(match[1] or match[2] or "0.0.0.0", int(match[3]))  # noqa: S104  `:port` asks for every interface


class DatabaseSettings(BaseSettings):
    """Where the database is, for what needs nothing else."""

    model_config = SettingsConfigDict(
        extra="ignore",
        frozen=True,
        case_sensitive=True,
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr = Field(SecretStr("sqlite:///berth.sqlite"), validation_alias="BERTH_DATABASE_URL")

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: SecretStr) -> SecretStr:
        scheme, separator, rest = url.get_secret_value().strip().partition("://")
        driver = _DATABASES.get(scheme.partition("+")[0])
        if not separator or driver is None or (driver == "sqlite" and rest in _NO_FILE):
            raise ValueError(
                "is not a database that Berth can use: "
                "try sqlite:///berth.sqlite or postgresql://user:password@host/berth."
            )
        return SecretStr(f"{driver}://{rest}")


class Settings(DatabaseSettings):
    """What the environment says. Use `read_settings`, which tells mistakes in plain words."""

    slack_mode: SlackMode = Field(SlackMode.SOCKET, validation_alias="BERTH_SLACK_MODE")
    slack_bot_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_BOT_TOKEN", validate_default=True)
    slack_app_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_APP_TOKEN", validate_default=True)
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), validation_alias="SLACK_SIGNING_SECRET", validate_default=True
    )
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    http_address: Annotated[HttpAddress, NoDecode, BeforeValidator(_http_address)] = Field(
        HttpAddress("127.0.0.1", 8080), validation_alias="BERTH_HTTP_ADDRESS"
    )
    audit_token: SecretStr | None = Field(None, validation_alias="BERTH_AUDIT_TOKEN")
    public_url: str | None = Field(None, validation_alias="BERTH_PUBLIC_URL")
    oidc_client_secret: SecretStr | None = Field(None, validation_alias="BERTH_OIDC_CLIENT_SECRET")
    config: Path | None = Field(None, validation_alias="BERTH_CONFIG")
    kubeconfig: str | None = Field(None, validation_alias="KUBECONFIG")
    clock_epoch: AwareDatetime | None = Field(None, validation_alias="BERTH_CLOCK_EPOCH")
    clock_speed: float = Field(1.0, validation_alias="BERTH_CLOCK_SPEED", gt=0, le=100_000, allow_inf_nan=False)

    @property
    def config_path(self) -> Path | None:
        """The berth.yaml to read: the one that is named, else the one in the working directory, else none."""
        beside = Path("berth.yaml")
        return self.config or (beside if beside.is_file() else None)

    def clock(self) -> Clock:
        """The clock that Berth lives by: the machine's, unless the demo hurries it."""
        return clock_of(self.clock_epoch, self.clock_speed)

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, token: SecretStr) -> SecretStr:
        return _checked_secret(token, "Slack's bot token (OAuth & Permissions; begins with xoxb-)", begins="xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("slack_mode") is not SlackMode.SOCKET:
            return token
        meaning = "Socket Mode needs Slack's app-level token (Basic Information; begins with xapp-)"
        return _checked_secret(token, meaning, begins="xapp-")

    @field_validator("slack_signing_secret")
    @classmethod
    def _signing_secret(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("slack_mode") is not SlackMode.HTTP:
            return secret
        return _checked_secret(secret, "HTTP mode needs Slack's signing secret (Basic Information)")

    @field_validator("slack_api_url")
    @classmethod
    def _api_url(cls, url: str) -> str:
        if not _is_web_url(url):
            raise ValueError(f"{shown(url)} is not a web address: try https://slack.com/api/.")
        return url.rstrip("/") + "/"

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, url: str | None) -> str | None:
        if url is not None and not _is_public_url(url):
            raise ValueError(
                f"{shown(url)} is not the address at which browsers reach Berth’s HTTP server: "
                "try https://berth.corp.example."
            )
        return url.rstrip("/") if url is not None else None

    @field_validator("audit_token")
    @classmethod
    def _audit_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(r"[A-Za-z0-9._~-]{16,200}", token.get_secret_value(), re.ASCII):
            raise ValueError(
                "should be 16 to 200 letters, digits, dots, dashes and underscores, since it may be part of an "
                "address: take what `openssl rand -hex 32` prints."
            )
        return token

    @field_validator("config")
    @classmethod
    def _config_exists(cls, path: Path | None) -> Path | None:
        if path is not None and path.is_dir():
            raise ValueError(f"{shown(path)} is a directory: name the file in it, as {path / 'berth.yaml'}.")
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {shown(path)}: correct the path, or unset it to use the defaults.")
        return path

    @field_validator("kubeconfig")
    @classmethod
    def _kubeconfig_exists(cls, paths: str | None) -> str | None:
        if paths and not any(Path(path).expanduser().is_file() for path in paths.split(os.pathsep) if path):
            raise ValueError(f"there is no file {shown(paths)}: correct the path, or unset it inside a cluster.")
        return paths or None


@dataclass(frozen=True)
class Survey:
    """The configuration as far as it is right: what is wrong is as if it had not been given, or is a stand-in."""

    settings: Settings
    wrong: frozenset[str]  # the variables whose values the settings do not have
    catalogue: Catalogue | None  # None where no cluster could be read from berth.yaml
    problems: tuple[Problem, ...]
    leads_nowhere: bool = False  # some of the problems are of clusters that no context leads to

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is to be reached by Socket Mode."""
        return self.settings.slack_mode is SlackMode.SOCKET


def read_settings() -> Settings:
    """The settings in this process's environment. Raises ConfigError with every problem found there."""
    settings, problems = _read(Settings)
    if problems:
        raise ConfigError(problems)
    return settings


def read_database_url() -> str:
    """The database's URL, which may hold a password. Raises ConfigError."""
    settings, problems = _read(DatabaseSettings)
    if problems:
        raise ConfigError(problems)
    return settings.database_url.get_secret_value()


def load() -> tuple[Settings, Catalogue]:
    """The settings and the catalogue. Raises ConfigError with every problem of both."""
    found = survey()
    if found.catalogue is None or found.problems:
        raise ConfigError(found.problems)
    return found.settings, found.catalogue


def survey() -> Survey:
    """Everything that is configured, with every problem of the environment, berth.yaml and the kubeconfig."""
    settings, problems = _read(Settings)
    wrong = frozenset(problem.path for problem in problems)
    if "BERTH_CONFIG" in wrong:
        return Survey(settings, wrong, None, tuple(problems))
    contexts = ContextCheck(settings.kubeconfig)
    file = survey_catalogue(settings.config_path, *([] if "KUBECONFIG" in wrong else [contexts]))
    problems += _of_both(settings, file.catalogue) if "BERTH_PUBLIC_URL" not in wrong else []
    return Survey(settings, wrong, file.catalogue, (*problems, *file.problems), contexts.failed)


def _of_both(settings: Settings, catalogue: Catalogue | None) -> list[Problem]:
    """What the environment lacks for what berth.yaml says."""
    if catalogue is None or catalogue.identity.oidc is None or settings.public_url is not None:
        return []
    lacking = "is missing: identity.oidc in berth.yaml needs the address at which browsers reach Berth’s HTTP server."
    return [Problem(ENVIRONMENT, "BERTH_PUBLIC_URL", lacking)]


def _read(kind: type[Read]) -> tuple[Read, list[Problem]]:
    """The settings, with a stand-in for each wrong variable, and what is wrong.

    A rule between two variables is judged again once the wrong one of them is replaced.
    """
    problems: list[Problem] = []
    stand_ins: dict[str, Any] = {}
    while True:
        try:
            settings = kind(**stand_ins)
        except ValidationError as error:
            found = list(_problems(error))
            problems += found
            stand_ins |= {problem.path: _stand_in(problem.path) for problem in found}
        else:
            return settings, [*problems, *_misspelt()]


def _stand_in(variable: str) -> Any:
    """A value that is allowed: the default, or for what has none, a secret that nobody has."""
    field = next(field for field in Settings.model_fields.values() if field.validation_alias == variable)
    return SecretStr(_NOBODYS[variable]) if variable in _NOBODYS else field.default


def _checked_secret(secret: SecretStr, meaning: str, begins: str = "") -> SecretStr:
    """The secret, if there is one and it is not one of the others put in the wrong place. Never shows it."""
    value = secret.get_secret_value()
    if not value.strip():
        raise ValueError(f"is missing: {meaning}.")
    kind = next((kind for kind in _KINDS_OF_TOKENS if value.startswith(kind)), None)
    if kind is not None and kind != begins:
        raise ValueError(f"holds a token of another kind, one that begins with {kind}: {meaning}.")
    if not value.startswith(begins):
        raise ValueError(f"does not begin with {begins}: {meaning}.")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"holds a space, a line break or a character that no token has: {meaning}.")
    return secret


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _is_public_url(url: str) -> bool:
    """Whether secrets may be sent there by a browser: by TLS, or to this machine."""
    if not _is_web_url(url) or re.search("[?#@]", url):
        return False
    return url.startswith("https:") or urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def _problems(error: ValidationError) -> Iterator[Problem]:
    """Each of pydantic's findings as a problem in our words, under the variable's name."""
    for found in error.errors(include_input=False, include_url=False):
        variable = _variable(str(found["loc"][0]))
        told = _ALLOWED.get(variable) or found["msg"].removeprefix("Value error, ")
        yield Problem(ENVIRONMENT, variable, told)


def _variable(location: str) -> str:
    """The environment variable of a field; pydantic gives the field's own name where its default was refused."""
    field = Settings.model_fields.get(location)
    return str(field.validation_alias) if field else location


_KINDS_OF_TOKENS: Final = ("xoxb-", "xapp-", "xoxp-", "xoxe.", "xoxe-")
_NOBODYS: Final = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-", "SLACK_SIGNING_SECRET": "-"}
_ALLOWED: Final = {
    "BERTH_SLACK_MODE": "is not a mode: write socket or http.",
    "BERTH_CLOCK_EPOCH": "is not an instant with its zone: try 2026-11-23T08:00:00Z.",
    "BERTH_CLOCK_SPEED": "is not a speed: write a number above 0, as 60 for an hour a minute.",
}


def _misspelt() -> Iterator[Problem]:
    """Variables one or two letters off ours. Others may begin with BERTH_: a cluster adds some for its Services."""
    known = [str(field.validation_alias) for field in Settings.model_fields.values()]
    for variable in sorted(set(os.environ) - set(known)):
        near = get_close_matches(variable, known, n=1, cutoff=0.92) if variable.startswith("BERTH_") else []
        if near:
            yield Problem(ENVIRONMENT, variable, f"is not a variable that Berth reads (did you mean {near[0]}?).")
