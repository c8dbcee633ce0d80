"""Who may do what: tokens, roles, escalation and impersonation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from kubernetes import client

from bot.sandbox.cluster import SandboxCluster
from tests.sandbox.cluster.conftest import TurnableClock

RBAC = "rbac.authorization.k8s.io"
Connect = Callable[..., client.ApiClient]


def account(core: Any, space: str, name: str = "alice", bound: dict[str, Any] | None = None) -> str:
    core.create_namespaced_service_account(space, {"metadata": {"name": name}})
    spec = {"expirationSeconds": 3600} | ({"boundObjectRef": bound} if bound else {})
    token: str = core.create_namespaced_service_account_token(name, space, {"spec": spec}).status.token
    return token


def bind(api: client.ApiClient, space: str, role: str, name: str = "alice", role_kind: str = "ClusterRole") -> None:
    body: Any = {
        "metadata": {"name": f"{name}-{role}"},
        "roleRef": {"apiGroup": RBAC, "kind": role_kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": space}],
    }
    client.RbacAuthorizationV1Api(api).create_namespaced_role_binding(space, body)


def status_of(call: Callable[[], Any]) -> int:
    try:
        call()
    except client.ApiException as refused:
        return int(refused.status or 0)
    return 200


def test_a_token_meant_for_another_service_does_not_open_this_one(
    cluster: SandboxCluster, core: Any, connect: Any, space: str
) -> None:
    core.create_namespaced_service_account(space, {"metadata": {"name": "app"}})
    answer = core.create_namespaced_service_account_token("app", space, {"spec": {"audiences": ["vault"]}})

    with pytest.raises(client.ApiException) as refused:
        client.CoreV1Api(connect(answer.status.token)).list_namespaced_pod(space)

    assert refused.value.status == 401


def test_a_role_binding_reaches_its_namespace_and_no_other(core: Any, connect: Connect, space: str) -> None:
    alice = client.CoreV1Api(connect(account(core, space)))
    before = status_of(lambda: alice.list_namespaced_pod(space))

    bind(connect(), space, "view")

    assert before == 403
    assert alice.list_namespaced_pod(space).items == []
    assert status_of(lambda: alice.list_namespaced_pod("default")) == 403
    assert status_of(lambda: alice.list_namespaced_secret(space)) == 403


def test_a_token_dies_with_the_secret_it_is_bound_to(
    core: Any, connect: Connect, space: str, clock: TurnableClock
) -> None:
    secret = core.create_namespaced_secret(space, {"metadata": {"name": "handle"}})
    bound = {"kind": "Secret", "apiVersion": "v1", "name": "handle", "uid": secret.metadata.uid}
    alice: Any = client.AuthenticationV1Api(connect(account(core, space, bound=bound)))
    review: Any = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    who = alice.create_self_subject_review(review).status.user_info.username

    core.delete_namespaced_secret("handle", space)
    clock.turn(timedelta(seconds=11))

    assert who == "system:serviceaccount:blue:alice"
    assert status_of(lambda: alice.create_self_subject_review(review)) == 401


def test_a_token_expires_by_the_clusters_clock(core: Any, connect: Connect, space: str, clock: TurnableClock) -> None:
    alice = client.CoreV1Api(connect(account(core, space)))

    clock.turn(timedelta(seconds=3601))

    assert status_of(lambda: alice.list_namespaced_pod(space)) == 401


def test_nobody_grants_what_they_do_not_hold(core: Any, connect: Connect, space: str) -> None:
    rbac = client.RbacAuthorizationV1Api(connect())
    rules = [{"apiGroups": [RBAC], "resources": ["roles", "rolebindings"], "verbs": ["create"]}]
    granter: Any = {"metadata": {"name": "granter"}, "rules": rules}
    rbac.create_namespaced_role(space, granter)
    alice = connect(account(core, space))
    bind(connect(), space, "granter", role_kind="Role")

    secrets = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
    greedy: Any = {"metadata": {"name": "greedy"}, "rules": secrets}
    with pytest.raises(client.ApiException) as refused:
        client.RbacAuthorizationV1Api(alice).create_namespaced_role(space, greedy)

    assert refused.value.status == 403
    assert "attempting to grant RBAC permissions not currently held" in str(refused.value.body)
    assert status_of(lambda: bind(alice, space, "edit")) == 403


def test_bind_on_a_named_role_allows_binding_just_that_role(core: Any, connect: Connect, space: str) -> None:
    rbac = client.RbacAuthorizationV1Api(connect())
    rules = [
        {"apiGroups": [RBAC], "resources": ["rolebindings"], "verbs": ["create"]},
        {"apiGroups": [RBAC], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view"]},
    ]
    binder: Any = {"metadata": {"name": "binder"}, "rules": rules}
    rbac.create_namespaced_role(space, binder)
    alice = connect(account(core, space))
    bind(connect(), space, "binder", role_kind="Role")

    bind(alice, space, "view")

    assert status_of(lambda: bind(alice, space, "cluster-admin")) == 403


def test_impersonation_needs_the_right_to_impersonate(core: Any, connect: Connect, space: str) -> None:
    alice = client.CoreV1Api(connect(account(core, space)))
    bind(connect(), space, "view")
    bob = {"Impersonate-User": "bob@example.com"}

    assert status_of(lambda: alice.list_namespaced_pod(space, _headers=bob)) == 403
    assert status_of(lambda: core.list_namespaced_pod(space, _headers=bob)) == 403


def test_a_known_person_has_the_groups_they_came_with(connect: Connect, cluster: SandboxCluster, space: str) -> None:
    cluster.add_user("opaque", "oidc:ann@example.com", ("oidc:payments",))
    body: Any = {
        "metadata": {"name": "payments"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "Group", "apiGroup": RBAC, "name": "oidc:payments"}],
    }
    client.RbacAuthorizationV1Api(connect()).create_namespaced_role_binding(space, body)

    ann = client.CoreV1Api(connect("opaque"))

    assert ann.list_namespaced_pod(space).items == []
