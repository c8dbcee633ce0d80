"""`berth demo`: the unchanged bot between a local Slack workspace and a local cluster.

The bot gets what it would get in a company: tokens, a berth.yaml, and a kubeconfig that can do what `berth manifests`
grants and nothing more. Everything lives in a temporary directory and is gone afterwards.
"""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml
from rich.panel import Panel

from bot.cli.app_manifest import app_manifest
from bot.cli.bot_process import BotProcess
from bot.cli.demo_company import CLUSTER, demo_configuration, demo_hours
from bot.cli.demo_history import write_history
from bot.cli.installing import bot_token, install
from bot.cli.saying import err, out
from bot.clock import Clock, clock_of
from bot.rules.catalogue import ClusterSpec, SleepPolicy
from bot.rules.durations import format_duration
from bot.rules.installation import access
from bot.sandbox.cluster import ClusterOptions, SandboxCluster
from bot.sandbox.slack import SandboxSlack, SlackOptions
from bot.seams.cluster import Clusters

_READY: Final = 30.0  # seconds
_RESTARTS: Final = 3  # in a row, each of a bot that did not even live for
_STEADY: Final = 60.0  # seconds
_SECOND: Final = timedelta(seconds=1)
_TOKEN: Final = timedelta(days=3650)
_LOG_LINES: Final = 20
_DIGEST: Final = timedelta(minutes=5)  # how often the bot looks whether it is due


@dataclass(frozen=True)
class Demo:
    """One demo: when it began, how fast its time runs, where its files are, and the cluster's word to the bot."""

    began: datetime
    speed: float
    directory: Path
    audit_token: str = field(default_factory=token_urlsafe, repr=False)

    @property
    def clock(self) -> Clock:
        """The time of the workspace, the cluster and the bot alike."""
        return clock_of(self.began, self.speed)


def run_demo(port: int, speed: float) -> int:
    """Run until Ctrl-C, or until the bot ends by itself. Gives the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with TemporaryDirectory(prefix="berth-demo-") as directory:
            return _play(Demo(datetime.now(UTC), speed, Path(directory)), port)
    except KeyboardInterrupt:
        out.print("Stopped; everything the demo made is gone.")
        return 0


def _play(demo: Demo, port: int) -> int:
    with _slack(demo, port) as slack, _cluster(demo) as cluster:
        settings = _settings(demo, slack, cluster)
        write_history(settings["BERTH_DATABASE_URL"], demo.began)
        _keep_running(demo, settings, cluster, _welcome(slack.url, demo.speed))
        return 1


def _keep_running(demo: Demo, settings: Mapping[str, str], cluster: SandboxCluster, welcome: Panel) -> None:
    """Run the bot, and again on the same database whenever it dies, so that its recovery can be seen.

    Ends when it does not get ready, or has died too often in a row.
    """
    told: Panel | str = welcome
    left = _RESTARTS
    while True:
        with BotProcess(demo.directory / "bot.log", settings) as process:
            cluster.audit_to(f"{process.url}/audit/{CLUSTER}/{demo.audit_token}")
            if not process.is_ready_within(_READY):
                _tell_last_words(process)
                return
            out.print(told)
            began = time.monotonic()
            process.wait()
            left = _RESTARTS if time.monotonic() - began > _STEADY else left - 1
            if left < 0:
                _tell_last_words(process)
                return
        err.print("The bot has ended. It is started again, on the same database.", style="bold yellow")
        told = "The bot is back: what was promised goes on."


def _tell_last_words(process: BotProcess) -> None:
    still = f"The bot is not ready after {_READY:.0f} seconds." if process.is_running() else "The bot has ended."
    err.print(f"{still} The last it said:", style="bold red")
    err.print(process.last_lines(_LOG_LINES), markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _slack(demo: Demo, port: int) -> Iterator[SandboxSlack]:
    """The workspace at this port, or at a free one where another program has it."""
    try:
        slack = SandboxSlack(_slack_options(demo, port))
    except OSError:
        slack = SandboxSlack(_slack_options(demo, 0))
    with slack:
        yield slack


def _slack_options(demo: Demo, port: int) -> SlackOptions:
    return SlackOptions(port=port, clock=demo.clock.now, clock_speed=demo.speed, manifest=app_manifest())


@contextmanager
def _cluster(demo: Demo) -> Iterator[SandboxCluster]:
    """A cluster with Berth's account, roles and policies on it; pods take a moment, so that progress can be seen."""
    with SandboxCluster(ClusterOptions(clock=demo.clock.now, pods_ready_after=_SECOND * demo.speed)) as cluster:
        yield cluster


def _settings(demo: Demo, slack: SandboxSlack, cluster: SandboxCluster) -> dict[str, str]:
    """Write the bot's files and give its environment variables."""
    configuration = demo.directory / "berth.yaml"
    configuration.write_text(demo_configuration(demo.began, demo.speed), encoding="utf-8")
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "BERTH_AUDIT_TOKEN": demo.audit_token,
        "BERTH_CONFIG": str(configuration),
        "BERTH_DATABASE_URL": f"sqlite:///{demo.directory / 'berth.sqlite'}",
        "KUBECONFIG": str(_bot_kubeconfig(demo, cluster)),
        "BERTH_CLOCK_EPOCH": demo.began.isoformat(),
        "BERTH_CLOCK_SPEED": str(demo.speed),
    }


def _bot_kubeconfig(demo: Demo, cluster: SandboxCluster) -> Path:
    """Install Berth on the cluster, and give the bot's own credentials there."""
    administrator_config = demo.directory / "administrator.kubeconfig"
    _write_secret(administrator_config, cluster.kubeconfig())
    administrator = Clusters((ClusterSpec(CLUSTER),), str(administrator_config), threads=1)[CLUSTER]
    install(administrator, access())
    path = demo.directory / "bot.kubeconfig"
    _write_secret(path, cluster.kubeconfig(bot_token(administrator, _TOKEN)))
    return path


def _write_secret(path: Path, kubeconfig: dict[str, Any]) -> None:
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(kubeconfig, sort_keys=False), encoding="utf-8")


def _welcome(url: str, speed: float) -> Panel:
    return Panel(
        f"Open [bold link={url}]{url}[/] in a browser.\n"
        "You are Ada, an engineer; the picture at the lower left switches people.\n\n"
        "Three things to try, in any channel:\n"
        "  1. [bold]/k8s create blue template=web[/]   a real environment, within seconds\n"
        "  2. [bold]/k8s sleep blue[/]                 and wake it with one click\n"
        "  3. [bold]/k8s connect blue[/]               a kubeconfig that plain kubectl takes\n\n"
        f"{_hours(speed)}\n\n"
        "Lin and Mio have environments already, with some weeks that the demo made up.\n"
        f"#payments and #search hear of the last of them within {format_duration(_DIGEST / speed)}.\n\n"
        "Ctrl-C ends it.",
        title="Berth",
        expand=False,
    )


def _hours(speed: float) -> str:
    """How the demo's hours differ from a company's."""
    hours = demo_hours(speed)
    pace = f"Time runs {speed:g} times as fast: a minute here is {format_duration(_SECOND * 60 * speed)} there.\n"
    real = f" ({format_duration(hours.warn_before / speed)} of yours)" if speed != 1 else ""
    return (
        (pace if speed != 1 else "") + "What nobody uses falls asleep sooner than at a company:\n"
        f"  after {format_duration(hours.idle_after)} instead of {format_duration(SleepPolicy.idle_after)}, with a "
        f"warning {format_duration(hours.warn_before)} before{real} instead of "
        f"{format_duration(SleepPolicy.warn_before)}."
    )
