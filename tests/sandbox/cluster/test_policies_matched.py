"""Which writes a policy is about: its rules, its selectors, its binding, and subresources."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.cluster.conftest import pod_template, workload
from tests.sandbox.cluster.policed import MERGE, POLICIES, RULE, Asked, Json, policed

OBJECT: Json = {"data": {"size": "3"}, "metadata": {"labels": {"team": "a"}}}


@pytest.fixture
def ask() -> Iterator[Asked]:
    with policed() as asked:
        yield asked


CONSTRAINTS: dict[str, tuple[list[Json], Json, bool]] = {
    "everything": (
        [{**RULE, "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "operations": ["*"]}],
        {},
        True,
    ),
    "everything and below": ([{**RULE, "resources": ["*/*"]}], {}, True),
    "what is below it only": ([{**RULE, "resources": ["configmaps/status"]}], {}, False),
    "another kind": ([{**RULE, "resources": ["secrets"]}], {}, False),
    "another group": ([{**RULE, "apiGroups": ["apps"]}], {}, False),
    "another version": ([{**RULE, "apiVersions": ["v2"]}], {}, False),
    "another operation": ([{**RULE, "operations": ["UPDATE", "DELETE", "CONNECT"]}], {}, False),
    "the second of two rules": ([{**RULE, "resources": ["secrets"]}, RULE], {}, True),
    "this name": ([{**RULE, "resourceNames": ["a"]}], {}, True),
    "another name": ([{**RULE, "resourceNames": ["b"]}], {}, False),
    "what is namespaced": ([{**RULE, "scope": "Namespaced"}], {}, True),
    "what is not namespaced": ([{**RULE, "scope": "Cluster"}], {}, False),
    "but not this": ([RULE], {"excludeResourceRules": [{**RULE, "resourceNames": ["a"]}]}, False),
    "but not another": ([RULE], {"excludeResourceRules": [{**RULE, "resourceNames": ["b"]}]}, True),
    "this namespace": ([RULE], {"namespaceSelector": {"matchLabels": {"team": "a"}}}, True),
    "another namespace": ([RULE], {"namespaceSelector": {"matchLabels": {"team": "b"}}}, False),
    "a namespace by its name": (
        [RULE],
        {
            "namespaceSelector": {
                "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["blue"]}]
            }
        },
        True,
    ),
    "this object": ([RULE], {"objectSelector": {"matchLabels": {"team": "a"}}}, True),
    "another object": ([RULE], {"objectSelector": {"matchLabels": {"team": "b"}}}, False),
}


@pytest.mark.parametrize("case", CONSTRAINTS)
def test_a_policy_is_about_what_its_constraints_say(ask: Asked, case: str) -> None:
    rules, constraints, matches = CONSTRAINTS[case]
    ask.holds("false", rules=rules, constraints=constraints)

    assert ask.maps(**OBJECT)[0] == (422 if matches else 201)


@pytest.mark.parametrize("case", CONSTRAINTS)
def test_a_binding_narrows_a_policy_in_the_same_words(ask: Asked, case: str) -> None:
    rules, constraints, matches = CONSTRAINTS[case]
    ask.policy("false")
    ask.binding(matchResources={"resourceRules": rules, **constraints})

    assert ask.maps(**OBJECT)[0] == (422 if matches else 201)


def test_a_namespace_is_selected_by_what_it_will_be(ask: Asked) -> None:
    rules = [{**RULE, "operations": ["CREATE", "UPDATE", "DELETE"], "resources": ["namespaces"]}]
    ask.holds(
        "request.namespace == 'x'", rules=rules, constraints={"namespaceSelector": {"matchLabels": {"team": "b"}}}
    )

    def label(team: str) -> int:
        return ask("PATCH", "/api/v1/namespaces/red", {"metadata": {"labels": {"team": team}}}, MERGE)[0]

    assert (label("a"), label("b"), ask("DELETE", "/api/v1/namespaces/red")[0]) == (200, 422, 200)


def test_other_versions_of_the_same_object_are_matched_unless_exactly_this_one_is_meant(ask: Asked) -> None:
    path = "/apis/autoscaling/v1/namespaces/blue/horizontalpodautoscalers"
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    rules = [{**RULE, "apiGroups": ["autoscaling"], "apiVersions": ["v2"], "resources": ["horizontalpodautoscalers"]}]
    spec = {"maxReplicas": 3, "scaleTargetRef": target, "targetCPUUtilizationPercentage": 50}

    def made(name: str) -> int:
        return ask("POST", path, {"metadata": {"name": name}, "spec": spec})[0]

    ask.holds("object.spec.metrics[0].type != 'Resource' || request.requestKind.version != 'v1'", rules=rules)
    equivalent = made("a")
    ask("PATCH", f"{POLICIES}/rule", {"spec": {"matchConstraints": {"matchPolicy": "Exact"}}}, MERGE)

    assert (equivalent, made("b")) == (422, 201)


SUBRESOURCES: dict[str, tuple[str, str, Any, str, str]] = {
    # resource → operation, path, body, content type, an expression that is true of it
    "serviceaccounts/token": (
        "POST",
        "/api/v1/namespaces/blue/serviceaccounts/default/token",
        {"spec": {"expirationSeconds": 700}},
        "application/json",
        "request.kind.kind == 'TokenRequest' && request.name == 'default' && object.spec.expirationSeconds == 700",
    ),
    "deployments/scale": (
        "PATCH",
        "/apis/apps/v1/namespaces/blue/deployments/web/scale",
        {"spec": {"replicas": 5}},
        MERGE,
        "request.kind.kind == 'Scale' && oldObject.spec == {'replicas': 2} && object.spec == {'replicas': 5}",
    ),
    "deployments/status": (
        "PATCH",
        "/apis/apps/v1/namespaces/blue/deployments/web/status",
        {"status": {"observedGeneration": 99}},
        MERGE,
        "request.kind.kind == 'Deployment' && object.status.observedGeneration == 99",
    ),
    "pods/eviction": (
        "POST",
        "/api/v1/namespaces/blue/pods/lone/eviction",
        {"metadata": {"name": "lone"}, "deleteOptions": {}},
        "application/json",
        "request.kind.group == 'policy' && request.kind.kind == 'Eviction' && request.name == 'lone'",
    ),
    "pods/exec": (
        "POST",
        "/api/v1/namespaces/blue/pods/lone/exec?command=sh&stdin=true",
        None,
        "application/json",
        "request.operation == 'CONNECT' && object.command == ['sh'] && object.stdin",
    ),
}


@pytest.mark.parametrize("resource", SUBRESOURCES)
def test_a_subresource_is_judged_by_what_is_sent_to_it(ask: Asked, resource: str) -> None:
    method, path, body, sort, check = SUBRESOURCES[resource]
    ask("POST", "/apis/apps/v1/namespaces/blue/deployments", workload())
    ask("POST", "/api/v1/namespaces/blue/pods", {**pod_template(), "metadata": {"name": "lone"}})
    ask.cluster.settle()
    group = "apps" if resource.startswith("deployments") else ""
    rules = [{**RULE, "apiGroups": [group], "operations": ["*"], "resources": [resource]}]
    told = f"request.subResource == '{resource.partition('/')[2]}' && {check}"

    ask.holds({"expression": f"!({told})", "message": "this very one"}, rules=rules)

    status, answer, _ = ask(method, path, body, sort)
    assert (status, "this very one" in answer["message"]) == (422, True)
