"""What of an environment runs on while the rest of it sleeps: pods, Jobs, and workloads that are left awake."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.reconcile.objects import Found, notes
from bot.reconcile.scene import Scene
from bot.rules.business import finishing, is_leaving, job_at_work, runs_on
from bot.rules.workloads import FIRST, POD, controlled, controller
from bot.seams.cluster import Conflict, NotFound, Object


@dataclass(frozen=True)
class Staying:
    """The pods that run on, and the names of the Jobs that are let finish, also where they have no pod just now."""

    pods: Sequence[Object]
    jobs: Sequence[str]

    @property
    def may_start_pods(self) -> bool:
        """Whether something stays that may start other pods, which the guard would keep away."""
        return bool(self.jobs) or any(controlled(POD, pod) for pod in self.pods)

    def told(self, scene: Scene) -> list[str]:
        """What runs on and why, but for what the journal tells of already."""
        names = [entry.name for entry, _ in notes(scene)]
        return [*(runs_on(pod) for pod in self.pods if not _is_of(pod, names)), *map(finishing, self.jobs)]


def what_stays(scene: Scene) -> Staying:
    """The pods of Jobs, of what stays awake, and those that nobody could bring back, and Jobs. Raises ClusterError.

    Of the pods that nobody could bring back those end that somebody agreed to lose, by name.
    """
    pods = [pod for pod in scene.lists.afterwards(POD) if not is_leaving(pod)]
    agreed = scene.environment.stops_pods
    lost = [pod for pod in pods if not controlled(POD, pod) and pod["metadata"]["name"] in agreed]
    for pod in lost:
        scene.hold()
        with suppress(NotFound, Conflict):
            scene.cluster.delete(POD, pod["metadata"]["name"], scene.environment.namespace, pod["metadata"]["uid"])
    jobs = [job["metadata"]["name"] for job in scene.lists.afterwards("Job") if job_at_work(job)]
    return Staying([pod for pod in pods if pod not in lost], jobs)


def leaves_running(scene: Scene, found: Found) -> bool:
    """Whether a workload is left running: by a person, an operator or a mark; or may be, as it cannot be read."""
    kinds = scene.cluster.kinds
    kept = (kinds[kind] for (kind, _), each in found.own.items() if not kinds[kind].at_rest(each))
    return bool(found.foreign or found.unlisted) or any(kind.rank != FIRST for kind in kept)


def _is_of(pod: Object, workloads: Sequence[str]) -> bool:
    """Whether a pod is, by its controller's name, of a workload that the journal tells of already."""
    name = (controller(POD, pod) or {}).get("name", "")
    return any(name == workload or name.startswith(f"{workload}-") for workload in workloads)
