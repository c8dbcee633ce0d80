"""What the server refuses, word for word as a Kubernetes 1.36 API server does.

The words are those of its source, for requests that no recording holds; a row is one request and what it is told.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.sandbox.cluster import ClusterOptions, SandboxCluster, serve
from tests.sandbox.cluster.conftest import pod_template, workload
from tests.sandbox.cluster.replay import open_connection

CORE, APPS, BATCH = "/api/v1/namespaces/blue", "/apis/apps/v1/namespaces/blue", "/apis/batch/v1/namespaces/blue"
MAPS = f"{CORE}/configmaps"
APPLY, MERGE, JSON_PATCH = "application/apply-patch+yaml", "application/merge-patch+json", "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Sends one request to a cluster with a ConfigMap ``there`` and answers status and body."""
    with serve(ClusterOptions()) as cluster:

        def call(method: str, path: str, body: Any = None, sort: str = "", accept: str = "") -> tuple[int, Any]:
            return send(cluster, method, path, body, {"content-type": sort, "accept": accept})

        call("POST", "/api/v1/namespaces", {"metadata": {"name": "blue"}})
        call("POST", MAPS, {"metadata": {"name": "there"}, "data": {"a": "1"}})
        call("POST", f"{APPS}/deployments", workload())
        cluster.settle()
        yield call


def send(cluster: SandboxCluster, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    connection = open_connection(cluster)
    given = {name: value for name, value in headers.items() if value}
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    connection.request(method, path, text, {"authorization": f"Bearer {cluster.admin_token}", **given})
    answer = connection.getresponse()
    raw = answer.read().decode()
    connection.close()
    return answer.status, json.loads(raw) if raw[:1] == "{" else raw


NOT_JSON = "couldn't get version/kind; json parse error:"
OPTIONS = 'ListOptions.meta.k8s.io "" is invalid:'


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("limit=abc", 400, 'strconv.ParseInt: parsing "abc": invalid syntax'),
        ("timeoutSeconds=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("labelSelector=a+b", 400, "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("labelSelector=a+in+b", 400, "unable to parse requirement: found 'b' expected: '('"),
        ("labelSelector=%3D", 400, "found '=', expected: !, identifier, or 'end of string'"),
        ("labelSelector=a%2C%2Cb", 400, "found ',', expected: identifier after ','"),
        ("labelSelector=a%3Ex", 400, "values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an"),
        ("labelSelector=-a", 400, 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'),
        ("labelSelector=a%3D-b", 400, 'unable to parse requirement: values[0][a]: Invalid value: "-b": a valid label'),
        ("fieldSelector=data.x%3D1", 400, '"data.x" is not a known field selector: only "metadata.name", "metadata'),
        ("fieldSelector=metadata.name", 400, "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
        (
            "resourceVersion=abc",
            500,
            'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid',
        ),
        ("resourceVersionMatch=Exact", 422, f"{OPTIONS} resourceVersionMatch: Forbidden: resourceVersionMatch is forb"),
        (
            "resourceVersionMatch=No&resourceVersion=1",
            422,
            'Unsupported value: "No": supported values: "Exact", "NotOl',
        ),
        (
            "resourceVersionMatch=Exact&resourceVersion=0",
            422,
            'resourceVersionMatch "exact" is forbidden for resourceV',
        ),
        ("sendInitialEvents=true", 422, f"{OPTIONS} sendInitialEvents: Forbidden: sendInitialEvents is forbidden for"),
        (
            "watch=1&sendInitialEvents=true",
            422,
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderTh",
        ),
        (
            "watch=1&resourceVersionMatch=NotOlderThan",
            422,
            "is forbidden for watch unless sendInitialEvents is provided",
        ),
        ("continue=abc", 400, "continue key is not valid: invalid character 'i' looking for beginning of value"),
        ("continue=e30", 400, "continue key is not valid: server does not recognize this encoded version "),
    ],
)
def test_a_list_that_asks_nonsense_is_told_so(ask: Ask, query: str, status: int, told: str) -> None:
    answered, body = ask("GET", f"{MAPS}?{query}")

    assert (answered, told in body["message"]) == (status, True), body


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", f"{CORE}/nothings", 404, "the server could not find the requested resource"),
        ("GET", "/apis/apps/v1/nothings", 404, "the server could not find the requested resource"),
        ("GET", f"{CORE}/pods/x/nothing", 404, "the server could not find the requested resource"),
        ("PUT", MAPS, 405, "the server does not allow this method on the requested resource"),
        ("PATCH", MAPS, 405, "the server does not allow this method on the requested resource"),
        ("POST", f"{MAPS}/there", 405, "the server does not allow this method on the requested resource"),
        ("POST", "/api/v1/pods", 405, "the server does not allow this method on the requested resource"),
        ("DELETE", "/api/v1/namespaces", 405, "the server does not allow this method on the requested resource"),
    ],
)
def test_a_path_or_method_that_is_none_is_a_status(ask: Ask, method: str, path: str, status: int, told: str) -> None:
    answered, body = ask(method, path, {} if method != "GET" else None)

    assert (answered, body["message"], body["details"]) == (status, told, {})


def test_a_group_that_is_not_there_is_plain_text(ask: Ask) -> None:
    assert ask("GET", "/apis/nothing.dev/v1/things") == (404, "404 page not found\n")


def test_what_cannot_be_written_in_an_accepted_form_is_406(ask: Ask) -> None:
    status, body = ask("GET", MAPS, accept="text/html")

    assert (status, body["reason"]) == (406, "NotAcceptable")
    assert body["message"].startswith(
        "406: Not Acceptable\n\nAvailable representations: application/json, application/"
    )


def test_yaml_is_answered_where_it_is_asked_for(ask: Ask) -> None:
    status, body = ask("GET", f"{MAPS}/there", accept="application/yaml")

    assert status == 200
    assert "kind: ConfigMap\n" in body


@pytest.mark.parametrize(
    ("body", "sort", "status", "told"),
    [
        ("{bad", "", 400, f"{NOT_JSON} invalid character 'b' looking for beginning of object key string ({{bad)"),
        ("", "", 400, f"{NOT_JSON} unexpected end of JSON input (<empty>)"),
        ('{"a":1 "b":2}', "", 400, "invalid character '\"' after object key:value pair"),
        ("[1 2]", "", 400, "invalid character '2' after array element (5b3120325d)"),
        ("[]", "", 400, "json: cannot unmarshal array into Go value of type struct { APIVersion string"),
        (
            "{}",
            "text/plain",
            415,
            "the body of the request was in an unknown format - accepted media types include: app",
        ),
        ("{}", "", 422, "metadata.name: Required value: name or generateName is required"),
        (
            '{"kind":"Pod","metadata":{"name":"x"}}',
            "",
            400,
            'Pod in version "v1" cannot be handled as a ConfigMap: conv',
        ),
        ('{"metadata":{"name":"x","namespace":"red"}}', "", 400, "the namespace of the provided object does not match"),
        (
            '{"metadata":{"name":"x"},"data":{"a":1}}',
            "",
            400,
            "cannot unmarshal number into Go struct field ConfigMap.",
        ),
        (
            '{"metadata":{"name":"x"},"data":{"a b":"1"}}',
            "",
            422,
            'data[a b]: Invalid value: "a b": a valid config key',
        ),
        ('{"metadata":{"name":"x","finalizers":["x"]}}', "", 422, 'finalizers[0]: Invalid value: "x": name is neither'),
        (
            '{"metadata":{"name":"x","annotations":{"a b":""}}}',
            "",
            422,
            'metadata.annotations: Invalid value: "a b": n',
        ),
        ('{"metadata":{"name":"x","ownerReferences":[{}]}}', "", 422, "[0].uid: Required value: must not be empty"),
    ],
)
def test_a_body_that_is_no_good_object_is_told_why(ask: Ask, body: str, sort: str, status: int, told: str) -> None:
    answered, answer = ask("POST", MAPS, body, sort)

    assert (answered, told in answer["message"]) == (status, True), answer["message"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "dryRun=No",
            'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["No"]: supported values: "All"',
        ),
        ("fieldValidation=No", 'supported values: "", "Ignore", "Strict", "Warn"'),
        (f"fieldManager={'x' * 129}", "fieldManager: Too long: may not be more than 128 bytes"),
    ],
)
def test_options_of_a_write_are_checked(ask: Ask, query: str, told: str) -> None:
    status, body = ask("POST", f"{MAPS}?{query}", {"metadata": {"name": "x"}})

    assert (status, told in body["message"]) == (422, True), body["message"]


STRICT = 'strict decoding error: unknown field "dataa"'


@pytest.mark.parametrize(
    ("sort", "query", "patch", "status", "told"),
    [
        (
            MERGE,
            "",
            "{bad",
            400,
            "error decoding patch: invalid character 'b' looking for beginning of object key stri",
        ),
        (STRATEGIC, "", "{bad", 400, "invalid character 'b' looking for beginning of object key string"),
        (
            MERGE,
            "",
            [],
            400,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]inte",
        ),
        (JSON_PATCH, "", {}, 400, "cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        (
            JSON_PATCH,
            "",
            [{"op": "remove", "path": "/data/zz"}],
            422,
            "the server rejected our request due to an error",
        ),
        (
            MERGE,
            "",
            {"metadata": {"name": "y"}},
            400,
            "the name of the object (y) does not match the name on the URL (t",
        ),
        (MERGE, "", {"metadata": {"uid": "y"}}, 422, 'metadata.uid: Invalid value: "y": field is immutable'),
        (
            MERGE,
            "?force=true",
            {},
            422,
            'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified',
        ),
        (MERGE, "?fieldValidation=Strict", {"dataa": {}}, 422, STRICT),
        (
            STRATEGIC,
            "?fieldValidation=Strict",
            {"dataa": {}},
            422,
            f'patch: Invalid value: "map[dataa:map[]]": {STRICT}',
        ),
        (APPLY, "?fieldManager=m", {"metadata": {}}, 400, "Object 'Kind' is missing in '{\"metadata\":{}}'"),
        (
            APPLY,
            "?fieldManager=m",
            {"kind": "ConfigMap", "apiVersion": "v2"},
            400,
            "Incorrect version specified in apply",
        ),
        (
            *(APPLY, "?fieldManager=m"),
            {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"managedFields": [{}]}},
            *(400, "metadata.managedFields must be nil"),
        ),
        (
            *(APPLY, "?fieldManager=m"),
            {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "there"}, "dataa": {}},
            *(
                500,
                "failed to create typed patch object (blue/there; /v1, Kind=ConfigMap): .dataa: field not declared in",
            ),
        ),
    ],
)
def test_a_patch_that_cannot_be_is_told_why(
    ask: Ask, sort: str, query: str, patch: Any, status: int, told: str
) -> None:
    answered, answer = ask("PATCH", f"{MAPS}/there{query}", patch, sort)

    assert (answered, told in answer["message"]) == (status, True), answer


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        ({"preconditions": {"uid": "u"}}, 409, 'on ConfigMap "there": the UID in the precondition (u) does not match'),
        (
            {"preconditions": {"resourceVersion": "1"}},
            409,
            "the ResourceVersion in the precondition (1) does not match",
        ),
        ({"propagationPolicy": "No"}, 422, 'supported values: "Foreground", "Background", "Orphan", "nil"'),
        (
            {"propagationPolicy": "Orphan", "orphanDependents": True},
            422,
            "orphanDependents and deletionPropagation cann",
        ),
        ({"dryRun": ["No"]}, 422, 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["No"]'),
        ({"kind": "Pod", "apiVersion": "v1"}, 400, "decoded object cannot be converted to DeleteOptions"),
        (
            "{bad",
            400,
            "couldn't get version/kind; json parse error: invalid character 'b' looking for beginning of obj",
        ),
    ],
)
def test_a_delete_that_must_not_be_leaves_the_object(ask: Ask, options: Any, status: int, told: str) -> None:
    answered, answer = ask("DELETE", f"{MAPS}/there", options)
    kept, _ = ask("GET", f"{MAPS}/there")

    assert (answered, told in answer["message"], kept) == (status, True, 200), answer


def container(**more: Any) -> dict[str, Any]:
    return workload("x", template=pod_template(**more))


def job(**more: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "x"}]}}
    return {"metadata": {"name": "x"}, "spec": {"template": template, **more}}


def cron_job(**more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "x"},
        "spec": {"schedule": "0 1 * * *", "jobTemplate": {"spec": job()["spec"]}, **more},
    }


def autoscaler(**more: Any) -> dict[str, Any]:
    target = {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}
    return {"metadata": {"name": "x"}, "spec": {"scaleTargetRef": target, "maxReplicas": 3, **more}}


DEPLOYMENTS, JOBS, CRONS = f"{APPS}/deployments", f"{BATCH}/jobs", f"{BATCH}/cronjobs"
SCALERS = "/apis/autoscaling/v2/namespaces/blue/horizontalpodautoscalers"
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/blue"


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        (
            DEPLOYMENTS,
            workload("x", selector={}),
            "spec.selector: Invalid value: {}: empty selector is invalid for deplo",
        ),
        (DEPLOYMENTS, {"metadata": {"name": "x"}, "spec": {}}, "spec.template.metadata.labels: Invalid value: null"),
        (
            DEPLOYMENTS,
            workload("x", strategy={"type": "No"}),
            'strategy: Unsupported value: {"Type":"No","RollingUpdat',
        ),
        (
            DEPLOYMENTS,
            workload("x", strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}),
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
        ),
        (
            DEPLOYMENTS,
            workload("x", minReadySeconds=-1),
            "spec.minReadySeconds: Invalid value: -1: must be greater than",
        ),
        (
            DEPLOYMENTS,
            workload("x", progressDeadlineSeconds=0),
            "Invalid value: 0: must be greater than minReadySeconds",
        ),
        (DEPLOYMENTS, container(imagePullPolicy="No"), 'supported values: "Always", "IfNotPresent", "Never"'),
        (DEPLOYMENTS, container(ports=[{"containerPort": 70000}]), "70000: must be between 1 and 65535, inclusive"),
        (
            DEPLOYMENTS,
            container(volumeMounts=[{"name": "v", "mountPath": "/v"}]),
            'volumeMounts[0].name: Not found: "v"',
        ),
        (DEPLOYMENTS, container(livenessProbe={"periodSeconds": 1}), "Required value: must specify a handler type"),
        (
            DEPLOYMENTS,
            container(resources={"limits": {"x": "1"}}),
            "must be a standard resource type or fully qualified",
        ),
        (f"{APPS}/statefulsets", workload("x", podManagementPolicy="No"), "must be 'OrderedReady' or 'Parallel'"),
        (f"{APPS}/daemonsets", workload("x", updateStrategy={"type": "No"}), '"RollingUpdate", "OnDelete"'),
        (JOBS, job(backoffLimit=-1), "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"),
        (JOBS, job(completionMode="No"), 'Unsupported value: "No": supported values: "NonIndexed", "Indexed"'),
        (CRONS, cron_job(schedule="60 * * * *"), "end of range (60) above maximum (59): 60"),
        (CRONS, cron_job(schedule="* * * * 7"), "end of range (7) above maximum (6): 7"),
        (CRONS, cron_job(schedule="* * * * foo"), 'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid'),
        (CRONS, cron_job(schedule="*/0 * * * *"), "step of range should be a positive number: */0"),
        (CRONS, cron_job(schedule="@foo"), "unrecognized descriptor: @foo"),
        (
            CRONS,
            cron_job(schedule="TZ=UTC * * * * *"),
            "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
        ),
        (CRONS, cron_job(timeZone="No/Where"), 'spec.timeZone: Invalid value: "No/Where": unknown time zone No/Where'),
        (CRONS, cron_job(concurrencyPolicy="No"), 'supported values: "Allow", "Forbid", "Replace"'),
        (
            SCALERS,
            autoscaler(scaleTargetRef={}),
            "spec.scaleTargetRef.kind: Required value, spec.scaleTargetRef.name: Req",
        ),
        (
            SCALERS,
            autoscaler(metrics=[{"type": "No"}]),
            "spec.metrics[0].no: Required value: must populate information",
        ),
        (
            f"{CORE}/services",
            {"metadata": {"name": "x"}, "spec": {"ports": [{}]}},
            "spec.ports[0].port: Invalid value: 0",
        ),
        (
            f"{CORE}/services",
            {"metadata": {"name": "1x"}, "spec": {"ports": [{"port": 1}]}},
            "a DNS-1035 label must con",
        ),
        (
            f"{CORE}/persistentvolumeclaims",
            {"metadata": {"name": "x"}, "spec": {}},
            "at least 1 access mode is required",
        ),
        (f"{CORE}/secrets", {"metadata": {"name": "x"}, "type": "kubernetes.io/tls"}, "data[tls.crt]: Required value"),
        (
            f"{CORE}/resourcequotas",
            {"metadata": {"name": "x"}, "spec": {"hard": {"foo": 1}}},
            "a standard resource for qu",
        ),
        (
            f"{RBAC}/roles",
            {"metadata": {"name": "x"}, "rules": [{}]},
            "rules[0].verbs: Required value: verbs must contain",
        ),
        (
            f"{RBAC}/rolebindings",
            {"metadata": {"name": "x"}, "roleRef": {"kind": "No", "name": "x"}},
            'roleRef.kind: Unsupported value: "No": supported values: "Role", "ClusterRole"',
        ),
        (
            "/apis/policy/v1/namespaces/blue/poddisruptionbudgets",
            {"metadata": {"name": "x"}, "spec": {"minAvailable": 1, "maxUnavailable": 1}},
            "minAvailable and maxUnavailable cannot be both set",
        ),
    ],
)
def test_an_invalid_object_is_told_its_faults(ask: Ask, path: str, body: Any, told: str) -> None:
    status, answer = ask("POST", path, body)

    assert (status, told in answer["message"]) == (422, True), answer["message"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        (
            DEPLOYMENTS,
            workload("x", minReadySeconds=1 << 31),
            "number 2147483648 into Go struct field DeploymentSpec.spe",
        ),
        (
            DEPLOYMENTS,
            container(resources={"limits": {"cpu": "abc"}}),
            "quantities must match the regular expression '^(",
        ),
        (f"{CORE}/secrets", {"metadata": {"name": "x"}, "data": {"a": "!"}}, "illegal base64 data at input byte 0"),
    ],
)
def test_a_value_that_cannot_be_decoded_is_a_bad_request(ask: Ask, path: str, body: Any, told: str) -> None:
    status, answer = ask("POST", path, body)

    assert (status, told in answer["message"]) == (400, True), answer["message"]


REVIEWS, TOKENS = "/apis/authorization.k8s.io/v1", f"{CORE}/serviceaccounts/default/token"


@pytest.mark.parametrize(
    ("path", "spec", "status", "told"),
    [
        (f"{REVIEWS}/subjectaccessreviews", {}, 422, "at least one of user or group must be specified"),
        (f"{REVIEWS}/subjectaccessreviews", {"user": "x"}, 422, "exactly one of nonResourceAttributes or resourceAttr"),
        ("/apis/authentication.k8s.io/v1/tokenreviews", {}, 400, "token is required for TokenReview in authentication"),
        (TOKENS, {"expirationSeconds": 1 << 33}, 422, "may not specify a duration larger than 2^32 seconds"),
        (
            TOKENS,
            {"expirationSeconds": "x"},
            400,
            "cannot unmarshal string into Go struct field TokenRequestSpec.spec.",
        ),
    ],
)
def test_a_question_that_is_none_is_refused(ask: Ask, path: str, spec: Any, status: int, told: str) -> None:
    answered, answer = ask("POST", path, {"spec": spec})

    assert (answered, told in answer["message"]) == (status, True), answer["message"]


SCALE = f"{DEPLOYMENTS}/web/scale"


@pytest.mark.parametrize(
    ("method", "sort", "body", "status", "told"),
    [
        (
            "PUT",
            "",
            {"metadata": {"name": "x"}, "spec": {}},
            400,
            "the name of the object (x) does not match the name on",
        ),
        (
            "PATCH",
            MERGE,
            {"spec": {"replicas": "x"}},
            422,
            "cannot unmarshal string into Go struct field ScaleSpec.spec.",
        ),
        (
            "PATCH",
            MERGE,
            {"spec": {"replicas": -1}},
            422,
            'Scale.autoscaling "web" is invalid: spec.replicas: Invalid va',
        ),
        (
            "PATCH",
            MERGE,
            {"metadata": {"resourceVersion": "1"}},
            409,
            'fulfilled on deployments.apps "web": the object has',
        ),
    ],
)
def test_a_scale_that_cannot_be_is_told_why(
    ask: Ask, method: str, sort: str, body: Any, status: int, told: str
) -> None:
    answered, answer = ask(method, SCALE, body, sort)

    assert (answered, told in answer["message"]) == (status, True), answer["message"]


def test_an_applied_scale_conflicts_with_whoever_scaled_before(ask: Ask) -> None:
    body = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": 4}}
    first, _ = ask("PATCH", f"{SCALE}?fieldManager=one&force=true", body, APPLY)
    body["spec"] = {"replicas": 5}

    second, refused = ask("PATCH", f"{SCALE}?fieldManager=two", body, APPLY)

    assert (first, second) == (200, 409)
    assert refused["details"]["causes"][0]["field"] == ".spec.replicas"


def test_the_causes_repeat_what_two_checks_found_and_the_message_does_not(ask: Ask) -> None:
    status, body = ask("PATCH", f"{MAPS}/there", {"metadata": {"labels": {"a b": "c"}}}, MERGE)

    assert (status, len(body["details"]["causes"])) == (422, 3)
    assert body["message"].count('Invalid value: "a b"') == 1


def test_what_was_at_a_version_can_still_be_listed(ask: Ask) -> None:
    _, made = ask("POST", MAPS, {"metadata": {"name": "then", "labels": {"then": "yes"}}})
    version = made["metadata"]["resourceVersion"]
    ask("DELETE", f"{MAPS}/then")

    status, body = ask("GET", f"{MAPS}?labelSelector=then&resourceVersion={version}&resourceVersionMatch=Exact")

    assert (status, body["metadata"]["resourceVersion"]) == (200, version)
    assert [item["metadata"]["name"] for item in body["items"]] == ["then"]
