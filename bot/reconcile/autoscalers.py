"""The HorizontalPodAutoscalers of an environment: whose zero is whose, and whether they scale again after a wake.

An autoscaler stands still by itself while its workload is at 0, so it is not touched. It is only looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.reconcile.objects import Sleeper, entries
from bot.reconcile.scene import Scene
from bot.rules import autoscaling
from bot.rules.words import JournalState
from bot.rules.workloads.scaled import Scaled


@dataclass(frozen=True)
class Stuck:
    """An autoscaler that does not scale a workload that is awake again."""

    autoscaler: str
    workload: str  # kind and name
    namespace: str

    @property
    def waiting(self) -> str:
        """What is told before it has had time to notice."""
        return f"{autoscaling.KIND} {self.autoscaler} has not begun to scale {self.workload} again yet"

    @property
    def advice(self) -> str:
        """What is told after."""
        target = self.workload.replace(" ", "/").lower()
        return (
            f"{autoscaling.KIND} {self.autoscaler} does not scale {self.workload} (ScalingDisabled), though it is "
            f"awake. Scale it once by hand: kubectl -n {self.namespace} scale {target} --replicas=1"
        )


def stuck_autoscalers(scene: Scene) -> list[Stuck]:
    """Those of what was woken that have not begun again. Raises ClusterError."""
    kinds = scene.cluster.kinds
    restored = [
        (kind.name, key[1])
        for key, entry in entries(scene).items()
        if entry.state is JournalState.RESTORED and isinstance(kind := kinds.get(key[0]), Scaled)
    ]
    if not restored:
        return []
    found = scene.lists.afterwards(autoscaling.KIND)
    names = ((kind, name, autoscaling.stuck(kind, name, found)) for kind, name in restored)
    return [Stuck(one, f"{kind} {name}", scene.lists.namespace) for kind, name, one in names if one is not None]


def zeros_of_autoscalers(scene: Scene, at_zero: Iterable[Sleeper]) -> dict[str, str]:
    """What is told, by label, of workloads that their autoscaler has scaled to zero. Raises ClusterError."""
    sleeping = [one for one in at_zero if isinstance(one.kind, Scaled)]
    found = scene.lists.of(autoscaling.KIND) if sleeping else []
    owners = ((one.label, autoscaling.owner_of_zero(one.kind.name, one.name, found)) for one in sleeping)
    return {
        label: f"{label} was scaled to zero by {autoscaling.KIND} {owner}, which may start it again"
        for label, owner in owners
        if owner is not None
    }
