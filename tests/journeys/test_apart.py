"""One that cannot be understood keeps none of the others from its turn."""

import pytest
from sqlalchemy.exc import OperationalError

from bot.rules.words import Phase
from bot.usecases.apart import apart
from tests.world import World


@pytest.fixture
def odd(company: World) -> World:
    """Ada's `blue` has hours that no Berth would have written; mio's `red` is as it should be. idle_after 4h."""
    company.clock.move_to(12, "Europe/Berlin")
    company.says(company.ada, "/k8s create blue")
    company.says(company.mio, "/k8s create red")
    company.settle()
    with company.berth.store.begin() as records:
        row = records.environments.lock(company.environment("blue").id)
        assert row is not None
        row.working_hours = "whenever"
    return company


@pytest.mark.slow
def test_the_others_fall_asleep_at_their_time_and_it_stays_awake(
    odd: World, capsys: pytest.CaptureFixture[str]
) -> None:
    odd.pass_time(hours=3, minutes=46)
    odd.pass_time(minutes=16)

    assert odd.environment("red").phase is Phase.SLEEPING
    assert odd.environment("blue").phase is Phase.RUNNING
    assert "an environment could not be judged" in capsys.readouterr().out


def test_a_database_that_fails_is_no_matter_of_one() -> None:
    with pytest.raises(OperationalError), apart("it could not be done"):
        raise OperationalError("SELECT 1", {}, Exception("gone"))
