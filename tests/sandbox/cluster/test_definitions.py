"""Kinds that CustomResourceDefinitions add: served, checked, shown and scaled like the built-in ones."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.cluster import SandboxCluster
from tests.sandbox.cluster.test_refusals import APPLY, MERGE, send

SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": {"type": "string", "minLength": 1, "pattern": "^[a-z]"},
        "replicas": {"type": "integer", "minimum": 0, "maximum": 9, "default": 1},
        "mode": {"type": "string", "enum": ["fast", "safe"]},
        "port": {"x-kubernetes-int-or-string": True},
        "steps": {
            "type": "array",
            "maxItems": 1,
            "items": {"type": "object", "properties": {"pause": {"type": "boolean"}}},
        },
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"spec": SPEC, "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
}
PATHS = {
    "specReplicasPath": ".spec.replicas",
    "statusReplicasPath": ".status.replicas",
    "labelSelectorPath": ".status.selector",
}
COLUMNS = [
    {"name": "Wanted", "type": "integer", "jsonPath": ".spec.replicas"},
    {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]


def version(name: str, *, storage: bool = True) -> dict[str, Any]:
    parts = {"status": {}, "scale": PATHS}
    served = {"name": name, "served": True, "storage": storage, "schema": {"openAPIV3Schema": SCHEMA}}
    return served | {"subresources": parts, "additionalPrinterColumns": COLUMNS}


def definition(*versions: dict[str, Any]) -> dict[str, Any]:
    names = {"kind": "Rollout", "plural": "rollouts", "singular": "rollout", "shortNames": ["ro"]}
    spec = {"group": "demo.dev", "scope": "Namespaced", "names": names, "versions": list(versions)}
    return {"metadata": {"name": "rollouts.demo.dev"}, "spec": spec}


DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ROLLOUTS = "/apis/demo.dev/v1/namespaces/default/rollouts"
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(cluster: SandboxCluster) -> Ask:
    def call(method: str, path: str, body: Any = None, sort: str = "", accept: str = "") -> tuple[int, Any]:
        answered = send(cluster, method, path, body, {"content-type": sort, "accept": accept})
        cluster.settle()
        return answered

    call("POST", DEFINITIONS, definition(version("v1"), version("v1beta1", storage=False)))
    return call


def rollout(**spec: Any) -> dict[str, Any]:
    head = {"apiVersion": "demo.dev/v1", "kind": "Rollout", "metadata": {"name": "r"}}
    return head | {"spec": {"image": "nginx", **spec}}


def test_a_definition_is_established_and_discovered_at_once(ask: Ask) -> None:
    _, made = ask("GET", f"{DEFINITIONS}/rollouts.demo.dev")
    _, group = ask("GET", "/apis/demo.dev")
    _, listed = ask("GET", "/apis/demo.dev/v1")

    assert [(c["type"], c["status"]) for c in made["status"]["conditions"]] == [
        ("NamesAccepted", "True"),
        ("Established", "True"),
    ]
    assert [one["version"] for one in group["versions"]] == ["v1", "v1beta1"]
    assert [one["name"] for one in listed["resources"]] == ["rollouts", "rollouts/scale", "rollouts/status"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"replicas": "x"}, 'Invalid value: "string": spec.replicas in body must be of type integer: "string"'),
        (
            {"replicas": -1},
            "spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0",
        ),
        ({"replicas": 10}, "spec.replicas: Invalid value: 10: spec.replicas in body should be less than or equal to 9"),
        ({"mode": "slow"}, 'spec.mode: Unsupported value: "slow": supported values: "fast", "safe"'),
        ({"image": ""}, 'spec.image: Invalid value: "": spec.image in body should be at least 1 chars long'),
        ({"image": "X"}, "spec.image: Invalid value: \"X\": spec.image in body should match '^[a-z]'"),
        ({"port": True}, 'spec.port in body must be of type integer,string: "boolean"'),
        ({"steps": [{}, {}]}, "spec.steps: Too many: 2: must have at most 1 items"),
        ({"steps": [{"pause": 1}]}, 'spec.steps[0].pause in body must be of type boolean: "integer"'),
    ],
)
def test_its_schema_is_enforced(ask: Ask, spec: dict[str, Any], told: str) -> None:
    status, body = ask("POST", ROLLOUTS, rollout(**spec))

    assert (status, told in body["message"]) == (422, True), body["message"]


def test_a_required_field_is_missed(ask: Ask) -> None:
    status, body = ask("POST", ROLLOUTS, {**rollout(), "spec": {}})

    cause = {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.image"}
    assert (status, body["details"]["causes"]) == (422, [cause])


def test_defaults_are_filled_in_and_unknown_fields_dropped(ask: Ask) -> None:
    _, made = ask("POST", ROLLOUTS, rollout(imagee="x", free={"any": 1}))
    status, refused = ask("POST", f"{ROLLOUTS}?fieldValidation=Strict", rollout(imagee="x"))

    assert made["spec"] == {"image": "nginx", "free": {"any": 1}, "replicas": 1}
    assert status == 400
    assert refused["message"].endswith('strict decoding error: unknown field "spec.imagee"')


def test_its_columns_are_shown(ask: Ask) -> None:
    ask("POST", ROLLOUTS, rollout(replicas=3))
    ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    ask("PATCH", f"{ROLLOUTS}/r/status", ready, MERGE)

    _, table = ask("GET", ROLLOUTS, accept="application/json;as=Table;g=meta.k8s.io;v=v1")

    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Wanted", "Ready", "Age"]
    assert table["rows"][0]["cells"] == ["r", 3, "True", "0s"]


def test_all_versions_show_the_same_object(ask: Ask) -> None:
    ask("POST", ROLLOUTS, rollout())

    status, older = ask("GET", f"{ROLLOUTS.replace('v1', 'v1beta1')}/r")

    assert (status, older["apiVersion"], older["spec"]["image"]) == (200, "demo.dev/v1beta1", "nginx")


def test_it_is_scaled_by_its_paths(ask: Ask) -> None:
    ask("POST", ROLLOUTS, rollout(replicas=3))
    ask("PATCH", f"{ROLLOUTS}/r/status", {"status": {"replicas": 3, "selector": "app=r"}}, MERGE)

    _, before = ask("GET", f"{ROLLOUTS}/r/scale")
    _, after = ask("PATCH", f"{ROLLOUTS}/r/scale", {"spec": {"replicas": 0}}, MERGE)

    assert (before["spec"], before["status"]) == ({"replicas": 3}, {"replicas": 3, "selector": "app=r"})
    assert after["spec"] == {}


def test_an_update_must_name_the_version_it_replaces(ask: Ask) -> None:
    ask("POST", ROLLOUTS, rollout())

    status, body = ask("PUT", f"{ROLLOUTS}/r", rollout(image="other"))

    assert status == 422
    told = (
        'rollouts.demo.dev "r" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update'
    )
    assert body["message"] == told


def test_an_apply_makes_and_changes_it(ask: Ask) -> None:
    first, _ = ask("PATCH", f"{ROLLOUTS}/r?fieldManager=flux", rollout(replicas=2), APPLY)
    second, body = ask("PATCH", f"{ROLLOUTS}/r?fieldManager=flux", rollout(replicas=4), APPLY)

    assert (first, second, body["spec"]["replicas"], body["metadata"]["generation"]) == (201, 200, 4, 2)


def test_a_changed_definition_is_what_counts(ask: Ask) -> None:
    wider = {
        "spec": {
            "versions": [
                {
                    **version("v1"),
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ]
        }
    }
    ask("PATCH", f"{DEFINITIONS}/rollouts.demo.dev", wider, MERGE)

    status, body = ask("POST", ROLLOUTS, rollout(anything="goes"))
    gone, _ = ask("GET", ROLLOUTS.replace("v1", "v1beta1"))

    assert (status, body["spec"]) == (201, {"image": "nginx", "anything": "goes"})
    assert gone == 404


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metadata": {"name": "other.demo.dev"}}, 'must be spec.names.plural+"."+spec.group'),
        ({"spec": {**definition()["spec"], "versions": []}}, "must have exactly one version marked as storage version"),
        ({"spec": {**definition()["spec"], "scope": "No"}}, 'supported values: "Cluster", "Namespaced"'),
    ],
)
def test_a_definition_that_cannot_be_is_refused(ask: Ask, change: dict[str, Any], told: str) -> None:
    status, body = ask("POST", DEFINITIONS, definition(version("v1")) | change)

    assert (status, told in body["message"]) == (422, True), body["message"]
