"""Whether environments that seem unused have traffic, by the question that their cluster's Prometheus is asked.

One question a cluster and pass, and none where nothing seems unused. What has no answer keeps awake: it is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.reconcile.seen import Seen
from bot.rules.activity import Activity, newest
from bot.rules.catalogue import ClusterSpec
from bot.seams.prometheus import Prometheus, PrometheusError

PATIENCE: Final = timedelta(seconds=10)
_NO_VALUE: Final = "the query gives no value for its namespace that can be trusted"


@dataclass(frozen=True)
class Meter:
    """A cluster's Prometheus, and what it is asked."""

    prometheus: Prometheus
    query: str


@dataclass(frozen=True)
class Meters:
    """The meters of those clusters that have one, by the cluster's name."""

    of: Mapping[str, Meter] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)  # why each could not be read when it was last asked

    @staticmethod
    def configured(clusters: Sequence[ClusterSpec]) -> "Meters":
        """What berth.yaml gives. Asks nothing yet."""
        return Meters(
            {
                spec.name: Meter(Prometheus(spec.traffic.prometheus, PATIENCE), spec.traffic.query)
                for spec in clusters
                if spec.traffic is not None
            }
        )

    def read(self, cluster: str, suspects: Mapping[str, Seen], now: datetime) -> Mapping[str, Seen]:
        """The same with what their traffic says, by namespace; nothing is asked where there is nobody to ask about."""
        meter = self.of.get(cluster)
        if meter is None or not suspects:
            return suspects
        try:
            values = meter.prometheus.instant(meter.query)
        except PrometheusError as error:
            self.troubles[cluster] = str(error)
            return {namespace: _unknown(seen, str(error)) for namespace, seen in suspects.items()}
        self.troubles[cluster] = ""
        return {namespace: _told(seen, values.get(namespace), now) for namespace, seen in suspects.items()}

    def close(self) -> None:
        """Close the connections."""
        for meter in self.of.values():
            meter.prometheus.close()


def _told(seen: Seen, value: float | None, now: datetime) -> Seen:
    if value is None:
        return _unknown(seen, _NO_VALUE)
    if value == 0:
        return seen
    return replace(seen, activity=newest([seen.activity, Activity(now, "traffic", f"the query's value is {value:g}")]))


def _unknown(seen: Seen, why: str) -> Seen:
    return replace(seen, busy=[*seen.busy, f"its traffic could not be read: {why}"])
