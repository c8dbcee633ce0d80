"""What counts as drift, and what does not."""

from copy import deepcopy
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from bot.rules import manifests
from bot.rules.catalogue import Size
from bot.rules.manifests import Tenancy
from bot.rules.walls import author, compared, compared_binding, gives, mending, opens

PLACE = Tenancy("id", "blue", "env-blue", "UADA", "ada@x.example", "a", "web", Size("s", "2", "4Gi", "10Gi", 20), None)
WALLS = [
    manifests.quota(PLACE),
    manifests.limit_range(PLACE),
    *manifests.network_policies(PLACE),
    manifests.namespace(PLACE),
]


def as_the_api_server_writes_it(manifest: Any) -> Any:
    """The same with amounts in another form, and what is empty left out."""
    forms = {"4Gi": "4096Mi", "2": "2000m", "500m": "0.5", "512Mi": "536870912", "10Gi": "10737418240"}
    if isinstance(manifest, dict):
        return {key: as_the_api_server_writes_it(value) for key, value in manifest.items()}
    if isinstance(manifest, list):
        return [as_the_api_server_writes_it(one) for one in manifest]
    return forms.get(manifest, manifest)


@pytest.mark.parametrize("wanted", WALLS, ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_what_stands_as_made_is_no_drift_however_it_is_written(wanted: Any) -> None:
    assert compared(wanted, deepcopy(wanted)) == ""
    assert compared(wanted, as_the_api_server_writes_it(wanted)) == ""


@pytest.mark.parametrize("wanted", WALLS, ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_the_patch_that_mends_says_all_that_was_made(wanted: Any) -> None:
    patch = mending(wanted)

    assert patch["metadata"]["labels"] == wanted["metadata"]["labels"]
    for key, value in wanted.get("spec", {}).items():
        assert patch["spec"][key] == value or key == "podSelector"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hard": {**manifests.quota(PLACE)["spec"]["hard"], "pods": "21"}}, "hard pods is 21 instead of 20"),
        ({"hard": {"pods": "20"}}, "hard requests.cpu is gone"),
        ({**manifests.quota(PLACE)["spec"], "scopes": ["Terminating"]}, "scopes was added"),
        ({**manifests.quota(PLACE)["spec"], "hard": {**manifests.quota(PLACE)["spec"]["hard"], "count/x": "1"}}, ""),
    ],
)
def test_a_quota_that_lets_more_through_is_drift_and_a_tighter_one_is_not(change: Any, said: str) -> None:
    assert said in compared(manifests.quota(PLACE), {"metadata": {}, "spec": change})
    assert bool(said) is bool(compared(manifests.quota(PLACE), {"metadata": {}, "spec": change}))


def binding(name: str, *users: str) -> dict[str, Any]:
    return {
        "roleRef": {"kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "User", "name": user} for user in users],
    }


def test_a_binding_is_compared_by_role_and_subjects() -> None:
    assert compared_binding("edit", {"User/a"}, binding("edit", "a")) == ""
    assert compared_binding("edit", {"User/a"}, binding("edit", "b")) == "User/b was added, User/a is gone"
    assert (
        compared_binding("edit", {"User/a"}, binding("admin", "a")) == "it refers to ClusterRole admin instead of edit"
    )
    assert gives(binding("admin", "a", "b")) == "gives ClusterRole admin to User a, User b"


def test_the_author_is_the_last_who_is_not_berth_nor_a_controller_of_its_status() -> None:
    fields = [
        {"manager": "berth", "time": "2026-11-24T12:00:00Z"},
        {"manager": "kubectl-edit", "time": "2026-11-24T11:00:00Z"},
        {"manager": "helm", "time": "2026-11-24T10:00:00Z"},
        {"manager": "kube-controller-manager", "time": "2026-11-24T13:00:00Z", "subresource": "status"},
    ]

    assert author({"metadata": {"managedFields": fields}}) == ("kubectl-edit", "2026-11-24T11:00:00Z")
    assert author({"metadata": {}}) == ("", "")


CERTAIN = {"namespaceSelector": {"matchLabels": {"a": "b"}}, "podSelector": {"matchExpressions": [{"key": "c"}]}}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({}, "lets nothing more through"),
        ({"ingress": [{}]}, "lets in everything from anywhere"),
        ({"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}, "lets out what is to 10.0.0.0/8"),
        ({"egress": [{"to": []}]}, "lets out everything to anywhere"),
        ({"ingress": [{"from": [{"namespaceSelector": {}}]}]}, "lets in what is from all namespaces"),
        ({"ingress": [{"from": [{"podSelector": {}}]}]}, "lets in what is from all pods in this namespace"),
        (
            {"ingress": [{"from": [CERTAIN]}], "egress": [{}]},
            "lets in what is from certain pods in namespaces with a=b and lets out everything to anywhere",
        ),
    ],
)
def test_a_network_policy_is_said_by_what_it_lets_through(spec: dict[str, Any], said: str) -> None:
    assert opens({"metadata": {"name": "x"}, "spec": spec}) == said


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("1.1.1.1", True),
        ("168.63.129.17", True),
        ("10.96.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("192.0.0.192", False),
        ("198.18.3.4", False),
        ("240.10.0.7", False),
    ],
)
def test_the_internet_is_neither_the_metadata_of_a_cloud_nor_what_clusters_number_their_own_by(
    address: str, reached: bool
) -> None:
    allowed = manifests.network_policies(PLACE)[1]["spec"]["egress"]

    blocks = [peer["ipBlock"] for rule in allowed for peer in rule["to"] if "ipBlock" in peer]
    opened = [
        block
        for block in blocks
        if ip_address(address) in ip_network(block["cidr"])
        and not any(ip_address(address) in ip_network(one) for one in block["except"])
    ]

    assert bool(opened) is reached
