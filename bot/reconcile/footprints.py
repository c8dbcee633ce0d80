"""What namespaces request, read off the cluster: running pods and claimed volumes."""

from collections import defaultdict
from collections.abc import Iterable

from bot.reconcile.snapshots import Lists
from bot.rules.business import is_leaving
from bot.rules.costs import Footprint
from bot.rules.words import GPU
from bot.seams.cluster import Cluster, Object, parse_quantity, requested

_GIB = 2**30
_OVER = frozenset({"Succeeded", "Failed"})


def footprints(cluster: Cluster) -> dict[str, Footprint]:
    """Every namespace's footprint: two lists, however many environments there are. Raises ClusterError."""
    return _sums(cluster.list("Pod"), cluster.list("PersistentVolumeClaim"))


def footprint(lists: Lists) -> Footprint:
    """One namespace's footprint, as it is after all that was read of it before. Raises ClusterError."""
    sums = _sums(lists.afterwards("Pod"), lists.afterwards("PersistentVolumeClaim"))
    return sums.get(lists.namespace, Footprint())


def _sums(pods: Iterable[Object], claims: Iterable[Object]) -> dict[str, Footprint]:
    cpu: dict[str, float] = defaultdict(float)
    memory: dict[str, float] = defaultdict(float)
    storage: dict[str, float] = defaultdict(float)
    gpu: dict[str, float] = defaultdict(float)
    for pod in pods:
        if pod.get("status", {}).get("phase") not in _OVER and not is_leaving(pod):
            requests = requested(pod)
            cpu[pod["metadata"]["namespace"]] += requests.get("cpu", 0.0)
            memory[pod["metadata"]["namespace"]] += requests.get("memory", 0.0) / _GIB
            gpu[pod["metadata"]["namespace"]] += requests.get(GPU, 0.0)
    for claim in claims:
        asked = claim["spec"].get("resources", {}).get("requests", {}).get("storage", "0")
        storage[claim["metadata"]["namespace"]] += parse_quantity(asked) / _GIB
    return {
        name: Footprint(round(cpu[name], 6), round(memory[name], 6), round(storage[name], 6), gpu[name])
        for name in {*cpu, *memory, *storage}
    }
