"""What somebody changes by hand of what Berth made is put back and told; what they add is told and left."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.rules.words import SLEEP_QUOTA, Phase
from bot.sandbox.cluster.faults import Fault
from tests.journeys.people import direct, text_of
from tests.sandbox.slack.person import Person
from tests.world import World

MERGE = "application/merge-patch+json"
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings"
NET = "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies"
CORE = "/api/v1/namespaces/{ns}"
TOLD = "Changed by hand"

CHANGED: Mapping[str, tuple[str, Any]] = {
    "ResourceQuota berth: hard pods is 500 instead of 20": (
        f"{CORE}/resourcequotas/berth",
        {"spec": {"hard": {"pods": "500"}}},
    ),
    "LimitRange berth: limits is gone": (f"{CORE}/limitranges/berth", {"spec": {"limits": []}}),
    "NetworkPolicy berth-isolation: podSelector was changed, ingress was added": (
        f"{NET}/berth-isolation",
        {"spec": {"ingress": [{}], "podSelector": {"matchLabels": {"a": "b"}}}},
    ),
    "NetworkPolicy berth-isolation-allowed: egress was changed": (
        f"{NET}/berth-isolation-allowed",
        {"spec": {"egress": [{}]}},
    ),
    "Namespace: label pod-security.kubernetes.io/enforce is privileged instead of baseline": (
        CORE,
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
    ),
    "RoleBinding berth-owner: User/eve was added": (
        f"{RBAC}/berth-owner",
        {"subjects": [{"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}]},
    ),
    "RoleBinding berth-agent: ServiceAccount/berth/berth is gone": (f"{RBAC}/berth-agent", {"subjects": []}),
}
DELETED = (
    f"{CORE}/resourcequotas/berth",
    f"{CORE}/limitranges/berth",
    f"{NET}/berth-isolation",
    f"{NET}/berth-isolation-allowed",
    f"{RBAC}/berth-owner",
    f"{RBAC}/berth-agent",
)


@pytest.fixture
def blue(company: World) -> World:
    """Ada has a running environment `blue`, and every admin has met Berth."""
    company.says(company.ada, "/k8s create blue")
    company.settle()
    company.tick()
    return company


def placed(world: World, path: str) -> str:
    return path.format(ns=world.environment("blue").namespace)


def everything(world: World) -> dict[str, Any]:
    """What of the walls and bindings there is, as far as Berth sets it."""
    found = {}
    for path in (f"{CORE}/resourcequotas", f"{CORE}/limitranges", NET, RBAC):
        for one in world.harbour.admin.call("GET", placed(world, path))["items"]:
            body = {key: one[key] for key in ("spec", "roleRef", "subjects") if key in one}
            found[f"{path}/{one['metadata']['name']}"] = body
    labels = world.harbour.admin.call("GET", placed(world, CORE))["metadata"]["labels"]
    return {**found, "labels": labels}


def by_hand(world: World, method: str, path: str, body: Any = None) -> None:
    content = MERGE if method == "PATCH" else "application/json"
    world.harbour.admin.call(method, placed(world, path), {"fieldManager": "kubectl-edit"}, body, content)


def told(who: Person) -> list[str]:
    return [text_of(row) for row in direct(who) if TOLD in text_of(row)]


def test_what_is_changed_is_put_back_and_told_once_with_who_did_it(blue: World) -> None:
    before = everything(blue)
    for path, body in CHANGED.values():
        by_hand(blue, "PATCH", path, body)
    assert sum(now != before[what] for what, now in everything(blue).items()) == len(
        {path for path, _ in CHANGED.values()}
    )

    for _ in range(3):
        blue.tick()

    assert everything(blue) == before
    for who in (blue.ada, blue.root):
        [said] = told(who)
        assert [words for words in CHANGED if words not in said] == []
        assert said.count("by kubectl-edit") >= len(before) - 1


def test_what_is_deleted_is_put_back_and_told_once(blue: World) -> None:
    before = everything(blue)
    for path in DELETED:
        by_hand(blue, "DELETE", path)

    for _ in range(3):
        blue.tick()

    assert everything(blue) == before
    assert [said.count("it was deleted") for said in told(blue.ada)] == [len(DELETED)]


def test_a_second_change_is_told_again(blue: World) -> None:
    for _ in range(2):
        by_hand(blue, "DELETE", f"{NET}/berth-isolation")
        blue.tick()

    assert len(told(blue.ada)) == 2


def test_a_binding_of_ours_that_leads_to_another_role_is_made_anew(blue: World) -> None:
    before = everything(blue)
    metadata, everyone = {"name": "berth-owner"}, [{"kind": "Group", "name": "system:authenticated"}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"}
    by_hand(blue, "DELETE", f"{RBAC}/berth-owner")
    by_hand(blue, "POST", RBAC, {"metadata": metadata, "roleRef": role, "subjects": everyone})

    blue.tick()

    assert everything(blue) == before
    assert "refers to ClusterRole admin instead of berth-tenant-edit" in told(blue.ada)[0]


def test_a_binding_that_somebody_adds_is_told_once_and_left(blue: World) -> None:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"}
    body = {"metadata": {"name": "friends"}, "roleRef": role, "subjects": [{"kind": "User", "name": "eve"}]}
    by_hand(blue, "POST", RBAC, body)

    for _ in range(3):
        blue.tick()

    assert "RoleBinding friends gives ClusterRole admin to User eve" in told(blue.ada)[0]
    assert (len(told(blue.ada)), len(told(blue.root))) == (1, 1)
    assert f"{RBAC}/friends" in everything(blue)


def test_a_network_policy_that_somebody_adds_is_told_once_and_left(blue: World) -> None:
    body = {"metadata": {"name": "open"}, "spec": {"podSelector": {}, "ingress": [{}], "egress": [{}]}}
    by_hand(blue, "POST", NET, body)

    for _ in range(3):
        blue.tick()

    opened = "NetworkPolicy open lets in everything from anywhere and lets out everything to anywhere (by kubectl-edit)"
    assert opened in told(blue.ada)[0]
    assert (len(told(blue.ada)), len(told(blue.root))) == (1, 1)
    assert f"{NET}/open" in everything(blue)


def test_a_network_policy_that_opens_more_is_told_again(blue: World) -> None:
    by_hand(blue, "POST", NET, {"metadata": {"name": "some"}, "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})
    blue.tick()

    rule = {"from": [{"namespaceSelector": {"matchLabels": {"team": "a"}}}]}
    by_hand(blue, "PATCH", f"{NET}/some", {"spec": {"ingress": [rule]}})
    blue.tick()

    first, second = told(blue.ada)
    assert "NetworkPolicy some lets nothing more through" in first
    assert "NetworkPolicy some lets in what is from namespaces with team=a" in second


def test_a_cluster_that_refuses_meanwhile_has_it_put_back_later_and_told_once(blue: World) -> None:
    assert blue.harbour.sandbox is not None
    before = everything(blue)
    by_hand(blue, "DELETE", f"{CORE}/resourcequotas/berth")
    blue.harbour.sandbox.faults.add(Fault(resource="resourcequotas", verb="patch", status=500, times=4))

    for _ in range(3):
        blue.tick()

    assert everything(blue) == before
    assert len(told(blue.ada)) == 1


def test_what_sleeps_has_its_walls_put_back_and_sleeps_on(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    by_hand(blue, "DELETE", f"{NET}/berth-isolation")

    blue.tick()

    assert f"{NET}/berth-isolation" in everything(blue)
    assert f"{CORE}/resourcequotas/{SLEEP_QUOTA}" in everything(blue)
    assert blue.environment("blue").phase is Phase.SLEEPING


def test_sharing_sleeping_waking_and_what_others_add_beside_it_is_no_drift(blue: World) -> None:
    by_hand(
        blue, "PATCH", f"{CORE}/resourcequotas/berth", {"spec": {"hard": {"count/leases.coordination.k8s.io": "9"}}}
    )
    by_hand(blue, "PATCH", CORE, {"metadata": {"labels": {"mine": "yes"}}})
    for line in ("share blue mio@harbour.example edit", "sleep blue", "wake blue", "unshare blue mio@harbour.example"):
        blue.says(blue.ada, f"/k8s {line}")
        blue.tick()
        blue.tick()

    assert told(blue.ada) == told(blue.root) == []


def test_a_namespace_that_lost_its_mark_is_told_with_what_to_do(blue: World) -> None:
    label = "app.kubernetes.io/managed-by"
    by_hand(blue, "PATCH", CORE, {"metadata": {"labels": {label: None}}})

    for _ in range(2):
        blue.berth.passes.drift.look_at_all()
        blue.settle()

    [said] = told(blue.root)
    assert f"kubectl label namespace {blue.environment('blue').namespace} {label}=berth" in said


def test_whoever_leaves_a_team_has_no_access_by_it_after_the_next_pass(blue: World) -> None:
    blue.says(blue.lin, "/k8s whoami")
    blue.says(blue.ada, "/k8s share blue team edit")
    blue.settle()
    assert blue.lin.id.lower() in str(everything(blue)[f"{RBAC}/berth-edit"])
    workspace = blue.environment("blue").workspace_id
    with blue.berth.store.begin() as records:
        person = records.people.get(workspace, blue.lin.id)
        assert person is not None
        person.email = "lin@elsewhere.example"

    blue.tick()

    assert blue.lin.id.lower() not in str(everything(blue).get(f"{RBAC}/berth-edit"))
    assert told(blue.ada) == []


def test_a_pass_costs_the_same_lists_however_many_there_are(blue: World) -> None:
    def lists() -> int:
        assert blue.harbour.sandbox is not None
        blue.harbour.sandbox.requests.clear()
        blue.berth.passes.drift.look_at_all()
        return len(blue.harbour.sandbox.requests.entries())

    one = lists()
    for name in ("green", "red"):
        blue.says(blue.ada, f"/k8s create {name}")
    blue.settle()

    assert lists() == one == 5


def test_the_walls_of_what_could_not_be_made_are_watched_too(company: World) -> None:
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.faults.add(Fault(resource="deployments", status=422, times=None))
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    failed = company.environment("blue").phase

    company.harbour.admin.call("DELETE", f"{NET}/berth-isolation".format(ns=company.environment("blue").namespace))
    company.settle()
    company.tick()

    assert failed is Phase.FAILED
    assert f"{NET}/berth-isolation" in everything(company)
    assert "berth-isolation" in text_of(direct(company.ada)[-1])
