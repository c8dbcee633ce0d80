"""What things cost in requests does not grow unnoticed. A smaller count is welcome: write it here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.counts import idle_sweep, life
from tests.world import World, harbour, world

MOST_REQUESTS = {
    "create, blank": 9,
    "create, web": 13,
    "sleep": 25,  # every kind twice, Jobs once; 7 look for kinds that the cluster does not have, once in five minutes
    "wake": 17,  # every kind twice; one looks whether autoscalers have begun again
    "connect": 4,  # the first time on a cluster, where what the token hangs on is missing
    "connect again": 1,
    "share": 4,  # the owner's, the editors' and the viewers' binding, and the annotations
    "delete": 10,
}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[World]:
    """Berth between the sandbox's servers, which count."""
    with harbour(tmp_path, None) as port, world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path) as found:
        yield found


def test_no_act_costs_more_requests_than_it_did(company: World) -> None:
    costs = {cost.act: cost for cost in life(company)}

    grown = {act: str(cost) for act, cost in costs.items() if cost.requests.total() > MOST_REQUESTS[act]}
    assert grown == {}
    assert costs.keys() == MOST_REQUESTS.keys()


def test_a_sweep_with_nothing_due_asks_no_cluster(company: World) -> None:
    list(life(company))

    assert idle_sweep(company).requests.total() == 0
