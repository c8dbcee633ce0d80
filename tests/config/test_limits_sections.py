"""What berth.yaml says of limits, approvals and the rollout, and what it cannot say."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.config.test_berth_yaml import catalogue_of, mistakes


def test_limits_are_numbers_whatever_their_unit(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        """
        teams: [{name: payments}]
        limits:
          person: {environments: 5, cpu: 500m, longest_ttl: 2d}
          people: {Ada@Example.com: {environments: 9}}
          teams: {payments: {memory: 80Gi, budget: 99.5}}
          clusters: {main: {awake_gpu: 0}}
        approvals: {channel: "#platform", expire_after: 1d, longest_raise: 14d}
        rollout: [payments]
        """,
    )

    limits = found.limits
    assert limits.person == {"environments": 5, "cpu": Decimal("0.5"), "longest_ttl": 172_800}
    assert limits.people == {"ada@example.com": {"environments": 9}}
    assert limits.teams == {"payments": {"memory": 80 * 2**30, "budget": Decimal("99.5")}}
    assert limits.clusters == {"main": {"awake_gpu": 0}}
    assert (found.approvals.channel, found.approvals.expire_after) == ("#platform", timedelta(days=1))
    assert found.approvals.longest_raise == timedelta(days=14)
    assert found.rollout == ("payments",)


def test_without_them_nothing_is_limited_and_everybody_may(tmp_path: Path) -> None:
    found = catalogue_of(tmp_path, "")

    assert found.limits.person == found.limits.team == found.limits.cluster == {}
    assert found.rollout is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("limits: {person: {enviroments: 5}}", 'did you mean "environments"'),
        ("limits: {person: {environments: 1.5}}", "is no number of environments: try 5"),
        ("limits: {person: {memory: 4GB}}", "is no amount of memory: try 80Gi"),
        ("limits: {person: {memory: 80}}", "of memory is less than 1Mi: try 80Gi"),
        ("limits: {person: {cpu: true}}", "is no amount of CPU: try 40 or 500m"),
        ("limits: {cluster: {longest_ttl: 4d}}", "unknown key"),
        ("limits: {teams: {payments: {cpu: 4}}}", '"payments" is not in teams'),
        ("limits: {clusters: {mian: {cpu: 4}}}", 'did you mean "main"'),
        ("limits: {people: {ada: {cpu: 4}}}", "is not an e-mail address"),
        ("limits: {people: [ada]}", "should be a mapping"),
        ("rollout: []", "names no team"),
        ("rollout: [payments]", '"payments" is not in teams'),
        ("approvals: {channel: platform}", "is not a Slack channel"),
        ("sizes: [{name: s, cpu: 2, memory: 4Gi, storage: 1Gi, pods: 9, gpu: -1}]", "whole number"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(tmp_path: Path, text: str, told: str) -> None:
    assert any(told in mistake for mistake in mistakes(tmp_path, text))
