"""Kubernetes quantities as exact numbers, and numbers as people read them: `500m` is 0.5, `4Gi` is 4 × 2^30."""

import re
from decimal import Decimal
from typing import Final

UNITS: Final = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
}
GIB: Final = UNITS["Gi"]


def amount(written: str) -> Decimal:
    """A quantity as a number. Raises KeyError for a unit that there is not."""
    number = re.match(r"[0-9.]+", written, re.ASCII)
    digits = number[0] if number else "0"
    return Decimal(digits) * UNITS[written[len(digits) :]]


def plainly(number: Decimal, places: int = 3) -> str:
    """A number without a tail of zeros: `2`, `0.5`."""
    rounded = round(number, places)
    return f"{rounded.normalize():f}" if rounded else "0"


def bytes_plainly(number: Decimal) -> str:
    """Bytes in the largest binary unit in which they are one or more: `512Mi`, `1.5Gi`."""
    unit = next((unit for unit in ("Pi", "Ti", "Gi", "Mi", "Ki") if number >= UNITS[unit]), "")
    return f"{plainly(number / UNITS[unit], 2)}{unit}"
