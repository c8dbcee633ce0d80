"""Another size: the quota follows, awake and asleep, through crashes and failures, and what does not fit is told."""

from typing import Any

import pytest

from bot.rules.words import Phase
from bot.sandbox.cluster.faults import Fault
from tests.journeys.people import buttons, click, last, modal, send, text_of
from tests.world import World


@pytest.fixture
def blue(company: World) -> World:
    """Ada has `blue`, running, of size s."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def stands(world: World, plural: str) -> dict[str, Any]:
    """Berth's own object of that kind in the namespace of `blue`."""
    namespace = world.environment("blue").namespace
    found: dict[str, Any] = world.harbour.admin.call("GET", f"/api/v1/namespaces/{namespace}/{plural}/berth")
    return found


def quota(world: World) -> dict[str, Any]:
    return dict(stands(world, "resourcequotas")["spec"]["hard"])


def test_the_quota_the_limit_range_and_the_namespaces_account_follow(blue: World) -> None:
    said = text_of(blue.says(blue.ada, "/k8s resize blue l"))
    blue.settle()

    namespace = blue.harbour.admin.get("Namespace", blue.environment("blue").namespace)
    limits = stands(blue, "limitranges")
    assert "`blue` gets size `l`" in said
    assert (quota(blue)["requests.cpu"], quota(blue)["requests.memory"]) == ("8", "16Gi")
    assert limits["spec"]["limits"][0]["max"]["cpu"] == "8"
    assert namespace["metadata"]["annotations"]["berth.dev/size"] == "l"
    assert "`blue` has size `l` now, it had `s`." in text_of(last(blue.ada, "has size"))
    assert blue.environment("blue").phase is Phase.RUNNING


def test_what_runs_goes_on_in_a_smaller_size_and_what_does_not_fit_is_told(blue: World) -> None:
    blue.says(blue.ada, "/k8s resize blue l")
    blue.settle()
    blue.harbour.admin.patch("Deployment", "web", blue.environment("blue").namespace, {"spec": {"replicas": 6}})
    assert blue.harbour.sandbox is not None
    blue.harbour.sandbox.settle()
    blue.says(blue.ada, "/k8s resize blue s")
    blue.settle()

    told = text_of(last(blue.ada, "does not fit"))
    assert "What runs in it does not fit" in told
    assert "3 of limits.cpu, and the size has 2" in told
    assert "requests.cpu" not in told
    assert len(blue.harbour.admin.list("Pod", blue.environment("blue").namespace)) == 6


def test_it_works_asleep_from_the_form_and_says_what_will_not_start(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    with blue.berth.store.begin() as records:
        span = records.usage.open_span(blue.environment("blue").id)
        assert span is not None
        span.cpu = 3.0
    click(blue.ada, blue.says(blue.ada, "/k8s status blue"), "Resize…")
    send(blue.ada, modal(blue.ada, "has size"), size="m")
    blue.settle()
    fits = quota(blue)["requests.cpu"], text_of(last(blue.ada, "has size `m` now"))
    click(blue.ada, blue.says(blue.ada, "/k8s status blue"), "Resize…")
    send(blue.ada, modal(blue.ada, "has size `m`"), size="s")
    blue.settle()

    told = last(blue.ada, "does not fit")
    assert (fits[0], "fit" in fits[1]) == ("4", False)
    assert quota(blue)["requests.cpu"] == "2"
    assert "fell asleep does not fit" in text_of(told)
    assert "3 CPU, and the size has 2" in text_of(told)
    assert "Resize…" in buttons(told)
    assert blue.environment("blue").phase is Phase.SLEEPING


def test_only_those_who_may_resize_it(blue: World) -> None:
    blue.says(blue.lin, "/k8s create lins")
    blue.settle()

    stranger = text_of(blue.says(blue.mio, "/k8s resize blue l"))
    teammate = text_of(blue.says(blue.ada, "/k8s resize lins l"))
    blue.says(blue.lin, "/k8s resize blue m")
    blue.settle()

    assert "There is no environment “blue” that you may see" in stranger
    assert "only its owner, a lead of its team or an admin may resize it" in teammate
    assert (blue.environment("lins").size, quota(blue)["requests.cpu"]) == ("s", "4")


@pytest.mark.parametrize(
    "fault",
    [{"resource": "limitranges", "status": 500, "times": 3}, {"resource": "resourcequotas", "drop": "after"}],
    ids=["refuses", "answers no more"],
)
def test_a_cluster_that_fails_half_way_is_tried_until_it_follows(blue: World, fault: dict[str, Any]) -> None:
    assert blue.harbour.sandbox is not None
    blue.harbour.sandbox.faults.add(Fault(verb="patch", **fault))
    blue.says(blue.ada, "/k8s resize blue m")
    blue.settle()

    assert quota(blue)["requests.cpu"] == "4"
    assert blue.environment("blue").size_applied == "m"
    assert "has size `m` now" in text_of(last(blue.ada, "has size"))


def test_the_newest_of_two_sizes_holds_and_the_older_message_says_so(blue: World) -> None:
    blue.says(blue.ada, "/k8s resize blue l")
    blue.says(blue.ada, "/k8s resize blue m")
    blue.settle()

    assert quota(blue)["requests.cpu"] == "4"
    assert "yet another one was asked for" in text_of(last(blue.ada, "yet another"))
    with blue.berth.store.read() as records:
        sizes = [
            (event.before["size"], event.after["size"])
            for event in records.audit.of_environment(blue.environment("blue").id)
            if event.action == "resize"
        ]
    assert sizes == [("s", "l"), ("l", "m")]


def test_a_size_that_there_is_not_is_refused_with_those_there_are(blue: World) -> None:
    assert "There is no size “xl”" in text_of(blue.says(blue.ada, "/k8s resize blue xl"))
