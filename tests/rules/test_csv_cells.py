"""No cell of a CSV file is run as a formula, and all of them can be read back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.csv_cells import defused, written


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "＝1", "\n=HYPERLINK(1)"]
)
def test_what_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=6))
def test_every_cell_comes_back_and_none_begins_like_a_formula(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(written(rows), newline="")))

    assert read == [[defused(cell) for cell in row] for row in rows]
    assert not any(cell.lstrip()[:1] in "=+-@" for row in read for cell in row if cell.lstrip())
