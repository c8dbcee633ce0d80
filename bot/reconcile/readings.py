"""The pass that looks what each cluster has to give, and whether it answers: what admins are shown, and nothing more.

One list of nodes a cluster. Where Berth may not list them, what the cluster has is simply not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.seams.cluster import Cluster, ClusterError, Clusters, Forbidden, Object, parse_quantity
from bot.usecases.apart import apart
from store.database import Store
from store.tables import ClusterReading

log = structlog.get_logger()

_GIB = 2**30


@dataclass(frozen=True)
class Readings:
    """The pass."""

    store: Store
    clusters: Clusters
    clock: Clock

    def read_all(self) -> None:
        """Read every cluster; one that does not answer keeps what was read of it before."""
        for name in self.clusters:
            with apart("what a cluster has cannot be understood", cluster=name):
                self._read(name)

    def _read(self, name: str) -> None:
        try:
            nodes = _nodes(self.clusters[name])
        except ClusterError as error:
            self._note(name, None, str(error))
        else:
            self._note(name, nodes, "")

    def _note(self, cluster: str, nodes: Sequence[Object] | None, trouble: str) -> None:
        with self.store.begin() as records:
            reading = records.readings.of(cluster)
            reading.trouble = trouble
            if not trouble:
                reading.read_at = self.clock.now()
                _sum(reading, nodes)


def _nodes(cluster: Cluster) -> Sequence[Object] | None:
    """The nodes that take pods; None where Berth may not list them. Raises ClusterError."""
    try:
        return [node for node in cluster.list("Node") if not node.get("spec", {}).get("unschedulable")]
    except Forbidden:
        cluster.probe()  # it may be that nothing at all is allowed any more
        return None


def _sum(reading: ClusterReading, nodes: Sequence[Object] | None) -> None:
    if nodes is None:
        reading.nodes = reading.cpu = reading.memory_gib = None
        return
    given = [node.get("status", {}).get("allocatable", {}) for node in nodes]
    reading.nodes = len(nodes)
    reading.cpu = sum(parse_quantity(one.get("cpu", "0")) for one in given)
    reading.memory_gib = sum(parse_quantity(one.get("memory", "0")) for one in given) / _GIB
