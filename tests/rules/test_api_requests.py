"""What counts as use in the audit events of a real API server, and what is only noise."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.api_requests import ApiRequest, Ignoring, SessionTurn, Turn, sign_of_use
from bot.rules.catalogue import ActivityPolicy
from tests.audit import ALICE, account_of, event, recorded, session

NOBODY = Ignoring.by(ActivityPolicy())


def said_of(found: dict[str, Any], ignoring: Ignoring = NOBODY) -> tuple[str, str] | None:
    """Who did what, of an event that is a sign of use."""
    request = sign_of_use(found, ignoring)
    return (request.activity.by, request.activity.what) if request and request.activity else None


def test_of_a_real_servers_events_only_what_the_person_did_counts() -> None:
    requests = [request for found in recorded() if (request := sign_of_use(found, NOBODY)) and request.activity]

    assert {request.namespace for request in requests} == {"e-blue"}
    assert {request.activity.by for request in requests if request.activity} == {ALICE}
    assert [request.activity.what for request in requests if request.activity] == [
        "created Deployment web",
        "read pods",
        "read Deployment web",
        "scaled Deployment web",
        "changed Deployment web",
        "read Pod web-7887448d46-579xs",
        "read Namespace e-blue",
        "created ConfigMap c",
        "created ConfigMap c2",
        "deleted ConfigMap c",
    ]


def test_the_instant_is_when_the_request_had_its_answer() -> None:
    created = next(found for found in recorded() if found["stage"] == "ResponseComplete")

    request = sign_of_use(created, NOBODY)

    assert request is not None
    assert request.activity is not None
    assert request.activity.at.isoformat() == "2026-11-23T05:42:45.041942+00:00"


@pytest.mark.parametrize(
    "changed",
    [
        {"user": "system:node:worker-1"},
        {"user": "system:kube-scheduler"},
        {"user": "system:anonymous"},
        {"user": "system:serviceaccount:e-blue:app"},
        {"user": "system:serviceaccount:argocd:argocd-application-controller"},
        {"user": "system:serviceaccount:berth:berth"},
        {"user": "system:serviceaccount:berth:user-nobody"},
        {"user": "kubernetes-admin", "userAgent": "berth"},
        {"user": ""},
        {"verb": "watch"},
        {"stage": "RequestReceived"},
        {"stage": "ResponseStarted"},
        {"stage": "Panic"},
        {"code": 403},
        {"code": 404},
        {"code": 500},
        {"objectRef": {"resource": "events"}},
        {"objectRef": {"resource": "leases", "apiGroup": "coordination.k8s.io"}},
        {"objectRef": {"namespace": ""}},
        {"stageTimestamp": "2026-11-23T05:42:45"},
        {"stageTimestamp": "just now"},
    ],
)
def test_machines_failures_and_noise_are_no_use(changed: dict[str, Any]) -> None:
    assert sign_of_use(event(**changed), NOBODY) is None


@pytest.mark.parametrize(
    ("changed", "who"),
    [
        ({}, ALICE),
        ({"user": "kubernetes-admin"}, "kubernetes-admin"),
        ({"user": "system:admin"}, "system:admin"),
        ({"user": account_of("U0123ABC", "T42")}, "<@U0123ABC>"),
        ({"user": "system:serviceaccount:teleport:agent", "impersonatedUser": {"username": "ada"}}, "ada"),
        ({"user": "ada", "impersonatedUser": {"username": "lin"}}, "lin"),
        ({"user": "ada", "impersonatedUser": {"username": "system:serviceaccount:e-blue:app"}}, "ada"),
    ],
)
def test_people_are_told_by_the_name_that_names_them_best(changed: dict[str, Any], who: str) -> None:
    assert said_of(event(**changed)) == (who, "read pods")


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"verb": "delete", "objectRef": {"name": "web-1"}}, "deleted Pod web-1"),
        ({"verb": "deletecollection"}, "deleted pods"),
        ({"verb": "create", "objectRef": {"name": "web-1", "subresource": "eviction"}}, "evicted Pod web-1"),
        ({"verb": "get", "objectRef": {"name": "web-1", "subresource": "log"}}, "read the log of web-1"),
        ({"verb": "patch", "objectRef": {"resource": "deployments", "name": "web"}}, "changed Deployment web"),
        ({"verb": "patch", "code": 201, "objectRef": {"resource": "services", "name": "web"}}, "created Service web"),
        (
            {"verb": "get", "objectRef": {"resource": "deployments", "name": "web", "subresource": "scale"}},
            "read Deployment web",
        ),
        ({"verb": "update", "objectRef": {"resource": "widgets", "name": "one"}}, "changed widgets one"),
    ],
)
def test_what_was_done_is_told_in_plain_words(changed: dict[str, Any], what: str) -> None:
    assert said_of(event(**changed)) == (ALICE, what)


@pytest.mark.parametrize(
    ("subresource", "what"),
    [
        ("exec", "opened a shell in web-1"),
        ("attach", "attached to web-1"),
        ("portforward", "forwarded a port of web-1"),
    ],
)
@pytest.mark.parametrize("verb", ["get", "create"])
def test_a_session_is_use_when_it_opens_and_when_it_closes(verb: str, subresource: str, what: str) -> None:
    opened = session("a-1", "ResponseStarted", subresource) | {"verb": verb}
    closed = session("a-1", "ResponseComplete", subresource) | {"verb": verb}

    for found, turn in ((opened, Turn.OPENED), (closed, Turn.CLOSED)):
        request = sign_of_use(found, NOBODY)
        assert request is not None
        assert request.session == SessionTurn("a-1", turn)
        assert said_of(found) == (ALICE, what)


def test_a_session_that_was_refused_never_opened() -> None:
    refused = [found for found in recorded() if found["objectRef"].get("subresource") in ("exec", "portforward")]

    told = [request for found in refused if (request := sign_of_use(found, NOBODY))]

    assert len(refused) == 12
    assert {request.session.turn for request in told if request.session} == {Turn.CLOSED}
    assert [request.activity for request in told] == [None] * 4


def test_a_session_that_breaks_is_closed() -> None:
    broken = session("a-1", "Panic", responseStatus={"code": 500})

    assert sign_of_use(broken, NOBODY) == ApiRequest("e-blue", None, SessionTurn("a-1", Turn.CLOSED))


def test_a_log_that_is_followed_counts_when_it_begins_but_is_no_session() -> None:
    followed = event(stage="ResponseStarted", verb="get", objectRef={"name": "web-1", "subresource": "log"})

    request = sign_of_use(followed, NOBODY)

    assert request is not None
    assert request.session is None


@pytest.mark.parametrize(
    ("policy", "changed", "counts"),
    [
        (ActivityPolicy(ignore_users=["oidc:alice@example.com"]), {}, False),
        (ActivityPolicy(ignore_users=["oidc:alice"]), {}, True),
        (ActivityPolicy(ignore_users=["oidc:*@example.com"]), {}, False),
        (ActivityPolicy(ignore_users=["renovate[bot]"]), {"user": "renovate[bot]"}, False),
        (ActivityPolicy(ignore_users=["dashboard"]), {"impersonatedUser": {"username": "dashboard"}}, False),
        (
            ActivityPolicy(ignore_users=["dashboard"]),
            {"user": "dashboard", "impersonatedUser": {"username": "ada"}},
            False,
        ),
        (ActivityPolicy(ignore_agents=["kubectl/"]), {}, False),
        (ActivityPolicy(ignore_agents=["Headlamp", "*1.36.2 *"]), {}, False),
        (ActivityPolicy(ignore_agents=["Headlamp"]), {}, True),
        (ActivityPolicy(ignore_agents=["ctl/"]), {}, True),
    ],
)
def test_whoever_is_to_be_ignored_is(policy: ActivityPolicy, changed: dict[str, Any], counts: bool) -> None:
    assert (said_of(event(**changed), Ignoring.by(policy)) is not None) is counts


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
FIELDS = st.sampled_from([*event(), "impersonatedUser"])


@given(JSON | st.dictionaries(FIELDS, JSON, max_size=4).map(lambda changed: event() | changed))
def test_whatever_is_sent_as_an_event_says_something_or_nothing(found: Any) -> None:
    request = sign_of_use(found, NOBODY)

    assert request is None or request.namespace
