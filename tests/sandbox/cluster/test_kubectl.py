"""Stock kubectl works against the sandbox with nothing but a kubeconfig."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client

from bot.sandbox.cluster import SandboxCluster
from tests.sandbox.cluster.test_access import account, bind

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl on this machine: install one to run these")
Kubectl = Callable[..., str]

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: blue}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: app, image: "nginx:1"}]}
"""


def run(kubeconfig: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(KUBECTL), f"--kubeconfig={kubeconfig}", f"--cache-dir={kubeconfig.parent}/cache", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def kubeconfig(cluster: SandboxCluster, tmp_path: Path) -> Path:
    path = tmp_path / "kubeconfig"
    cluster.write_kubeconfig(path)
    return path


@pytest.fixture
def kubectl(cluster: SandboxCluster, kubeconfig: Path) -> Kubectl:
    """Runs kubectl as the admin, waits for the controllers and answers what it printed."""

    def call(*arguments: str, given: str = "") -> str:
        done = run(kubeconfig, *arguments, given=given)
        cluster.settle()
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_a_life_from_create_to_delete(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", "blue")
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2", "-n", "blue")
    listed = kubectl("get", "deployments,pods", "-n", "blue")
    kubectl("scale", "deployment/web", "--replicas=1", "-n", "blue")
    rolled = kubectl("rollout", "status", "deployment/web", "-n", "blue")
    wide = kubectl("get", "pods", "-n", "blue", "-o", "wide")
    described = kubectl("describe", "deployment", "web", "-n", "blue")
    logs = kubectl("logs", "deployment/web", "-n", "blue")
    deleted = kubectl("delete", "namespace", "blue")

    assert "2/2" in listed
    assert "successfully rolled out" in rolled
    assert wide.count("Running") == 1
    assert "Scaled down replica set" in described
    assert "listening" in logs
    assert 'namespace "blue" deleted' in deleted


def _binaries() -> list[str]:
    """The kubectl of this machine, and the oldest and newest of other versions that lie beside it."""
    if KUBECTL is None:
        return []
    beside = sorted(str(path) for path in Path(KUBECTL).resolve().parent.glob("kubectl.1.*"))
    return list(dict.fromkeys([str(KUBECTL), *beside[:1], *beside[-1:]]))


@pytest.mark.parametrize("binary", _binaries(), ids=lambda path: Path(path).name)
def test_each_version_discovers_applies_explains_and_controls(binary: str, kubeconfig: Path, space: str) -> None:
    def call(*arguments: str, given: str = "") -> str:
        command = [binary, f"--kubeconfig={kubeconfig}", f"--cache-dir={kubeconfig.parent}/cache", *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    applied = call("apply", "-f", "-", given=MANIFEST)
    call("set", "image", "deployment/api", "app=nginx:2", "-n", space)
    undone = call("rollout", "undo", "deployment/api", "-n", space)
    short = call("get", "deploy", "-n", space)
    explained = call("explain", "deployment.spec.replicas")
    call("create", "--raw", "/_control/load", "-f", "-", given='{"namespace": "blue", "cpu": "1", "memory": "1Gi"}')
    counts = call("get", "--raw", "/_control/counts")

    assert "created" in applied
    assert "rolled back" in undone
    assert "api" in short
    assert "replicas <integer>" in explained
    assert '"resource":"deployments"' in counts


def test_apply_creates_then_changes_then_says_unchanged(kubectl: Kubectl, space: str) -> None:
    first = kubectl("apply", "-f", "-", given=MANIFEST)
    second = kubectl("apply", "-f", "-", given=MANIFEST.replace("nginx:1", "nginx:2"))
    third = kubectl("apply", "-f", "-", given=MANIFEST.replace("nginx:1", "nginx:2"))
    images = kubectl("get", "pods", "-n", space, "-o", "jsonpath={.items[*].spec.containers[*].image}")

    assert [text.split()[-1] for text in (first, second, third)] == ["created", "configured", "unchanged"]
    assert images.split() == ["nginx:2", "nginx:2"]


def test_server_side_apply_tells_who_owns_a_field(kubectl: Kubectl, kubeconfig: Path, space: str) -> None:
    kubectl("apply", "--server-side", "-f", "-", given=MANIFEST)

    other = MANIFEST.replace("replicas: 2", "replicas: 5")
    refused = run(kubeconfig, "apply", "--server-side", "--field-manager=other", "-f", "-", given=other)

    assert refused.returncode != 0
    assert 'conflict with "kubectl": .spec.replicas' in refused.stderr


def test_an_engineers_kubeconfig_does_what_their_role_allows(
    cluster: SandboxCluster, core: Any, connect: Callable[..., client.ApiClient], space: str, tmp_path: Path
) -> None:
    token = account(core, space)
    bind(connect(), space, "edit")
    path = tmp_path / "alice"
    path.write_text(yaml.safe_dump(cluster.kubeconfig(token)))

    made = run(path, "create", "deployment", "web", "--image=nginx", "-n", space)
    may = run(path, "auth", "can-i", "create", "deployments", "-n", space)
    may_not = run(path, "auth", "can-i", "create", "namespaces")
    quota = run(path, "create", "quota", "mine", "--hard=pods=9", "-n", space)

    assert (made.returncode, may.stdout.strip(), may_not.stdout.strip()) == (0, "yes", "no")
    assert 'cannot create resource "resourcequotas"' in quota.stderr


def test_api_resources_know_short_names_and_scope(kubectl: Kubectl) -> None:
    lines = {line.split()[0]: line for line in kubectl("api-resources").splitlines()}

    assert "deploy" in lines["deployments"]
    assert "false" in lines["namespaces"]
    assert len(lines) > 50


def test_a_watch_shows_what_changes(kubectl: Kubectl, kubeconfig: Path, apps: Any, space: str) -> None:
    kubectl("apply", "-f", "-", given=MANIFEST)
    command = [str(KUBECTL), f"--kubeconfig={kubeconfig}", "get", "deployment", "api", "-n", space, "-w"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        head = watching.stdout.readline() + watching.stdout.readline()
        apps.patch_namespaced_deployment_scale("api", space, {"spec": {"replicas": 0}})
        changed = watching.stdout.readline()
        watching.terminate()

    assert "2/2" in head
    assert "/0" in changed


def test_a_mistyped_field_is_named(kubeconfig: Path, space: str) -> None:
    typo = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: blue}\ndataa: {}\n"

    refused = run(kubeconfig, "create", "-f", "-", given=typo)

    assert 'unknown field "dataa"' in refused.stderr
