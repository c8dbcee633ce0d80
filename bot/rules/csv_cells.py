"""Cells of a CSV file that a spreadsheet opens: none of them is taken for a formula.

A cell that begins with one of = + - @ is run as a formula by common spreadsheets (OWASP, "CSV Injection"), also behind
blanks. An apostrophe before it makes it text.
"""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def defused(cell: str) -> str:
    """The cell as text that is no formula."""
    risky = cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)
    return f"'{cell}" if risky else cell


def written(rows: Iterable[Sequence[str]]) -> str:
    """The rows as a CSV file with quotes where they are needed."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([defused(cell) for cell in row] for row in rows)
    return file.getvalue()
