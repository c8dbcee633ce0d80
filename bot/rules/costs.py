"""What environments cost and what sleeping saved: requests times prices times hours.

running = cores x core price + GiB memory x memory price + GPUs x GPU price
cost    = hours awake x running + all hours x GiB storage x storage price
saved   = hours asleep x running, by what it requested when it fell asleep

Storage is paid asleep too, so it never counts as saved. This is the request half of the OpenCost specification's
max(request, usage).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from bot.rules.catalogue import Prices

_HOUR = Decimal(3600)


@dataclass(frozen=True)
class Footprint:
    """What an environment requests: cores, GiB of memory, GiB of storage, whole GPUs."""

    cpu: float = 0.0
    memory_gib: float = 0.0
    storage_gib: float = 0.0
    gpu: float = 0.0


def runs(requested: Footprint) -> bool:
    """Whether something runs that requests this; volumes are there awake and asleep."""
    return bool(requested.cpu or requested.memory_gib or requested.gpu)


class Requesting(Protocol):
    """Whatever says what is requested, as a row of the store does."""

    @property
    def cpu(self) -> float:
        """Cores."""

    @property
    def memory_gib(self) -> float:
        """GiB of memory."""

    @property
    def storage_gib(self) -> float:
        """GiB of storage."""

    @property
    def gpu(self) -> float:
        """GPUs."""


def footprint_of(row: Requesting) -> Footprint:
    """All that is requested, as a plain value."""
    return Footprint(row.cpu, row.memory_gib, row.storage_gib, row.gpu)


@dataclass(frozen=True)
class Span:
    """A stretch of constant requests. `ended_at` None: it goes on."""

    awake: bool
    started_at: datetime
    ended_at: datetime | None
    footprint: Footprint


@dataclass(frozen=True)
class Cost:
    """Money and hours of some spans within a window."""

    awake: timedelta = timedelta()
    asleep: timedelta = timedelta()
    cost: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.awake + other.awake, self.asleep + other.asleep, self.cost + other.cost, self.saved + other.saved
        )


def awake_hour(footprint: Footprint, prices: Prices) -> Decimal:
    """What an hour awake costs more than one asleep."""
    return (
        Decimal(footprint.cpu) * prices.cpu_core_hour
        + Decimal(footprint.memory_gib) * prices.memory_gib_hour
        + Decimal(footprint.gpu) * prices.gpu_hour
    )


def per_day(footprint: Footprint, prices: Prices) -> Decimal:
    """What a day costs of what requests so much now: cores, memory and GPUs of what is awake, storage of all."""
    return (awake_hour(footprint, prices) + Decimal(footprint.storage_gib) * prices.storage_gib_hour) * 24


def summed(amounts: Iterable[tuple[str, Decimal]]) -> Mapping[str, Decimal]:
    """The totals by currency, the largest first: amounts of different currencies are never added."""
    totals: dict[str, Decimal] = {}
    for currency, amount in amounts:
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    return dict(sorted(totals.items(), key=lambda total: (-total[1], total[0])))


def cost_of(spans: Iterable[Span], prices: Prices, since: datetime, until: datetime) -> Cost:
    """The cost of spans between two instants."""
    return sum((_cost(span, prices, since, until) for span in spans), Cost())


def _cost(span: Span, prices: Prices, since: datetime, until: datetime) -> Cost:
    lasted = max(min(span.ended_at or until, until) - max(span.started_at, since), timedelta())
    hours = Decimal(lasted.total_seconds()) / _HOUR
    running = awake_hour(span.footprint, prices) * hours
    storage = Decimal(span.footprint.storage_gib) * prices.storage_gib_hour * hours
    if span.awake:
        return Cost(awake=lasted, cost=running + storage)
    return Cost(asleep=lasted, cost=storage, saved=running)
