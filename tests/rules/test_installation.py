"""What `berth manifests` installs grants what the code sends, and keeps Berth out of everything else."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.cli.installing import install
from bot.rules import words
from bot.rules.catalogue import ClusterSpec
from bot.rules.confinement import CONFINE, GITOPS, HOME, NAMESPACES, POLICIES, admission_policies
from bot.rules.installation import HOME_ROLE, SECRET_KEYS, Installation, access, bot
from bot.rules.powers import Scope, powers
from bot.rules.tenant_role import tenant_rules, view_rules
from bot.sandbox.cluster import ClusterOptions, SandboxCluster
from bot.seams.cluster import Cluster, Clusters

Right = tuple[str, str, str, str]  # group, resource, verb, name or ""


def granted(rules: list[dict[str, Any]]) -> set[Right]:
    """Every single right that RBAC rules amount to."""
    return {
        right
        for rule in rules
        for right in product(rule["apiGroups"], rule["resources"], rule["verbs"], rule.get("resourceNames", [""]))
    }


def role(kind: str, name: str) -> list[dict[str, Any]]:
    """The rules of a role that is installed."""
    rules: list[dict[str, Any]] = next(
        found["rules"] for found in access() if (found["kind"], found["metadata"]["name"]) == (kind, name)
    )
    return rules


@pytest.mark.parametrize(
    ("kind", "name", "scope"),
    [
        ("ClusterRole", words.CLUSTER_ROLE, Scope.CLUSTER),
        ("ClusterRole", words.AGENT_ROLE, Scope.ENVIRONMENT),
        ("Role", HOME_ROLE, Scope.HOME),
    ],
)
def test_each_role_grants_exactly_its_rows_of_the_table_of_powers(kind: str, name: str, scope: Scope) -> None:
    rows = {(p.group, p.resource, verb, n) for p in powers(scope) for verb in p.verbs for n in p.names or ("",)}

    assert granted(role(kind, name)) == rows


def test_where_gitops_tools_live_it_grants_exactly_its_rows_and_spares_these_changes_alone() -> None:
    installed = [one for one in access(gitops_namespaces=["argocd", "flux-system"]) if one not in [*access()]]

    roles = [one for one in installed if one["kind"] == "Role"]
    assert [one["metadata"]["namespace"] for one in roles] == ["argocd", "flux-system"]
    rows = {(p.group, p.resource, verb, "") for p in powers(Scope.GITOPS) for verb in p.verbs}
    assert [granted(one["rules"]) for one in roles] == [rows, rows]
    policies = {one["metadata"]["name"]: one["spec"] for one in installed if one["kind"] == POLICY}
    assert policies.keys() == {CONFINE, GITOPS}
    spared = policies[CONFINE]["matchConditions"][-1]["expression"]
    assert "request.namespace in ['argocd', 'flux-system'] && request.operation == 'UPDATE'" in spared
    [where] = policies[GITOPS]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
    assert where["values"] == ["argocd", "flux-system"]
    assert {one["kind"] for one in installed} == {"Role", "RoleBinding", POLICY, f"{POLICY}Binding"}


def test_no_role_of_berth_grants_a_wildcard() -> None:
    every = [found["rules"] for found in access() if "rules" in found]

    assert not [rule for rules in every for rule in rules if "*" in str(rule)]


@pytest.mark.parametrize(
    "resource",
    [
        "networkpolicies",
        "resourcequotas",
        "limitranges",
        "roles",
        "rolebindings",
        "serviceaccounts",
        "serviceaccounts/token",
        "namespaces",
        "daemonsets",
    ],
)
def test_an_engineer_cannot_write_what_holds_the_walls_up(resource: str) -> None:
    verbs = {verb for _, granted_resource, verb, _ in granted(tenant_rules()) if granted_resource == resource}

    assert verbs <= {"get", "list", "watch"}


def test_whoever_views_changes_and_enters_nothing_and_sees_no_secret() -> None:
    rights = granted(view_rules())

    assert {verb for _, _, verb, _ in rights} == {"get", "list", "watch"}
    assert not {resource for _, resource, _, _ in rights} & {
        "secrets",
        "pods/exec",
        "pods/attach",
        "pods/portforward",
        "pods/proxy",
        "services/proxy",
        "serviceaccounts/token",
    }


@pytest.mark.parametrize(
    "resource",
    ["kustomizations", "helmreleases", "applications", "triggerauthentications", "analysistemplates", "gateways"],
)
def test_nobody_borrows_the_rights_of_an_operator(resource: str) -> None:
    verbs = {verb for _, named, verb, _ in granted(tenant_rules()) if named == resource}

    assert verbs <= {"get", "list", "watch"}


def test_an_engineer_can_neither_impersonate_nor_bind_nor_escalate() -> None:
    verbs = {verb for _, _, verb, _ in granted(tenant_rules())}

    assert verbs.isdisjoint({"impersonate", "bind", "escalate", "*"})


@pytest.mark.parametrize(
    ("resource", "verb"),
    [
        ("pods", "list"),
        ("pods/log", "get"),
        ("pods/exec", "create"),
        ("pods/exec", "get"),
        ("pods/portforward", "create"),
        ("pods/attach", "create"),
        ("secrets", "create"),
        ("configmaps", "patch"),
        ("deployments", "delete"),
        ("deployments/scale", "patch"),
        ("statefulsets/scale", "update"),
        ("jobs", "create"),
        ("cronjobs", "create"),
        ("horizontalpodautoscalers", "create"),
        ("poddisruptionbudgets", "create"),
        ("ingresses", "create"),
        ("persistentvolumeclaims", "delete"),
        ("resourcequotas", "get"),
        ("events", "watch"),
    ],
)
def test_an_engineer_can_do_what_work_needs(resource: str, verb: str) -> None:
    assert (resource, verb) in {(r, v) for _, r, v, _ in granted(tenant_rules())}


def test_nothing_that_is_installed_says_that_berth_made_it() -> None:
    installed = [*access(), *bot(Installation())]

    assert not [found for found in installed if words.LABEL_MANAGED_BY in found["metadata"].get("labels", {})]


POLICY = "ValidatingAdmissionPolicy"
OF_THE_BOT = {CONFINE, NAMESPACES, HOME, GITOPS}


def specs() -> dict[str, dict[str, Any]]:
    """What each policy says, by its name."""
    found = admission_policies(["argocd"])
    return {one["metadata"]["name"]: one["spec"] for one in found if one["kind"] == POLICY}


def test_every_policy_fails_closed() -> None:
    assert {spec["failurePolicy"] for spec in specs().values()} == {"Fail"}


def test_a_policy_concerns_the_bots_account_alone_or_environments_alone() -> None:
    conditions = {name: [one["name"] for one in spec.get("matchConditions", [])] for name, spec in specs().items()}
    selectors = {name: spec["matchConstraints"].get("namespaceSelector") for name, spec in specs().items()}

    assert {name for name, named in conditions.items() if "is-berth" in named} == OF_THE_BOT
    environments = {"matchLabels": {words.LABEL_MANAGED_BY: words.BERTH}}
    assert {name for name, selector in selectors.items() if selector == environments} == specs().keys() - OF_THE_BOT


def test_no_condition_speaks_of_the_namespace_which_the_api_server_does_not_show_it() -> None:
    conditions = [one["expression"] for spec in specs().values() for one in spec.get("matchConditions", [])]

    assert conditions
    assert not [expression for expression in conditions if "namespaceObject" in expression]


def test_each_refusal_says_in_a_sentence_what_may_not_be() -> None:
    told = [check["message"] for spec in specs().values() for check in spec["validations"]]

    assert not [message for message in told if len(message) < 40 or "\n" in message]


def test_each_policy_is_put_into_force_by_a_binding_that_denies() -> None:
    found = admission_policies()
    names = {f["metadata"]["name"] for f in found if f["kind"] == POLICY}
    bindings = {f["spec"]["policyName"]: f["spec"] for f in found if f["kind"] == f"{POLICY}Binding"}

    assert bindings.keys() == names == set(POLICIES)
    assert all(binding["validationActions"] == ["Deny"] for binding in bindings.values())


def deployment(installation: Installation) -> dict[str, Any]:
    """The pod of the bot."""
    pod: dict[str, Any] = next(f for f in bot(installation) if f["kind"] == "Deployment")["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize(
    ("installation", "needed"),
    [
        (Installation(), {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "BERTH_DATABASE_URL"}),
        (Installation(slack_mode="http"), {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "BERTH_DATABASE_URL"}),
        (Installation(sqlite=True), {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}),
    ],
)
def test_the_bot_reads_just_the_secrets_that_its_mode_needs(installation: Installation, needed: set[str]) -> None:
    variables = deployment(installation)["containers"][0]["env"]

    secret = {v["name"]: v["valueFrom"]["secretKeyRef"].get("optional", False) for v in variables if "valueFrom" in v}
    assert {name for name, optional in secret.items() if not optional} == needed
    assert {name for name, optional in secret.items() if optional} == {
        "BERTH_AUDIT_TOKEN",
        "BERTH_OIDC_CLIENT_SECRET",
        "BERTH_PUBLIC_URL",
    }
    assert not [v for v in variables if v["name"] in SECRET_KEYS and "value" in v and "sqlite" not in v["value"]]


def test_sqlite_is_kept_on_a_claim() -> None:
    kinds = [found["kind"] for found in bot(Installation(sqlite=True))]

    assert "PersistentVolumeClaim" in kinds
    assert "PersistentVolumeClaim" not in [found["kind"] for found in bot(Installation())]


@pytest.fixture
def administrator(tmp_path: Path) -> Iterator[Cluster]:
    """An administrator of an empty cluster."""
    with SandboxCluster(ClusterOptions()) as cluster:
        cluster.write_kubeconfig(tmp_path / "kubeconfig")
        administrator = Clusters((ClusterSpec("local"),), str(tmp_path / "kubeconfig"), threads=1)["local"]
        yield administrator
        administrator.close()


@pytest.mark.cluster
@pytest.mark.parametrize("sqlite", [False, True])
def test_a_cluster_takes_every_object_and_a_second_time_too(administrator: Cluster, sqlite: bool) -> None:
    everything = [*access(), *bot(Installation(sqlite=sqlite))]

    install(administrator, everything)
    install(administrator, everything)

    assert administrator.get("Namespace", words.HOME_NAMESPACE)["metadata"]["name"] == words.HOME_NAMESPACE


def test_a_configured_kind_adds_its_definition_its_list_and_its_patch_and_nothing_else() -> None:
    def rights(*kinds: str) -> set[tuple[str, str, str, str]]:
        roles = [found for found in access(kinds) if found["kind"] == "ClusterRole"]
        return {(role["metadata"]["name"], *row[1:]) for role in roles for row in granted(role["rules"])}

    assert rights("widgets.example.com") - rights() == {
        (words.CLUSTER_ROLE, "customresourcedefinitions", "get", "widgets.example.com"),
        (words.CLUSTER_ROLE, "widgets", "list", ""),
        (words.AGENT_ROLE, "widgets", "patch", ""),
    }
