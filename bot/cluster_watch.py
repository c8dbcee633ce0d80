"""Whether each cluster answers, told in the log when that changes and in the metrics always.

A cluster that is down must not keep Berth from serving the others, so nothing here is fatal.
"""

from collections.abc import Iterable

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric

from bot.seams.cluster import ClusterError, Clusters

log = structlog.get_logger()


class ClusterWatch:
    """A collector of metrics too."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._answers: dict[str, bool] = {}

    def look(self) -> None:
        """Ask every cluster for its version."""
        for name in self._clusters:
            trouble = self._trouble(name)
            before = self._answers.get(name, True)
            self._answers[name] = trouble is None
            if trouble is not None and before:
                log.warning("a cluster does not answer", cluster=name, error=trouble, then="run berth doctor")
            elif trouble is None and not before:
                log.info("a cluster answers again", cluster=name)

    def collect(self) -> Iterable[Metric]:
        """What was found last."""
        answers = GaugeMetricFamily("berth_cluster_answers", "Whether a cluster answers", labels=["cluster"])
        for name, answered in dict(self._answers).items():
            answers.add_metric([name], float(answered))
        return [answers]

    def _trouble(self, name: str) -> str | None:
        try:
            self._clusters[name].probe()
        except ClusterError as error:
            return str(error)
        return None
