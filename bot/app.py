"""The composition root: builds everything from settings, starts it and stops it. Nothing else constructs."""

import gc
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from starlette.routing import Route

from bot.audit_door import AuditDoor
from bot.clock import Clock
from bot.cluster_watch import ClusterWatch
from bot.config import Catalogue, Settings, SlackMode
from bot.http import Check, HttpServer, StoreCollector, application, database_answers
from bot.oidc_door import OidcDoor
from bot.outbox import Outbox
from bot.reconcile.access import AccessPass
from bot.reconcile.budgets import Budgets
from bot.reconcile.digests import Digests
from bot.reconcile.drift import Drift
from bot.reconcile.engine import Engine
from bot.reconcile.forgetting import Forgetting
from bot.reconcile.hearing import Hearing
from bot.reconcile.leaving import Leaving
from bot.reconcile.lifetimes import Lifetimes
from bot.reconcile.metering import Metering
from bot.reconcile.orphans import OrphanCare
from bot.reconcile.readings import Readings
from bot.reconcile.takeover import take_over
from bot.reconcile.traffic import Meters
from bot.reconcile.user_groups import UserGroups
from bot.reconcile.vigil import Vigil
from bot.scheduler import Crew, Pass, Timetable
from bot.seams.cluster import Clusters
from bot.seams.oidc import Issuer
from bot.seams.slack import Slack, SlackError
from bot.seams.slack_checks import OF_THE_TOKEN
from bot.seams.slack_socket import SlackSocket
from bot.usecases import UseCases
from bot.usecases.access import Access
from bot.usecases.activity import ApiActivity
from bot.usecases.admin import Admin
from bot.usecases.adoption import Adoption
from bot.usecases.announcing import Announcing
from bot.usecases.approvals import Approvals
from bot.usecases.auditing import Auditing
from bot.usecases.bulk import Bulk
from bot.usecases.bulk_deeds import deeds
from bot.usecases.carrying_out import CarryingOut
from bot.usecases.colleagues import Colleagues
from bot.usecases.costs import Costs
from bot.usecases.environments import Environments
from bot.usecases.exemptions import Exemptions
from bot.usecases.identities import Identities
from bot.usecases.limit_settings import LimitSettings
from bot.usecases.links import Links
from bot.usecases.mappings import Mappings
from bot.usecases.orphans import Orphans
from bot.usecases.outlooks import Outlooks
from bot.usecases.overview import Overview
from bot.usecases.people import People
from bot.usecases.protection import Protection
from bot.usecases.resizing import Resizing
from bot.usecases.revocations import Revocations
from bot.usecases.schedule import Schedule
from bot.usecases.sharing import Sharing
from bot.usecases.sleep import Sleep
from bot.usecases.transfer import Transfer
from handlers.notices import render
from handlers.register import register
from store.database import Store
from store.schema import migrate

log = structlog.get_logger()

_LISTENERS = 32  # threads for listeners: they only write intent, so a modest pool acks thousands a minute
_HANDS = 8  # environments worked on at once
_SWITCH_SECONDS = 0.001  # a fifth of the usual: a thread that acknowledges is not kept waiting by those that work
_JUDGES = 1  # what was asked is judged one by one, so that acknowledging others need not wait for the interpreter
_BACKGROUND = 16  # answers on their way to Slack, and modals being filled, at once
_SIGNALS_SEEN_SECONDS = 1.0
_SLACK_SECONDS = 20
_SLACK_QUICK_SECONDS = 2  # for what is asked before a delivery is acknowledged, which Slack awaits for three
_SOCKET_CHECK_SECONDS = 3  # how soon a connection that broke without a word is noticed, and opened again
_WATCH = timedelta(seconds=3)  # of the world: how long a dead replica's work waits
_REMEMBERED = timedelta(days=90)  # what was said about what is gone
_CLUSTER_WATCH = timedelta(minutes=1)  # of the world
_GROUPS = timedelta(hours=1)  # of the world: how old what events of user groups did not tell may be
_REDELIVERY = timedelta(hours=1)  # longer than Slack's last try at delivering an event


@dataclass(frozen=True)
class Passes:
    """What time and crashes make due; the tests run these by hand."""

    engine: Engine
    outbox: Outbox
    lifetimes: Lifetimes
    vigil: Vigil
    metering: Metering
    digests: Digests
    leaving: Leaving
    orphans: OrphanCare
    budgets: Budgets
    user_groups: UserGroups
    readings: Readings
    access: AccessPass
    drift: Drift
    forgetting: Forgetting


class Berth:
    """A whole bot. `start` returns at once; `wait` until somebody calls `stop`."""

    def __init__(self, settings: Settings, catalogue: Catalogue, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.store = Store(settings.database_url.get_secret_value())
        web = _web_client(settings, _SLACK_SECONDS)
        slack = Slack(web, _web_client(settings, _SLACK_QUICK_SECONDS))
        clusters = Clusters(catalogue.clusters, settings.kubeconfig, _HANDS + _BACKGROUND)
        self._watch = ClusterWatch(clusters)
        self._judging = ThreadPoolExecutor(_JUDGES, thread_name_prefix="judge")
        self._background = ThreadPoolExecutor(_BACKGROUND, thread_name_prefix="background")
        self._listeners = ThreadPoolExecutor(_LISTENERS, thread_name_prefix="listener")
        self.uses = self._use_cases(slack, clusters, catalogue)
        meant = Hearing.meant_by(catalogue, settings.audit_token is not None)
        hearing = Hearing(self.store, clusters, catalogue, clock, meant, began=clock.now())
        worker = f"{self.store.process}:{os.uname().nodename}:{os.getpid()}"
        self.passes = Passes(
            Engine(self.store, clusters, catalogue, clock, worker),
            Outbox(self.store, slack, render, clock, worker),
            Lifetimes(self.store, clusters, catalogue, clock, hearing, Meters.configured(catalogue.clusters)),
            Vigil(self.store, clusters, catalogue, clock),
            Metering(self.store, clusters, clock),
            Digests(self.store, catalogue, self.uses.costs, slack, clock),
            Leaving(self.store, slack, catalogue, clock, self.uses.revocations),
            OrphanCare(self.store, catalogue, clock),
            Budgets(self.store, catalogue, clock),
            UserGroups(self.store, slack, catalogue, clock),
            Readings(self.store, clusters, clock),
            AccessPass(self.store, clock, self.uses.revocations),
            Drift(self.store, clusters, catalogue, clock),
            Forgetting(self.store, catalogue, clock),
        )
        self._engine_crew = Crew("engine", self._reconcile_one, _HANDS)
        self._outbox_crew = Crew("outbox", self.passes.outbox.deliver_one, 2)
        self._timetable = Timetable(self._timed(), self.store.lead, clock)
        self.bolt = _bolt(settings, web, self._listeners)
        register(self.bolt, self.uses)
        self._socket = self._socket_mode(settings)
        self._http = self._server()
        self._authorised = False
        self.refused: str | None = None  # why the bot has stopped by itself
        self._stopped = threading.Event()
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """Where the HTTP server listens, once started."""
        return self._http.url

    def check_token(self) -> None:
        """Ask Slack once whether it accepts the bot's token; one that it refuses is told, and `refused` is set."""
        try:
            self.passes.outbox.slack.workspace_id()
        except SlackError as error:
            if error.code in OF_THE_TOKEN:
                self._give_up("SLACK_BOT_TOKEN", error.code)
            else:
                log.warning("slack cannot be reached", error=error.code, then="it is tried again")

    def start(self) -> None:
        """Bring the database up to date, and begin to listen, to work and to keep time."""
        _prefer_prompt_answers()
        migrate(self.store)
        take_over(self.store)
        self._judge_anew()
        self.listen()
        self.work()
        self._in_background(self._watch.look)
        self._read_user_groups()
        self._in_background(self.passes.readings.read_all)
        log.info("berth started", mode=self.settings.slack_mode.value, http=self.url)

    def _judge_anew(self) -> None:
        """What berth.yaml says now may be another than what environments were judged by."""
        with self.store.begin() as records:
            records.environments.judge_soon(None, self.clock.now())
            records.people.check_soon(self.clock.now())

    def listen(self) -> None:
        """Take what Slack delivers, and answer probes; what is promised is carried out by whoever runs the passes."""
        self._http.start()
        if self._socket is not None:
            threading.Thread(target=self._connect, args=[self._socket], name="connect", daemon=True).start()

    def work(self) -> None:
        """Carry out what is promised, and keep time."""
        self._engine_crew.start()
        self._outbox_crew.start()
        self._timetable.start()

    def wait(self) -> None:
        """Until stopped."""
        # A signal that comes just before a wait without an end does not interrupt it, and is not handled till it ends.
        while not self._stopped.wait(_SIGNALS_SEEN_SECONDS):
            pass

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, and close everything."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        try:
            self._close_everything()
        except Exception:  # whatever would not close, the process must end
            log.exception("something did not close")
        log.info("berth stopped")
        self._stopped.set()

    def _close_everything(self) -> None:
        """From what takes new things to what all rests on; one that fails to close keeps none of the others open."""
        with ExitStack() as last_first:
            last_first.callback(self.store.close)
            last_first.callback(self.passes.lifetimes.meters.close)
            last_first.callback(self.passes.engine.clusters.close)
            last_first.callback(self._outbox_crew.stop)
            last_first.callback(self._engine_crew.stop)
            for threads in (self._background, self._judging, self._listeners):
                last_first.callback(threads.shutdown, wait=True)
            last_first.callback(self._timetable.stop)
            last_first.callback(self._http.stop)
            if self._socket is not None:
                last_first.callback(self._socket.close)

    def nudge(self) -> None:
        """Something was promised: begin at once."""
        self._engine_crew.nudge()
        self._outbox_crew.nudge()

    def connected(self) -> str | None:
        """What is wrong with the connection to Slack, or None."""
        if self._socket is None or self._socket.is_connected:
            return None
        return "not connected to Slack"

    def authorised(self) -> str | None:
        """What is wrong with the bot's token, or None once Slack has accepted it."""
        if not self._authorised:
            try:
                self.passes.outbox.slack.workspace_id()
            except SlackError as error:
                return f"Slack does not accept SLACK_BOT_TOKEN ({error}): run berth doctor"
            self._authorised = True
        return None

    def _reconcile_one(self) -> bool:
        found = self.passes.engine.work_one()
        if found:
            self._outbox_crew.nudge()
        return found

    def _connect(self, socket: SlackSocket) -> None:
        code = socket.open()
        if code is not None:
            self._give_up("SLACK_APP_TOKEN", code)

    def _give_up(self, variable: str, code: str) -> None:
        """A token that Slack refuses gets no better by waiting."""
        log.error("slack refuses a token", variable=variable, code=code, then="run berth doctor")
        self.refused = f"Slack refuses {variable} ({code})"
        self.stop()

    def _use_cases(self, slack: Slack, clusters: Clusters, catalogue: Catalogue) -> UseCases:
        sleep = Sleep(self.store, catalogue, self.clock, self.nudge)
        people = People(self.store, slack, catalogue, self.clock)
        environments = Environments(self.store, clusters, catalogue, self.clock, self.nudge)
        resizing = Resizing(self.store, catalogue, self.clock, self.nudge)
        transfer = Transfer(self.store, catalogue, self.clock, self.nudge)
        announcing = Announcing(self.store, catalogue, self.clock)
        doings = deeds(sleep, environments, transfer, people.identify, self.clock.now)
        revocations = Revocations(self.store, clusters, catalogue, self.clock)
        return UseCases(
            people=people,
            mappings=Mappings(self.store, slack, people, catalogue, self.clock, self.nudge),
            environments=environments,
            sleep=sleep,
            exemptions=Exemptions(self.store, catalogue, self.clock, self.nudge),
            outlooks=Outlooks(self.store, catalogue, self.clock),
            orphans=Orphans(self.store),
            schedule=Schedule(self.store, catalogue, self.clock),
            resizing=resizing,
            limits=LimitSettings(self.store, catalogue, self.clock, self.nudge),
            approvals=Approvals(self.store, catalogue, self.clock, environments, self.nudge),
            carrying_out=CarryingOut(self.store, self.clock, people, environments, sleep, resizing, self.nudge),
            links=self._links(people, catalogue),
            admin=Admin(self.store, catalogue, self.clock, self.nudge),
            overview=Overview(self.store, catalogue, self.clock),
            bulk=Bulk(self.store, catalogue, self.clock, people, doings, announcing, self.nudge),
            auditing=Auditing(self.store, catalogue, self.clock, slack.link, slack.send_file),
            announcing=announcing,
            adoption=Adoption(self.store, catalogue, self.clock),
            transfer=transfer,
            protection=Protection(self.store, catalogue, self.clock, self.nudge),
            colleagues=Colleagues(self.store, people, slack.known_by_email),
            access=Access(self.store, clusters, catalogue, self.clock, revocations, self.nudge),
            sharing=Sharing(self.store, slack, people, catalogue, self.clock, self.nudge),
            revocations=revocations,
            costs=Costs(self.store, catalogue, self.clock),
            catalogue=catalogue,
            clock=self.clock.now,
            promptly=self._promptly,
            background=self._in_background,
            first_delivery=self._first_delivery,
            user_groups_changed=self._read_user_groups,
        )

    def _links(self, people: People, catalogue: Catalogue) -> Links:
        policy, public_url = catalogue.identity.oidc, self.settings.public_url or ""
        secret = self.settings.oidc_client_secret.get_secret_value() if self.settings.oidc_client_secret else ""
        issuer = Issuer(policy, secret, f"{public_url}/oidc/callback") if policy is not None else None
        return Links(people, Identities(self.store, catalogue, self.clock), issuer, public_url, self.nudge)

    def _read_user_groups(self) -> None:
        def read() -> None:
            self.passes.user_groups.refresh()

        self._in_background(read)

    def _promptly(self, job: Callable[[], None]) -> None:
        self._judging.submit(_noted, job)

    def _in_background(self, job: Callable[[], None]) -> None:
        self._background.submit(_noted, job)

    def _first_delivery(self, request_id: str) -> bool:
        with self.store.begin() as records:
            return records.people.first_delivery(request_id, self.clock.now())

    def _timed(self) -> list[Pass]:
        return [
            Pass("lifetimes", self._judge, timedelta(seconds=20)),
            Pass("leaving", self._look_after_those_who_left, timedelta(seconds=20)),
            Pass("access", self._end_access, timedelta(seconds=20)),
            Pass("drift", self._see_drift, timedelta(minutes=2)),
            Pass("vigil", self._keep_asleep, timedelta(minutes=2)),
            Pass("metering", self.passes.metering.meter_all, timedelta(minutes=5)),
            Pass("bulk", self.uses.bulk.carry_on_all, timedelta(seconds=20)),
            Pass("readings", self.passes.readings.read_all, timedelta(minutes=5)),
            Pass("digests", self.passes.digests.say_due, timedelta(minutes=5)),
            Pass("requests", self.uses.carrying_out.settle_due, timedelta(seconds=20)),
            Pass("budgets", self.passes.budgets.warn_due, timedelta(minutes=5)),
            Pass("user groups", self.passes.user_groups.refresh, self.clock.lasting(_GROUPS)),
            Pass("forgetting", self._forget, timedelta(hours=1)),
            Pass("clusters", self._watch.look, self.clock.lasting(_CLUSTER_WATCH), everywhere=True),
            *self._shared(),
        ]

    def _shared(self) -> list[Pass]:
        """Where several processes share the work: each says that it lives, and takes over from those that do not."""
        watch = Pass("takeover", self._take_over, self.clock.lasting(_WATCH), everywhere=True)
        return [watch] if self.store.is_shared else []

    def _take_over(self) -> None:
        if take_over(self.store):
            self.nudge()

    def _judge(self) -> None:
        if self.passes.lifetimes.judge_due():
            self.nudge()

    def _look_after_those_who_left(self) -> None:
        if self.passes.leaving.look_at_due() + self.passes.orphans.settle_due():
            self.nudge()

    def _end_access(self) -> None:
        if self.passes.access.end_due():
            self.nudge()

    def _see_drift(self) -> None:
        if self.passes.drift.look_at_all():
            self.nudge()

    def _keep_asleep(self) -> None:
        if self.passes.vigil.watch_all():
            self.nudge()

    def _forget(self) -> None:
        with self.store.begin() as records:
            records.people.forget_deliveries(self.clock.now() - self.clock.lasting(_REDELIVERY))
            records.sessions.forget_sessions(self.clock.now())
            records.links.forget(self.clock.now())
            records.notices.forget_settled(self.clock.now() - _REMEMBERED)
            records.bulk.forget(self.clock.now() - _REMEMBERED)
        self.passes.forgetting.forget_audit_events()

    def _socket_mode(self, settings: Settings) -> SlackSocket | None:
        if settings.slack_mode is not SlackMode.SOCKET:
            return None
        token = settings.slack_app_token.get_secret_value()
        handler = SocketModeHandler(self.bolt, token, concurrency=_LISTENERS, ping_interval=_SOCKET_CHECK_SECONDS)
        return SlackSocket(handler)

    def _server(self) -> HttpServer:
        registry = CollectorRegistry()
        registry.register(StoreCollector(self.store))
        registry.register(self._watch)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        ready: list[Check] = [database_answers(self.store), self.authorised, self.connected]
        bolt = self.bolt if self.settings.slack_mode is SlackMode.HTTP else None
        address = self.settings.http_address
        return HttpServer(application(bolt, registry, ready, self._doors()), address.host, address.port)

    def _doors(self) -> list[Route]:
        """What else comes in by HTTP."""
        oidc = self.uses.catalogue.identity.oidc
        browsers = OidcDoor(self.uses.links, self.settings.public_url or "").routes() if oidc is not None else []
        return [*self._audit_routes(), *browsers]

    def _audit_routes(self) -> list[Route]:
        """Where API servers tell what people do, if there is a token to know them by."""
        token = self.settings.audit_token
        activity = ApiActivity(self.store, self.uses.catalogue, self.clock)
        return AuditDoor(token.get_secret_value(), activity).routes() if token is not None else []


def build(settings: Settings, catalogue: Catalogue, clock: Clock | None = None) -> Berth:
    """A bot that is ready to start. `clock` is the settings' own unless given."""
    return Berth(settings, catalogue, clock or settings.clock())


def _noted(job: Callable[[], None]) -> None:
    """Run a job whose result nobody collects; what it raises would be lost without a word."""
    try:
        job()
    except Exception:  # whatever it is, nobody else would hear of it
        log.exception("a job in the background broke")


def _prefer_prompt_answers() -> None:
    """Settings of the interpreter that keep a thread that acknowledges from waiting for those that work."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what is loaded by now stays: a collection need not walk through it, which takes a tenth of a second


def _web_client(settings: Settings, seconds: int) -> WebClient:
    return WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=seconds)


def _bolt(settings: Settings, web: WebClient, listeners: ThreadPoolExecutor) -> App:
    # With the first two set, Bolt would switch to OAuth and ignore the token it is given; of the third it warns.
    for variable in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN"):
        os.environ.pop(variable, None)
    return App(
        name="berth",  # without one, Bolt looks through every module that is loaded for whose call this is
        client=web,
        signing_secret=settings.slack_signing_secret.get_secret_value() or None,
        request_verification_enabled=settings.slack_mode is SlackMode.HTTP,
        token_verification_enabled=False,
        listener_executor=listeners,
        raise_error_for_unhandled_request=False,
    )
