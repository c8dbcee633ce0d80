"""Jobs and CronJobs: pods that end, and jobs by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.cluster import cron
from bot.sandbox.cluster.controllers import events
from bot.sandbox.cluster.controllers.cluster import Cluster
from bot.sandbox.cluster.controllers.events import Happening
from bot.sandbox.cluster.controllers.owning import (
    create_pod,
    delete_pod,
    from_template,
    owned,
    owner_reference,
    set_condition,
    settle_failure,
    without_zeros,
)
from bot.sandbox.cluster.controllers.pods import is_active, is_ready, read_time
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.shapes import Obj, clone, dig
from bot.sandbox.cluster.storage import Entry
from bot.sandbox.cluster.writing import Deletion, timestamp

_COMPONENT = "job-controller"


def job(cluster: Cluster, namespace: str, name: str) -> None:
    """Runs a job's pods until enough have succeeded; a suspended job has none."""
    kind = cluster.kind("batch", "jobs")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None or entry.metadata.get("deletionTimestamp") or _ended(entry.obj):
        return
    pods = owned(cluster, cluster.kind("", "pods"), entry)
    active = [pod for pod in pods if is_active(pod.obj)]
    done = sum(dig(pod.obj, "status", "phase") == "Succeeded" for pod in pods)
    spec, failed = entry.obj["spec"], ""
    if spec.get("suspend"):
        for pod in active:
            delete_pod(cluster, kind, entry, pod, _COMPONENT)
    else:
        missing = min(spec["parallelism"], spec.get("completions", 1) - done) - len(active)
        for _ in range(missing):
            pod_body = from_template(spec["template"], kind, entry, {"generateName": f"{name}-"}, {})
            failed = create_pod(cluster, kind, entry, pod_body, _COMPONENT)
            if failed:
                break
    settle_failure(cluster, ("job", namespace, name), failed)
    _put_job_status(cluster, kind, entry)


def _ended(obj: Obj) -> bool:
    conditions = dig(obj, "status", "conditions", default=[])
    return any(c["type"] in ("Complete", "Failed") and c["status"] == "True" for c in conditions)


def _put_job_status(cluster: Cluster, kind: Kind, entry: Entry) -> None:
    pods = owned(cluster, cluster.kind("", "pods"), entry)
    active = [pod for pod in pods if is_active(pod.obj)]
    done = sum(dig(pod.obj, "status", "phase") == "Succeeded" for pod in pods)
    now, suspended = cluster.writes.now(), bool(entry.obj["spec"].get("suspend"))
    conditions = _suspension(cluster, kind, entry, dig(entry.obj, "status", "conditions", default=[]))
    status: Obj = {"active": len(active), "succeeded": done, "ready": sum(is_ready(pod.obj) for pod in active)}
    ready = status["ready"]
    status = without_zeros(status) | {"terminating": 0, "uncountedTerminatedPods": {}, "ready": ready}
    if not suspended:
        status["startTime"] = dig(entry.obj, "status", "startTime", default=now)
    if done >= entry.obj["spec"].get("completions", 1):
        for sort in ("SuccessCriteriaMet", "Complete"):
            told = {"type": sort, "status": "True", "reason": "CompletionsReached"}
            told["message"] = "Reached expected number of succeeded pods"
            conditions = set_condition(conditions, told, now)
        status["completionTime"] = now
        events.tell(cluster, kind, entry, Happening("Completed", "Job completed", _COMPONENT))
    cluster.put_status(kind, entry, status | ({"conditions": conditions} if conditions else {}), _COMPONENT)


def _suspension(cluster: Cluster, kind: Kind, entry: Entry, conditions: list[Obj]) -> list[Obj]:
    known = any(c["type"] == "Suspended" and c["status"] == "True" for c in conditions)
    suspended = bool(entry.obj["spec"].get("suspend"))
    if suspended == known:
        return conditions
    word = "suspended" if suspended else "resumed"
    told = {
        "type": "Suspended",
        "status": str(suspended),
        "reason": f"Job{word.capitalize()}",
        "message": f"Job {word}",
    }
    events.tell(cluster, kind, entry, Happening(word.capitalize(), f"Job {word}", _COMPONENT))
    return set_condition(conditions, told, cluster.writes.now())


# CronJobs.


def cron_job(cluster: Cluster, namespace: str, name: str) -> None:
    """Starts a job at each strike; of strikes that were missed, as while suspended, only the newest is made up for."""
    kind = cluster.kind("batch", "cronjobs")
    entry = cluster.store.get(kind, namespace, name)
    if entry is None or entry.metadata.get("deletionTimestamp"):
        return
    spec, now = entry.obj["spec"], cluster.now()
    jobs = owned(cluster, cluster.kind("batch", "jobs"), entry)
    _trim(cluster, jobs, spec)
    struck = None
    if not spec.get("suspend"):
        since = read_time(dig(entry.obj, "status", "lastScheduleTime", default=entry.metadata["creationTimestamp"]))
        struck = cron.last_between(spec["schedule"], since, now, spec.get("timeZone", "UTC"))
        following = cron.next_after(spec["schedule"], now, spec.get("timeZone", "UTC"))
        if following is not None:
            cluster.wake(following, ("cronjob", namespace, name))
    if struck is not None and _in_time(spec, struck, now) and _free(cluster, jobs, spec):
        _start_job(cluster, kind, entry, struck)
    _put_cron_status(cluster, kind, entry, struck)


def _in_time(spec: Obj, struck: datetime, now: datetime) -> bool:
    deadline = spec.get("startingDeadlineSeconds")
    return deadline is None or now - struck <= timedelta(seconds=deadline)


def _free(cluster: Cluster, jobs: list[Entry], spec: Obj) -> bool:
    """Whether a new job may start beside those that run."""
    running = [job_entry for job_entry in jobs if not _ended(job_entry.obj)]
    if spec["concurrencyPolicy"] == "Replace":
        for job_entry in running:
            options = Deletion(propagation="Background")
            cluster.writes.delete(
                cluster.kind("batch", "jobs"), job_entry, options, cluster.author("cronjob-controller")
            )
    return spec["concurrencyPolicy"] != "Forbid" or not running


def _start_job(cluster: Cluster, kind: Kind, entry: Entry, struck: datetime) -> None:
    template = entry.obj["spec"]["jobTemplate"]
    name = f"{entry.name}-{int(struck.timestamp()) // 60}"
    metadata: Obj = {"name": name, "namespace": entry.namespace, "ownerReferences": [owner_reference(kind, entry)]}
    given = template.get("metadata", {})
    metadata |= {key: dict(given[key]) for key in ("labels", "annotations") if given.get(key)}
    scheduled = {"batch.kubernetes.io/cronjob-scheduled-timestamp": timestamp(struck)}
    metadata["annotations"] = {**metadata.get("annotations", {}), **scheduled}
    jobs = cluster.kind("batch", "jobs")
    if cluster.store.get(jobs, entry.namespace, name) is None:
        body = {"metadata": metadata, "spec": clone(template["spec"])}
        cluster.writes.create(jobs, body, cluster.author("cronjob-controller"))
        events.tell(cluster, kind, entry, Happening("SuccessfulCreate", f"Created job {name}", "cronjob-controller"))


def _trim(cluster: Cluster, jobs: list[Entry], spec: Obj) -> None:
    ended = sorted((entry for entry in jobs if _ended(entry.obj)), key=lambda entry: entry.name)
    for entry in ended[: max(0, len(ended) - spec["successfulJobsHistoryLimit"])]:
        options = Deletion(propagation="Background")
        cluster.writes.delete(cluster.kind("batch", "jobs"), entry, options, cluster.author("cronjob-controller"))


def _put_cron_status(cluster: Cluster, kind: Kind, entry: Entry, struck: datetime | None) -> None:
    jobs = owned(cluster, cluster.kind("batch", "jobs"), entry)
    active = [_reference(job_entry) for job_entry in jobs if not _ended(job_entry.obj)]
    finished = [dig(e.obj, "status", "completionTime") for e in jobs if dig(e.obj, "status", "completionTime")]
    status: Obj = {"active": active} if active else {}
    last = timestamp(struck) if struck else dig(entry.obj, "status", "lastScheduleTime")
    status |= {"lastScheduleTime": last} if last else {}
    newest = max([*finished, dig(entry.obj, "status", "lastSuccessfulTime", default="")])
    cluster.put_status(kind, entry, status | ({"lastSuccessfulTime": newest} if newest else {}), "cronjob-controller")


def _reference(entry: Entry) -> Obj:
    reference = {"apiVersion": "batch/v1", "kind": "Job", "name": entry.name, "namespace": entry.namespace}
    return reference | {"uid": entry.uid, "resourceVersion": entry.metadata["resourceVersion"]}
