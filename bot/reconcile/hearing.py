"""Whether the API servers that are meant to tell what people do still tell it; one that is silent tells nothing.

Berth asks every cluster for its version each minute, and the audit policy that README gives lets that be told too. So a
server that answers Berth and tells nothing for half an hour has lost its way to it: then nobody knows whether its
environments are used, and they stay awake. An admin is told once of each silence, and of its end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.reconcile.seen import Seen
from bot.rules.catalogue import Catalogue
from bot.rules.durations import format_duration
from bot.seams.cluster import ClusterError, Clusters
from bot.usecases.responsible import Responsible
from store.database import Store
from store.records import Records
from store.tables import AuditSource, Notice

log = structlog.get_logger()

SILENT_AFTER: Final = timedelta(minutes=30)  # of the world
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Hearing:
    """Listens for silence on the clusters that are `meant` to tell of use; on none, where no token is agreed."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock
    meant: frozenset[str] = frozenset()
    began: datetime = field(kw_only=True)  # when this process could be told of anything first

    @staticmethod
    def meant_by(catalogue: Catalogue, has_token: bool) -> frozenset[str]:
        """The clusters whose API servers are meant to tell of use."""
        return frozenset(cluster.name for cluster in catalogue.clusters if cluster.audit and has_token)

    def add_doubt(self, cluster: str, suspects: Mapping[str, Seen]) -> Mapping[str, Seen]:
        """The same; where the cluster's API server is silent, nobody knows whether they are used."""
        if cluster not in self.meant or not suspects:
            return suspects
        with self.store.read() as records:
            source = records.sources.all().get(cluster)
        if not self._is_silent(source):
            return suspects
        why = _unknown(cluster, source.heard_at if source else None, self.clock.now())
        return {namespace: replace(seen, busy=[*seen.busy, why]) for namespace, seen in suspects.items()}

    def tell(self) -> None:
        """Tell admins of each silence that has begun and of each that is over, once."""
        if not self.meant:
            return
        with self.store.read() as records:
            known = records.sources.all()
        for cluster in sorted(self.meant):
            source = known.get(cluster)
            silent, told = self._is_silent(source), source is not None and source.silent_since is not None
            if silent and not told and self._has_had_time() and self._answers(cluster):
                self._tell_silence(cluster)
            elif told and not silent:
                self._tell_end(cluster)

    def _is_silent(self, source: AuditSource | None) -> bool:
        heard_at = source.heard_at if source is not None else None
        if heard_at is None:
            return True
        passed = self.clock.now() - heard_at  # less than nothing where Berth's own clock was ahead when it heard
        return not -self.clock.lasting(_MINUTE) <= passed <= self.clock.lasting(SILENT_AFTER)

    def _has_had_time(self) -> bool:
        """Whether this process runs for so long that it would have been told something."""
        return self.clock.now() - self.began > self.clock.lasting(SILENT_AFTER)

    def _answers(self, cluster: str) -> bool:
        """Whether it is the telling alone that fails; a cluster that is away is told of elsewhere."""
        try:
            self.clusters[cluster].probe()
        except ClusterError:
            return False
        return True

    def _tell_silence(self, cluster: str) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            source = records.sources.all().get(cluster)
            if not self._is_silent(source) or (source is not None and source.silent_since is not None):
                return
            heard_at = source.heard_at if source is not None else None
            notices = list(self._notices(records, cluster, heard_at))
            for notice in notices:
                records.notices.say(notice)
            records.sources.silent(cluster, now, [notice.key for notice in notices])
        log.warning("an API server tells nothing, so nothing on it falls asleep", cluster=cluster, heard_at=heard_at)

    def _notices(self, records: Records, cluster: str, heard_at: datetime | None) -> Iterator[Notice]:
        """One for each admin in each workspace that has environments there."""
        now = self.clock.now()
        facts = {"cluster": cluster, "heard_at": heard_at.isoformat() if heard_at else None}
        for workspace in sorted({one.workspace_id for one in records.environments.on_cluster(cluster)}):
            for admin in Responsible(self.catalogue, self.clock, records, workspace).admins():
                key = f"silent:{cluster}:{now.isoformat()}:{workspace}:{admin}"
                yield Notice(
                    key=key,
                    workspace_id=workspace,
                    kind="silent",
                    facts=facts,
                    recipients=[admin],
                    created_at=now,
                    due_at=now,
                )

    def _tell_end(self, cluster: str) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            for key in records.sources.speaks_again(cluster):
                records.notices.change(key, now, {"over_at": now.isoformat()})
        log.info("an API server tells of use again", cluster=cluster)


def _unknown(cluster: str, heard_at: datetime | None, now: datetime) -> str:
    since = "has never told of any" if heard_at is None else f"has told of none for {_rounded(now - heard_at)}"
    return (
        f"nobody knows whether people use it: the API server of {cluster} is meant to tell of requests and {since}. "
        f"An admin can mend its audit webhook, or set audit: false for {cluster} in berth.yaml"
    )


def _rounded(passed: timedelta) -> str:
    return format_duration(max(passed // _MINUTE, 1) * _MINUTE)
