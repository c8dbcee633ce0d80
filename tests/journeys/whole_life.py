"""A whole journey through the product: everything people and time can make Berth do, and some of it failing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.rules.words import AGENT_BINDING, EDIT_BINDING, OWNER_BINDING, Phase
from bot.sandbox.cluster.faults import Fault
from tests.journeys.custom_kinds import install_custom_kinds
from tests.journeys.fleet import EVERY_KIND, FLEET, Fleet, workload
from tests.journeys.gitops_home import APPLICATION, HELM_RELEASE, KUSTOMIZATION, GitopsHome, followed
from tests.journeys.people import click, last, text_of
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, world


def _full_template() -> dict[str, Any]:
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"colour": "blue"}}
    ports = {"selector": {"app": "api"}, "ports": [{"port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api"}, "spec": ports}
    workloads = [workload(kind, name, state) for (kind, name), state in FLEET.items()]
    return {"name": "full", "manifests": [settings, service, *workloads]}


@contextmanager
def company_with_everything(port: Harbour, directory: Path) -> Iterator[World]:
    """A company whose templates bring workloads of every kind."""
    templates = [_full_template(), {"name": "blank"}]
    home, database = GitopsHome(port.admin, "gitops"), f"sqlite:///{directory / 'berth.sqlite'}"
    home.open()
    clusters = [{"name": "main", "gitops_namespaces": [home.namespace]}]
    with world(port, database, directory, templates=templates, clusters=clusters) as found:
        yield found


def live(company: World) -> None:
    """Create, look, connect, share, extend, sleep, wake, be warned, fall asleep by time, be refused, delete, expire."""
    ada, lin = company.ada, company.lin
    company.says(ada, "/k8s create blue template=full")
    company.settle()
    install_custom_kinds(company.harbour.admin)
    fleet = Fleet(company.harbour.admin, company.environment("blue").namespace)
    mine = {("Deployment", "mine"): 1, ("HelmRelease.helm.toolkit.fluxcd.io", "mine"): False}
    fleet.make(mine | {key: state for key, state in EVERY_KIND.items() if key not in FLEET})
    for kind in (APPLICATION, KUSTOMIZATION, HELM_RELEASE):
        _follow(company, fleet, kind)
    for words in ("", "help", "list", "list team", "status blue", "whoami", "cost", "cost blue", "extend blue 2h"):
        company.says(ada, f"/k8s {words}")
    company.says(lin, "/k8s status blue")
    company.says(company.gus, "/k8s create mine")
    connect(company, "blue")
    _share(company, "blue")
    for words in ("sleep blue", "wake blue"):
        company.says(ada, f"/k8s {words}")
        company.settle()
    _be_bound_to_others(company, "blue")
    _be_left_alone(company)
    _be_refused(company)
    _delete(company, "blue")
    _let_a_pod_end(company)
    _expire(company)


def _follow(company: World, fleet: Fleet, kind: str) -> None:
    """Something that stands elsewhere applies one workload of the environment."""
    home, name = GitopsHome(company.harbour.admin, "gitops"), kind.partition(".")[0].lower()
    home.keeps(kind, name, [fleet.namespace])
    fleet.make({("Deployment", name): 0})
    followed(fleet, ("Deployment", name), kind, name, home.namespace)


def connect(company: World, name: str) -> str:
    """What the kubeconfig's modal says."""
    company.ada.does("command", channel=company.ada.channel()["id"], text=f"/k8s connect {name}")
    found = until(lambda: [view for view in company.ada.modals() if "kind: Config" in text_of(view)], "a kubeconfig")
    company.ada.does("reload")
    return text_of(found[0])


def _share(company: World, name: str) -> None:
    """To a colleague and to the team, and no more; and every kubeconfig ends."""
    for words in (f"share {name} mio@harbour.example edit for 2d", f"share {name} team", f"unshare {name} team"):
        company.says(company.ada, f"/k8s {words}")
        company.settle()
    company.says(company.ada, "/k8s disconnect")
    until(lambda: [view for view in company.ada.modals() if "Ended" in text_of(view)], "an end")
    company.ada.does("reload")


def _be_bound_to_others(company: World, name: str) -> None:
    """Somebody lets Berth's bindings lead to another role, so that each has to be made anew."""
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{company.environment(name).namespace}/rolebindings"
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    for binding in (AGENT_BINDING, OWNER_BINDING, EDIT_BINDING):
        company.harbour.admin.call("DELETE", f"{path}/{binding}")
        company.harbour.admin.call("POST", path, body={"metadata": {"name": binding}, "roleRef": role})
    company.tick()


def _be_left_alone(company: World) -> None:
    """A warning, a click that answers it, sleep at the next one's deadline, and a click that wakes."""
    company.pass_time(hours=3, minutes=46)
    click(company.ada, last(company.ada, "Going to sleep soon"), "Keep awake 2h")
    company.settle()
    company.pass_time(hours=7)
    company.pass_time(minutes=30)
    company.pass_time(minutes=30)
    company.says(company.ada, "/k8s wake blue")
    company.settle()


def _let_a_pod_end(company: World) -> None:
    """A pod that nothing could bring back, a warning that names it, and a click that lets it end."""
    company.says(company.ada, "/k8s create lone")
    company.settle()
    pod = workload("Deployment", "debug", 1)["spec"]["template"] | {"apiVersion": "v1", "kind": "Pod"}
    pod["metadata"] = {"name": "debug"}
    path = f"/api/v1/namespaces/{company.environment('lone').namespace}/pods"
    company.harbour.admin.call("POST", path, {"fieldManager": "kubectl"}, pod)
    company.pass_time(hours=3, minutes=50)
    click(company.ada, last(company.ada, "Going to sleep soon"), "Sleep now, end 1 pod")
    company.settle()
    _delete(company, "lone")


def _be_refused(company: World) -> None:
    """The cluster and Slack fail in the middle of things, a kubeconfig's making and its showing among them."""
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.faults.add(Fault(resource="serviceaccounts/token", status=500))
    company.ada.does("command", channel=company.ada.channel()["id"], text="/k8s connect blue")
    until(lambda: [view for view in company.ada.modals() if "gave no access" in text_of(view)], "a refusal")
    company.ada.does("reload")
    company.harbour.control.post("/faults", method="views.update", error="internal_error", after_effect=True)
    connect(company, "blue")
    company.harbour.control.post("/faults", method="chat.*", status=500)
    company.harbour.sandbox.faults.add(Fault(verb="patch", drop="after"))
    company.says(company.ada, "/k8s sleep blue")
    company.settle()
    company.harbour.sandbox.faults.clear()


def _delete(company: World, name: str) -> None:
    company.ada.does("command", channel=company.ada.channel()["id"], text=f"/k8s delete {name}")
    sure = until(lambda: [view for view in company.ada.modals() if view.get("submit")], "the question")[-1]
    company.ada.does("submit", view_id=sure["id"])
    company.ada.does("reload")
    company.settle()
    assert company.environment(name).phase is Phase.DELETED


def _expire(company: World) -> None:
    """Time ends one, later than at first, after it was told; and a week's digest is said."""
    company.says(company.ada, "/k8s create brief ttl=3h")
    company.settle()
    company.says(company.ada, "/k8s extend brief 4h")
    company.settle()
    for _ in range(10):
        company.pass_time(minutes=30)
    company.pass_time(days=3)
    company.tick()
    assert company.environment("brief").phase is Phase.DELETED
    company.pass_time(days=7)
