"""Who writes to objects, by the name of their field manager."""

import pytest

from bot.rules.managers import GITOPS, follows_git, is_person


@pytest.mark.parametrize("manager", ["kubectl", "kubectl-scale", "helm", "k9s", "Lens", "operator", "something", ""])
def test_doubt_means_a_person(manager: str) -> None:
    assert is_person(manager)


@pytest.mark.parametrize(
    "manager", ["berth", "kubelet", "manager", "redis-operator", "my-controller", "PrometheusOperator", *sorted(GITOPS)]
)
def test_machines_are_known_by_name_or_by_how_it_ends(manager: str) -> None:
    assert not is_person(manager)


def test_what_follows_a_git_is_none_of_the_other_machines() -> None:
    assert follows_git("argocd-controller")
    assert not follows_git("keda-operator")
