"""Nothing that people may make is without a number."""

from bot.rules.catalogue import Size
from bot.rules.manifests import Tenancy, quota
from bot.rules.object_counts import OBJECT_COUNTS
from bot.rules.tenant_role import tenant_rules

PLACE = Tenancy("id", "blue", "env-blue", "UADA", "ada@x.example", "a", "web", Size("s", "2", "4Gi", "10Gi", 20), None)


def test_whatever_people_may_make_is_counted() -> None:
    makeable = {
        f"{resource}.{group}" if group else resource
        for rule in tenant_rules()
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        if "create" in rule["verbs"] and "/" not in resource
    }

    counted = {name.removeprefix("count/") for name in quota(PLACE)["spec"]["hard"]}
    assert len(makeable) > 15
    assert makeable - counted == set()


def test_finished_pods_are_counted_beside_those_that_may_run() -> None:
    hard = quota(PLACE)["spec"]["hard"]

    assert (hard["pods"], hard["count/pods"]) == ("20", "520")


def test_every_deployment_and_stateful_set_can_keep_its_ten_revisions() -> None:
    counts = OBJECT_COUNTS
    owners = counts["count/deployments.apps"] + counts["count/rollouts.argoproj.io"]

    assert counts["count/replicasets.apps"] > owners * 11
    assert counts["count/controllerrevisions.apps"] > counts["count/statefulsets.apps"] * 11
