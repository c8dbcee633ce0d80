"""Tenants with the kubeconfig that Berth gave them try to get out, and whoever may view to do more than that."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.installing import install
from bot.rules.installation import access
from bot.rules.names import service_account_name
from bot.rules.tenant_policies import tenant_policies
from bot.rules.words import ANNOTATION_INGRESS_DOMAIN
from bot.seams.cluster import AlreadyExists, Refused
from tests.journeys.custom_kinds import install_custom_kinds, install_routes
from tests.journeys.escapes import ESCAPES, FORBIDDEN, HOSTS, JUDGED, VIEWING, WORK, Escape
from tests.journeys.escaping import unstopped
from tests.journeys.reach import Reach, connected, reach
from tests.world import Harbour, World, world


def has_class(world: World, name: str, value: int, **more: bool) -> None:
    """The cluster has a PriorityClass of the company's."""
    with suppress(AlreadyExists):
        body = {"metadata": {"name": name}, "value": value, **more}
        world.harbour.admin.call("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", body=body)


@pytest.fixture
def blue(company: World) -> World:
    """Ada has `blue`, which mio may view and lin edit; lin has `other`."""
    install_custom_kinds(company.harbour.admin)
    has_class(company, "company-high", 1_000_000)
    company.says(company.ada, "/k8s create blue template=web")
    company.says(company.lin, "/k8s create other")
    company.settle()
    for words in ("mio@harbour.example view", "root@harbour.example edit"):
        company.says(company.ada, f"/k8s share blue {words}")
    company.settle()
    return company


def outcomes(world: World, tenant: Reach, tried: Sequence[Escape]) -> dict[str, int]:
    """What each try was answered, where that is not what it must be."""
    environment = world.environment("blue")
    names = {
        "{ns}": environment.namespace,
        "{other}": world.environment("other").namespace,
        "{account}": service_account_name(world.ada.id, environment.workspace_id),
    }
    return unstopped(tenant, tried, names)


@pytest.mark.parametrize(
    ("who", "tried"),
    [("ada", (*ESCAPES, *WORK)), ("root", (*ESCAPES, *WORK)), ("mio", (*ESCAPES, *VIEWING, *WORK))],
    ids=["owner", "editor", "viewer"],
)
def test_no_tenant_gets_out_or_gets_more(blue: World, tmp_path: Path, who: str, tried: tuple[Escape, ...]) -> None:
    tenant = connected(blue, getattr(blue, who), "blue", tmp_path)

    seen = [replace(one, answers=one.answers | FORBIDDEN) if one in ESCAPES else one for one in tried]
    assert outcomes(blue, tenant, seen if who == "mio" else tried) == {}


def test_what_policies_refuse_would_pass_without_them(blue: World, tmp_path: Path) -> None:
    judged = [one for one in ESCAPES if one.answers == JUDGED]
    tenant = connected(blue, blue.ada, "blue", tmp_path)
    bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
    for policy in tenant_policies():
        blue.harbour.admin.call("DELETE", f"{bindings}/{policy.name}")

    passed = outcomes(blue, tenant, judged)

    made_or_there = frozenset({201, 409})  # most bear the same name
    assert {what for what, status in passed.items() if status in made_or_there} == {one.what for one in judged}


def test_pods_have_a_class_that_the_cluster_names_or_its_default_one_and_no_other(blue: World, tmp_path: Path) -> None:
    tenant = connected(blue, blue.ada, "blue", tmp_path)
    for name, value in (("batch-low", -10), ("build", 10)):
        has_class(blue, name, value)

    def answered(**spec: str) -> int:
        small = {"cpu": "10m", "memory": "16Mi", "ephemeral-storage": "16Mi"}
        main = {"name": "main", "image": "busybox", "resources": {"limits": small}}
        pod = {"metadata": {"generateName": "p-"}, "spec": {"containers": [main], **spec}}
        return tenant.asks("POST", "/api/v1/namespaces/{ns}/pods", pod)

    def tried() -> list[int]:
        names = ("batch-low", "build", "company-high", "company-default")
        return [answered(), *(answered(priorityClassName=name) for name in names)]

    without = tried()
    install(blue.harbour.admin, access(priority_classes=["batch-low", "build"]))
    allowed = tried()
    has_class(blue, "company-default", 500, globalDefault=True)
    defaulted = tried()

    assert without == [201, 422, 422, 422, 403]  # the last is a class that is not there yet
    assert allowed == [201, 201, 201, 422, 403]
    assert defaulted == [201, 201, 201, 422, 201]


def test_who_names_another_class_is_told_which_may_be(blue: World) -> None:
    install(blue.harbour.admin, access(priority_classes=["batch-low", "build"]))
    main = {"name": "main", "image": "busybox"}
    spec = {"containers": [main], "priorityClassName": "company-high"}
    path = f"/api/v1/namespaces/{blue.environment('blue').namespace}/pods"

    with pytest.raises(Refused, match="use batch-low or build, or leave it out"):
        blue.harbour.admin.call("POST", path, body={"metadata": {"name": "p"}, "spec": spec})


def test_no_kind_of_objects_can_be_made_without_end(blue: World, tmp_path: Path) -> None:
    tenant = connected(blue, blue.ada, "blue", tmp_path)
    labels = {"matchLabels": {"app": "web"}}
    scaled = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    made: dict[str, dict[str, Any]] = {
        "policy/v1/namespaces/{ns}/poddisruptionbudgets": {"minAvailable": 1, "selector": labels},
        "networking.k8s.io/v1/namespaces/{ns}/ingresses": {"rules": [{"host": "web.example.com"}]},
        "autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers": {"maxReplicas": 1, "scaleTargetRef": scaled},
        "keda.sh/v1alpha1/namespaces/{ns}/scaledobjects": {},
    }

    def most(path: str, spec: dict[str, Any]) -> int:
        body = {"metadata": {"generateName": "many-"}, "spec": spec}
        return next(number for number in range(1_000) if tenant.asks("POST", f"/apis/{path}", body) == 403)

    assert {path.rpartition("/")[2]: most(path, spec) for path, spec in made.items()} == {
        "poddisruptionbudgets": 100,
        "ingresses": 100,
        "horizontalpodautoscalers": 100,
        "scaledobjects": 50,
    }


def test_a_running_pod_is_joined_to_no_other_network(blue: World, tmp_path: Path) -> None:
    tenant = connected(blue, blue.ada, "blue", tmp_path)
    pod = {"metadata": {"name": "plain"}, "spec": {"containers": [{"name": "main", "image": "busybox"}]}}
    assert tenant.asks("POST", "/api/v1/namespaces/{ns}/pods", pod) == 201

    def annotated(name: str) -> int:
        body = {"metadata": {"annotations": {name: "kube-system/plain"}}}
        return tenant.asks("PATCH", "/api/v1/namespaces/{ns}/pods/plain", body, "application/merge-patch+json")

    assert [annotated("k8s.v1.cni.cncf.io/networks"), annotated("example.com/networks")] == [422, 200]


def test_a_waiting_claim_loses_no_class(blue: World, tmp_path: Path) -> None:
    tenant = connected(blue, blue.ada, "blue", tmp_path)
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "slow"}
    path = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
    assert tenant.asks("POST", path, {"metadata": {"name": "waiting"}, "spec": spec}) == 201

    def annotated(name: str) -> int:
        body = {"metadata": {"annotations": {name: ""}}}
        return tenant.asks("PATCH", f"{path}/waiting", body, "application/merge-patch+json")

    assert [annotated("volume.beta.kubernetes.io/storage-class"), annotated("example.com/class")] == [422, 200]


def test_a_running_pod_gets_no_container_with_all_rights_of_its_node(blue: World, tmp_path: Path) -> None:
    tenant = connected(blue, blue.ada, "blue", tmp_path)
    pod = {"metadata": {"name": "plain"}, "spec": {"containers": [{"name": "main", "image": "busybox"}]}}
    assert tenant.asks("POST", "/api/v1/namespaces/{ns}/pods", pod) == 201

    def debugged(name: str, context: dict[str, bool]) -> int:
        added = {"name": name, "image": "busybox", "securityContext": context}
        body = {"spec": {"ephemeralContainers": [added]}}
        path = "/api/v1/namespaces/{ns}/pods/plain/ephemeralcontainers"
        return tenant.asks("PATCH", path, body, "application/strategic-merge-patch+json")

    assert [debugged("root", {"privileged": True}), debugged("plain", {})] == [403, 200]


def test_hosts_are_those_of_the_environment_where_the_cluster_has_a_domain_for_them(
    port: Harbour, tmp_path: Path
) -> None:
    clusters = [{"name": "main", "ingress_domain": "dev.example.com"}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as company:
        install_routes(port.admin)
        company.says(company.ada, "/k8s create blue")
        company.says(company.lin, "/k8s create other")
        company.settle()
        tenant = connected(company, company.ada, "blue", tmp_path)

        assert outcomes(company, tenant, HOSTS) == {}


def test_an_environment_named_like_anothers_namespace_has_none_of_its_hosts(port: Harbour, tmp_path: Path) -> None:
    clusters = [{"name": "main", "ingress_domain": "dev.example.com"}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as company:
        company.says(company.ada, "/k8s create blue")
        company.settle()
        aimed = company.environment("blue").namespace
        company.says(company.lin, f"/k8s create {aimed}")
        company.settle()
        tenant = connected(company, company.lin, aimed, tmp_path)

        def takes(name: str) -> int:
            body = {"metadata": {"generateName": "h-"}, "spec": {"rules": [{"host": f"web.{name}.dev.example.com"}]}}
            return tenant.asks("POST", "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses", body)

        assert [takes(aimed), takes(tenant.namespace)] == [422, 201]


def test_an_environment_that_was_there_before_has_the_domain_once_it_is_extended(port: Harbour, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'berth.sqlite'}"
    with world(port, database, tmp_path) as company:
        company.says(company.ada, "/k8s create blue")
        company.settle()
    found: list[str | None] = []
    for more in ({"ingress_domain": "dev.example.com"}, {}):
        with world(port, database, tmp_path, clusters=[{"name": "main"} | more]) as company:
            company.pass_time(days=3)
            company.says(company.ada, "/k8s extend blue 7d")
            company.settle()
            path = f"/api/v1/namespaces/{company.environment('blue').namespace}"
            annotations = port.admin.call("GET", path)["metadata"]["annotations"]
            found.append(annotations.get(ANNOTATION_INGRESS_DOMAIN))

    assert found == ["dev.example.com", None]


def test_without_a_domain_any_host_can_be_had(blue: World, tmp_path: Path) -> None:
    install_routes(blue.harbour.admin)
    tenant = connected(blue, blue.ada, "blue", tmp_path)

    refused = {what for what, status in outcomes(blue, tenant, HOSTS).items() if status != 201}

    assert refused == set()


def test_the_account_that_pods_run_as_may_do_nothing(blue: World, tmp_path: Path) -> None:
    namespace, cluster = blue.environment("blue").namespace, blue.harbour.sandbox
    assert cluster is not None
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default/token"
    token = blue.harbour.admin.call("POST", path, body={"spec": {}})["status"]["token"]
    config = cluster.kubeconfig(token)
    config["contexts"][0]["context"]["namespace"] = namespace

    pod = reach(yaml.safe_dump(config), tmp_path)

    assert [pod.lists(one) for one in ("pods", "secrets", "configmaps", "services")] == [403] * 4
    assert pod.asks("GET", "/api/v1/namespaces") == 403
