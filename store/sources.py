"""Whether the API servers that are meant to tell of use have told anything of late, whichever replica they told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from store.tables import AuditSource
from store.unique import add_once


class SourceRecords:
    """Sources of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> Mapping[str, AuditSource]:
        """Those that have told something, or of whose silence somebody was told, by cluster."""
        return {source.cluster: source for source in self._session.exec(select(AuditSource)).all()}

    def heard(self, cluster: str, at: datetime) -> None:
        """Remember that a cluster's API server has told something."""
        self._of(cluster).heard_at = at

    def silent(self, cluster: str, since: datetime, told: Sequence[str]) -> None:
        """Remember who was told of a silence, by the keys of the messages."""
        source = self._of(cluster)
        source.silent_since, source.told = since, list(told)

    def speaks_again(self, cluster: str) -> Sequence[str]:
        """The keys of the messages that told of a silence, which is over."""
        source = self._of(cluster)
        told, source.silent_since, source.told = source.told, None, []
        return told

    def _of(self, cluster: str) -> AuditSource:
        found = self._session.get(AuditSource, cluster, with_for_update=True)
        if found is None:
            add_once(self._session, AuditSource(cluster=cluster))
            found = self._session.get_one(AuditSource, cluster, with_for_update=True)
        return found
