"""What a DELETE asks beyond its path: grace, dependents, and what must be true of the object."""

from __future__ import annotations

from bot.sandbox.cluster import bodies
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.errors import Refusal, bad_request, bad_value, invalid, unsupported
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.writing import Deletion

_PROPAGATION = ("", "Foreground", "Background", "Orphan")


def deletion_of(call: Call) -> Deletion:
    """DeleteOptions from the body or, as kubectl's raw calls do, from the query; raises a 400 or 422 Refusal."""
    options: Obj = _delete_options(call) if call.body else dict(call.query)
    if options.get("dryRun") == "All":
        options["dryRun"] = ["All"]
    propagation, orphan = options.get("propagationPolicy") or "", options.get("orphanDependents")
    causes = []
    if orphan is not None and propagation:
        why = "orphanDependents and deletionPropagation cannot be both set"
        causes.append(bad_value("propagationPolicy", propagation, why))
    if propagation not in _PROPAGATION:
        causes.append(unsupported("propagationPolicy", propagation, [*_PROPAGATION[1:], "nil"]))
    if options.get("dryRun") and options["dryRun"] != ["All"]:
        causes.append(unsupported("dryRun", options["dryRun"], ["All"]))
    if causes:
        raise invalid("meta.k8s.io", "DeleteOptions", "", causes)
    if orphan is not None:
        propagation = "Orphan" if orphan in (True, "true") else "Background"
    if options.get("dryRun"):
        call.query["dryRun"] = "All"
    grace, conditions = options.get("gracePeriodSeconds"), options.get("preconditions") or {}
    seconds = None if grace is None else int(grace)
    version, uid = conditions.get("resourceVersion") or "", conditions.get("uid") or ""
    return Deletion(1 if seconds is not None and seconds < 0 else seconds, propagation, uid, version)


def _delete_options(call: Call) -> Obj:
    try:
        body = bodies.read(call.body, bodies.media_type(call.headers), "DeleteOptions")
    except Refusal as refused:
        if refused.code == 400:
            start = refused.message.index("couldn't get")
            raise bad_request(refused.message[start : refused.message.rindex(" (")]) from refused
        raise
    if body.get("kind", "DeleteOptions") != "DeleteOptions":
        raise bad_request("decoded object cannot be converted to DeleteOptions")
    return dict(body)
