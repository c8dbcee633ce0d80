"""The table of commands and their options; what they do is in the modules beside this one."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

berth = typer.Typer(
    help="Berth: a company's internal Kubernetes platform as a Slack bot. Begin with `berth demo`, which needs "
    "nothing; at a company, with `berth manifests` (see the README), and `berth doctor` to see what is still missing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks show local variables, and some of those are secrets
)
sandbox = typer.Typer(help="Run one of the local doubles by itself, to build against.", no_args_is_help=True)
berth.add_typer(sandbox, name="sandbox")

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")]


class Mode(StrEnum):
    """How Slack will reach the installed bot."""

    socket = "socket"
    http = "http"


@berth.command()
def run() -> None:
    """Run the bot until it is told to stop (Ctrl-C, SIGTERM).

    Environment variables and berth.yaml configure it:

    SLACK_BOT_TOKEN: needed, xoxb-…
    SLACK_APP_TOKEN: needed, xapp-…; or in HTTP mode
    BERTH_SLACK_MODE=http and SLACK_SIGNING_SECRET
    KUBECONFIG: else the pod's own account, or ~/.kube/config
    BERTH_CONFIG: else ./berth.yaml, which need not be there
    BERTH_DATABASE_URL: else sqlite:///berth.sqlite
    BERTH_HTTP_ADDRESS: else 127.0.0.1:8080

    Logs JSON on standard error. Exit codes:

    0: it was told to stop
    1: it cannot start, or Slack refuses a token
    2: the configuration is wrong; every mistake is listed
    """
    from bot.cli.running import run_bot

    run_bot()


@berth.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; a free one where it is taken.")] = 8080,
    speed: Annotated[float, typer.Option(min=1, max=10_000, help="How fast time runs: 60 makes an hour a minute.")] = 1,
) -> None:
    """Try Berth without accounts: a local Slack workspace, a local cluster and the bot. Ends with Ctrl-C."""
    from bot.cli.demo import run_demo

    raise typer.Exit(run_demo(port, speed))


@berth.command()
def migrate() -> None:
    """Bring the tables of BERTH_DATABASE_URL up to date. `berth run` does it too, so few need this."""
    from bot.cli.migrating import migrate_database

    migrate_database()


@berth.command()
def doctor() -> None:
    """Check configuration, Slack, clusters and database, and say how to mend what fails.

    Reads the same variables and berth.yaml as `berth run`, changes nothing, and exits 1 if anything fails.
    """
    from bot.cli.doctor import examine

    raise typer.Exit(0 if examine() else 1)


@berth.command()
def manifests(
    image: Annotated[
        str,
        typer.Option(
            help="The image that the Deployment runs: yours, from `make image`, where the cluster can pull it."
        ),
    ] = "berth:latest",
    slack_mode: Annotated[
        Mode, typer.Option(help="How Slack reaches the bot: Socket Mode, or signed requests over HTTP.")
    ] = Mode.socket,
    sqlite: Annotated[
        bool, typer.Option("--sqlite", help="Keep the database in a SQLite file on a volume claim, not in PostgreSQL.")
    ] = False,
    access_only: Annotated[
        bool,
        typer.Option(
            "--access-only",
            help="Only namespace, account, roles and policies: for a cluster that Berth uses from elsewhere.",
        ),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Your berth.yaml, which is checked and put in; a starter one, all comments, otherwise.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Which cluster of your berth.yaml this is for: it gets the rights that it alone needs. Where all need "
            "the same, it may be left out."
        ),
    ] = None,
) -> None:
    """Print the YAML that installs Berth. Changes nothing by itself.

    Apply it as an administrator of the cluster:

    berth manifests | kubectl apply --server-side -f -

    Its first lines say how to make the Secret with Slack's tokens.
    """
    from bot.cli.manifests import print_manifests
    from bot.rules.installation import Installation

    installation = Installation(image=image, slack_mode=slack_mode.value, sqlite=sqlite)
    print_manifests(installation, config, cluster, access_only=access_only)


@sandbox.command("slack")
def sandbox_slack(
    port: Port = 8080,
    manifest: Annotated[
        Path | None,
        typer.Option(
            help="Your app's manifest, JSON or YAML; every scope and /k8s otherwise.", exists=True, dir_okay=False
        ),
    ] = None,
    request_url: Annotated[
        str | None, typer.Option(help="Deliver signed HTTP requests to this URL instead of using Socket Mode.")
    ] = None,
    rate_limits: Annotated[
        bool, typer.Option("--rate-limits", help="Answer 429 with Retry-After beyond each method's tier.")
    ] = False,
    speed: Annotated[float, typer.Option(min=1, max=10_000, help="How fast time runs: 60 makes an hour a minute.")] = 1,
) -> None:
    """A local Slack workspace to build any Slack app against: Web API, Socket Mode or signed HTTP, a page to use it by.

    It prints the address of the page and the base URL, tokens and signing secret for the app; with slack_sdk:
    WebClient(token=SLACK_BOT_TOKEN, base_url=SLACK_API_URL). Tests act as people through the control API: a GET of
    its address lists what it can do.
    """
    from bot.cli.sandboxes import Told, run_slack

    run_slack(port, Told(manifest, request_url, rate_limits, speed))


@sandbox.command("cluster")
def sandbox_cluster(
    kubeconfig: Annotated[Path, typer.Option(help="Where to write the administrator's kubeconfig.")],
    port: Port = 6443,
    pods_ready_after: Annotated[float, typer.Option(help="How many seconds a pod takes to become ready.", min=0)] = 0,
) -> None:
    """A local Kubernetes 1.36 API server in memory, good for kubectl.

    It has three nodes and the controllers of workloads, but runs nothing: a pod becomes ready by itself, or never if
    its image is called so (bad, missing, crash). It also breaks on purpose, and tells what it was asked, at paths that
    kubectl reaches: try `kubectl get --raw /_control/counts`, or, to have the next three lists of pods refused,
    `echo '{"verb": "list", "resource": "pods", "status": 429, "retry_after": 2, "times": 3}' | kubectl create --raw
    /_control/faults -f -`. The README has all of them.
    """
    from bot.cli.sandboxes import run_cluster

    run_cluster(port, kubeconfig, pods_ready_after)
