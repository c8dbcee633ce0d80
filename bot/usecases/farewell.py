"""What ends with an environment that is gone: what was granted and asked for in it, and the want of an owner."""

from bot.clock import Clock
from bot.usecases.grants import end_grants
from bot.usecases.open_requests import end_requests_of_environment
from bot.usecases.orphans import news_of
from store.records import Records
from store.tables import Environment


def bid_farewell(records: Records, clock: Clock, environment: Environment) -> None:
    """End all of it; every message that offered something to be done with it says that it is gone."""
    now = clock.now()
    end_grants(records, environment, now)
    end_requests_of_environment(records, clock, environment)
    orphan = records.orphans.end(environment.id)
    if orphan is not None:
        news_of(records, orphan, now, {"kind": "gone"})
