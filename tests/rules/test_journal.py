"""What becomes of one object, whatever state it, its annotations and the journal are in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.journal import Entry, fall_asleep, wake
from bot.rules.words import ANNOTATION_CYCLE, ANNOTATION_WAKE, JournalState
from bot.rules.workloads import KINDS, Kind

CYCLE = "c1"


def wake_by(replicas: object) -> str:
    """The annotation by which anybody can wake a Deployment."""
    marks = dict.fromkeys((ANNOTATION_CYCLE, ANNOTATION_WAKE))
    return json.dumps({"metadata": {"annotations": marks}, "spec": {"replicas": replicas}}, sort_keys=True)


def deployment(
    replicas: int, annotations: dict[str, str] | None = None, uid: str = "u1", **spec: Any
) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "uid": uid, "resourceVersion": "7", "annotations": annotations or {}},
        "spec": {"replicas": replicas, **spec},
    }


def patched(found: dict[str, Any], patch: Any) -> dict[str, Any]:
    """The object after a merge patch of annotations and spec."""
    annotations = {**found["metadata"]["annotations"], **patch["metadata"]["annotations"]}
    kept = {name: value for name, value in annotations.items() if value is not None}
    return {
        "metadata": {**found["metadata"], "annotations": kept},
        "spec": {**found["spec"], **patch.get("spec", {})},
    }


DEPLOYMENT: Kind = KINDS["Deployment"]


def test_the_original_goes_on_the_object_in_the_same_patch_as_the_zero() -> None:
    decision = fall_asleep(DEPLOYMENT, deployment(3), None, CYCLE)

    assert decision.patch == {
        "metadata": {
            "resourceVersion": "7",
            "annotations": {ANNOTATION_CYCLE: CYCLE, ANNOTATION_WAKE: wake_by(3)},
        },
        "spec": {"replicas": 0},
    }


@given(replicas=st.integers(1, 1000), entry=st.booleans(), annotated=st.booleans())
def test_what_slept_wakes_to_the_replica_if_journal_or_annotation_is_left(
    replicas: int, entry: bool, annotated: bool
) -> None:
    before = deployment(replicas)
    asleep = fall_asleep(DEPLOYMENT, before, None, CYCLE)
    found = patched(before, asleep.patch)
    if not annotated:
        found["metadata"]["annotations"] = {}

    decision = wake(DEPLOYMENT, found, Entry("u1", asleep.original, JournalState.ASLEEP) if entry else None)

    if entry or annotated:
        assert patched(found, decision.patch)["spec"]["replicas"] == replicas
        assert patched(found, decision.patch)["metadata"]["annotations"] == {}
    else:
        assert decision.patch is None
        assert "nobody remembers" in decision.note


@given(first=st.integers(1, 9), times=st.integers(2, 5))
def test_sleeping_again_never_replaces_an_original_by_zero(first: int, times: int) -> None:
    found, entry = deployment(first), None
    for _ in range(times):
        decision = fall_asleep(DEPLOYMENT, found, entry, CYCLE)
        if decision.patch is not None:
            found = patched(found, decision.patch)
        entry = Entry("u1", decision.original, decision.after)

    assert entry is not None
    assert entry.original == {"replicas": first}


def test_killed_between_the_patch_and_its_confirmation_the_original_stands() -> None:
    planned = Entry("u1", {"replicas": 3}, JournalState.PLANNED)
    found = deployment(0, {ANNOTATION_CYCLE: CYCLE, ANNOTATION_WAKE: wake_by(3)})

    decision = fall_asleep(DEPLOYMENT, found, planned, CYCLE)

    assert (decision.after, decision.original, decision.patch) == (JournalState.ASLEEP, {"replicas": 3}, None)


def test_a_person_s_zero_before_sleep_is_still_zero_after_it() -> None:
    decision = fall_asleep(DEPLOYMENT, deployment(0), None, CYCLE)
    entry = Entry("u1", decision.original, decision.after)

    assert decision.patch is None
    assert wake(DEPLOYMENT, deployment(0), entry).patch is None


def test_what_a_person_changed_while_it_slept_stays_and_is_told() -> None:
    asleep = {ANNOTATION_CYCLE: CYCLE, ANNOTATION_WAKE: wake_by(3)}

    decision = wake(DEPLOYMENT, deployment(5, asleep), Entry("u1", {"replicas": 3}, JournalState.ASLEEP))

    assert decision.after is JournalState.KEPT
    assert "spec" not in (decision.patch or {})
    assert "changed while asleep" in decision.note


def test_another_object_of_the_same_name_is_not_touched() -> None:
    decision = wake(DEPLOYMENT, deployment(0, uid="u2"), Entry("u1", {"replicas": 3}, JournalState.ASLEEP), "web")

    assert (decision.after, decision.patch) == (JournalState.GONE, None)
    assert decision.note == "Deployment web was deleted while asleep, and made anew; the new one stays as it is"


@pytest.mark.parametrize("state", [JournalState.ASLEEP, JournalState.PLANNED])
def test_what_was_deleted_while_asleep_is_told_of(state: JournalState) -> None:
    decision = wake(DEPLOYMENT, None, Entry("u1", {"replicas": 3}, state), "web")

    assert (decision.after, decision.note) == (JournalState.GONE, "Deployment web was deleted while asleep")


@pytest.mark.parametrize(
    ("state", "replicas"),
    [(JournalState.GONE, 3), (JournalState.RESTORED, 3), (JournalState.KEPT, 0)],
    ids=["told already", "went after it was woken", "would not run"],
)
def test_what_is_missed_by_nobody_is_not_told_of(state: JournalState, replicas: int) -> None:
    assert wake(DEPLOYMENT, None, Entry("u1", {"replicas": replicas}, state), "web").note == ""


def test_what_is_started_again_while_falling_asleep_is_not_fought() -> None:
    decision = fall_asleep(DEPLOYMENT, deployment(2), Entry("u1", {"replicas": 3}, JournalState.ASLEEP), CYCLE)

    assert decision.patch is None
    assert decision.after is JournalState.KEPT
    assert "started again" in decision.note


def test_a_stateful_set_whose_volumes_would_go_stays_awake() -> None:
    risky = deployment(2, persistentVolumeClaimRetentionPolicy={"whenScaled": "Delete"})

    decision = fall_asleep(KINDS["StatefulSet"], risky, None, CYCLE)

    assert decision.patch is None
    assert "volumes" in decision.note


@pytest.mark.parametrize("suspended", [True, False])
def test_a_cron_job_wakes_as_suspended_as_it_slept(suspended: bool) -> None:
    kind = KINDS["CronJob"]
    found: dict[str, Any] = {
        "metadata": {"name": "nightly", "uid": "u1", "resourceVersion": "7", "annotations": {}},
        "spec": {"suspend": suspended, "schedule": "0 3 * * *"},
    }

    decision = fall_asleep(kind, found, None, CYCLE)
    asleep = patched(found, decision.patch) if decision.patch else found
    woken = wake(kind, asleep, Entry("u1", decision.original, decision.after))

    assert asleep["spec"]["suspend"] is True
    assert (patched(asleep, woken.patch) if woken.patch else asleep)["spec"]["suspend"] is suspended


@pytest.mark.parametrize(
    "mangled",
    ["", "three", "[]", "3", '{"spec": 3}', "{}", *map(wake_by, ("3", -1, 3.5, True, None, [1]))],
)
def test_a_mangled_annotation_is_nobody_s_memory(mangled: str) -> None:
    found = deployment(0, {ANNOTATION_CYCLE: CYCLE, ANNOTATION_WAKE: mangled})

    assert wake(DEPLOYMENT, found, None).patch is None


def _managed(found: dict[str, Any], *managers: str) -> dict[str, Any]:
    fields = [{"manager": name, "fieldsV1": {"f:spec": {"f:replicas": {}}}} for name in managers]
    return {**found, "metadata": {**found["metadata"], "managedFields": fields}}


@pytest.mark.parametrize("annotated", [True, False])
@pytest.mark.parametrize("entry", [Entry("u1", {"replicas": 3}, JournalState.ASLEEP), None])
def test_what_a_person_put_at_rest_while_it_slept_stays_at_rest_and_is_told(
    entry: Entry | None, annotated: bool
) -> None:
    ours = {ANNOTATION_CYCLE: CYCLE, ANNOTATION_WAKE: wake_by(3)} if annotated else {}
    found = _managed(deployment(0, ours), "kubectl")

    decision = wake(DEPLOYMENT, found, entry)

    assert decision.after is JournalState.KEPT
    assert decision.note
    if decision.patch is not None:
        left = patched(found, decision.patch)
        assert left["spec"]["replicas"] == 0
        assert left["metadata"]["annotations"] == {}
    assert (decision.patch is not None) == annotated


def test_what_berth_woke_and_could_not_note_sleeps_again() -> None:
    woken = _managed(deployment(3), "berth")

    decision = fall_asleep(DEPLOYMENT, woken, Entry("u1", {"replicas": 3}, JournalState.ASLEEP), CYCLE)

    assert decision.after is JournalState.ASLEEP
    assert decision.original == {"replicas": 3}
    assert decision.patch is not None


@pytest.mark.parametrize("managers", [("berth",), ("berth", "kubectl"), ()])
def test_what_berth_put_at_rest_wakes_whoever_else_is_named_beside_it(managers: tuple[str, ...]) -> None:
    found = _managed(deployment(0, {ANNOTATION_CYCLE: CYCLE, ANNOTATION_WAKE: wake_by(3)}), *managers)

    decision = wake(DEPLOYMENT, found, Entry("u1", {"replicas": 3}, JournalState.ASLEEP))

    assert decision.after is JournalState.RESTORED


def written_by(found: dict[str, Any], manager: str) -> dict[str, Any]:
    """The same, its replicas last written by that field manager."""
    entry = {"manager": manager, "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    return {**found, "metadata": {**found["metadata"], "managedFields": [entry]}}


def test_what_follows_a_git_is_put_to_rest_again_to_the_first_original_and_given_up_the_third_time() -> None:
    entry, reverts = Entry("u1", {"replicas": 3}, JournalState.ASLEEP), []
    for _ in range(3):
        decision = fall_asleep(DEPLOYMENT, written_by(deployment(2), "argocd-controller"), entry, CYCLE)
        reverts.append((decision.reverts, decision.patch is not None, decision.gives_up))
        entry = Entry("u1", decision.original, JournalState.ASLEEP, decision.reverts)

    assert reverts == [(1, True, False), (2, True, False), (3, False, True)]
    assert entry.original == {"replicas": 3}


def test_a_revert_before_the_sleep_was_confirmed_counts_and_a_patch_that_did_not_go_through_does_not() -> None:
    once = Entry("u1", {"replicas": 3}, JournalState.PLANNED)
    reverted = written_by(deployment(2, {ANNOTATION_CYCLE: CYCLE}), "argocd-controller")
    untouched = written_by(deployment(3), "argocd-controller")

    again = fall_asleep(DEPLOYMENT, reverted, once, CYCLE)
    not_sent = fall_asleep(
        DEPLOYMENT, reverted, Entry("u1", again.original, JournalState.PLANNED, again.reverts), CYCLE
    )

    assert again.reverts == 1
    assert (not_sent.reverts, not_sent.original) == (1, {"replicas": 3})
    assert fall_asleep(DEPLOYMENT, untouched, once, CYCLE).reverts == 0


@pytest.mark.parametrize(
    ("manager", "told"),
    [("kubectl-scale", "started again by kubectl-scale"), ("keda-operator", "by keda-operator, and is left to it")],
)
def test_whoever_else_starts_something_again_is_not_fought(manager: str, told: str) -> None:
    entry = Entry("u1", {"replicas": 3}, JournalState.ASLEEP)

    decision = fall_asleep(DEPLOYMENT, written_by(deployment(2), manager), entry, CYCLE)

    assert (decision.after, decision.patch) == (JournalState.KEPT, None)
    assert told in decision.note


@given(prior=st.none() | st.sampled_from(["enabled", "", "Disabled"]), journal=st.booleans(), edited=st.booleans())
def test_what_stood_where_flux_is_asked_comes_back_whoever_remembers(
    prior: str | None, journal: bool, edited: bool
) -> None:
    name = "kustomize.toolkit.fluxcd.io/reconcile"
    before = deployment(3, {} if prior is None else {name: prior})
    before["metadata"]["labels"] = {"kustomize.toolkit.fluxcd.io/name": "shop"}
    asleep = fall_asleep(DEPLOYMENT, before, None, CYCLE)
    found = patched(before, asleep.patch)
    assert found["metadata"]["annotations"][name] == "disabled"
    if edited:
        found["metadata"]["annotations"][name] = "by somebody"

    decision = wake(DEPLOYMENT, found, Entry("u1", asleep.original, JournalState.ASLEEP) if journal else None)

    left = patched(found, decision.patch)["metadata"]["annotations"]
    assert left == ({name: "by somebody"} if edited else before["metadata"]["annotations"])


@pytest.mark.parametrize(("nodes", "said"), [(0, "0 nodes"), (1, "1 node"), (3, "3 nodes")])
def test_a_daemonset_is_told_with_its_nodes(nodes: int, said: str) -> None:
    found = {"metadata": {"name": "agent"}, "spec": {}, "status": {"desiredNumberScheduled": nodes}}

    assert KINDS["DaemonSet"].describe(found) == f"DaemonSet agent ({said})"
