"""What people are told and what Berth remembers stay true while other things happen: deletions, slow workers, time."""

import threading
from datetime import timedelta
from typing import Final

import pytest

from bot.rules.words import SLEEP_QUOTA, Phase
from bot.sandbox.cluster.faults import Fault
from bot.seams.cluster import Busy, NotFound
from bot.usecases.progress import progress_key, tell_progress
from tests.journeys.fleet import FLEET, Fleet
from tests.journeys.people import buttons, click, last, modal, text_of
from tests.sandbox.slack.person import Json, until
from tests.world import World

BOT: Final = "system:serviceaccount:berth:berth"
MERGE: Final = "application/merge-patch+json"


@pytest.fixture
def blue(company: World) -> World:
    """A company in which ada has a running environment `blue` with a web server."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def delete(world: World) -> None:
    """Ask for the deletion of `blue` and confirm it."""
    world.ada.does("command", channel=world.ada.channel()["id"], text="/k8s delete blue")
    sure = until(lambda: [view for view in world.ada.modals() if view.get("submit")], "the question")[-1]
    world.ada.does("submit", view_id=sure["id"])
    world.settle()


def namespace(world: World) -> Json:
    return world.harbour.admin.get("Namespace", world.environment("blue").namespace)


def test_a_sleep_warning_of_what_is_deleted_meanwhile_has_no_buttons_left(blue: World) -> None:
    blue.pass_time(hours=3, minutes=46)

    delete(blue)

    warning = last(blue.ada, "Sleep warning", "Going to sleep soon")
    assert "gone" in text_of(warning)
    assert not buttons(warning)


def test_an_end_warning_of_what_is_deleted_meanwhile_has_no_buttons_left(blue: World) -> None:
    blue.clock.move_to(12, "Europe/Berlin")  # by day nothing waits for a morning
    blue.says(blue.ada, "/k8s extend blue 7d")
    blue.pass_time(days=5, hours=1)
    assert "ends" in text_of(last(blue.ada, "Its time is nearly over"))

    delete(blue)

    warning = last(blue.ada, "End warning", "Its time is nearly over")
    assert "Deleted" in text_of(warning)
    assert not buttons(warning)


def test_a_warning_that_reached_nobody_is_said_once_somebody_can_be_reached(blue: World) -> None:
    blue.harbour.control.post("/faults", method="chat.postMessage", error="channel_not_found", times=None)
    blue.pass_time(hours=3, minutes=46)
    blue.pass_time(hours=2)
    blue.harbour.control.http.delete("/faults")

    blue.pass_time(minutes=16)

    assert "falls asleep" in text_of(last(blue.ada, "Going to sleep soon"))
    assert (blue.environment("blue").deadline_at or blue.clock.now()) > blue.clock.now()
    blue.pass_time(minutes=16)
    assert blue.environment("blue").phase is Phase.SLEEPING


def test_a_token_that_is_taken_back_delays_a_warning_and_does_not_cost_it(blue: World) -> None:
    blue.harbour.control.post("/faults", method="chat.postMessage", error="token_revoked", times=6)
    blue.pass_time(hours=3, minutes=46)

    assert "falls asleep" in text_of(last(blue.ada, "Going to sleep soon"))


def test_who_extends_what_sleeps_is_told_that_it_sleeps_and_can_wake_it(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    answer = blue.says(blue.ada, "/k8s extend blue 2h")

    assert "asleep" in text_of(answer)
    assert "neither sleeps" not in text_of(answer)
    assert set(buttons(answer)) == {"Wake"}


def test_time_alone_changes_no_message_about_progress(blue: World) -> None:
    with blue.berth.store.begin() as records:
        environment = records.environments.lock(blue.environment("blue").id)
        assert environment is not None
        environment.condition = "the harbour is frozen"
        tell_progress(records, environment, blue.clock.now())
        told = records.notices.keyed(progress_key(environment))
        assert told is not None
        version = told.version

        tell_progress(records, environment, blue.clock.now() + timedelta(minutes=1))

        assert told.version == version


def test_a_trouble_that_is_over_is_no_longer_told(blue: World) -> None:
    assert blue.harbour.sandbox is not None
    blue.harbour.sandbox.faults.add(Fault(verb="patch", resource="namespaces", user=BOT, status=500, times=3))
    blue.says(blue.ada, "/k8s extend blue 7d")
    blue.settle()

    assert "Attention" not in text_of(blue.says(blue.ada, "/k8s status blue"))
    assert "What is wrong" not in text_of(last(blue.ada, "is running"))


def test_a_making_that_failed_after_its_last_step_can_be_tried_again(company: World) -> None:
    _grant(company, "pods", [])
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    assert company.environment("blue").phase is Phase.FAILED
    assert 'cannot list resource "pods"' in text_of(last(company.ada, "could not be made"))

    _grant(company, "pods", ["list"])
    click(company.ada, last(company.ada, "could not be made"), "Try again")
    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING


def _grant(world: World, resource: str, verbs: list[str]) -> None:
    """Change what Berth may do with a resource on the whole cluster."""
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/berth"
    role = world.harbour.admin.call("GET", path)
    for rule in role["rules"]:
        if rule["resources"] == [resource]:
            rule["verbs"] = verbs or ["watch"]
    world.harbour.admin.call("PUT", path, body=role)


def test_a_namespace_that_only_lost_its_labels_is_not_taken_for_deleted(blue: World) -> None:
    body = {"metadata": {"labels": {"app.kubernetes.io/managed-by": None, "berth.dev/environment-id": None}}}
    name = namespace(blue)["metadata"]["name"]
    blue.harbour.admin.call("PATCH", f"/api/v1/namespaces/{name}", body=body, content_type=MERGE)

    blue.tick()

    assert blue.environment("blue").phase is Phase.RUNNING


def test_what_was_deleted_by_hand_still_counts_in_the_week_in_which_it_went(blue: World) -> None:
    blue.says(blue.ada, "/k8s extend blue 7d")
    blue.pass_time(days=4)
    blue.pass_time(days=4)
    blue.harbour.admin.delete("Namespace", namespace(blue)["metadata"]["name"])
    blue.settle()

    blue.tick()

    assert blue.environment("blue").phase is Phase.DELETED
    assert "`blue`" in text_of(blue.says(blue.ada, "/k8s cost"))


def test_patience_that_the_cluster_asks_of_a_reader_is_heard(blue: World) -> None:
    assert blue.harbour.sandbox is not None
    blue.harbour.sandbox.faults.add(Fault(status=429, retry_after=3, times=None))

    with pytest.raises(Busy) as asked:
        blue.harbour.admin.get("Namespace", "default")

    assert asked.value.retry_after == timedelta(seconds=3)


def test_a_worker_that_a_slow_cluster_outlasted_does_not_put_to_sleep_what_was_woken_since(blue: World) -> None:
    fleet = Fleet(blue.harbour.admin, blue.environment("blue").namespace)
    fleet.make(FLEET)
    slow = Fault(verb="patch", resource="deployments", user=BOT, latency=timedelta(seconds=3))
    assert blue.harbour.sandbox is not None
    blue.says(blue.ada, "/k8s sleep blue")
    blue.harbour.sandbox.faults.add(slow)
    outlasted = threading.Thread(target=blue.berth.passes.engine.work_one)
    outlasted.start()
    slow.struck.wait(timeout=10)
    blue.clock.advance(minutes=3)

    blue.says(blue.ada, "/k8s wake blue")
    blue.settle()
    outlasted.join()

    assert blue.environment("blue").phase is Phase.RUNNING
    with pytest.raises(NotFound):
        blue.harbour.admin.call("GET", f"/api/v1/namespaces/{fleet.namespace}/resourcequotas/{SLEEP_QUOTA}")


def test_a_workload_that_came_up_late_is_no_longer_told_as_missing(company: World) -> None:
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    where = company.environment("blue").namespace
    path = f"/apis/apps/v1/namespaces/{where}/deployments/web"
    broken = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "does-not-exist:1"}]}}}}
    person = {"fieldManager": "kubectl-edit"}
    strategic = "application/strategic-merge-patch+json"
    company.harbour.admin.call(
        "PATCH", path, person, {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}, strategic
    )
    company.harbour.admin.call("PATCH", path, person, broken, strategic)
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    company.says(company.ada, "/k8s wake blue")
    company.settle()
    missing = company.environment("blue").condition
    mended = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "fine:1"}]}}}}
    company.harbour.admin.call("PATCH", path, person, mended, strategic)

    company.tick()
    company.tick()

    assert missing is not None
    assert "0 of 1 pods ready" in missing
    assert company.environment("blue").condition is None


def test_credentials_that_ran_out_are_read_again(company: World) -> None:
    sandbox = company.harbour.sandbox
    assert sandbox is not None
    company.says(company.ada, "/k8s create blue")
    sandbox.faults.add(Fault(verb="create", resource="namespaces", status=401, times=1))

    company.settle()

    assert company.environment("blue").phase is Phase.RUNNING


def test_a_namespace_that_lost_its_labels_is_not_told_as_deleted(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    where = company.environment("blue").namespace
    labels = {"metadata": {"labels": {"berth.dev/environment-id": None}}}
    company.harbour.admin.call("PATCH", f"/api/v1/namespaces/{where}", None, labels, "application/merge-patch+json")

    company.says(company.ada, "/k8s delete blue")
    company.ada.does("submit", view_id=modal(company.ada, "goes for good")["id"], values={})
    for _ in range(3):
        company.work()
        company.clock.advance(seconds=5)

    assert company.environment("blue").phase is Phase.DELETING
    assert "has lost the labels" in (company.environment("blue").condition or "")


def test_a_cluster_on_which_nothing_is_found_is_not_believed(company: World) -> None:
    for name in ("blue", "green"):
        company.says(company.ada, f"/k8s create {name}")
    company.settle()
    for name in ("blue", "green"):
        company.harbour.admin.call("DELETE", f"/api/v1/namespaces/{company.environment(name).namespace}")

    company.berth.passes.metering.meter_all()

    assert {company.environment(name).phase for name in ("blue", "green")} == {Phase.RUNNING}


def test_a_pod_that_nobody_could_bring_back_is_named_as_still_running(company: World) -> None:
    company.says(company.ada, "/k8s create blue")
    company.settle()
    where = company.environment("blue").namespace
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "lone"},
        "spec": {"containers": [{"name": "lone", "image": "fine:1"}]},
    }
    company.harbour.admin.call("POST", f"/api/v1/namespaces/{where}/pods", None, pod)

    company.says(company.ada, "/k8s sleep blue")
    company.settle()

    assert "Pod lone has no controller" in text_of(last(company.ada, "is asleep"))
