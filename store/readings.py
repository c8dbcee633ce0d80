"""What was last read of each cluster: whether it answers, what its nodes have, whether its traffic is told."""

from collections.abc import Mapping

from sqlmodel import Session, select

from store.tables import ClusterReading
from store.unique import insert_once


class ReadingRecords:
    """Readings of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> Mapping[str, ClusterReading]:
        """Every reading, by the cluster's name."""
        return {reading.cluster: reading for reading in self._session.exec(select(ClusterReading))}

    def of(self, cluster: str) -> ClusterReading:
        """The reading of a cluster, to be changed; an empty one if there was none."""
        insert_once(self._session, ClusterReading(cluster=cluster))
        return self._session.exec(select(ClusterReading).where(ClusterReading.cluster == cluster)).one()
