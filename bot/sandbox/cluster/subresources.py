"""The parts of objects with a path of their own: status, scale, token, eviction, log and the few others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.cluster import answers, bodies
from bot.sandbox.cluster.admission import Review
from bot.sandbox.cluster.answers import Answer, Stream, as_json
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.errors import (
    Refusal,
    bad_request,
    bad_value,
    conflict,
    invalid,
    no_such_resource,
    not_allowed,
    not_found,
)
from bot.sandbox.cluster.identity import AUDIENCE, Identity
from bot.sandbox.cluster.kinds import SUBRESOURCES, Kind, Kinds
from bot.sandbox.cluster.patches import json_patch, merge_patch, strategic_merge
from bot.sandbox.cluster.resources import Resources, author_of, check_name, decode
from bot.sandbox.cluster.scale import scale_of, with_replicas
from bot.sandbox.cluster.selectors import labels_match
from bot.sandbox.cluster.shapes import Obj, clone, dig
from bot.sandbox.cluster.storage import Entry, Store
from bot.sandbox.cluster.writing import Deletion, Writes, timestamp

_PATCHES: dict[str, Callable[[Any, Any], Any]] = {
    "application/merge-patch+json": merge_patch,
    "application/strategic-merge-patch+json": strategic_merge,
    "application/json-patch+json": json_patch,
}


_SCALE = Kind("autoscaling", "v1", "Scale", "scales", namespaced=True)
_TOKEN = Kind("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", namespaced=True)
_DONE: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


class Subresources:
    """The handlers of one server, by subresource."""

    def __init__(self, resources: Resources, store: Store, writes: Writes, identity: Identity, kinds: Kinds) -> None:
        self._resources = resources
        self._store = store
        self._writes = writes
        self._identity = identity
        self._kinds = kinds
        self._handlers: dict[str, Callable[[Call], Answer | Stream]] = {
            "status": self._part,
            "resize": self._part,
            "ephemeralcontainers": self._part,
            "approval": self._part,
            "finalize": self._finalize,
            "scale": self._scale,
            "token": self._token,
            "eviction": self._evict,
            "binding": self._bind,
            "log": self._log,
        }

    def handle(self, call: Call) -> Answer | Stream:
        if call.subresource not in call.row.subresources:
            raise no_such_resource()
        if call.verb not in SUBRESOURCES[call.subresource][0]:
            raise not_allowed()
        handler = self._handlers.get(call.subresource)
        if handler is None:
            self._admit(call, "CONNECT", _connection(call))
            raise Refusal(
                501, f"the sandbox has no kubelet: {call.subresource} is not served", {}, reason="NotImplemented"
            )
        if call.verb == "create":
            entry = self._entry(call)
            body: Obj = call.json() if call.body else {}
            metadata = {**body.get("metadata", {}), "name": entry.name, "namespace": entry.namespace}
            self._admit(call, "CREATE", {**body, "metadata": metadata})
        return handler(call)

    def _admit(self, call: Call, operation: str, body: Obj) -> None:
        """Lets the checks see what is sent to a subresource that is no part of its object."""
        review = Review(operation, call.row, call.user, body, None, call.subresource, call.dry_run, call.warnings)
        review.place = (call.namespace if call.row.namespaced else "", call.name)
        self._writes.admit(review)

    def _part(self, call: Call) -> Answer | Stream:
        return self._resources.handlers[call.verb](call)

    def _entry(self, call: Call) -> Entry:
        return self._writes.need(call.row, call.namespace if call.row.namespaced else "", call.name)

    def _finalize(self, call: Call) -> Answer:
        body = call.json()

        def change(obj: Obj) -> Obj:
            obj["spec"]["finalizers"] = dig(body, "spec", "finalizers", default=[])
            return obj

        entry = self._writes.update(call.row, "", call.name, change, author_of(call))
        return answers.one(call, entry, self._writes.clock())

    # Scale.

    def _scale(self, call: Call) -> Answer:
        entry = self._entry(call)
        if call.verb == "get":
            return as_json(200, scale_of(call.row, entry.obj))
        if bodies.media_type(call.headers) == "application/apply-patch+yaml":
            return self._apply_scale(call, entry)
        current = scale_of(call.row, entry.obj)
        wanted = self._checked_scale(call, self._wanted_scale(call, current))
        version = dig(wanted, "metadata", "resourceVersion", default="")
        if version and version != entry.metadata["resourceVersion"]:
            raise conflict(call.row, call.name)
        replicas = dig(wanted, "spec", "replicas", default=0)
        entry = self._writes.update(
            call.row, entry.namespace, call.name, lambda obj: with_replicas(call.row, obj, replicas), author_of(call)
        )
        return as_json(200, scale_of(call.row, entry.obj))

    def _wanted_scale(self, call: Call, current: Obj) -> Obj:
        if call.verb == "update":
            body: Obj = bodies.read(call.body, bodies.media_type(call.headers), "Scale")
            return body
        sort = bodies.media_type(call.headers)
        if sort not in _PATCHES:
            raise Refusal(415, "415: Unsupported Media Type", {})
        result: Obj = _PATCHES[sort](clone(current), bodies.read_patch(call.body, sort))
        return result

    def _checked_scale(self, call: Call, wanted: Obj) -> Obj:
        """The Scale that was sent, if it is one of this object and not negative."""
        told = decode(call, _SCALE, {**wanted, "kind": wanted.get("kind", "Scale")})
        check_name(call, told)
        replicas = dig(told, "spec", "replicas", default=0)
        if replicas < 0:
            cause = bad_value("spec.replicas", replicas, "must be greater than or equal to 0")
            raise invalid("autoscaling", "Scale", call.name, [cause])
        return told

    def _apply_scale(self, call: Call, entry: Entry) -> Answer:
        """An apply of a Scale is an apply of the one field of its object, owned through this path."""
        config = self._checked_scale(call, bodies.read_patch(call.body, "yaml"))
        given = dig(config, "spec", "replicas")
        whole: Obj = {"metadata": {"name": call.name}}
        if given is not None:
            with_replicas(call.row, whole, given)
        space = entry.namespace
        entry, _ = self._writes.apply(call.row, space, call.name, whole, author_of(call), call.flag("force"))
        return as_json(200, scale_of(call.row, entry.obj))

    # Tokens.

    def _token(self, call: Call) -> Answer:
        account = self._entry(call)
        spec = dig(decode(call, _TOKEN, call.json() if call.body else {}), "spec", default={})
        seconds = spec.get("expirationSeconds", 3600)
        if seconds < 600:
            why = "may not specify a duration less than 10 minutes"
            cause = bad_value("spec.expirationSeconds", seconds, why)
            raise invalid("authentication.k8s.io", "TokenRequest", "", [cause])
        if seconds > 1 << 32:
            cause = bad_value("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
            raise invalid("authentication.k8s.io", "TokenRequest", "", [cause])
        bound = self._bound(call, spec.get("boundObjectRef"))
        audiences = spec.get("audiences") or [AUDIENCE]
        token, expires = self._identity.issue(account.metadata, seconds, bound, audiences)
        status = {"token": token, "expirationTimestamp": timestamp(expires)}
        metadata: Obj = {"name": account.name, "namespace": account.namespace, "uid": account.uid}
        metadata["creationTimestamp"] = self._writes.now()
        metadata["managedFields"] = [self._token_fields(call, spec)]
        answered = {
            "audiences": audiences,
            "expirationSeconds": seconds,
            "boundObjectRef": bound,
        }
        head = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1"}
        return as_json(201, head | {"metadata": metadata, "spec": answered, "status": status})

    def _token_fields(self, call: Call, spec: Obj) -> Obj:
        owned: Obj = {f"f:{key}": {} for key, value in spec.items() if value}
        entry = {"manager": call.manager, "operation": "Update", "apiVersion": "authentication.k8s.io/v1"}
        entry |= {"time": self._writes.now(), "fieldsType": "FieldsV1"}
        return entry | {"fieldsV1": {"f:spec": owned}, "subresource": "token"}

    def _bound(self, call: Call, reference: Obj | None) -> Obj | None:
        """The object a token shall die with, checked to be there and the very one meant."""
        if not reference:
            return None
        kinds = {"Secret": "secrets", "Pod": "pods"}
        if reference.get("kind") not in kinds:
            raise bad_request(f"cannot bind token for serviceaccount to object of type {reference.get('kind')}")
        kind = self._kinds.named("", kinds[reference["kind"]])
        entry = self._store.get(kind, call.namespace, reference.get("name", ""))
        if entry is None:
            raise not_found(kind, reference.get("name", ""))
        if reference.get("uid") and reference["uid"] != entry.uid:
            why = f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. The object might have been deleted and then recreated"  # noqa: E501 - one sentence of the server
            raise conflict(kind, entry.name, why)
        return {"kind": reference["kind"], "apiVersion": "v1", "name": entry.name, "uid": entry.uid}

    # Pods.

    def _evict(self, call: Call) -> Answer:
        pod = self._entry(call)
        for budget in self._store.scan(self._kinds.named("policy", "poddisruptionbudgets"), call.namespace):
            if not labels_match(dig(budget.obj, "spec", "selector"), pod.metadata.get("labels", {})):
                continue
            status = budget.obj.get("status", {})
            if status.get("disruptionsAllowed", 0) <= 0:
                raise _over_budget(budget.name, status)
        options = dig(call.json(), "deleteOptions", default={})
        self._writes.delete(call.row, pod, Deletion(options.get("gracePeriodSeconds")), author_of(call))
        return as_json(201, _DONE)

    def _bind(self, call: Call) -> Answer:
        node = dig(call.json(), "target", "name", default="")

        def change(obj: Obj) -> Obj:
            obj["spec"]["nodeName"] = node
            return obj

        self._writes.update(call.row, call.namespace, call.name, change, author_of(call))
        return as_json(201, _DONE)

    def _log(self, call: Call) -> Answer:
        """Canned lines, so that `kubectl logs` has something to show."""
        pod = self._entry(call)
        containers = [container["name"] for container in pod.obj["spec"]["containers"]]
        name = call.query.get("container") or containers[0]
        if name not in containers:
            raise bad_request(f"container {name} is not valid for pod {pod.name}")
        if dig(pod.obj, "status", "phase") == "Pending":
            waiting = f'container "{name}" in pod "{pod.name}" is waiting to start: ContainerCreating'
            raise bad_request(waiting)
        lines = [f"{pod.name}/{name}: started", f"{pod.name}/{name}: listening", f"{pod.name}/{name}: ready"]
        tail = call.query.get("tailLines")
        kept = lines[-int(tail) :] if tail and int(tail) else lines
        return Answer(200, "".join(f"{line}\n" for line in kept).encode(), "text/plain")


def _connection(call: Call) -> Obj:
    """The options of an exec, attach, forward or proxy, as the query gives them."""
    options: Obj = {key: value for key, value in call.query.items() if key in ("container", "path")}
    options |= {key: call.flag(key) for key in ("stdin", "stdout", "stderr", "tty") if key in call.query}
    return options | ({"command": [call.query["command"]]} if "command" in call.query else {})


def _over_budget(name: str, status: Obj) -> Refusal:
    healthy, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
    told = f"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently"
    cause = {"reason": "DisruptionBudget", "message": told}
    return Refusal(429, "Cannot evict pod as it would violate the pod's disruption budget.", {"causes": [cause]})
