"""Policies are judged by the objects that their bindings refer to, as on the real server."""

from collections.abc import Iterator

import pytest

from tests.sandbox.cluster.policed import MERGE, POLICIES, Asked, Json, policed

CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"
BY_CLASS = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass"}
BY_MAP = {"apiVersion": "v1", "kind": "ConfigMap"}


@pytest.fixture
def ask() -> Iterator[Asked]:
    with policed() as asked:
        yield asked


def bound(ask: Asked, sort: Json, check: str, **reference: object) -> None:
    assert ask.policy(check, paramKind=sort)[0] == 201
    assert ask.binding(paramRef={"parameterNotFoundAction": "Deny", **reference})[0] == 201


def test_each_object_of_the_kind_is_asked_and_one_no_is_enough(ask: Asked) -> None:
    bound(ask, BY_CLASS, "object.metadata.name != params.metadata.name || params.value < 5", selector={})
    for name, value in (("low", 1), ("high", 9)):
        ask("POST", CLASSES, {"metadata": {"name": name}, "value": value})

    assert [ask.maps(name)[0] for name in ("low", "high", "other")] == [201, 422, 201]


def test_objects_are_selected_by_their_labels(ask: Asked) -> None:
    bound(ask, BY_CLASS, "object.metadata.name != params.metadata.name", selector={"matchLabels": {"judges": "yes"}})
    ask("POST", CLASSES, {"metadata": {"name": "plain"}, "value": 1})
    ask("POST", CLASSES, {"metadata": {"name": "judging", "labels": {"judges": "yes"}}, "value": 1})

    assert [ask.maps(name)[0] for name in ("plain", "judging")] == [201, 422]


def test_an_object_of_the_namespace_of_the_write_is_found_by_its_name(ask: Asked) -> None:
    ask.maps("settings", space="red", data={"most": "1"})
    bound(ask, BY_MAP, "params.data.most == '2'", name="settings")

    status, body, _ = ask.maps("a", space="red")
    nowhere = ask.maps("a", space="blue")

    assert status == 422
    assert "failed expression: params.data.most == '2'" in body["message"]
    assert "no params found for policy binding with `Deny` parameterNotFoundAction" in nowhere[1]["message"]


def test_a_kind_that_is_not_served_lets_nothing_pass_unless_failures_are_ignored(ask: Asked) -> None:
    bound(ask, {"apiVersion": "example.com/v1", "kind": "Rule"}, "true", name="a", namespace="red")
    closed = ask.maps()
    ask("PATCH", f"{POLICIES}/rule", {"spec": {"failurePolicy": "Ignore"}}, MERGE)

    assert closed[0] == 422
    assert "failed to configure binding: paramKind kind `example.com/v1, Kind=Rule` not known" in closed[1]["message"]
    assert ask.maps()[0] == 201
