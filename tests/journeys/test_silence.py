"""An API server that is meant to tell what people do, and tells nothing, leaves it unknown: so nothing falls asleep."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.rules.words import Phase
from bot.sandbox.cluster.faults import Fault
from tests.journeys.people import direct, last, text_of
from tests.journeys.told import TOKEN, ToldWorld
from tests.world import Harbour, catalogue_of, launch, settings_for

BOT = "system:serviceaccount:berth:berth"


def _company(port: Harbour, tmp_path: Path, audit: bool) -> ToldWorld:
    settings = settings_for(port, f"sqlite:///{tmp_path / 'berth.sqlite'}")
    settings = settings.model_copy(update={"audit_token": SecretStr(TOKEN)})
    catalogue = catalogue_of(tmp_path, clusters=[{"name": "main", "audit": audit}])
    found = ToldWorld(port, launch(port, settings, catalogue))
    for name in ("blue", "red"):
        found.says(found.ada, f"/k8s create {name}")
    found.settle()
    return found


@pytest.fixture
def company(port: Harbour, tmp_path: Path) -> Iterator[ToldWorld]:
    """Ada's environments blue and red, on a cluster that is meant to tell of use. idle_after 4h, warned 15m before."""
    found = _company(port, tmp_path, True)
    yield found
    found.berth.stop()


def _told(company: ToldWorld) -> list[str]:
    return [text_of(one) for one in direct(company.root) if "Use is" in text_of(one)]


def test_what_is_told_of_by_a_server_that_speaks_falls_asleep(company: ToldWorld) -> None:
    company.pass_time(hours=3, minutes=46)
    company.pass_time(minutes=16)

    assert company.environment("blue").phase is Phase.SLEEPING
    assert _told(company) == []


def test_silence_keeps_awake_is_explained_and_told_to_an_admin_once_until_it_is_over(company: ToldWorld) -> None:
    company.tick()
    company.silent = True
    for _ in range(3):
        company.pass_time(hours=2)

    assert [company.environment(name).deadline_at for name in ("blue", "red")] == [None, None]
    why = text_of(company.says(company.ada, "/k8s why blue"))
    assert "the API server of main is meant to tell of requests and has told of none for 6h" in why
    assert "set audit: false for main in berth.yaml" in why
    assert len(_told(company)) == 1
    assert "none of them falls asleep by itself" in _told(company)[0]

    company.silent = False
    company.tick()
    company.pass_time(minutes=3)
    assert company.environment("blue").deadline_at is not None
    company.pass_time(minutes=16)

    assert company.environment("blue").phase is Phase.SLEEPING
    assert "tells again what people do there" in text_of(last(company.root, "Use is known again"))
    assert len(_told(company)) == 1


def test_a_silence_after_the_warning_answers_it(company: ToldWorld) -> None:
    company.pass_time(hours=3, minutes=20)
    company.silent = True
    company.pass_time(minutes=26)
    warned = company.environment("blue").deadline_at

    company.pass_time(minutes=15)

    assert warned is not None
    assert company.environment("blue").phase is Phase.RUNNING
    assert "nobody knows whether people use it" in text_of(last(company.ada, "Sleep warning"))


def test_a_server_that_never_told_anything_is_silent_from_the_first(company: ToldWorld) -> None:
    company.silent = True

    company.pass_time(hours=5)

    assert company.environment("blue").deadline_at is None
    assert "has never told of any" in " ".join(company.environment("blue").kept_by)
    assert "has never told anything" in _told(company)[0]


def test_a_server_that_does_not_answer_at_all_is_not_called_silent(company: ToldWorld) -> None:
    company.tick()
    company.silent = True
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.faults.add(Fault(user=BOT, drop="before", times=None))
    company.clock.advance(hours=5)
    company.berth.passes.lifetimes.judge_due()

    assert company.environment("blue").deadline_at is None
    assert _told(company) == []


def test_a_cluster_that_is_not_meant_to_tell_is_not_waited_for(port: Harbour, tmp_path: Path) -> None:
    company = _company(port, tmp_path, False)
    company.silent = True

    company.pass_time(hours=3, minutes=46)
    company.pass_time(minutes=16)

    assert company.environment("blue").phase is Phase.SLEEPING
    assert _told(company) == []
    company.berth.stop()
