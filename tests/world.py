"""A whole company to test in: a workspace, a cluster, and Berth between them with no rights but its manifests'.

The cluster is the sandbox, or a real one by `--kubeconfig PATH`. Time is the machine's plus what a test adds. The timed
passes and the workers are run by hand (`settle`), so that a test decides what happens next; everything else (Socket
Mode, the listeners, the clients) is as in production.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import SecretStr

from bot.app import Berth, build
from bot.cli.installing import bot_token, install
from bot.config import HttpAddress, Settings, SlackMode, load_catalogue
from bot.rules.catalogue import Catalogue, ClusterSpec
from bot.rules.installation import access
from bot.sandbox.cluster import ClusterOptions, SandboxCluster
from bot.sandbox.slack import SandboxSlack, SlackOptions
from bot.seams.cluster import Cluster, Clusters, NotFound
from store.schema import migrate
from store.tables import Environment, Notice
from tests.databases import lay_out
from tests.sandbox.slack.person import Control, Json, Person, until

MANIFEST = Path(__file__).parent.parent / "manifest.json"
SETTLED_WITHIN = 90.0  # seconds; a real cluster takes some to end a namespace
SOON = timedelta(hours=1)  # what is due later, as what waits for a morning, is no part of what goes on

COMPANY: dict[str, Any] = {
    "admins": ["root@harbour.example"],
    "teams": [
        {
            "name": "payments",
            "channel": "#payments",
            "time_zone": "Europe/Berlin",
            "members": [
                {"email": "ada@harbour.example"},
                {"email": "lin@harbour.example", "role": "lead"},
            ],
        },
        {
            "name": "search",
            "channel": "#search",
            "time_zone": "Asia/Tokyo",
            "members": [{"email": "mio@harbour.example"}],
        },
    ],
}


class MovedClock:
    """The machine's time, moved on by what a test adds."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def lasting(self, waited: timedelta) -> timedelta:
        return waited

    def advance(self, **by: float) -> None:
        self._moved += timedelta(**by)

    def move_to(self, hour: int, zone: str) -> None:
        """On to the next time that clocks in a zone show this hour."""
        there = self.now().astimezone(ZoneInfo(zone))
        then = there.replace(hour=hour, minute=0, second=0, microsecond=0)
        then = then if then > there else then + timedelta(days=1)
        self.advance(seconds=then.timestamp() - there.timestamp())


@dataclass
class Harbour:
    """The outside worlds: one workspace and one cluster, and an administrator's view of the latter."""

    slack: SandboxSlack
    control: Control
    admin: Cluster
    admin_kubeconfig: str
    bot_kubeconfig: Path
    clock: MovedClock
    sandbox: SandboxCluster | None

    def person(self, name: str) -> Person:
        """Somebody of the workspace."""
        return Person(self.control, name)


@contextmanager
def harbour(directory: Path, kubeconfig: str | None, **slack_options: Any) -> Iterator[Harbour]:
    """Open the outside worlds. With `kubeconfig`, the cluster is that real one, prepared by `berth manifests`."""
    clock = MovedClock()
    with ExitStack() as stack:
        options = SlackOptions(clock=clock.now, manifest=json.loads(MANIFEST.read_text()), **slack_options)
        slack = stack.enter_context(SandboxSlack(options))
        sandbox = None if kubeconfig else stack.enter_context(SandboxCluster(ClusterOptions(clock=clock.now)))
        if sandbox is not None:
            kubeconfig = str(directory / "admin.kubeconfig")
            sandbox.write_kubeconfig(Path(kubeconfig))
        admin = Clusters([ClusterSpec("admin")], kubeconfig, 4)["admin"]
        install(admin, access())
        bot_kubeconfig = _bot_kubeconfig(directory, admin)
        stack.callback(admin.close)
        control = Control(slack)
        stack.callback(control.http.close)
        yield Harbour(slack, control, admin, str(kubeconfig), bot_kubeconfig, clock, sandbox)


def _bot_kubeconfig(directory: Path, admin: Cluster) -> Path:
    path = directory / "bot.kubeconfig"
    user = {"token": bot_token(admin, timedelta(days=365))}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bot",
        "clusters": [{"name": "bot", "cluster": admin.address()}],
        "contexts": [{"name": "bot", "context": {"cluster": "bot", "user": "bot"}}],
        "users": [{"name": "bot", "user": user}],
    }
    path.write_text(yaml.safe_dump(config))
    return path


@dataclass
class World:
    """A running Berth in a harbour, and how tests look at it."""

    harbour: Harbour
    berth: Berth
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def clock(self) -> MovedClock:
        """The clock that all of this world goes by."""
        return self.harbour.clock

    def __getattr__(self, name: str) -> Person:
        """Somebody by name: `world.ada`."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.people.setdefault(name, self.people.get(name) or self.harbour.person(name))
        except StopIteration:
            raise AttributeError(name) from None

    def says(self, who: Person, text: str, channel: str = "") -> Json:
        """Type a command where the person talks with Berth; the answer to them alone, or nothing if a window opened."""
        where = channel or who.channel()["id"]
        before = {row["ts"] for row in who.sees(where)}
        windows = {view["id"] for view in who.modals()}
        who.does("command", channel=where, text=text)

        def answers() -> list[Json]:
            new = [row for row in who.sees(where) if row["ts"] not in before and row.get("ephemeral")]
            return new or [{} for view in who.modals() if view["id"] not in windows]

        return until(answers, f"an answer to {text}")[-1]

    def settle(self) -> None:
        """Let everything that is due, or soon will be, happen; waiting as a cluster needs it."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while time.monotonic() < deadline:
            self.work()
            waiting = [due for due in self.waiting() if due < self.clock.now() + SOON]
            if not waiting:
                return
            self._wait(min(waiting) - self.clock.now())
        raise AssertionError("the world does not settle")

    def work(self) -> None:
        """Everything that is due at this instant."""
        passes = self.berth.passes
        while passes.engine.work_one() or passes.outbox.deliver_one():
            pass

    def waiting(self) -> list[datetime]:
        """When there will be more to do."""
        with self.berth.store.read() as records:
            return [due for due in (records.environments.next_due(), records.notices.next_due()) if due is not None]

    def _wait(self, wait: timedelta) -> None:
        if self.harbour.sandbox is None:
            time.sleep(max(0.0, min(wait.total_seconds(), 1.0)))
        else:
            self.harbour.sandbox.settle()
            self.clock.advance(seconds=max(0.0, wait.total_seconds()))

    def pass_time(self, **by: float) -> None:
        """Let time go by, the timed passes running as they would: once, then what they began."""
        self.clock.advance(**by)
        self.tick()

    def tick(self) -> None:
        """One run of every timed pass, and what it began."""
        self.berth.passes.leaving.look_at_due()
        self.berth.passes.orphans.settle_due()
        self.berth.passes.lifetimes.judge_due()
        self.berth.passes.access.end_due()
        self.berth.passes.drift.look_at_all()
        self.berth.passes.vigil.watch_all()
        self.berth.passes.metering.meter_all()
        self.berth.passes.digests.say_due()
        self.berth.passes.budgets.warn_due()
        self.berth.uses.carrying_out.settle_due()
        self.berth.passes.readings.read_all()
        self.settle()

    def environment(self, name: str) -> Environment:
        """What Berth knows of the newest environment of that name, living or not."""
        found = [e for e in self.everything() if e.name == name]
        return max(found, key=lambda e: e.created_at)

    def everything(self) -> Sequence[Environment]:
        """Every environment that this world made."""
        with self.berth.store.read() as records:
            return records.environments.everything()

    def notices(self, name: str) -> list[Notice]:
        """Everything said about an environment."""
        environment = self.environment(name)
        with self.berth.store.read() as records:
            return list(records.notices.of_environment(environment.id))

    def restart(self) -> None:
        """Stop this Berth and start another on the same memory."""
        self.berth.stop()
        self.berth = launch(self.harbour, self.berth.settings, self.berth.uses.catalogue)


@contextmanager
def world(harbour: Harbour, database_url: str, directory: Path, **changes: Any) -> Iterator[World]:
    """Berth, connected by Socket Mode; `changes` are keys of berth.yaml."""
    settings = settings_for(harbour, database_url)
    found = World(harbour, launch(harbour, settings, catalogue_of(directory, **changes)))
    try:
        yield found
    finally:
        made = found.everything()
        found.berth.stop()
        if harbour.sandbox is None:
            _clear(harbour.admin, made)


def _clear(admin: Cluster, environments: Sequence[Environment]) -> None:
    """A real cluster keeps nothing of a test; what is not of this test is none of its business."""
    for environment in environments:
        with suppress(NotFound):
            admin.delete("Namespace", environment.namespace, uid=environment.namespace_uid)


def settings_for(harbour: Harbour, database_url: str, mode: SlackMode = SlackMode.SOCKET) -> Settings:
    """Settings as the environment variables would give them."""
    return Settings(
        slack_mode=mode,
        slack_bot_token=SecretStr(harbour.slack.bot_token),
        slack_app_token=SecretStr(harbour.slack.app_token),
        slack_signing_secret=SecretStr(harbour.slack.signing_secret),
        slack_api_url=harbour.slack.api_url,
        database_url=SecretStr(database_url),
        kubeconfig=str(harbour.bot_kubeconfig),
        http_address=HttpAddress("127.0.0.1", 0),
    )


def catalogue_of(directory: Path, **changes: Any) -> Catalogue:
    """The company's berth.yaml with changes, read as Berth reads it."""
    path = directory / "berth.yaml"
    path.write_text(yaml.safe_dump(COMPANY | changes))
    return load_catalogue(path)


def launch(harbour: Harbour, settings: Settings, catalogue: Catalogue) -> Berth:
    """A Berth that listens; its passes wait to be run by hand."""
    lay_out(settings.database_url.get_secret_value())
    berth = build(settings, catalogue, harbour.clock)
    migrate(berth.store)
    berth.listen()
    if settings.slack_mode is SlackMode.HTTP:
        harbour.slack.set_request_url(f"{berth.url}/slack/events")
    else:
        until(lambda: berth.connected() is None, "the connection to Slack")
    return berth
