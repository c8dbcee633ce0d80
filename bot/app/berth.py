"""A whole bot: what it is made of, and in which order that starts and stops."""

import threading
from contextlib import ExitStack

import structlog

from bot.app.doors import server
from bot.app.foundation import Foundation
from bot.app.passes import passes
from bot.app.slack import bolt_app, socket_mode, web_clients
from bot.app.threads import BACKGROUND, HANDS, MESSENGERS, Threads, prefer_prompt_answers
from bot.app.timetable import timetable
from bot.app.usecases import use_cases
from bot.clock import Clock
from bot.cluster_watch import ClusterWatch
from bot.config import Catalogue, Settings
from bot.reconcile.takeover import take_over
from bot.scheduler import Crew
from bot.seams.cluster import Clusters
from bot.seams.slack import Slack, SlackError
from bot.seams.slack_checks import OF_THE_TOKEN
from bot.seams.slack_socket import SlackSocket
from handlers.register import register
from store.database import Store
from store.schema import migrate

log = structlog.get_logger()

_SIGNALS_SEEN_SECONDS = 1.0


class Berth:
    """A whole bot. `start` returns at once; `wait` until somebody calls `stop`."""

    def __init__(self, settings: Settings, catalogue: Catalogue, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.store = Store(settings.database_url.get_secret_value())
        web, quick = web_clients(settings)
        clusters = Clusters(catalogue.clusters, settings.kubeconfig, HANDS + BACKGROUND)
        on = Foundation(settings, catalogue, clock, self.store, Slack(web, quick), clusters)
        self._watch = ClusterWatch(clusters)
        self._threads = Threads()
        self.uses = use_cases(on, self._threads, self.nudge, self._read_user_groups)
        self.passes = passes(on, self.uses)
        self._engine_crew = Crew("engine", self._reconcile_one, HANDS)
        self._outbox_crew = Crew("outbox", self.passes.outbox.deliver_one, MESSENGERS)
        self._timetable = timetable(on, self.uses, self.passes, self._watch, self.nudge)
        self.bolt = bolt_app(settings, web, self._threads.listeners)
        register(self.bolt, self.uses)
        self._socket = socket_mode(settings, self.bolt)
        self._http = server(on, self.uses, self.bolt, self._watch, [self.authorised, self.connected])
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
        prefer_prompt_answers()
        migrate(self.store)
        take_over(self.store)
        self._judge_anew()
        self.listen()
        self.work()
        self._threads.in_background(self._watch.look)
        self._threads.in_background(self._follow_people)
        self._threads.in_background(self.passes.readings.read_all)
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
            for pool in self._threads.pools:
                last_first.callback(pool.shutdown, wait=True)
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

    def _follow_people(self) -> None:
        """Who is in which team may be another than when this last ran: by Slack, or by berth.yaml."""
        self.passes.user_groups.refresh()
        if self.passes.drift.follow_people():
            self.nudge()

    def _read_user_groups(self) -> None:
        def read() -> None:
            if self.passes.user_groups.refresh():
                self.nudge()

        self._threads.in_background(read)


def build(settings: Settings, catalogue: Catalogue, clock: Clock | None = None) -> Berth:
    """A bot that is ready to start. `clock` is the settings' own unless given."""
    return Berth(settings, catalogue, clock or settings.clock())
