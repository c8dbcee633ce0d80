"""How amounts are put into words."""

from datetime import UTC, datetime

import pytest

from handlers.wording import local, money


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("12.345", "12.34 EUR"),
        ("0", "0.00 EUR"),
        ("0.0004", "under 0.01 EUR"),
        ("0.007", "0.01 EUR"),
        (None, "–"),
        ("NaN", "–"),
        ("soon", "–"),
    ],
)
def test_money_never_reads_as_nothing_when_it_is_something(amount: str | None, shown: str) -> None:
    assert money(amount, "EUR") == shown


def test_a_date_that_is_read_aloud_has_its_year_and_its_zone() -> None:
    at = datetime(2027, 12, 31, 23, 30, tzinfo=UTC)

    assert local(at, "UTC") == "Fri 31 Dec 2027, 23:30 UTC"
    assert local(at, "Europe/Berlin") == "Sat 1 Jan 2028, 00:30 CET"
