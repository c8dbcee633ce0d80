"""Why a workload is not ready, in words for people, as far as it and its pods tell. Pure functions of raw objects."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from bot.rules.workloads import POD, Kind, Object, controller

PATIENCE: Final = timedelta(minutes=3)
"""How long what was started is waited for; then it counts as running, and what is missing is told."""

_STUCK: Final[Mapping[str, str]] = {
    "ErrImagePull": "its image cannot be pulled",
    "ImagePullBackOff": "its image cannot be pulled",
    "ErrImageNeverPull": "its image cannot be pulled",
    "InvalidImageName": "its image has no valid name",
    "CrashLoopBackOff": "it starts and fails again and again",
    "CreateContainerConfigError": "a ConfigMap or Secret that it needs is missing",
    "CreateContainerError": "its container cannot be made",
    "RunContainerError": "its container cannot be started",
}
_TELLING: Final = 200  # characters of the cluster's own words


def obstacle(kind: Kind, found: Object, pods: Iterable[Object]) -> str:
    """What keeps a workload from being ready; empty where nothing does that could be seen."""
    own = [pod for pod in pods if _is_of(pod, kind, found["metadata"]["name"])]
    reasons = [*_refused(found), *(why for pod in own for why in _of_pod(pod))]
    if not reasons and not own:
        return "no pod of it was made yet: a quota or a rule of the cluster may refuse it"
    return "; ".join(dict.fromkeys(reasons))


def _is_of(pod: Object, kind: Kind, name: str) -> bool:
    """Whether a pod belongs to a workload: directly, or by a ReplicaSet, whose name is the workload's and a hash."""
    owner = controller(POD, pod) or {}
    if (owner.get("kind"), owner.get("name")) == (kind.name, name):
        return True
    return owner.get("kind") == "ReplicaSet" and str(owner.get("name")).rpartition("-")[0] == name


def _refused(found: Object) -> Iterator[str]:
    """What its controller says of pods that it may not make."""
    for condition in found.get("status", {}).get("conditions", ()):
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            told = str(condition.get("message", ""))
            who = "the quota does not allow its pods" if "exceeded quota" in told else "the cluster refuses its pods"
            yield _with(who, told)


def _of_pod(pod: Object) -> Iterator[str]:
    status = pod.get("status", {})
    for condition in status.get("conditions", ()):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield _with("no node has room for it", condition.get("message", ""))
    for container in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        waiting = container.get("state", {}).get("waiting") or {}
        reason = str(waiting.get("reason", ""))
        if reason in _STUCK:
            yield _with(_STUCK[reason], _ended(container) or waiting.get("message", ""))


def _ended(container: Mapping[str, Any]) -> str:
    """How a container ended that is started again and again."""
    ended = container.get("lastState", {}).get("terminated") or {}
    if not ended:
        return ""
    code = ended.get("exitCode")
    memory = ended.get("reason") == "OOMKilled"
    return "it needs more memory than its limit" if memory else f"{container['name']} ended with code {code}"


def _with(words: str, told: object) -> str:
    said = " ".join(str(told).split())
    short = said if len(said) <= _TELLING else f"{said[: _TELLING - 1]}…"
    return f"{words} ({short})" if short else words
