"""What an environment uses now, in one line of small print."""

from decimal import Decimal
from typing import Final

from bot.rules.quantities import UNITS, plainly
from bot.usecases.consumption import Consumption, Unmeasured

_LEAST: Final = 0.001
_NEVER_DECISIVE: Final = "shown only, it never decides when something sleeps."


def used(found: Consumption | Unmeasured | None) -> list[str]:
    """The line, or none where nothing is known."""
    if found is None:
        return []
    if isinstance(found, Unmeasured):
        return [f"What it uses is not known: {found.value}."]
    cpu = f"{_least(found.cpu)} of {_plain(found.cpu_requested)} CPU"
    partly = f" ({found.measured} of its {found.pods} pods measured yet)" if found.measured < found.pods else ""
    memory = _memory(found.memory, found.memory_requested)
    return [f"Uses {cpu}, {memory} that its pods request{partly}; {_NEVER_DECISIVE}"]


def _memory(amount: float, requested: float) -> str:
    unit = "GiB" if requested >= UNITS["Gi"] else "MiB"
    size = float(UNITS[unit.removesuffix("B")])
    return f"{_least(amount / size)} of {_plain(requested / size)} {unit}"


def _least(number: float) -> str:
    return f"less than {_LEAST}" if 0 < number < _LEAST else _plain(number)


def _plain(number: float) -> str:
    """As exact as it is of interest: `250`, `1.25`, `0.012`."""
    return plainly(Decimal(str(number)), 0 if number >= 100 else 2 if number >= 0.1 else 3)
