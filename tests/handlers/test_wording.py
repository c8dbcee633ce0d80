"""How amounts are put into words."""

import pytest

from handlers.wording import money


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
