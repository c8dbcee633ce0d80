"""Fields: which exist, which types they take, and what becomes of the others."""

import json
from typing import Any

import pytest
from kubernetes import client

from bot.sandbox.cluster import SandboxCluster
from bot.sandbox.cluster.kinds import Kinds
from bot.sandbox.cluster.schema import fields
from tests.sandbox.cluster.conftest import workload
from tests.sandbox.cluster.replay import open_connection

# The client is of a later release; these fields are not of 1.36, or belong to kinds the sandbox keeps schemaless.
NEWER = {"NodeSystemInfo": {"runningInUserNamespace"}}


def send(
    cluster: SandboxCluster, method: str, path: str, body: Any, sort: str = "application/json"
) -> tuple[int, Any, Any]:
    connection = open_connection(cluster)
    headers = {"authorization": f"Bearer {cluster.admin_token}", "content-type": sort}
    connection.request(method, path, json.dumps(body), headers)
    answer = connection.getresponse()
    value = json.loads(answer.read())
    connection.close()
    return answer.status, value, answer.headers["warning"]


DEPLOYMENTS = "/apis/apps/v1/namespaces/blue/deployments"


def misspelt() -> dict[str, Any]:
    body = workload()
    body["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    return body


def test_an_unknown_field_anywhere_is_refused_when_asked_strictly(cluster: SandboxCluster, space: str) -> None:
    status, answer, _ = send(cluster, "POST", f"{DEPLOYMENTS}?fieldValidation=Strict", misspelt())

    assert status == 400
    assert 'strict decoding error: unknown field "spec.template.spec.containers[0].imagee"' in answer["message"]


def test_an_unknown_field_is_otherwise_dropped_with_a_warning(cluster: SandboxCluster, space: str) -> None:
    status, answer, warning = send(cluster, "POST", DEPLOYMENTS, misspelt())

    assert status == 201
    assert "imagee" not in answer["spec"]["template"]["spec"]["containers"][0]
    assert warning == '299 - "unknown field \\"spec.template.spec.containers[0].imagee\\""'


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("replicas", "two", "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ("paused", 1, "cannot unmarshal number into Go struct field DeploymentSpec.spec.paused of type bool"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    cluster: SandboxCluster, space: str, field: str, value: Any, told: str
) -> None:
    status, answer, _ = send(
        cluster, "POST", DEPLOYMENTS, workload(**{field: value}) if field != "replicas" else _typed(value)
    )

    assert status == 400
    assert told in answer["message"]


def _typed(value: Any) -> dict[str, Any]:
    body = workload()
    body["spec"]["replicas"] = value
    return body


@pytest.mark.parametrize("kind", sorted({row.kind for row in Kinds().stored() if fields(row.kind) is not None}))
def test_every_field_the_official_client_knows_is_known(kind: str) -> None:
    missing: dict[str, set[str]] = {}
    seen: set[str] = set()

    def walk(message: str) -> None:
        known, model = fields(message), getattr(client.models, f"V1{message}", None)
        if known is None or model is None or message in seen:
            return
        seen.add(message)
        names = {field.serialization_alias or name for name, field in model.model_fields.items()}
        unknown = names - set(known) - {"apiVersion", "kind"} - NEWER.get(message, set())
        if unknown and not message.startswith("HorizontalPodAutoscaler"):
            missing[message] = unknown
        for sort in known.values():
            walk(sort.lstrip("*"))

    walk(kind)

    assert missing == {}


def test_a_stuck_namespace_says_what_is_left_and_why(core: Any, cluster: SandboxCluster, space: str) -> None:
    body = {"metadata": {"name": "kept", "finalizers": ["berth.dev/test"]}}
    core.create_namespaced_config_map(space, body)

    core.delete_namespace(space)
    cluster.settle()

    conditions = {c.type: (c.status, c.message) for c in core.read_namespace(space).status.conditions}
    remaining = ("True", "Some resources are remaining: configmaps. has 1 resource instances")
    assert conditions["NamespaceContentRemaining"] == remaining
    assert "berth.dev/test in 1 resource instances" in conditions["NamespaceFinalizersRemaining"][1]


def test_a_defined_kind_is_served_with_its_scale_and_goes_with_its_definition(
    connect: Any, cluster: SandboxCluster
) -> None:
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "subresources": {"scale": scale}, "schema": schema}
    names = {"kind": "Rollout", "plural": "rollouts"}
    spec = {"group": "demo.dev", "scope": "Namespaced", "names": names, "versions": [version]}
    definitions: Any = client.ApiextensionsV1Api(connect())
    objects: Any = client.CustomObjectsApi(connect())
    definitions.create_custom_resource_definition({"metadata": {"name": "rollouts.demo.dev"}, "spec": spec})
    cluster.settle()
    body = {"apiVersion": "demo.dev/v1", "kind": "Rollout", "metadata": {"name": "r"}, "spec": {"replicas": 3}}
    place = ("demo.dev", "v1", "default", "rollouts")
    objects.create_namespaced_custom_object(*place, body)

    objects.patch_namespaced_custom_object_scale(*place, "r", {"spec": {"replicas": 0}})
    scaled = objects.get_namespaced_custom_object(*place, "r")
    definitions.delete_custom_resource_definition("rollouts.demo.dev")
    cluster.settle()

    assert scaled["spec"] == {"replicas": 0}
    with pytest.raises(client.ApiException) as gone:
        objects.get_namespaced_custom_object(*place, "r")
    assert gone.value.status == 404
