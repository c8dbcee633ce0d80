"""What `berth doctor` asks a cluster: may Berth do what its table of powers says, and is it kept to its own namespaces.

Asks with access reviews and with dry runs, which the API server judges and then throws away. Changes nothing. Asked by
somebody else than the bot's account, it asks about that account, and reads what is there instead of trying it.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from bot.rules.confinement import CONFINE, HOME, NAMESPACES, admission_policies
from bot.rules.powers import Power, Scope, powers
from bot.rules.words import AGENT_BINDING, AGENT_ROLE, BERTH, BOT_SERVICE_ACCOUNT, HOME_NAMESPACE
from bot.rules.workloads import KINDS
from bot.seams.cluster import Cluster, ClusterError, Forbidden, NotFound, Unreachable

BOT = f"system:serviceaccount:{HOME_NAMESPACE}:{BOT_SERVICE_ACCOUNT}"

_WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_REVIEWS = "/apis/authorization.k8s.io/v1"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_GROUPS = ("system:serviceaccounts", f"system:serviceaccounts:{HOME_NAMESPACE}", "system:authenticated")
_RBAC = "rbac.authorization.k8s.io"
_DRY = {"dryRun": "All"}
_JSON, _APPLY = "application/json", "application/apply-patch+yaml"
_FOREIGN = "kube-system"  # is on every cluster and never Berth's


class Unasked(Exception):
    """Whoever asks may not ask this. The text says who and what."""


def runs_as(cluster: Cluster) -> str:
    """The name of whoever these credentials are, to the API server. Raises ClusterError."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    return str(cluster.call("POST", _WHO, body=review)["status"]["userInfo"]["username"])


def has_home(cluster: Cluster, account: str = BOT) -> bool:
    """Whether Berth's own namespace is there. Raises ClusterError, Unasked."""
    try:
        cluster.call("GET", f"/api/v1/namespaces/{HOME_NAMESPACE}")
    except NotFound:
        return False
    except Forbidden as error:
        raise Unasked(f"{account} may not see the namespace {HOME_NAMESPACE}") from error
    return True


def missing_powers(cluster: Cluster, account: str = BOT) -> list[str]:
    """The rights that the bot's account lacks, as `resource (verbs)`. Raises ClusterError, Unasked.

    Those that Berth has in environments cannot be asked for before there is one; that it may bind the role which
    grants them is asked instead.
    """
    lacking: dict[str, list[str]] = {}
    for power, attributes in (
        *_asked(powers(Scope.CLUSTER, cluster.scaled_kinds), None),
        *_asked(powers(Scope.HOME), HOME_NAMESPACE),
        *(row for place in cluster.gitops_namespaces for row in _asked(powers(Scope.GITOPS), place)),
    ):
        if not _allowed(cluster, attributes, account):
            lacking.setdefault(f"{power.resource} {attributes['name']}".strip(), []).append(attributes["verb"])
    return [f"{resource} ({' '.join(verbs)})" for resource, verbs in lacking.items()]


def could_sleep(cluster: Cluster) -> list[str]:
    """The custom kinds with a scale subresource that are not configured to sleep, as berth.yaml would name them.

    By discovery, which everybody may ask. Raises ClusterError.
    """
    known = {f"{kind.plural}.{kind.group}" for kind in KINDS.values()} | {*cluster.scaled_kinds}
    found = {
        f"{resource['name'].removesuffix('/scale')}.{group['name']}"
        for group in cluster.call("GET", "/apis")["groups"]
        if "." in group["name"] and not group["name"].endswith(".k8s.io")
        for version in group["versions"]
        for resource in cluster.call("GET", f"/apis/{version['groupVersion']}").get("resources", ())
        if resource["name"].endswith("/scale") and resource.get("namespaced")
    }
    return sorted(found - known)


def missing_confinement(cluster: Cluster, account: str = BOT) -> list[str]:
    """The admission policies that do not hold. Raises Unreachable, Unasked.

    The bot's account finds those that concern it by dry runs of what they must refuse. Whoever else asks sees whether
    they, and those for tenants, and their bindings are there, and judge as this version and berth.yaml want it.
    """
    if account != BOT:
        policies = admission_policies(sorted(cluster.gitops_namespaces), sorted(cluster.priority_classes))
        wanted = {one["metadata"]["name"]: one["spec"] for one in policies if "validations" in one["spec"]}
        return [name for name, spec in wanted.items() if not _is_in_force(cluster, name, spec, account)]
    tried = {
        NAMESPACES: ("POST", "/api/v1/namespaces", _unlabelled_namespace()),
        CONFINE: ("PATCH", _foreign_binding(), _binding()),
        HOME: ("POST", f"/api/v1/namespaces/{HOME_NAMESPACE}/secrets", _secret()),
    }
    return [policy for policy, request in tried.items() if not _refused_by(policy, cluster, *request)]


def address_for_pods_only(cluster: Cluster) -> str | None:
    """The address that people's kubeconfigs would name, where it is the one by which only pods reach the API server."""
    address = str(cluster.address()["server"])
    host = urlsplit(address).hostname or ""
    inside = host == os.environ.get("KUBERNETES_SERVICE_HOST") or host.partition(".")[2].startswith("default.svc")
    return address if inside else None


def _asked(rows: Iterable[Power], namespace: str | None) -> Iterator[tuple[Power, dict[str, str]]]:
    for power in rows:
        for verb in sorted(power.verbs):
            for name in power.names or ("",):
                yield power, _attributes(power, verb, namespace, name)


def _attributes(power: Power, verb: str, namespace: str | None, name: str) -> dict[str, str]:
    resource, _, subresource = power.resource.partition("/")
    attributes = {"verb": verb, "group": power.group, "resource": resource, "subresource": subresource}
    return attributes | {"namespace": namespace or "", "name": name}


def _allowed(cluster: Cluster, attributes: dict[str, str], account: str) -> bool:
    kind = "SelfSubjectAccessReview" if account == BOT else "SubjectAccessReview"
    subject = {} if account == BOT else {"user": BOT, "groups": list(_GROUPS)}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": kind,
        "spec": {**subject, "resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    try:
        return bool(cluster.call("POST", f"{_REVIEWS}/{kind.lower()}s", body=review)["status"].get("allowed"))
    except Forbidden as error:
        raise Unasked(f"{account} may not ask what Berth's account may do") from error


def _is_in_force(cluster: Cluster, policy: str, wanted: dict[str, Any], account: str) -> bool:
    try:
        found = cluster.call("GET", f"{_ADMISSION}/validatingadmissionpolicies/{policy}")
        binding = cluster.call("GET", f"{_ADMISSION}/validatingadmissionpolicybindings/{policy}")
    except NotFound:
        return False
    except Forbidden as error:
        raise Unasked(f"{account} may not see the admission policies") from error
    return _judged(found["spec"]) == _judged(wanted) and "Deny" in binding["spec"].get("validationActions", ())


def _judged(spec: dict[str, Any]) -> list[str]:
    """A policy's expressions: the API server keeps them as they were written, and fills in only what is beside them."""
    parts = ("matchConditions", "variables", "validations")
    return [str(one["expression"]) for part in parts for one in spec.get(part) or ()]


def _refused_by(policy: str, cluster: Cluster, method: str, path: str, body: dict[str, Any]) -> bool:
    query, sort = (_DRY, _JSON) if method == "POST" else (_DRY | {"fieldManager": BERTH}, _APPLY)
    try:
        cluster.call(method, path, query, body, sort)
    except Unreachable:
        raise
    except ClusterError as refusal:
        return policy in str(refusal)
    return False


def _unlabelled_namespace() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "berth-doctor-dry-run"}}


def _secret() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "berth-doctor-dry-run"}, "type": "Opaque"}


def _foreign_binding() -> str:
    """By its path, because the bot may only make bindings that it names there."""
    return f"/apis/{_RBAC}/v1/namespaces/{_FOREIGN}/rolebindings/{AGENT_BINDING}"


def _binding() -> dict[str, Any]:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": AGENT_BINDING, "namespace": _FOREIGN},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": AGENT_ROLE},
        "subjects": [{"kind": "ServiceAccount", "name": BOT_SERVICE_ACCOUNT, "namespace": HOME_NAMESPACE}],
    }
