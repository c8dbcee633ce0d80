"""The cluster fails at every single call of create, sleep, wake and delete, in every way; each still ends as wanted."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any, Final

import pytest

from bot.rules.names import namespace_name
from bot.rules.words import LABEL_ENVIRONMENT, Phase
from bot.sandbox.cluster import SandboxCluster
from bot.sandbox.cluster.faults import Fault
from bot.seams.cluster import NotFound
from tests.journeys.fleet import FLEET, Fleet
from tests.journeys.people import buttons, click, direct, last, text_of
from tests.sandbox.slack.person import until
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BOT: Final = "system:serviceaccount:berth:berth"
TROUBLE: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "not carried out": (
        {"status": 500},
        {"status": 429, "retry_after": 3},
        {"drop": "before", "times": 2},
        {"status": 503},
    ),
    "carried out, but not answered": ({"drop": "after", "times": 2},),
    "refused as a conflict": ({"status": 409, "verb": "patch"},),
}
"""In turn, from call to call; twice where the client tries once more by itself."""


def sandbox(world: World) -> SandboxCluster:
    assert world.harbour.sandbox is not None
    return world.harbour.sandbox


def fleet_of(world: World, name: str) -> Fleet:
    return Fleet(world.harbour.admin, world.environment(name).namespace)


def delete(world: World, name: str) -> None:
    """Ask for a deletion and confirm it."""
    world.ada.does("command", channel=world.ada.channel()["id"], text=f"/k8s delete {name}")
    sure = until(lambda: [view for view in world.ada.modals() if view.get("submit")], "the question")[-1]
    world.ada.does("submit", view_id=sure["id"])
    world.ada.does("reload")


def does(world: World, words: str, name: str, fault: Fault) -> bool:
    """Ask for it and carry it out while a call fails. Whether one did."""
    known = {row["ts"] for row in direct(world.ada)}
    if words == "delete":
        delete(world, name)
    else:
        world.says(world.ada, f"/k8s {words.format(name)}")
    sandbox(world).faults.add(fault)
    world.settle()
    sandbox(world).faults.clear()
    told = [row for row in direct(world.ada) if row["ts"] not in known and not row.get("ephemeral")]
    assert len(told) == 1, "one message tells of it"
    assert "What is wrong" not in text_of(told[0])
    return fault.struck.is_set()


def faults(kind: str) -> Iterator[Fault]:
    """The first call fails, then the second one, and so on."""
    for skip in count():
        yield Fault(user=BOT, skip=skip, **TROUBLE[kind][skip % len(TROUBLE[kind])])


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_making_and_a_deletion_end_well_whichever_call_fails(company: World, kind: str) -> None:
    for number, (making, ending) in enumerate(zip(faults(kind), faults(kind), strict=True)):
        name = f"e{number}"

        made = does(company, "create {} template=web", name, making)

        assert company.environment(name).phase is Phase.RUNNING
        assert fleet_of(company, name).states() == {("Deployment", "web"): 1}

        gone = does(company, "delete", name, ending)

        assert company.environment(name).phase is Phase.DELETED
        with pytest.raises(NotFound):
            company.harbour.admin.get("Namespace", company.environment(name).namespace)
        if not made and not gone:
            break
    assert number > 5


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_sleep_and_a_wake_end_well_whichever_call_fails(company: World, kind: str) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    fleet = fleet_of(company, "blue")
    fleet.make(FLEET)
    for sleeping, waking in zip(faults(kind), faults(kind), strict=True):
        slept = does(company, "sleep {}", "blue", sleeping)

        assert company.environment("blue").phase is Phase.SLEEPING
        fleet.assert_asleep()

        woken = does(company, "wake {}", "blue", waking)

        assert company.environment("blue").phase is Phase.RUNNING
        fleet.assert_awake(FLEET)
        if not slept and not woken:
            break


# -- refusals --------------------------------------------------------------------------------------------------------


def test_a_refusal_is_told_in_the_servers_words_and_can_be_tried_again(company: World) -> None:
    _grant(company, "limitranges", "get")
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()

    told = last(company.ada, "could not be made")
    status = company.says(company.ada, "/k8s status blue")
    assert company.environment("blue").phase is Phase.FAILED
    for where in (told, status):
        assert 'cannot patch resource "limitranges"' in text_of(where)
        assert "Try again" in buttons(where)
    assert "✗ limits failed" in text_of(told)

    _grant(company, "limitranges", "create", "patch")
    click(company.ada, told, "Try again")
    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING
    assert fleet_of(company, "blue").states() == {("Deployment", "web"): 1}


def _grant(world: World, resource: str, *verbs: str) -> None:
    """Change what Berth may do with a resource within environments."""
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/berth-agent"
    role = world.harbour.admin.call("GET", path)
    for rule in role["rules"]:
        if rule["resources"] == [resource]:
            rule["verbs"] = list(verbs)
    world.harbour.admin.call("PUT", path, body=role)


def test_a_quota_that_refuses_is_told_in_the_servers_words(company: World) -> None:
    company.says(company.ada, "/k8s create blue template=web")
    _work_until(company, "limits")
    where = company.environment("blue").namespace
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "house"},
        "spec": {"hard": {"services": "0"}},
    }
    company.harbour.admin.call("POST", f"/api/v1/namespaces/{where}/resourcequotas", body=quota)
    company.settle()

    status = company.says(company.ada, "/k8s status blue")
    assert company.environment("blue").phase is Phase.FAILED
    for told in (last(company.ada, "could not be made"), status):
        assert "exceeded quota: house" in text_of(told)
        assert "Try again" in buttons(told)


def _work_until(world: World, step: str) -> None:
    """Make an environment until a step's last call, and let the next one fail."""
    fault = sandbox(world).faults.add(Fault(user=BOT, verb="patch", resource="rolebindings", skip=1, status=500))
    world.work()
    assert fault.struck.is_set()
    assert world.environment("blue").steps[-1] == step


# -- a cluster that is away, or slow ---------------------------------------------------------------------------------


def test_a_cluster_that_is_down_for_long_loses_nothing_and_is_told(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    fleet = fleet_of(company, "blue")
    fleet.make(FLEET)
    sandbox(company).faults.add(Fault(user=BOT, drop="before", times=None))
    company.says(company.ada, "/k8s sleep blue")
    for _ in range(6):
        company.work()
        company.clock.advance(minutes=10)

    told = last(company.ada, "blue")
    assert "cluster main does not answer" in text_of(told)
    assert company.environment("blue").phase is Phase.RUNNING
    assert fleet.states() == dict(FLEET)

    sandbox(company).faults.clear()
    company.settle()

    assert company.environment("blue").phase is Phase.SLEEPING
    fleet.assert_asleep()
    assert "What is wrong" not in text_of(last(company.ada, "blue"))


def test_a_slow_cluster_is_only_slow_and_one_too_slow_is_asked_again(company: World) -> None:
    sandbox(company).faults.add(Fault(user=BOT, latency=timedelta(milliseconds=300), times=None))
    sandbox(company).faults.add(Fault(user=BOT, latency=timedelta(milliseconds=300), times=None))
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    assert company.environment("blue").phase is Phase.RUNNING

    sandbox(company).faults.clear()
    company.says(company.ada, "/k8s sleep blue")
    too_slow = sandbox(company).faults.add(Fault(user=BOT, verb="patch", latency=timedelta(seconds=21)))
    company.settle()

    assert too_slow.struck.is_set()
    assert company.environment("blue").phase is Phase.SLEEPING
    fleet_of(company, "blue").assert_asleep()


# -- what is not ours ------------------------------------------------------------------------------------------------


def test_a_foreign_namespace_of_the_same_name_is_not_touched_and_another_is_taken(company: World) -> None:
    company.says(company.ada, "/k8s create blue template=web")
    first = company.environment("blue").namespace
    foreign = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": first, "labels": {"owner": "somebody"}}}
    company.harbour.admin.call("POST", "/api/v1/namespaces", body=foreign)
    before = company.harbour.admin.get("Namespace", first)
    company.settle()

    blue = company.environment("blue")
    assert blue.phase is Phase.RUNNING
    assert blue.namespace == namespace_name("blue", blue.id, 1) != first
    assert company.harbour.admin.get("Namespace", blue.namespace)["metadata"]["labels"][LABEL_ENVIRONMENT] == blue.id

    delete(company, "blue")
    company.settle()

    assert company.harbour.admin.get("Namespace", first) == before


def test_another_environments_namespace_of_the_same_name_is_not_adopted_either(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    first = company.environment("blue").namespace
    labels = {"app.kubernetes.io/managed-by": "berth", LABEL_ENVIRONMENT: "0123456789abcdef"}
    other = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": first, "labels": labels}}
    company.harbour.admin.call("POST", "/api/v1/namespaces", body=other)
    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING
    assert company.environment("blue").namespace != first


def test_where_every_name_is_taken_the_making_fails_and_says_whose_they_are(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    blue = company.environment("blue")
    for attempt in range(5):
        name = namespace_name("blue", blue.id, attempt)
        taken = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        company.harbour.admin.call("POST", "/api/v1/namespaces", body=taken)
    company.settle()

    assert company.environment("blue").phase is Phase.FAILED
    assert "belongs to somebody else; it was not touched" in text_of(last(company.ada, "could not be made"))
