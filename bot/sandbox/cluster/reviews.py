"""Questions asked of the server itself: who am I, what may I do, is this token good. Nothing of them is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.cluster.answers import Answer, as_json
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.errors import Refusal, bad_request, bad_value, invalid
from bot.sandbox.cluster.identity import AUDIENCE, Identity, User
from bot.sandbox.cluster.ownership import Writer, record
from bot.sandbox.cluster.rbac import Attributes, Rbac
from bot.sandbox.cluster.resources import decode
from bot.sandbox.cluster.shapes import Obj, clone, dig


class Reviews:
    """The review kinds of one server."""

    def __init__(self, rbac: Rbac, identity: Identity, now: Callable[[], str]) -> None:
        self._rbac = rbac
        self._identity = identity
        self._now = now
        self.handlers: dict[str, Callable[[Call, Obj], Obj]] = {
            "selfsubjectreviews": self._self,
            "selfsubjectaccessreviews": self._self_access,
            "subjectaccessreviews": self._access,
            "localsubjectaccessreviews": self._access,
            "selfsubjectrulesreviews": self._self_rules,
            "tokenreviews": self._token,
        }

    def handle(self, call: Call) -> Answer:
        body = call.json()
        kind = call.row
        decode(call, kind, clone(body))
        asked: Obj = {"metadata": {}} | ({"spec": body["spec"]} if body.get("spec") else {})
        record(None, asked, Writer(call.manager, "Update", kind.api_version), self._now())
        rest = {"metadata": asked["metadata"]} | self.handlers[kind.plural](call, body)
        return as_json(201, {"kind": kind.kind, "apiVersion": kind.api_version} | rest)

    def _self(self, call: Call, _: Obj) -> Obj:
        return {"metadata": {"creationTimestamp": self._now()}, "status": {"userInfo": call.user.as_json()}}

    def _self_access(self, call: Call, body: Obj) -> Obj:
        return self._decided(body, call.user)

    def _access(self, call: Call, body: Obj) -> Obj:
        spec = body.get("spec", {})
        causes = []
        if bool(spec.get("resourceAttributes")) == bool(spec.get("nonResourceAttributes")):
            why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            causes.append(bad_value("spec.resourceAttributes", None, why))
        if not spec.get("user") and not spec.get("groups"):
            causes.append(bad_value("spec.user", "", "at least one of user or group must be specified"))
        if causes:
            raise invalid(call.row.group, call.row.kind, "", causes)
        if call.namespace and dig(spec, "resourceAttributes", "namespace") != call.namespace:
            raise bad_request(f"spec.resourceAttributes.namespace must match namespace: {call.namespace}")
        return self._decided(body, User(spec.get("user", ""), tuple(spec.get("groups", ()))))

    def _decided(self, body: Obj, user: User) -> Obj:
        spec: Obj = body.get("spec", {})
        allowed, reason = self._rbac.decide(user, _attributes(spec))
        status: Obj = {"allowed": allowed} | ({"reason": reason} if reason else {})
        return {"spec": spec, "status": status}

    def _self_rules(self, call: Call, body: Obj) -> Obj:
        rules = self._rbac.rules(call.user, dig(body, "spec", "namespace", default=""))
        names = ("verbs", "apiGroups", "resources", "resourceNames")
        resources = [{key: rule[key] for key in names if rule.get(key)} for rule in rules if rule.get("resources")]
        paths = [
            {"verbs": rule["verbs"], "nonResourceURLs": rule["nonResourceURLs"]}
            for rule in rules
            if rule.get("nonResourceURLs")
        ]
        status = {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
        return {"spec": body.get("spec", {}), "status": status}

    def _token(self, _: Call, body: Obj) -> Obj:
        spec: Obj = body.get("spec", {})
        if not spec.get("token"):
            raise bad_request("token is required for TokenReview in authentication")
        try:
            user = self._identity.of(spec.get("token", ""))
        except Refusal:
            error = "[invalid bearer token, token lookup failed]"
            return {"spec": spec, "status": {"user": {}, "error": error}}
        status = {"authenticated": True, "user": user.as_json(), "audiences": spec.get("audiences") or [AUDIENCE]}
        return {"spec": spec, "status": status}


def _attributes(spec: Any) -> Attributes:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if path:
        return Attributes(path.get("verb", ""), path=path.get("path", ""))
    asked = resource or {}
    keys = ("verb", "group", "resource", "namespace", "name", "subresource")
    return Attributes(*(asked.get(key, "") for key in keys))
