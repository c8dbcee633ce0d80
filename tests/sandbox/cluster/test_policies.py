"""ValidatingAdmissionPolicies hold by what they say: what their CEL sees of a write, and what is made of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.cluster.conftest import pod_template, workload
from tests.sandbox.cluster.policed import BINDINGS, MERGE, POLICIES, RULE, Asked, Json, policed

MAPS = "/api/v1/namespaces/blue/configmaps"


@pytest.fixture
def ask() -> Iterator[Asked]:
    with policed() as asked:
        yield asked


def test_a_refusal_is_answered_as_the_server_does(ask: Asked) -> None:
    ask.holds({"expression": "false", "message": "not today"})

    status, body, _ = ask.maps()

    told = "ValidatingAdmissionPolicy 'rule' with binding 'bound' denied request: not today"
    assert status == 422
    assert body["message"] == f'configmaps "a" is forbidden: {told}'
    assert (body["reason"], body["code"]) == ("Invalid", 422)
    assert body["details"] == {"name": "a", "kind": "configmaps", "causes": [{"message": told}]}


def test_a_policy_is_in_force_once_it_is_bound_and_no_longer(ask: Asked) -> None:
    ask.policy("false")
    unbound = ask.maps("a")[0]
    ask.binding()
    bound = ask.maps("b")[0]
    ask("DELETE", f"{BINDINGS}/bound")

    assert (unbound, bound, ask.maps("c")[0]) == (201, 422, 201)


def test_a_changed_policy_holds_as_it_is_now(ask: Asked) -> None:
    ask.holds("false")
    validations = [{"expression": "object.metadata.name != 'b'"}]

    ask("PATCH", f"{POLICIES}/rule", {"spec": {"validations": validations}}, MERGE)

    assert (ask.maps("a")[0], ask.maps("b")[0]) == (201, 422)


OBJECT: Json = {"data": {"size": "3"}, "metadata": {"labels": {"team": "a"}}}


@pytest.mark.parametrize(
    ("check", "status"),
    [
        ("object.data.size == '3'", 201),
        ("object.data.size == '4'", 422),
        ("object.metadata.labels['team'] == namespaceObject.metadata.labels['team']", 201),
        ("namespaceObject.metadata.name == 'blue' && namespaceObject.status.phase == 'Active'", 201),
        ("oldObject == null && object.kind == 'ConfigMap' && object.apiVersion == 'v1'", 201),
        ("request.operation == 'CREATE' && request.name == 'a' && request.namespace == 'blue'", 201),
        ("request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps'", 201),
        ("request.requestResource.version == 'v1' && request.?subResource.orValue('none') == 'none'", 201),
        ("request.userInfo.username == 'kubernetes-admin' && 'system:masters' in request.userInfo.groups", 201),
        ("!request.dryRun", 201),
        ("object.nothing.at.all == 1", 422),
        ("has(object.nothing) && object.nothing == 1", 422),
        ("object.?nothing.orValue(1) == 1", 201),
        ("object.data.all(k, k.matches('^[a-z]+$'))", 201),
        ("object.data.size.upperAscii().replace('3', 'x').split('x').size() == 2", 201),
    ],
)
def test_an_expression_sees_the_object_the_request_and_the_namespace(ask: Asked, check: str, status: int) -> None:
    ask.holds(check)

    assert ask.maps(**OBJECT)[0] == status


def test_what_is_changed_and_what_is_deleted_is_seen_as_it_was_and_will_be(ask: Asked) -> None:
    ask.maps("a", data={"n": "1"})
    rules = [{**RULE, "operations": ["UPDATE", "DELETE"]}]
    ask.holds("object == null ? oldObject.data.n == '2' : oldObject.data.n < object.data.n", rules=rules)

    def becomes(number: str) -> int:
        return ask("PATCH", f"{MAPS}/a", {"data": {"n": number}}, MERGE)[0]

    early = ask("DELETE", f"{MAPS}/a")[0]
    assert (early, becomes("0"), becomes("2"), ask("DELETE", f"{MAPS}/a")[0]) == (422, 422, 200, 200)


@pytest.mark.parametrize(
    ("conditions", "policy", "status"),
    [
        (["true"], "Fail", 422),
        (["true", "false"], "Fail", 201),
        (["request.userInfo.username == 'nobody'"], "Fail", 201),
        (
            ["namespaceObject.metadata.name == 'red'"],
            "Fail",
            422,
        ),  # conditions see no namespace: an error, so a refusal
        (["namespaceObject.metadata.name == 'red'"], "Ignore", 201),
        (["namespaceObject == null"], "Fail", 422),
        (["object.nothing == 1", "false"], "Fail", 201),
    ],
)
def test_conditions_say_whether_a_policy_is_asked_at_all(
    ask: Asked, conditions: list[str], policy: str, status: int
) -> None:
    matched = [{"name": f"c{n}", "expression": expression} for n, expression in enumerate(conditions)]

    ask.holds("false", matchConditions=matched, failurePolicy=policy)

    assert ask.maps()[0] == status


def test_an_error_in_a_condition_is_told(ask: Asked) -> None:
    expression = "namespaceObject.metadata.name == 'red'"
    ask.holds("false", matchConditions=[{"name": "c", "expression": expression}])

    assert f"denied request: expression '{expression}' resulted in error" in ask.maps()[1]["message"]


@pytest.mark.parametrize(("policy", "status"), [("Fail", 422), ("Ignore", 201)])
def test_what_becomes_of_an_error_is_what_the_failure_policy_says(ask: Asked, policy: str, status: int) -> None:
    ask.holds("object.nothing == 1", failurePolicy=policy)

    answer = ask.maps()

    assert answer[0] == status
    assert status == 201 or "resulted in error: no such key: nothing" in answer[1]["message"]


def test_variables_build_on_each_other_and_fail_only_what_needs_them(ask: Asked) -> None:
    variables = [
        {"name": "size", "expression": "int(object.data.size)"},
        {"name": "twice", "expression": "variables.size * 2"},
        {"name": "broken", "expression": "object.nothing.at.all"},
    ]
    ask.holds("variables.twice == 6", "has(object.nothing) ? variables.broken == 1 : true", variables=variables)

    assert ask.maps("a", data={"size": "3"})[0] == 201
    assert ask.maps("b", data={"size": "4"})[0] == 422
    told = ask.maps("c")[1]["message"]
    assert 'composited variable "twice" fails to evaluate' in told


@pytest.mark.parametrize(
    ("validation", "told"),
    [
        ({"expression": "1 > 2"}, "failed expression: 1 > 2"),
        ({"expression": "false", "message": "plain"}, "plain"),
        ({"expression": "false", "message": "plain", "messageExpression": "'no ' + object.metadata.name"}, "no a"),
        ({"expression": "false", "message": "plain", "messageExpression": "'no ' + object.nothing"}, "plain"),
        ({"expression": "false", "message": "plain", "messageExpression": "'two\\nlines'"}, "plain"),
    ],
)
def test_the_message_is_the_expressions_the_written_one_or_what_failed(ask: Asked, validation: Json, told: str) -> None:
    ask.holds(validation)

    assert ask.maps()[1]["message"].endswith(f"denied request: {told}")


@pytest.mark.parametrize(
    ("reason", "status"),
    [("Invalid", 422), ("Forbidden", 403), ("Unauthorized", 401), ("RequestEntityTooLarge", 413)],
)
def test_the_reason_makes_the_status(ask: Asked, reason: str, status: int) -> None:
    ask.holds({"expression": "false", "reason": reason})

    assert (ask.maps()[0], ask.maps()[1]["reason"]) == (status, reason)


def test_a_binding_that_only_warns_lets_it_pass_and_says_so(ask: Asked) -> None:
    ask.policy({"expression": "false", "message": "careful"})
    ask.binding("Warn")

    status, _, warnings = ask.maps()

    assert status == 201
    assert "Validation failed for ValidatingAdmissionPolicy 'rule' with binding 'bound': careful" in warnings


def test_everybody_is_judged_the_clusters_own_controllers_too(ask: Asked) -> None:
    rules = [{**RULE, "resources": ["pods"]}]
    who = "system:serviceaccount:kube-system:replicaset-controller"
    ask.holds({"expression": f"request.userInfo.username != '{who}'", "message": "no pods"}, rules=rules)

    ask("POST", "/apis/apps/v1/namespaces/blue/deployments", workload(replicas=1))
    ask.cluster.settle()

    assert ask("GET", "/api/v1/namespaces/blue/pods")[1]["items"] == []
    events = ask("GET", "/api/v1/namespaces/blue/events")[1]["items"]
    assert [event for event in events if "no pods" in event["message"]]


def test_a_dry_run_is_judged_and_known_as_one(ask: Asked) -> None:
    ask.holds({"expression": "!request.dryRun", "message": "a dry run"})

    assert ask("POST", f"{MAPS}?dryRun=All", {"metadata": {"name": "a"}})[0] == 422
    assert ask.maps()[0] == 201


def test_no_policy_stands_in_the_way_of_its_own_removal(ask: Asked) -> None:
    ask.holds("false", rules=[{**RULE, "apiGroups": ["*"], "resources": ["*/*"], "operations": ["*"]}])

    assert ask("DELETE", f"{BINDINGS}/bound")[0] == 200


RECORDED = "(oldObject != null ? oldObject : object).metadata.?labels[?'made-by'].orValue('') == 'bot'"


def test_an_account_is_confined_to_what_it_made_as_on_a_real_server(ask: Asked) -> None:
    """The policies and answers of a Kubernetes 1.36 API server, for an account that may do everything by RBAC."""
    bot = "system:serviceaccount:red:bot"
    subject = {"kind": "ServiceAccount", "name": "bot", "namespace": "red"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    rbac = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    ask("POST", rbac, {"metadata": {"name": "bot"}, "roleRef": role, "subjects": [subject]})
    condition = {"name": "bot", "expression": f"request.userInfo.username == '{bot}'"}
    everything = {**RULE, "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"]}
    inside = "namespaceObject.metadata.?labels[?'made-by'].orValue('') == 'bot'"
    for name, rule, check in (
        ("inside", {**everything, "resources": ["*/*"], "scope": "Namespaced"}, inside),
        ("spaces", {**everything, "resources": ["namespaces"], "scope": "Cluster"}, RECORDED),
    ):
        spec = {"matchConstraints": {"resourceRules": [rule]}, "matchConditions": [condition]}
        ask("POST", POLICIES, {"metadata": {"name": name}, "spec": spec | {"validations": [{"expression": check}]}})
        bound = {"policyName": name, "validationActions": ["Deny"]}
        ask("POST", BINDINGS, {"metadata": {"name": name}, "spec": bound})
    mine = {"labels": {"made-by": "bot"}}
    spaces, pods = "/api/v1/namespaces", {**pod_template(), "metadata": {"name": "a"}}

    def tries(method: str, path: str, body: Any = None, sort: str = "application/json") -> int:
        return ask(method, path, body, sort, impersonate_user=bot)[0]

    assert {
        "a namespace without the label": tries("POST", spaces, {"metadata": {"name": "x"}}),
        "a namespace with it": tries("POST", spaces, {"metadata": {"name": "mine", **mine}}),
        "adopting another": tries("PATCH", f"{spaces}/red", {"metadata": mine}, MERGE),
        "a pod inside": tries("POST", f"{spaces}/mine/pods", pods),
        "a pod elsewhere": tries("POST", f"{spaces}/blue/pods", pods),
        "a shell elsewhere": tries("POST", f"{spaces}/blue/pods/a/exec?command=sh"),
        "a foreign end": tries("DELETE", f"{spaces}/red"),
        "its own end": tries("DELETE", f"{spaces}/mine"),
        "what is in no namespace": tries("DELETE", f"{rbac}/bot"),
    } == {
        "a namespace without the label": 422,
        "a namespace with it": 201,
        "adopting another": 422,
        "a pod inside": 201,
        "a pod elsewhere": 422,
        "a shell elsewhere": 422,
        "a foreign end": 422,
        "its own end": 200,
        "what is in no namespace": 200,
    }
