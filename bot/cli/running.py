"""`berth run`: the bot in the foreground, stopped by SIGTERM or Ctrl-C with exit code 0."""

import signal
import threading
from types import FrameType

from bot.app import Berth, build
from bot.cli.saying import configured, fail
from bot.config import Settings
from bot.logs import configure_logging
from store.database import StoreError
from store.health import in_words
from store.schema import SchemaTooNew
from store.sole import InUse, Sole


def run_bot() -> None:
    """Run until a signal asks to stop; a second signal ends the process at once."""
    settings, catalogue = configured()
    configure_logging()
    sole = _alone(settings)
    berth = build(settings, catalogue)
    _stop_on_signals(berth)
    berth.check_token()
    if berth.refused is None:
        _start(berth)
        berth.wait()
    sole.close()
    if berth.refused is not None:
        fail(f"The bot cannot start: {berth.refused}. Run `berth doctor`: it says how to mend it.")


def _alone(settings: Settings) -> Sole:
    """Two bots on one SQLite file would each do what the other does."""
    sole = Sole(settings.database_url.get_secret_value())
    try:
        sole.take()
    except InUse as error:
        fail(f"The bot cannot start: {error}.")
    except OSError as error:
        fail(f"The bot cannot start: the lock file beside the database cannot be taken ({error.strerror}).")
    return sole


def _start(berth: Berth) -> None:
    try:
        berth.start()
    except (Exception, SystemExit) as error:
        berth.stop()  # what has begun would keep the process alive
        if isinstance(error, StoreError | SchemaTooNew):
            fail(f"The bot cannot start: {in_words(error)}.")
        if isinstance(error, SystemExit):  # uvicorn's way of saying that it cannot listen
            fail(f"The bot cannot start: BERTH_HTTP_ADDRESS {berth.settings.http_address} cannot be listened on.")
        raise


def _stop_on_signals(berth: Berth) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        # A handler may interrupt the very lock that stopping needs, so the stopping is done beside it.
        threading.Thread(target=berth.stop, name="stop").start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
