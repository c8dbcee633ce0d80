"""`berth sandbox`: either local double by itself, in the foreground."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from rich.table import Table

from bot.cli.saying import fail, out
from bot.clock import clock_of
from bot.sandbox import cluster, slack


@dataclass(frozen=True)
class Told:
    """What the command line said about the workspace."""

    manifest: Path | None
    request_url: str | None
    rate_limits: bool
    speed: float


def run_slack(port: int, told: Told) -> None:
    """Serve the workspace until Ctrl-C, after telling what a Slack app needs to reach it."""
    options = slack.SlackOptions(
        port=port,
        clock=clock_of(datetime.now(UTC), told.speed).now,
        manifest=_manifest(told.manifest) if told.manifest else None,
        request_url=_web_address(told.request_url) if told.request_url else None,
        rate_limits=told.rate_limits,
        clock_speed=told.speed,
        retry_scale=1 / told.speed,
    )
    with _ports(port):
        slack.run(options, _announce_slack)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        fail(f"{path} is neither JSON nor YAML: {error}.")
    if reasons := slack.manifest_objections(manifest):
        fail(f"{path} is not a manifest Slack would take: {'; '.join(reasons)}.")
    return dict(manifest)


def _web_address(url: str) -> str:
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        fail(f'The request URL "{url}" is not a web address: try http://127.0.0.1:3000/slack/events.')
    return url


def run_cluster(port: int, kubeconfig: Path, pods_ready_after: float) -> None:
    """Serve the cluster until Ctrl-C; the administrator's kubeconfig is there once it answers. Pods take seconds."""
    options = cluster.ClusterOptions(pods_ready_after=timedelta(seconds=pods_ready_after))
    out.print(f"Try: kubectl --kubeconfig {kubeconfig} get namespaces", highlight=False, soft_wrap=True)
    with _ports(port):
        cluster.run(port, kubeconfig, options)


@contextmanager
def _ports(port: int) -> Iterator[None]:
    """Tell of a port that another program has, or of a file that cannot be written, without a traceback."""
    try:
        yield
    except OSError as error:
        fail(f"Cannot serve on port {port}: {error.strerror or error}.")


def _announce_slack(workspace: slack.SandboxSlack) -> None:
    rows = {
        "Page": workspace.url,
        "Control API": f"{workspace.url}/_control/",
        "SLACK_API_URL": workspace.api_url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_SIGNING_SECRET": workspace.signing_secret,
    }
    table = Table("", "", show_header=False, box=None)
    for name, value in rows.items():
        table.add_row(name, value)
    out.print(table)
