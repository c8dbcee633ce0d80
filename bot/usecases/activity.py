"""What people do on the clusters themselves, as the API servers' audit webhooks tell it, noted as use.

A batch is first made small in memory: one newest sign and some sessions a namespace. Most batches then need no write at
all, so that many of them cost the database a few reads. What is known is in the store alone, whoever of several
replicas was told it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.rules.activity import Activity, newest
from bot.rules.api_requests import ApiRequest, Ignoring, Turn, sign_of_use
from bot.rules.business import session_words
from bot.rules.catalogue import Catalogue
from store.database import Store
from store.records import Records
from store.tables import Environment, OpenSession

_COARSEST: Final = timedelta(minutes=1)
_SHARE: Final = 60  # of idle_after: how exactly the end of a person's use is known


@dataclass
class _Told:
    """What one batch says of one namespace."""

    newest: Activity | None = None
    opened: dict[str, Activity] = field(default_factory=dict)
    closed: dict[str, Activity | None] = field(default_factory=dict)

    def add(self, request: ApiRequest) -> None:
        self.newest = newest((self.newest, request.activity))
        if request.session is not None and request.session.turn is Turn.CLOSED:
            self.closed[request.session.audit_id] = request.activity
        elif request.session is not None and request.activity is not None:
            self.opened[request.session.audit_id] = request.activity


class ApiActivity:
    """The use case. The same batch may be noted again, and batches in any order."""

    def __init__(self, store: Store, catalogue: Catalogue, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._clusters = frozenset(cluster.name for cluster in catalogue.clusters)
        self._ignoring = Ignoring.by(catalogue.activity)
        self._heard: dict[str, datetime] = {}  # as it was written last
        self._grain = min(_COARSEST, catalogue.sleep.idle_after / _SHARE)

    def knows(self, cluster: str) -> bool:
        """Whether there is a cluster of that name to be told of."""
        return cluster in self._clusters

    def note(self, cluster: str, events: Iterable[Any]) -> None:
        """Note what a batch of a cluster's audit events says. Raises StoreError: then nothing of it is noted.

        An environment's newest use is written at once where it answers a warning or is another person's; else only if
        what is written is older than a minute, or than a sixtieth of `idle_after` where that is less.
        """
        self._note(cluster, events)
        self._hear(cluster)

    def _note(self, cluster: str, events: Iterable[Any]) -> None:
        told = self._by_namespace(events)
        if not told:
            return
        with self._store.read() as records:
            found = records.environments.in_namespaces(cluster, told)
        news = [environment.id for environment in found if self._is_news(environment, told[environment.namespace])]
        if not news:
            return
        with self._store.begin() as records:
            for environment_id in news:
                environment = records.environments.lock(environment_id)
                if environment is not None:
                    self._write(records, environment, told[environment.namespace])

    def _hear(self, cluster: str) -> None:
        """Remember that the cluster's API server tells something, to the minute."""
        now, known = self._clock.now(), self._heard.get(cluster)
        if known is not None and timedelta(0) <= now - known < self._clock.lasting(_COARSEST):
            return
        with self._store.begin() as records:
            records.sources.heard(cluster, now)
        self._heard[cluster] = now

    def _by_namespace(self, events: Iterable[Any]) -> Mapping[str, _Told]:
        told: dict[str, _Told] = defaultdict(_Told)
        for event in events:
            request = sign_of_use(event, self._ignoring)
            if request is not None:
                told[request.namespace].add(request)
        return told

    def _is_news(self, environment: Environment, told: _Told) -> bool:
        return bool(told.opened or told.closed) or self._is_newer(environment, told.newest)

    def _is_newer(self, environment: Environment, activity: Activity | None) -> bool:
        if activity is None or activity.at <= environment.last_activity_at:
            return False
        warned, other = environment.deadline_at is not None, activity.by != environment.last_activity_by
        return warned or other or activity.at - environment.last_activity_at >= self._grain

    def _write(self, records: Records, environment: Environment, told: _Told) -> None:
        now = self._clock.now()
        if told.newest is not None and self._is_newer(environment, told.newest):
            environment.last_activity_at = min(told.newest.at, now)  # a cluster's clock that is ahead keeps none awake
            environment.last_activity_by = told.newest.by
            environment.last_activity_what = told.newest.what
            if environment.deadline_at is not None:
                environment.check_at = now  # whoever was warned sees at once that it was answered
        for audit_id, closing in told.closed.items():
            records.sessions.closed(_session(environment, audit_id, closing, now), now)
        for audit_id, opening in told.opened.items():
            records.sessions.opened(_session(environment, audit_id, opening, now))


def open_sessions(records: Records, environment_id: str, now: datetime) -> list[str]:
    """The shells and forwarded ports that stand open in an environment, in words: each keeps it awake."""
    return [
        session_words(opened.by, opened.what, now - opened.opened_at)
        for opened in records.sessions.open_in(environment_id, now)
    ]


def _session(environment: Environment, audit_id: str, activity: Activity | None, now: datetime) -> OpenSession:
    return OpenSession(
        environment_id=environment.id,
        audit_id=audit_id,
        by=activity.by if activity else "",
        what=activity.what if activity else "",
        opened_at=min(activity.at, now) if activity else now,
    )
