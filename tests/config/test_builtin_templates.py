"""What Berth brings along runs where it is put."""

from pathlib import Path

import pytest

from bot.cli.installing import install
from bot.config import load_catalogue
from bot.rules.catalogue import ClusterSpec
from bot.sandbox.cluster import ClusterOptions, SandboxCluster
from bot.seams.cluster import Clusters

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_the_web_template_runs_at_every_level_of_pod_security(tmp_path: Path, level: str) -> None:
    labels = {"pod-security.kubernetes.io/enforce": level}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "blue", "labels": labels}}
    manifests = [
        {**manifest, "metadata": {**manifest["metadata"], "namespace": "blue"}}
        for manifest in load_catalogue(None).template("web").manifests
    ]
    with SandboxCluster(ClusterOptions()) as cluster:
        cluster.write_kubeconfig(tmp_path / "kubeconfig")
        administrator = Clusters((ClusterSpec("a"),), str(tmp_path / "kubeconfig"), threads=1)["a"]

        install(administrator, [namespace, *manifests])
        cluster.settle()

        (pod,) = administrator.list("Pod", "blue")
        assert pod["status"]["phase"] == "Running"
        administrator.close()
