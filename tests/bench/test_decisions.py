"""Deciding stays cheap. The limits are the goals' own, with room for a machine that is busy."""

from pathlib import Path

import pytest

from tests.bench.decisions import DECIDED, DECIDED_WITHIN, QUIET, QUIET_MEMORY, deciding, quiet_pass

BUSY = 6  # times slower than a machine with nothing else to do


@pytest.mark.slow
def test_sleep_is_decided_of_ten_thousand_environments_with_schedules_and_holidays_in_no_time() -> None:
    deciding(DECIDED)

    assert deciding(DECIDED, minutes=1) < DECIDED_WITHIN * BUSY


@pytest.mark.slow
def test_a_pass_with_nothing_due_asks_no_cluster_and_holds_no_environment_in_memory(tmp_path: Path) -> None:
    found = quiet_pass(tmp_path, QUIET)

    assert (found.judged, found.tried) == (0, 0)
    assert found.mb < QUIET_MEMORY
