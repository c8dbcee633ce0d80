"""What is no policy or binding, and what the sandbox could not judge, is refused when it is written."""

from collections.abc import Iterator

import pytest

from tests.sandbox.cluster.policed import BINDINGS, POLICIES, RULE, Asked, Json, policed


@pytest.fixture
def ask() -> Iterator[Asked]:
    with policed() as asked:
        yield asked


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"validations": [{"expression": "object."}]}, "compilation failed"),
        ({"validations": [{"expression": "nothing == 1"}]}, "undeclared reference to 'nothing'"),
        ({"validations": [{"expression": "request.nothing == 1"}]}, "undefined field 'nothing'"),
        ({"validations": [{"expression": "request.userInfo.name == 'a'"}]}, "undefined field 'name'"),
        ({"validations": [{"expression": "namespaceObject.labels == {}"}]}, "undefined field 'labels'"),
        ({"validations": [{"expression": "variables.nothing"}]}, "undeclared reference to 'variables"),
        ({"validations": [{"expression": "'text'"}]}, "must evaluate to bool but got string"),
        ({"validations": [{"expression": "object.flag"}]}, "must evaluate to bool but got dyn"),
        ({"validations": [{"expression": "params.x == 1"}]}, "undeclared reference to 'params"),
        ({"validations": [{"expression": "authorizer.group('').check('get').allowed()"}]}, "undeclared reference"),
        ({"validations": [{"expression": "quantity('1Gi').isGreaterThan(quantity('1Mi'))"}]}, "undeclared reference"),
        ({"validations": [{"expression": "true", "messageExpression": "1"}]}, "must evaluate to string but got int"),
        ({"matchConditions": [{"name": "c", "expression": "1"}]}, "spec.matchConditions[0].expression"),
        ({"variables": [{"name": "v", "expression": "variables.w"}]}, "spec.variables[0].expression"),
        ({"variables": [{"name": "a-b", "expression": "1"}]}, "name is not a valid CEL identifier"),
        ({"validations": []}, "validations or auditAnnotations must be non-empty"),
        ({"validations": [{"expression": ""}]}, "expression is not specified"),
        ({"validations": [{"expression": "true", "reason": "Because"}]}, 'supported values: "Forbidden"'),
        ({"failurePolicy": "Maybe"}, 'supported values: "Fail", "Ignore"'),
        ({"matchConstraints": None}, "spec.matchConstraints: Required value"),
        ({"matchConstraints": {}}, "spec.matchConstraints.resourceRules: Required value"),
        ({"matchConstraints": {"resourceRules": [{**RULE, "operations": ["READ"]}]}}, 'Unsupported value: "READ"'),
        ({"paramKind": {"apiVersion": "v1"}}, "spec.paramKind.kind: Required value"),
        ({"auditAnnotations": [{"key": "a", "valueExpression": "'b'"}]}, "spec.auditAnnotations: Forbidden"),
    ],
)
def test_a_policy_that_could_not_be_judged_is_refused_when_it_is_written(ask: Asked, spec: Json, told: str) -> None:
    whole = {"matchConstraints": {"resourceRules": [RULE]}, "validations": [{"expression": "true"}], **spec}

    status, body, _ = ask("POST", POLICIES, {"metadata": {"name": "rule"}, "spec": whole})

    assert (status, body["reason"]) == (422, "Invalid")
    assert told in body["message"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"policyName": ""}, "spec.policyName: Required value"),
        ({"validationActions": []}, "spec.validationActions: Required value"),
        ({"validationActions": ["Shout"]}, 'supported values: "Audit", "Deny", "Warn"'),
        ({"validationActions": ["Deny", "Warn"]}, "must not contain both Deny and Warn"),
        ({"validationActions": ["Audit"]}, "spec.validationActions[0]: Forbidden"),
        ({"paramRef": {"parameterNotFoundAction": "Deny"}}, "one of name or selector must be specified"),
        ({"paramRef": {"name": "a", "selector": {}}}, "name and selector are mutually exclusive"),
        ({"paramRef": {"name": "a"}}, "spec.paramRef.parameterNotFoundAction"),
    ],
)
def test_a_binding_that_could_not_be_followed_is_refused(ask: Asked, spec: Json, told: str) -> None:
    whole = {"policyName": "rule", "validationActions": ["Deny"], **spec}

    status, body, _ = ask("POST", BINDINGS, {"metadata": {"name": "bound"}, "spec": whole})

    assert status == 422
    assert told in body["message"]


def test_what_is_left_out_is_filled_in_as_the_server_does(ask: Asked) -> None:
    _, body, _ = ask.policy("true")

    constraints = body["spec"]["matchConstraints"]
    assert body["spec"]["failurePolicy"] == "Fail"
    assert (constraints["matchPolicy"], constraints["namespaceSelector"], constraints["objectSelector"]) == (
        "Equivalent",
        {},
        {},
    )
    assert constraints["resourceRules"][0]["scope"] == "*"
