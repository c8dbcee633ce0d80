"""What goes on in a namespace and must not be interrupted: running Jobs, rollouts, pods of their own, fresh changes.

Pure functions of raw API objects. A Job that runs is never killed; it keeps its environment awake instead.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.rules.durations import format_duration
from bot.rules.managers import GITOPS, is_person
from bot.rules.workloads import POD, controller, is_being_deleted

_OVER = frozenset({"Succeeded", "Failed"})


def is_leaving(pod: Mapping[str, Any]) -> bool:
    """Whether a pod has ended, or is about to."""
    return pod.get("status", {}).get("phase") in _OVER or is_being_deleted(pod)


def outlives_its_environment(pod: Mapping[str, Any]) -> bool:
    """Whether a running pod has no controller that could bring it back."""
    return controller(POD, pod) is None and not is_leaving(pod)


def runs_on(pod: Mapping[str, Any]) -> str:
    """Why a pod runs while its environment sleeps."""
    owner = controller(POD, pod)
    if owner is None:
        return f"Pod {pod['metadata']['name']} has no controller to bring it back, so it keeps running"
    if owner["kind"] == "Job":
        return finishing(owner["name"])
    return f"{owner['kind']} {owner['name']} keeps its pods running"


def finishing(job: str) -> str:
    """What is told of a Job, by its name, that runs while its environment sleeps."""
    return f"Job {job} is running, and is let finish"


def job_at_work(job: Mapping[str, Any]) -> bool:
    """Whether a Job has pods at work, or will have some."""
    conditions = job.get("status", {}).get("conditions", ())
    ended = any(one.get("type") in ("Complete", "Failed") and one.get("status") == "True" for one in conditions)
    return not (ended or is_being_deleted(job) or job["spec"].get("suspend", False))


def rolling_out(found: Mapping[str, Any]) -> bool:
    """Whether a Deployment, StatefulSet or DaemonSet is on its way to a new version, and has not given up on it."""
    if is_being_deleted(found):
        return False  # its controller looks at it no longer
    status = found.get("status", {})
    if status.get("observedGeneration", 0) < found["metadata"].get("generation", 0):
        return True
    progressing: Mapping[str, Any] = next(
        (one for one in status.get("conditions", ()) if one.get("type") == "Progressing"), {}
    )
    return progressing.get("status") == "True" and progressing.get("reason") != "NewReplicaSetAvailable"


def deploy_times(found: Mapping[str, Any]) -> list[datetime]:
    """When people and what follows a git wrote an object's spec."""
    return [
        datetime.fromisoformat(entry["time"])
        for entry in found["metadata"].get("managedFields", ())
        if entry.get("time") and not entry.get("subresource") and _deploys(entry.get("manager", ""))
    ]


def session_words(by: str, what: str, open_for: timedelta) -> str:
    """Who has a shell, an attachment or a forwarded port open, and since when."""
    ago = format_duration(timedelta(minutes=open_for // timedelta(minutes=1)))
    since = "just now" if open_for < timedelta(minutes=1) else f"{ago} ago"
    return f"{by or 'somebody'} {what or 'opened a session'} {since}, and it is still open"


def _deploys(manager: str) -> bool:
    return is_person(manager) or manager in GITOPS
