"""Creating, reading, changing, watching and deleting, as the official client does it."""

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes import client, watch

from bot.sandbox.cluster import SandboxCluster
from bot.sandbox.cluster.patches import json_patch, merge_patch, strategic_merge
from bot.sandbox.cluster.quantities import canonical, parse
from tests.sandbox.cluster.conftest import TurnableClock, workload

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=3), JSON, max_size=4)


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"n": name[-1]}}, "data": data}


def test_a_change_with_an_old_resource_version_conflicts(core: Any, space: str) -> None:
    made = core.create_namespaced_config_map(space, config_map("a", x="1"))
    core.patch_namespaced_config_map("a", space, {"data": {"x": "2"}})

    late = {"metadata": {"resourceVersion": made.metadata.resource_version}, "data": {"x": "3"}}
    with pytest.raises(client.ApiException) as refused:
        core.patch_namespaced_config_map("a", space, late)

    assert refused.value.status == 409
    assert core.read_namespaced_config_map("a", space).data == {"x": "2"}


def test_a_patch_that_changes_nothing_keeps_the_resource_version(core: Any, space: str) -> None:
    made = core.create_namespaced_config_map(space, config_map("a", x="1"))

    same = core.patch_namespaced_config_map("a", space, {"data": {"x": "1"}})

    assert same.metadata.resource_version == made.metadata.resource_version


def test_pages_together_are_the_whole_list(core: Any, space: str) -> None:
    for number in range(7):
        core.create_namespaced_config_map(space, config_map(f"c{number}"))

    names: list[str] = []
    page = core.list_namespaced_config_map(space, limit=3)
    while True:
        names += [item.metadata.name for item in page.items]
        if not page.metadata._continue:
            break
        page = core.list_namespaced_config_map(space, limit=3, _continue=page.metadata._continue)

    assert names == [*(f"c{number}" for number in range(7)), "kube-root-ca.crt"]


def test_a_continue_token_older_than_the_history_is_gone(core: Any, space: str, cluster: SandboxCluster) -> None:
    core.create_namespaced_config_map(space, config_map("a"))
    page = core.list_namespaced_config_map(space, limit=1)
    core.create_namespaced_config_map(space, config_map("b"))
    cluster.forget_history()

    with pytest.raises(client.ApiException) as refused:
        core.list_namespaced_config_map(space, limit=1, _continue=page.metadata._continue)

    assert refused.value.status == 410


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("n=1", ["c1"]),
        ("n!=1,n", ["c0", "c2"]),
        ("n in (0,2)", ["c0", "c2"]),
        ("n notin (0,1,2)", ["kube-root-ca.crt"]),
    ],
)
def test_label_selectors_select(core: Any, space: str, selector: str, found: list[str]) -> None:
    for number in range(3):
        core.create_namespaced_config_map(space, config_map(f"c{number}"))

    items = core.list_namespaced_config_map(space, label_selector=selector).items

    assert [item.metadata.name for item in items] == found


def test_an_object_that_leaves_a_selector_is_deleted_to_its_watcher(core: Any, space: str) -> None:
    core.create_namespaced_config_map(space, config_map("c1"))
    version = core.list_namespaced_config_map(space).metadata.resource_version
    threading.Timer(0.1, core.patch_namespaced_config_map, ("c1", space, {"metadata": {"labels": {"n": "9"}}})).start()

    stream = watch.Watch().stream(
        core.list_namespaced_config_map, space, label_selector="n=1", resource_version=version, timeout_seconds=5
    )
    event = next(iter(stream))

    assert (event["type"], event["object"].metadata.name) == ("DELETED", "c1")


def test_a_watch_from_before_the_history_is_told_that_it_is_too_old(
    core: Any, space: str, cluster: SandboxCluster
) -> None:
    version = core.list_namespaced_config_map(space).metadata.resource_version
    core.create_namespaced_config_map(space, config_map("c1"))
    cluster.forget_history()

    raw = core.list_namespaced_config_map(
        space, watch=True, resource_version=version, timeout_seconds=5, _preload_content=False
    )
    event = json.loads(raw.data)

    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


def test_a_stateful_sets_service_cannot_be_changed(core: Any, apps: Any, space: str) -> None:
    apps.create_namespaced_stateful_set(space, workload("db", serviceName="db"))

    with pytest.raises(client.ApiException) as refused:
        apps.patch_namespaced_stateful_set("db", space, {"spec": {"serviceName": "other"}})

    assert refused.value.status == 422
    assert "updates to statefulset spec for fields other than" in str(refused.value.body)


def test_a_finalizer_keeps_a_deleted_object_until_it_is_taken_away(core: Any, space: str) -> None:
    body = config_map("kept")
    body["metadata"]["finalizers"] = ["berth.dev/test"]
    core.create_namespaced_config_map(space, body)

    core.delete_namespaced_config_map("kept", space)
    waiting = core.read_namespaced_config_map("kept", space)
    core.patch_namespaced_config_map(
        "kept", space, {"metadata": {"finalizers": None}}, _content_type="application/merge-patch+json"
    )

    assert waiting.metadata.deletion_timestamp is not None
    with pytest.raises(client.ApiException) as gone:
        core.read_namespaced_config_map("kept", space)
    assert gone.value.status == 404


def test_a_delete_whose_uid_does_not_fit_is_refused(core: Any, space: str) -> None:
    core.create_namespaced_config_map(space, config_map("a"))

    with pytest.raises(client.ApiException) as refused:
        core.delete_namespaced_config_map("a", space, body={"preconditions": {"uid": "another"}})

    assert refused.value.status == 409
    assert "the UID in the precondition (another) does not match the UID in record" in str(refused.value.body)


def test_a_namespace_takes_everything_in_it_along(core: Any, apps: Any, cluster: SandboxCluster, space: str) -> None:
    apps.create_namespaced_deployment(space, workload())
    cluster.settle()

    core.delete_namespace(space)
    cluster.settle()

    assert core.list_pod_for_all_namespaces().items == []
    with pytest.raises(client.ApiException) as gone:
        core.read_namespace(space)
    assert gone.value.status == 404


@pytest.mark.parametrize(("propagation", "left"), [("Background", 0), ("Foreground", 0), ("Orphan", 2)], ids=str)
def test_deleting_an_owner_deletes_or_orphans_what_it_owns(
    core: Any, apps: Any, cluster: SandboxCluster, space: str, propagation: str, left: int
) -> None:
    apps.create_namespaced_replica_set(space, workload())
    cluster.settle()

    apps.delete_namespaced_replica_set("web", space, propagation_policy=propagation)
    cluster.settle()

    pods = core.list_namespaced_pod(space).items
    assert len(pods) == left
    assert not any(pod.metadata.owner_references for pod in pods)


def test_a_dry_run_leaves_no_trace(core: Any, space: str) -> None:
    core.create_namespaced_config_map(space, config_map("a"), dry_run="All")

    with pytest.raises(client.ApiException) as missing:
        core.read_namespaced_config_map("a", space)
    assert missing.value.status == 404


# Server-side apply.


def apply(core: Any, space: str, manager: str, data: dict[str, str], *, force: bool = False) -> Any:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}
    return core.patch_namespaced_config_map(
        "a", space, body, field_manager=manager, force=force, _content_type="application/apply-patch+yaml"
    )


def test_an_apply_keeps_what_others_own_and_removes_what_it_no_longer_names(core: Any, space: str) -> None:
    apply(core, space, "one", {"mine": "1", "old": "1"})
    apply(core, space, "two", {"theirs": "2"})

    result = apply(core, space, "one", {"mine": "1"})

    assert result.data == {"mine": "1", "theirs": "2"}


def test_a_forced_apply_takes_the_field_from_its_owner(core: Any, space: str) -> None:
    apply(core, space, "one", {"x": "1"})
    with pytest.raises(client.ApiException) as refused:
        apply(core, space, "two", {"x": "2"})

    result = apply(core, space, "two", {"x": "2"}, force=True)

    assert "FieldManagerConflict" in str(refused.value.body)
    assert result.data == {"x": "2"}
    assert [entry.manager for entry in result.metadata.managed_fields] == ["two"]


def test_a_field_belongs_to_its_last_writer(apps: Any, space: str, clock: TurnableClock) -> None:
    apps.create_namespaced_deployment(space, workload(), field_manager="kubectl-create")
    apps.patch_namespaced_deployment_scale("web", space, {"spec": {"replicas": 3}}, field_manager="kubectl")

    result = apps.patch_namespaced_deployment("web", space, {"spec": {"replicas": 0}}, field_manager="berth")

    owners = {e.manager: e.fields_v1.get("f:spec", {}) for e in result.metadata.managed_fields}
    assert "kubectl" not in owners
    assert [name for name, fields in owners.items() if "f:replicas" in fields] == ["berth"]


# Patches as pure functions.


@given(OBJECTS)
def test_a_merge_patch_of_itself_changes_nothing_but_nulls(value: dict[str, Any]) -> None:
    once = merge_patch({}, value)

    assert merge_patch(once, value) == once


@given(OBJECTS, OBJECTS)
def test_merge_patch_leaves_its_input_alone(current: dict[str, Any], patch: dict[str, Any]) -> None:
    before = repr(current)

    merge_patch(current, patch)

    assert repr(current) == before


def test_strategic_merge_merges_containers_by_name() -> None:
    current = {"containers": [{"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}]}
    patch = {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}]}, {"$patch": "delete", "name": "b"}]}

    merged = strategic_merge(current, patch)

    variables = [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]
    assert merged == {"containers": [{"name": "a", "image": "1", "env": variables}]}


def test_a_json_patch_escapes_slashes() -> None:
    current = {"metadata": {"annotations": {"berth.dev/replicas": "2"}}}
    patch = [{"op": "replace", "path": "/metadata/annotations/berth.dev~1replicas", "value": "3"}]

    assert json_patch(current, patch) == {"metadata": {"annotations": {"berth.dev/replicas": "3"}}}


@given(st.integers(0, 10**6), st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi"]))
def test_a_canonical_quantity_is_the_same_amount_and_stays_canonical(number: int, suffix: str) -> None:
    text = f"{number}{suffix}"

    assert parse(canonical(text)) == parse(text)
    assert canonical(canonical(text)) == canonical(text)
