"""What pods request, as it is paid for."""

import pytest

from bot.seams.cluster import requested


def test_a_sidecar_counts_and_what_only_runs_before_does_not() -> None:
    def container(cpu: str, **more: str) -> dict[str, object]:
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    spec = {
        "containers": [container("100m"), {"name": "without"}],
        "initContainers": [container("50m", restartPolicy="Always"), container("900m")],
    }

    assert requested({"spec": spec}) == pytest.approx({"cpu": 0.15})
