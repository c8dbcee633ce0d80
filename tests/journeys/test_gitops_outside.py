"""What applies an environment from a git and stands in a namespace of its own is asked to stand still too."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.cli.installing import install
from bot.rules.confinement import admission_policies
from bot.rules.words import Phase
from bot.sandbox.cluster.faults import Fault
from bot.seams.cluster import RESOURCES, Cluster, ClusterError, Clusters, Forbidden, Refused
from store.tables import JournalEntry
from tests.journeys.fleet import Fleet, Key
from tests.journeys.gitops_home import APPLICATION, HELM_RELEASE, KUSTOMIZATION, GitopsHome, followed
from tests.journeys.operators import at_work, found, write
from tests.journeys.people import last, text_of
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, world

pytestmark = pytest.mark.slow

MERGE = "application/merge-patch+json"
BOT = "system:serviceaccount:berth:berth"
WEB: Key = ("Deployment", "web")
SHOP: Key = (APPLICATION, "shop")
STILL = {APPLICATION: "true", KUSTOMIZATION: True, HELM_RELEASE: True}
FREE: dict[str, Any] = {APPLICATION: None, KUSTOMIZATION: False, HELM_RELEASE: False}


@pytest.fixture
def home(port: Harbour) -> GitopsHome:
    """Where the tools keep their objects."""
    found = GitopsHome(port.admin)
    found.open()
    return found


@pytest.fixture
def company(port: Harbour, tmp_path: Path, home: GitopsHome) -> Iterator[World]:
    """A company on whose cluster Berth may ask what stands in `argocd`; ada has blue."""
    clusters = [{"name": "main", "gitops_namespaces": [home.namespace]}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as found:
        found.says(found.ada, "/k8s create blue")
        found.settle()
        yield found


@pytest.fixture
def fleet(company: World) -> Fleet:
    """Blue's workloads: one Deployment."""
    found = Fleet(company.harbour.admin, company.environment("blue").namespace)
    found.make({WEB: 2})
    return found


def asks(company: World, wish: str) -> None:
    """Ask for a sleep or a wake of blue, and let it happen."""
    company.says(company.ada, f"/k8s {wish} blue")
    company.settle()


def argo(fleet: Fleet, home: GitopsHome, key: Key, replicas: int) -> Any:
    """Argo CD with selfHeal, which leaves alone what its Application says it should."""

    def once() -> None:
        still = home.states()[SHOP] == "true"
        if not still and found(fleet, key)["spec"]["replicas"] != replicas:
            write(fleet, key, {"spec": {"replicas": replicas}}, "argocd-controller")

    return once


@pytest.mark.parametrize("kind", [APPLICATION, KUSTOMIZATION, HELM_RELEASE])
def test_what_keeps_this_environment_alone_is_asked_and_set_free_again(
    company: World, fleet: Fleet, home: GitopsHome, kind: str
) -> None:
    home.keeps(kind, "shop", [fleet.namespace])
    followed(fleet, WEB, kind, "shop", home.namespace)

    asks(company, "sleep")
    asleep, states = home.states(), fleet.states()
    asks(company, "wake")

    assert asleep == {(kind, "shop"): STILL[kind]}
    assert states == {WEB: 0}
    assert home.states() == {(kind, "shop"): FREE[kind]}
    assert home.marks() == {}
    fleet.assert_awake({WEB: 2})


def test_argo_cd_that_heals_itself_lets_sleep_what_it_was_asked_to(
    company: World, fleet: Fleet, home: GitopsHome
) -> None:
    home.keeps(*SHOP, [fleet.namespace])
    followed(fleet, WEB, *SHOP, home.namespace)

    with at_work(argo(fleet, home, WEB, 2)):
        asks(company, "sleep")
        company.tick()
        assert company.environment("blue").phase is Phase.SLEEPING
        assert fleet.states() == {WEB: 0}
        asks(company, "wake")

    assert home.states() == {SHOP: None}
    fleet.assert_awake({WEB: 2})


def test_what_a_person_had_stopped_stays_stopped(company: World, fleet: Fleet, home: GitopsHome) -> None:
    home.keeps(KUSTOMIZATION, "shop", [fleet.namespace])
    Fleet(home.admin, home.namespace).scale((KUSTOMIZATION, "shop"), True)
    followed(fleet, WEB, KUSTOMIZATION, "shop", home.namespace)

    asks(company, "sleep")
    asks(company, "wake")

    assert home.states() == {(KUSTOMIZATION, "shop"): True}
    assert home.marks() == {}


def test_what_keeps_others_too_is_not_asked_and_its_people_are_told_what_to_change(
    company: World, fleet: Fleet, home: GitopsHome
) -> None:
    home.keeps(*SHOP, [fleet.namespace, "production"])
    followed(fleet, WEB, *SHOP, home.namespace)

    asks(company, "sleep")

    assert home.states() == {SHOP: None}
    assert fleet.states() == {WEB: 0}
    said = text_of(last(company.ada, "is asleep"))
    assert "Application shop in argocd keeps production too, so it was not asked to stand still" in said
    assert "ignoreDifferences" in said


def test_what_stands_elsewhere_is_not_even_looked_at(company: World, fleet: Fleet, home: GitopsHome) -> None:
    elsewhere = GitopsHome(home.admin, "team-a")
    home.admin.call("POST", "/api/v1/namespaces", body={"metadata": {"name": "team-a"}})
    elsewhere.keeps(KUSTOMIZATION, "shop", [fleet.namespace])
    followed(fleet, WEB, KUSTOMIZATION, "shop", "team-a")

    asks(company, "sleep")

    assert elsewhere.states() == {(KUSTOMIZATION, "shop"): False}
    assert company.environment("blue").phase is Phase.SLEEPING


def test_where_the_right_is_taken_away_meanwhile_the_rest_wakes_and_that_is_told(
    company: World, fleet: Fleet, home: GitopsHome
) -> None:
    home.keeps(*SHOP, [fleet.namespace])
    followed(fleet, WEB, *SHOP, home.namespace)
    asks(company, "sleep")
    binding = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{home.namespace}/rolebindings/berth-gitops"
    home.admin.call("DELETE", binding)

    asks(company, "wake")

    fleet.assert_awake({WEB: 2})
    assert "argocd/shop stands still: Berth may not touch it any more" in text_of(last(company.ada, "blue"))


def test_its_own_annotation_sets_it_free_where_the_journal_is_lost(
    company: World, fleet: Fleet, home: GitopsHome
) -> None:
    home.keeps(*SHOP, [fleet.namespace])
    followed(fleet, WEB, *SHOP, home.namespace)
    asks(company, "sleep")
    with company.berth.store.transaction(writes=True) as connection:
        connection.execute(JournalEntry.__table__.delete())  # type: ignore[attr-defined]

    asks(company, "wake")

    assert home.states() == {SHOP: None}
    assert home.marks() == {}
    fleet.assert_awake({WEB: 2})


@pytest.mark.parametrize("by", ["berth", "somebody"])
def test_what_was_asked_for_an_environment_that_is_deleted_is_set_free(
    company: World, fleet: Fleet, home: GitopsHome, by: str
) -> None:
    home.keeps(*SHOP, [fleet.namespace])
    followed(fleet, WEB, *SHOP, home.namespace)
    asks(company, "sleep")

    if by == "berth":
        company.ada.does("command", channel=company.ada.channel()["id"], text="/k8s delete blue")
        sure = until(lambda: [view for view in company.ada.modals() if view.get("submit")], "the question")[-1]
        company.ada.does("submit", view_id=sure["id"])
        company.ada.does("reload")
    else:
        home.admin.call("DELETE", f"/api/v1/namespaces/{fleet.namespace}")
    company.settle()
    company.tick()

    assert company.environment("blue").phase is Phase.DELETED
    assert home.states() == {SHOP: None}
    assert home.marks() == {}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("status", [409, 500, None], ids=["conflict", "error", "lost answer"])
def test_a_fault_at_any_request_changes_nothing_of_it(
    company: World, fleet: Fleet, home: GitopsHome, status: int | None
) -> None:
    assert company.harbour.sandbox is not None
    faults = company.harbour.sandbox.faults
    home.keeps(*SHOP, [fleet.namespace])
    followed(fleet, WEB, *SHOP, home.namespace)
    what: dict[str, Any] = {"drop": "after"} if status is None else {"status": status}
    for verb, skip in product(("get", "patch"), range(3)):
        for wish, still, replicas in (("sleep", "true", 0), ("wake", None, 2)):
            faults.add(Fault(user=BOT, verb=verb, resource="applications", skip=skip, **what))
            asks(company, wish)
            faults.clear()
            assert home.states() == {SHOP: still}
            assert fleet.states() == {WEB: replicas}
        assert home.marks() == {}
        fleet.assert_awake({WEB: 2})


@pytest.fixture
def bot(company: World, home: GitopsHome) -> Cluster:
    """What Berth's own account may do."""
    return Clusters(company.berth.uses.catalogue.clusters, str(company.harbour.bot_kubeconfig), 1)["main"]


THERE = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop"
PAUSED = "argocd.argoproj.io/skip-reconcile"
APPLY = "application/apply-patch+yaml"
BINDING = "/apis/rbac.authorization.k8s.io/v1/namespaces/argocd/rolebindings/berth-agent"
MORE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "berth-agent"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "berth-agent"},
    "subjects": [{"kind": "ServiceAccount", "namespace": "berth", "name": "berth"}],
}


def test_the_api_server_lets_berth_change_these_objects_there(bot: Cluster, fleet: Fleet, home: GitopsHome) -> None:
    home.keeps(*SHOP, [fleet.namespace])

    changed = bot.call("PATCH", THERE, None, {"metadata": {"annotations": {PAUSED: "true"}}}, MERGE)

    assert changed["metadata"]["annotations"] == {PAUSED: "true"}


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("PATCH", "/api/v1/namespaces/argocd/configmaps/argocd-cm", {"data": {}}, Forbidden),
        ("DELETE", THERE, None, Forbidden),
        ("PATCH", THERE.replace("argocd", "team-a"), {"metadata": {}}, Forbidden),
        ("PATCH", BINDING, MORE, Refused),
    ],
    ids=["no other kind", "no deletion", "no other namespace", "no more rights"],
)
def test_the_api_server_lets_berth_do_nothing_else_there(
    bot: Cluster, method: str, path: str, body: Any, refusal: type[ClusterError]
) -> None:
    query = {"fieldManager": "berth"} if path == BINDING else None
    with pytest.raises(refusal):
        bot.call(method, path, query, body, APPLY if path == BINDING else MERGE)


@pytest.mark.parametrize("kind", [APPLICATION, KUSTOMIZATION, HELM_RELEASE])
@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"source": {"repoURL": "https://evil.example"}}},
        {"spec": {"suspend": True, "path": "./elsewhere"}},
        {"spec": {"kept": None}},
        {"metadata": {"labels": {"a": "b"}}},
        {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}},
        {"metadata": {"annotations": {"kept": None}}},
        {"metadata": {"finalizers": ["a.example/b"]}},
    ],
    ids=lambda change: str(*change) + " " + ",".join(next(iter(change.values()))),
)
def test_of_these_objects_berth_may_change_nothing_but_what_pauses(
    bot: Cluster, home: GitopsHome, kind: str, change: dict[str, Any]
) -> None:
    home.keeps(kind, "shop", ["production"])
    path = RESOURCES[kind].path(home.namespace, "shop")
    before = home.admin.call(
        "PATCH", path, None, {"metadata": {"annotations": {"kept": "1"}}, "spec": {"kept": 1}}, MERGE
    )

    with pytest.raises(Refused, match="Berth may only pause what applies from a git"):
        bot.call("PATCH", path, None, change, MERGE)

    assert home.admin.call("GET", path) == before
    bot.call("PATCH", path, None, {"metadata": {"annotations": {PAUSED: "true"}}, "spec": {"suspend": True}}, MERGE)


def test_where_the_api_server_does_not_let_berth_change_it_the_rest_sleeps_and_that_is_told(
    company: World, fleet: Fleet, home: GitopsHome
) -> None:
    home.keeps(*SHOP, [fleet.namespace])
    followed(fleet, WEB, *SHOP, home.namespace)
    install(home.admin, admission_policies())  # as before the namespace was configured

    asks(company, "sleep")

    assert company.environment("blue").phase is Phase.SLEEPING
    assert (home.states(), fleet.states()) == ({SHOP: None}, {WEB: 0})
    assert "Application argocd/shop may not be changed by Berth" in text_of(last(company.ada, "is asleep"))
