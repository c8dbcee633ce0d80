"""Many values in few statements: a database takes a limited number of parameters in one."""

from collections.abc import Iterator, Sequence
from typing import Final

_MOST: Final = 1_000  # an old SQLite takes no more


def batched(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values in stretches of which each fits into one statement."""
    return (values[first : first + _MOST] for first in range(0, len(values), _MOST))
