"""A cluster with admission policies of a test's own, and what it answers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bot.sandbox.cluster import ClusterOptions, SandboxCluster, serve
from tests.sandbox.cluster.replay import open_connection

ADMISSION = "/apis/admissionregistration.k8s.io/v1"
POLICIES = f"{ADMISSION}/validatingadmissionpolicies"
BINDINGS = f"{ADMISSION}/validatingadmissionpolicybindings"
MERGE = "application/merge-patch+json"
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}

Json = dict[str, Any]
Answer = tuple[int, Any, str]  # status, body, warnings


class Asked:
    """Requests to one cluster, as its admin or as somebody impersonated."""

    def __init__(self, cluster: SandboxCluster) -> None:
        self.cluster = cluster

    def __call__(
        self, method: str, path: str, body: Any = None, sort: str = "application/json", **headers: str
    ) -> Answer:
        connection = open_connection(self.cluster)
        given = {"authorization": f"Bearer {self.cluster.admin_token}", "content-type": sort}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, json.dumps(body) if body is not None else None, given)
        answer = connection.getresponse()
        text, warnings = answer.read().decode(), ", ".join(answer.headers.get_all("Warning") or ())
        connection.close()
        return answer.status, json.loads(text) if text[:1] == "{" else text, warnings

    def policy(self, *checks: str | Json, rules: Sequence[Json] = (RULE,), **spec: Any) -> Answer:
        """A policy whose validations these are; ``constraints`` are more of its matchConstraints."""
        constraints = {"resourceRules": list(rules), **spec.pop("constraints", {})}
        validations = [{"expression": check} if isinstance(check, str) else check for check in checks]
        body = {"matchConstraints": constraints, "validations": validations, **spec}
        return self("POST", POLICIES, {"metadata": {"name": "rule"}, "spec": body})

    def binding(self, *actions: str, **spec: Any) -> Answer:
        body = {"policyName": "rule", "validationActions": list(actions or ("Deny",)), **spec}
        return self("POST", BINDINGS, {"metadata": {"name": "bound"}, "spec": body})

    def holds(self, *checks: str | Json, **spec: Any) -> None:
        """A policy in force."""
        assert self.policy(*checks, **spec)[0] == 201
        assert self.binding()[0] == 201

    def maps(self, name: str = "a", space: str = "blue", **body: Any) -> Answer:
        """What it is answered to make a ConfigMap."""
        path = f"/api/v1/namespaces/{space}/configmaps"
        return self("POST", path, {"metadata": {"name": name, **body.pop("metadata", {})}, **body})


@contextmanager
def policed() -> Iterator[Asked]:
    """A cluster with the namespaces ``blue``, of team a, and ``red``."""
    with serve(ClusterOptions()) as cluster:
        asked = Asked(cluster)
        asked("POST", "/api/v1/namespaces", {"metadata": {"name": "blue", "labels": {"team": "a"}}})
        asked("POST", "/api/v1/namespaces", {"metadata": {"name": "red"}})
        cluster.settle()
        yield asked
