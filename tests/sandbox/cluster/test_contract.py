"""The sandbox answers each recorded exchange as the real server did."""

import pytest

from tests.sandbox.cluster.replay import DEVIATIONS, RECORDINGS, Replay

# The recordings build on each other and take some seconds: one worker replays them for all of these tests.
pytestmark = pytest.mark.xdist_group("contract")

FILES = sorted(path.name for path in RECORDINGS.glob("*.json"))


@pytest.fixture(scope="module")
def replayed() -> dict[tuple[str, int], list[str]]:
    return Replay().run()


@pytest.mark.parametrize("file", FILES)
def test_every_recorded_exchange_is_answered_as_the_real_server_answered(
    replayed: dict[tuple[str, int], list[str]], file: str
) -> None:
    wrong = {key: found for key, found in replayed.items() if key[0] == file and found and key not in DEVIATIONS}

    told = "\n".join(f"{name} {number}:\n  " + "\n  ".join(found[:8]) for (name, number), found in wrong.items())
    assert not wrong, told


def test_every_meant_deviation_still_deviates(replayed: dict[tuple[str, int], list[str]]) -> None:
    healed = [key for key in DEVIATIONS if not replayed[key]]

    assert not healed
