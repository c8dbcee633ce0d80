"""Whose an object is: only what a kind's controller really makes is believed to be its own."""

import pytest

from bot.rules.workloads import KINDS, POD, Kind, Object, controlled, sleeps_with

PAIRS = {
    ("ReplicaSet", "Deployment"),
    ("ReplicaSet", "Rollout.argoproj.io"),
    *((POD, kind) for kind in ("StatefulSet", "ReplicaSet", "ReplicationController", "DaemonSet")),
    (POD, "Cluster.postgresql.cnpg.io"),
    ("Job", "Cluster.postgresql.cnpg.io"),
    ("Job", "CronJob"),
    ("Job", "ScaledJob.keda.sh"),
    ("HorizontalPodAutoscaler", "ScaledObject.keda.sh"),
}


def _owned_by(name: str, group: str) -> Object:
    version = f"{group}/v1" if group else "v1"
    owner = {"apiVersion": version, "kind": name, "name": "boss", "uid": "1", "controller": True}
    return {"metadata": {"name": "sly", "ownerReferences": [owner]}}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_that_sleeps_owns_what_its_controller_makes_and_nothing_else(kind: Kind) -> None:
    claims = _owned_by(kind.name, kind.group)

    owned = {key for key in (*KINDS, POD, "Job", "HorizontalPodAutoscaler") if controlled(key, claims)}

    assert owned == {made for made, by in PAIRS if by == kind.key}


def test_an_operator_that_nobody_knows_owns_what_it_says_and_keeps_it_running() -> None:
    claims = _owned_by("Kafka", "kafka.example")

    assert controlled("StatefulSet", claims)
    assert not sleeps_with(claims["metadata"]["ownerReferences"][0], KINDS)


def test_a_kind_of_another_group_is_another_kind() -> None:
    assert controlled("StatefulSet", _owned_by("Cluster", "redpanda.example"))
    assert not controlled("StatefulSet", _owned_by("Cluster", "postgresql.cnpg.io"))


def test_an_owner_that_is_no_controller_is_none() -> None:
    shared = {"metadata": {"name": "web", "ownerReferences": [{"apiVersion": "v1", "kind": "Secret", "name": "one"}]}}

    assert not controlled("Deployment", shared)
